"""Lines of the self-model grow firm, fade, give way; what a night does not open it cannot lose."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from souls import remembered

from anima_tui.engine.night.standing import LASTING, SLIP, USUAL, hold, reviewed, settled
from anima_tui.wire import SelfLine

GHENT = SelfLine(text="They live in Ghent.", core=False, evidence=[1], strength=0.9, since=1.0)
CAT = SelfLine(text="They have a cat named Pickle.", core=False, evidence=[2], strength=0.9, since=2.0)
TEA = SelfLine(text="They drink green tea.", core=False, evidence=[3], strength=0.9, since=3.0)


def new(text: str, *evidence: int) -> SelfLine:
    return SelfLine(text=text, core=False, evidence=list(evidence))


def morning(before: list[SelfLine], proposed: list[SelfLine], *said: str, most: int = 16) -> dict[str, SelfLine]:
    """All lines were opened; what stands afterwards, by its text."""
    memories = [remembered(text, 100 + k) for k, text in enumerate(said)]
    return {line.text: line for line in settled(before, before, proposed, memories, most=most, now=9.0)}


def test_what_the_day_says_again_stands_firmer_and_rests_on_more() -> None:
    after = morning([CAT], [CAT], "my cat Pickle is asleep")[CAT.text]
    assert after.strength > CAT.strength
    assert after.evidence == [2, 100]


def test_a_line_left_out_for_no_reason_only_fades_and_goes_after_many_such_nights() -> None:
    lines, nights = [GHENT], 0
    while lines:
        lines = settled(lines, lines, [], [remembered("it rained", 5)], most=16, now=9.0)
        nights += 1
    assert nights == 4
    assert 0.9 - (nights - 1) * SLIP > 0


def test_a_line_left_out_goes_at_once_when_the_day_spoke_of_it() -> None:
    assert morning([CAT, TEA], [TEA], "i no longer have a cat").keys() == {TEA.text}


def test_a_new_line_takes_the_place_of_the_old_one_that_was_left_out() -> None:
    oslo = new("They live in Oslo.", 100)
    after = morning([GHENT, TEA], [TEA, oslo], "i moved away")
    assert list(after) == [TEA.text, oslo.text]
    assert (after[oslo.text].strength, after[oslo.text].since) == (LASTING.fresh, 9.0)


def test_the_same_in_other_words_is_not_taken_in_twice() -> None:
    assert list(morning([CAT], [CAT, new("Their cat is called Pickle.", 100)], "it is called Pickle")) == [CAT.text]
    fuller = new("They have a black cat named Pickle.", 100)
    assert list(morning([CAT], [CAT, fuller], "my cat Pickle is black")) == [fuller.text]


def test_another_number_is_another_fact() -> None:
    young = SelfLine(text="They are 31 years old.", core=False, evidence=[1])
    older = new("They are 32 years old.", 100)
    assert list(morning([young], [older], "i am 32 years old now")) == [older.text]


def test_where_there_are_too_many_the_weakest_leave() -> None:
    weak = SelfLine(text="They dislike fog.", core=False, evidence=[4], strength=0.3, since=4.0)
    after = morning([GHENT, weak, TEA], [GHENT, weak, TEA, new("They own a boat.", 100)], "i own a boat", most=3)
    assert list(after) == [GHENT.text, TEA.text, "They own a boat."]


def test_what_passes_is_gone_after_three_nights_and_who_they_are_stands_for_a_year() -> None:
    told = [new("They saw Cora at the car park this afternoon.", 1), new("Claire taught them origami.", 2), GHENT]
    lines = settled([], [], told, [], most=16, now=9.0)
    for _ in range(3):
        lines = settled(lines, [], [], [remembered("it rained", 5)], most=16, now=9.0)
    assert [line.text for line in lines] == ["Claire taught them origami.", GHENT.text]
    for day in range(365):
        event = new(f"Claire brought {day} olives.", 1)
        lines = settled(lines, [], [event], [remembered("it rained", 5)], most=16, now=10.0 + day)
    assert GHENT.text in [line.text for line in lines]


def test_of_what_there_is_one_the_newer_stands() -> None:
    for old, later in (("Their name is Mara.", "Their name is Deniz."), (GHENT.text, "They live in Oslo.")):
        assert list(morning([new(old, 1), TEA], [new(old, 1), TEA, new(later, 2)], "hello")) == [TEA.text, later]
    second = "They have a cat named Moss."
    assert list(morning([CAT], [CAT, new(second, 2)], "hello")) == [CAT.text, second]


def test_lines_are_held_by_what_they_tell() -> None:
    for text in ("They have a dog named Biscuit.", "They work as a baker.", "They are a nurse.", "They like green."):
        assert hold(text) is LASTING
    for text in ("They want to get higher next time.", "Their birthday is tomorrow, as they said.", "They are tired."):
        assert hold(text) is not LASTING
    for text in ("They have forty plants at home.", "They missed their train.", "They still have a teddy in bed."):
        assert hold(text) is USUAL


def test_a_night_opens_what_the_day_spoke_of_and_then_the_newest() -> None:
    said = [remembered("my cat is ill", 5)]
    assert reviewed([CAT, GHENT, TEA], said, 2) == [CAT, TEA]
    assert reviewed([GHENT, TEA], said, 1) == [TEA]


_texts = st.lists(st.sampled_from("tea rain boats olives trains wool".split()), unique=True, max_size=6)


@given(_texts, _texts, st.integers(1, 6))
def test_unopened_lines_stay_and_strength_stays_a_share(old: list[str], drafted: list[str], most: int) -> None:
    before = [new(f"They like {word}.", 1) for word in old]
    opened = before[: len(before) // 2]
    proposed = [
        next((line for line in before if line.text == f"They like {w}."), new(f"They like {w}.", 2)) for w in drafted
    ]
    after = settled(before, opened, proposed, [remembered("hello", 7)], most=most, now=9.0)
    assert len(after) <= most
    assert all(0.0 < line.strength <= 1.0 for line in after)
    if len(before) + len(drafted) <= most:
        assert {line.text for line in before[len(opened) :]} <= {line.text for line in after}
