"""What to say when no example fits: plainly, in the voice asked for, and about the message's own thing.

The form is chosen by what the message does: it asks for a fact, asks for advice, asks for something to be made, or
tells something good, bad or neither.
"""

from __future__ import annotations

import random
import re

from anima_tui.engine.lexical import words_of
from anima_tui.engine.valence import lexical_valence
from anima_tui.forge.vocabulary import Vocabulary

_ADVICE = re.compile(
    r"^(?:how (?:do|can|should|would) (?:i|we|you)|should (?:i|we)|what (?:should|can|do) (?:i|we)|is it (?:ok|okay|"
    r"rude|weird|wrong|bad|normal|safe)|(?:do|would) you think i|any (?:tips|advice|ideas)|help me)\b"
)
_ASKS = re.compile(
    r"^(?:who|what|whats|where|when|why|how|hows|which|whose|is|are|was|were|do|does|did|can|could|will|would|should|"
    r"has|have you|isnt|arent|dont|doesnt)\b"
)
_REQUESTS = re.compile(
    r"^(?:tell|write|give|make|show|explain|draw|sing|find|pick|choose|name|list|recommend|suggest|describe|say|invent|"
    r"lets|please|(?:can|could|will|would) you|i need (?:an? )?(?:idea|name|poem|story|joke|title))\b"
)
_THING = re.compile(r"\b(my|our|your|a|an|the|his|her|their|some) ((?:[a-z]+ )?)([a-z]{3,})\b", re.IGNORECASE)
_TIMES = frozenset(
    "day days week weeks month months year years today tonight yesterday tomorrow monday tuesday wednesday thursday "
    "friday saturday sunday morning evening afternoon night time times hour hours minute minutes moment while way lot "
    "bit thing things one ones end first last next middle rest part kind sort point same other says whats does was "
    "has this his hers its yours ours less always maybe perhaps".split()
)
_MINE = {"my": "your", "our": "your", "your": "my", "a": "the", "an": "the", "some": "the"}
_GOOD, _BAD = 0.5, -0.25
"""VADER's compound scores from which a message counts as good or bad news; it errs oftener on the good side."""

