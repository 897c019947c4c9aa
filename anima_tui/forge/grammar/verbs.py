"""The forms of a verb, and other verbs for the same."""

from __future__ import annotations

from functools import cache

SYNONYMS = {
    "buy": "get gets got getting", "phone": "call calls called calling", "fix": "repair repairs repaired repairing",
    "repair": "fix fixes fixed fixing", "mend": "fix fixes fixed fixing", "prepare": "make makes made making",
    "own": "have has had having", "find": "come_across comes_across came_across coming_across come_across",
    "cook": "make makes made making", "hate": "dislike dislikes disliked disliking", "adore": "love loves loved loving",
    "fear": "be_afraid_of is_afraid_of was_afraid_of being_afraid_of been_afraid_of",
    "dread": "be_scared_of is_scared_of was_scared_of being_scared_of been_scared_of",
    "tidy": "clean cleans cleaned cleaning", "collect": "gather gathers gathered gathering",
    "photograph": "take_pictures_of takes_pictures_of took_pictures_of taking_pictures_of taken_pictures_of",
    "look_after": "take_care_of takes_care_of took_care_of taking_care_of taken_care_of",
    "raise": "keep keeps kept keeping", "attend": "go_to goes_to went_to going_to gone_to",
    "organise": "plan plans planned planning", "travel": "go goes went going gone", "fly": "go goes went going gone",
    "break": "damage damages damaged damaging", "misplace": "lose loses lost losing", "inherit": "get gets got getting",
    "bump_into": "meet meets met meeting", "text": "message messages messaged messaging", "nap": "sleep sleeps slept "
    "sleeping", "smoke": "have_a_cigarette has_a_cigarette had_a_cigarette having_a_cigarette", "enjoy": "like likes "
    "liked liking", "study": "learn learns learned learning", "see": "watch watches watched watching",
    "redecorate": "do_up does_up did_up doing_up done_up", "brew": "make makes made making", "sip": "drink drinks "
    "drank drinking drunk", "crave": "want wants wanted wanting", "admire": "look_up_to looks_up_to looked_up_to "
    "looking_up_to", "visit": "go_to_see goes_to_see went_to_see going_to_see gone_to_see", "rescue": "save saves "
    "saved saving", "carve": "make makes made making", "sew": "make makes made making",
    "pick_up": "fetch fetches fetched "
    "fetching",
}  # fmt: skip


@cache
def forms_of(verb: str) -> tuple[str, ...]:
    """Base, -s, past, -ing and participle."""
    forms = tuple(form.replace("_", " ") for form in verb.split())
    return forms if len(forms) == 5 else (*forms, forms[2])
