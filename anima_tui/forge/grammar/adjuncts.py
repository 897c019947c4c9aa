"""Where, when, with whom, for whom, how long and why."""

from __future__ import annotations

import random
from collections.abc import Sequence

from anima_tui.forge.grammar.openings import OPEN, filled
from anima_tui.forge.grammar.parts import Ask, Part
from anima_tui.forge.grammar.spelling import articled
from anima_tui.forge.vocabulary import Vocabulary

TIMES = {
    "habit": ("on {weekday}s", "every {weekday}", "every other {weekday}", "every {season}", "in {season}",
              "in {month}", "at {hour} o'clock", "around {holiday}",
              "during {the coffee break|the school run|lunch|the news}",
              "before {breakfast|work|dinner|sunrise|bedtime|school|church}", "after {work|lunch|school|the gym|mass}",
              "on {rainy days|bad days|public holidays|long journeys|the first of the month|payday}",
              "at {weekends|night|dawn|noon|lunchtime|full moon}", "in the {morning|evening|afternoon}",
              "in {the small hours|leap years|the rainy season}",
              "{once|twice|three times|four times} a {day|week|month|year}@",
              "every {few} days@",
              "whenever {it rains|the power goes out|guests come|the house is empty|the wind drops}"),
    "past": ("{time}", "{time}", "last {weekday}", "in {month}", "last {season}", "{few} {days|weeks|years|months} ago",
             "on {weekday}", "in {1998|2004|2011|2015|2019|2021|the nineties|the eighties}", "around {holiday}",
             "during {the storm|the holidays|the power cut|the heatwave|the strike|the lockdown}",
             "after {the funeral|the wedding|the exam|the flood|the party|the move}",
             "just before {christmas|midnight|the exam|closing time|the storm}"),
    "future": ("{soon}", "{soon}", "next {weekday}", "in {month}", "on {weekday}", "next {season}", "at {hour} o'clock",
               "after {the holidays|the exam|the wedding|payday|the move}",
               "before {christmas|the summer|winter|easter}", "around {holiday}"),
    "since": ("since {month}", "since {weekday}", "since {last winter|last summer|easter|the new year|the spring}",
              "for {few} {weeks|months|years|days}#", "since {the accident|the divorce|the lockdown|the move}"),
    "now": ("this {week|month|morning|evening|weekend|season}", "in {month}", "right now!", "at the moment!",
            "these days!", "today!"),
    "none": (),
}  # fmt: skip
"""When it is: `{a|b}` is a choice, and the first `{...}` what may be asked for. `@` how often, `#` how long, `!` never
asked for."""
ADJUNCTS = {
    "place": ("in {the cellar|the kitchen|the attic|the garage|the bath|the shed|bed|the library|the staff room}",
              "on {the balcony|the roof|the train|the bus|the porch|the sofa|the ferry|the night bus}",
              "at {school|work|the harbour|the kitchen table|the market|the bus stop|the campsite|the office}",
              "by {the window|the canal|the fireplace|the lake|the pond|the back door}",
              "under {the stairs|the old bridge|the apple tree|the kitchen sink}", "in the {room}", "in {city}",
              "behind {the barn|the church|the bakery|the gym|the garage}", "near {place}", "at {name}'s place!"),
    "garden": ("in {the garden|the backyard|the greenhouse|the courtyard|the meadow|the allotment|the old barn}",
               "on {the balcony|the roof|the windowsill|the terrace|the farm}",
               "behind {the house|the shed|the church}",
               "next to {the pond|the garage|the compost heap|the fence}", "near {place}", "in {city}"),
    "town2": ("in {city}", "in {city}", "near {place}", "in {country}"),
    "spot": ("in {the cellar|the bath|the car|the shed|the lift|bed|the wardrobe|the laundry room|the park}",
             "on {the balcony|the roof|the train|the porch|the stairs|the night bus|the ferry|the kitchen floor}",
             "at {school|work|the kitchen table|the bus stop|the harbour|the dentist's}", "in the {room}",
             "by {the window|the canal|the fireplace|the lake|the old well}",
             "under {the desk|the pear tree|a blanket}", "behind {the barn|the church|the garage}", "near {place}"),
    "companion": ("with {NAME}", "with {NAME}", "with my friend {NAME}", "with my {relation} {NAME}",
                  "with my {family}",
                  "with {the neighbours|some colleagues|the scouts|two strangers|the choir|the kids next door}",
                  "together with {NAME}", "with a {job} called {NAME}"),
    "companion2": ("with {NAME}", "with my friend {NAME}", "with my {relation} {NAME}", "with my {family}"),
    "recipient": ("for {NAME}", "for my {family}", "for my friend {NAME}", "for my {relation} {NAME}",
                  "for {the neighbours|the local school|the fire brigade|the church choir|an old lady|the scouts}"),
    "occasion": ("for {the school fair|the street party|the church bazaar|the summer party|charity|the bake sale}",
                 "for {holiday}", "for a {event}", "for the {noun} club", "for the {noun} festival",
                 "for {NAME}'s birthday!", "for a competition in {city}"),
    "aim": ("for {the summer house|the new flat|the school play|the trip|the choir|the workshop|the hallway}",
            "for the {noun} club", "for a {event}", "for the {room}"),
    "why": ("to {save money|calm down|see the sea|stay fit|get out of the house|forget the past|earn some cash|clear "
            "the head|be alone|meet people|make new friends|get some sleep}", "to impress {NAME}", "to be near {NAME}",
            "because {the rent went up|the heating broke|the radio said so|it is quiet|it costs nothing|it is fun}",
            "because {NAME} asked nicely", "because {the doctor|the coach|everybody} said so!",
            "because of {the noise|the rain|a lost bet|the heat|an old promise|the traffic|the view|the dust}"),
    "why2": ("because of {the thunder|the vacuum cleaner|the new baby|the fireworks|the postman}",
             "whenever {NAME} visits!"),
    "reason": ("because of {the rain|a bad knee|an old bet|the smell|the cold|the neighbours|an allergy|the new baby}",
               "because of the {noun}", "because the {gadget} broke", "because of {NAME}",
               "because {the doctor said so|it is cheap|it is tradition|the shops were shut|nobody else will}"),
    "event": ("at {the station|the beach|the cinema|the airport|the swimming pool|the market|the hotel|the gym}",
              "on {the tram|the ferry|the stairs|the motorway|the way home|the night bus}",
              "during the {event}", "in {the park|the woods|the taxi|the snow|the garden|the school yard}",
              "in {city}"),
    "origin": ("from {NAME}", "from a {job} called {NAME}", "from my {family}", "from my {relation} {NAME}",
               "from {a shop in town|an old sailor|the internet|a catalogue|the church raffle|a museum}!"),
    "shop": ("at {the flea market|the auction|the station|a garage sale|the village shop|the airport|the charity shop}",
             "in {city}", "in {country}", "near {place}", "in {a back alley|a museum shop|the old town}"),
    "price": ("for {few} {euros|dollars|pounds|francs|crowns}%",
              "for {two hundred|ninety-nine|seventy|thirty-five|three thousand|nineteen} {euros|dollars|pounds}%"),
}  # fmt: skip
SPANS = ("for {few} hours#", "for {few} {minutes|hours}#", "{few} hours a day#")
ASKED = {
    "habit": "when,when exactly", "past": "when,when exactly,at what point", "future": "when,when exactly",
    "since": "since when", "now": "when", "place": "where,where exactly", "garden": "where,where exactly",
    "town2": "where,where exactly", "spot": "where,where exactly,in what place", "companion": "who~with,with whom",
    "companion2": "who~with,with whom", "recipient": "who~for,for whom", "why2": "why,for what reason,how come*",
    "occasion": "what~for,for what occasion",
    "aim": "what~for", "why": "why,for what reason,how come*", "reason": "why,for what reason,how come*",
    "event": "where,where exactly", "origin": "who~from,from whom", "shop": "where,where exactly",
    "price": "for how much,for what price", "@": "how often", "#": "for how long,how long",
    "%": "for how much,for what price",
}  # fmt: skip
"""How an adjunct is asked for; `*` is asked without turning the verb."""
LATE = ("because ", "to ", "whenever ")
"""What begins so stands last."""
_SLOTTED = frozenset("season month holiday time soon room city country place family".split())