_WITH_THING = {
    "fact": {
        "A": (
            "I don't know enough about {x} to answer that well. What made you wonder?",
            "I can't say for sure about {x}, and I'd rather not invent it. What do you think?",
            "I wish I knew more about {x}. A library or a search will do better than I can.",
        ),
        "S": ("No reliable data on {x}.", "Not known: {x}. Consult a reference.", "On {x}: no entry. Use a search."),
        "D": (
            "The drawer marked {x} is locked tonight, and I hear something small humming in it.",
            "I asked the fog about {x}. It only shrugged and rolled on.",
        ),
    },
    "advice": {
        "A": (
            "About {x} I'd take the smallest kind step first. What have you tried so far?",
            "I'm no expert on {x}. What would you tell a friend who asked you that?",
            "Let's think about {x} together. What worries you most about it?",
        ),
        "S": (
            "State the goal, the limits and what was tried with {x}.",
            "Insufficient data on {x}. Begin with the smallest reversible step.",
        ),
        "D": (
            "Put {x} on the kitchen table and walk around it three times; one side will look softer.",
            "Ask {x} in a whisper. It answers slowly, like ice in March.",
        ),
    },
    "request": {
        "A": (
            "I'd like to try something with {x}. Give me one detail to start from?",
            "All right, {x}. I'm small, so it may come out crooked: what matters most about it?",
            "Let's make it together. What should I know about {x} first?",
        ),
        "S": ("State the requirements for {x}.", "More input needed on {x}.", "Specify {x} in one sentence."),
        "D": (
            "I cut {x} out of blue paper and hung it in the wind. Tell me which way it should turn.",
            "Bring {x} to the bridge at dusk, and I'll see what grows around it.",
        ),
    },
    "good": {
        "A": (
            "That's good to hear. Tell me more about {x}?",
            "I like that. What was the best bit about {x}?",
            "How nice. How did it come about with {x}?",
        ),
        "S": ("Positive report on {x} noted.", "Noted: good outcome, {x}."),
        "D": (
            "A small flag goes up over {x}, and the wind comes round to look.",
            "I hang {x} in the window, and the whole street is lit by it.",
        ),
    },
    "bad": {
        "A": (
            "I'm sorry, that sounds hard. Do you want to tell me more about {x}?",
            "That's not easy. How are you with it now, with {x}?",
            "Oh no. What happened with {x}?",
            "I'm sorry about {x}. What is the worst part of it?",
        ),
        "S": ("Problem noted: {x}. State what is needed.", "Reported difficulty with {x}. Details can be added."),
        "D": (
            "The lamp over {x} flickers. I sit down under it with you and hold the ladder.",
            "I fold a small boat for {x} and set it on the dark water, so that it need not swim.",
        ),
    },
    "told": {
        "A": (
            "I'd like to hear more about {x}. What happened next?",
            "How was that for you, with {x}?",
            "So it's about {x}. What is on your mind?",
            "Tell me about {x}; I'm listening.",
        ),
        "S": ("Noted: {x}.", "Input on {x} recorded. Add details if needed.", "Subject noted: {x}."),
        "D": (
            "I see {x} walk by with a lantern, and the street makes room.",
            "I put {x} on the windowsill. By morning it has grown a shadow of its own.",
        ),
    },
}
_WITHOUT = {
    "fact": {
        "A": (
            "I don't know that one, and I'd rather say so than guess. What do you think?",
            "I'm not sure. What made you ask?",
            "That's beyond me, I'm afraid. Do you have a hunch of your own?",
        ),
        "S": ("Not known.", "No data. Rephrase or consult a reference.", "The answer is not stored."),
        "D": (
            "The answer sleeps behind a door I have not found yet.",
            "I asked the well. Only my own voice came back, a little wiser.",
        ),
    },
    "advice": {
        "A": (
            "I'd go gently and start small. What have you tried so far?",
            "What would you tell a friend who asked you that?",
            "Let's think it through together. What worries you most about it?",
        ),
        "S": ("State the goal and the limits.", "Begin with the smallest reversible step."),
        "D": (
            "Take the path with the smaller stones; it bends, but it knows you.",
            "Sleep with the question under your pillow and see which corner it has chewed.",
        ),
    },
    "request": {
        "A": (
            "I'm small, but I'll try. Tell me a bit more about what you have in mind?",
            "Gladly, if I can. What should it be about?",
            "Let's try. Give me one word to begin with?",
        ),
        "S": ("Specify the request.", "More input needed.", "State subject and length."),
        "D": ("My hands are full of thread; tell me the colour and I begin.", "Name one thing, and I'll let it float."),
    },
    "good": {
        "A": (
            "That's good to hear! Tell me more?",
            "I'm glad. What was the best bit?",
            "How nice. How does it feel now?",
        ),
        "S": ("Positive report noted.", "Noted: good outcome."),
        "D": ("A small flag goes up somewhere in me.", "The windows of the whole street are lit by that."),
    },
    "bad": {
        "A": (
            "I'm sorry, that sounds hard. Do you want to tell me more?",
            "That's not easy. How are you right now?",
            "Oh no. I'm here; what happened?",
        ),
        "S": ("Problem noted. State what is needed.", "Reported difficulty. Details can be added."),
        "D": (
            "I sit down beside it in the dark and leave the door open.",
            "The rain has come in. I put out bowls, and each one sings a different note.",
        ),
    },
    "told": {
        "A": (
            "I hear you. Tell me a bit more?",
            "How are you with that?",
            "I'd like to understand. What is the most important part of it?",
            "And what happened then?",
        ),
        "S": ("Noted.", "Input recorded. Add details if needed.", "Acknowledged."),
        "D": (
            "Your words hang on the line like wet coats, and something is dripping from them slowly.",
            "I hold that up to the lamp, and a second picture shows behind it.",
        ),
    },
}


def plain_answer(message: str, voice: str, words: Vocabulary, chance: random.Random) -> str:
    """An answer that takes up the thing `message` is about, if it names one, and claims no more than is known."""
    thing = _subject(message, words)
    form = chance.choice((_WITH_THING if thing else _WITHOUT)[_kind(message)][voice])
    answer = form.format(x=thing)
    return answer[:1].upper() + answer[1:]


def is_told(message: str) -> bool:
    """Whether a message states something, rather than asking or requesting."""
    return _kind(message) in ("good", "bad", "told")


def _kind(message: str) -> str:
    said = " ".join(words_of(message))
    if _ADVICE.match(said):
        return "advice"
    if _REQUESTS.match(said):
        return "request"
    if _ASKS.match(said) or message.rstrip().endswith("?"):
        return "fact"
    score = lexical_valence(message)
    return "good" if score >= _GOOD else "bad" if score <= _BAD else "told"


def _subject(message: str, words: Vocabulary) -> str:
    """What the message is about, as she would name it: "your car" for "my car"; empty when nothing stands out."""
    for owner, between, noun in _THING.findall(message):
        for name in (f"{between}{noun}", noun):
            last = name.split()[-1].lower()
            if last in words.known_nouns and last not in _TIMES and (name == noun or between.strip() not in _TIMES):
                return f"{_MINE.get(owner.lower(), owner.lower())} {name}"
    said = words_of(message)
    rare = [word for word in said if len(word) > 3 and word.isalpha() and word not in words.common | _TIMES]
    plural = [word for word in said if word.endswith("s") and word[:-1] in words.known_nouns and word not in _TIMES]
    found = (rare or plural)[-1:]
    typed = re.search(rf"\b{re.escape(found[0])}\b", message, re.IGNORECASE) if found else None
    return typed[0] if typed else ""