def some_adjuncts(kinds: Sequence[str], words: Vocabulary, chance: random.Random) -> list[Part]:
    """Up to two, not of one make, and what is long last."""
    found: dict[str, Part] = {}
    for kind in chance.sample(kinds, min(len(kinds), chance.choice((0, 1, 1, 2)))):
        part = adjunct(kind, chance.choice(ADJUNCTS[kind]), words, chance)
        found["because" if kind in ("why", "reason", "why2") else part.said.split(" ")[0]] = part
    return sorted(found.values(), key=lambda part: part.said.startswith(LATE))


def adjunct(kind: str, line: str, words: Vocabulary, chance: random.Random) -> Part:
    """`line` opened, and asked for by its name, by its first open word, or where it is marked, by all that is open."""
    mark = line[-1] if line[-1] in "!@#%" else ""
    line = line.removesuffix(mark)
    opens = list(OPEN.finditer(line))
    if mark == "!" or not opens:
        said = articled(filled(line, words, chance))
        return Part(said, said, ())
    asked = next((o for o in opens if o[1] == "NAME"), opens[0])
    start, end = (opens[0].start(), opens[-1].end()) if mark else asked.span()
    before, value, after = (filled(part, words, chance) for part in (line[:start], line[start:end], line[end:]))
    before = articled(before + value).removesuffix(value)
    source = asked[1] if not mark and asked[1] in _SLOTTED and not before.endswith(("a ", "an ")) else value
    source = {"NAME": "NAME", "noun": "NOUN"}.get(asked[1], source) if not mark else source
    said = before + value + after
    return Part(said, said, (Ask(f"{before}{{x}}{after}", source, ASKED[mark or kind]),))
