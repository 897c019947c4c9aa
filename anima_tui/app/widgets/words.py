"""Plain words for numbers, so that nothing is said by colour alone."""

from __future__ import annotations

from collections.abc import Sequence

from anima_tui.wire import BodyCard, Vitals

PHASES = {
    "awake": "awake",
    "nap": "napping",
    "thinking": "thinking",
    "speaking": "speaking",
    "drowsy": "drowsy",
    "deep": "in deep sleep",
    "dream": "dreaming",
    "consolidate": "consolidating",
    "gate": "weighing herself",
    "wake": "waking",
}


def fatigue(share: float) -> str:
    """`share` of the threshold."""
    return _step(share, ((0.3, "fresh"), (0.7, "steady"), (1.0, "tired")), "exhausted")


def valence(value: float) -> str:
    return _step(value, ((-0.5, "dark"), (-0.12, "cool"), (0.12, "even"), (0.5, "warm")), "bright")


def adrenaline(value: float) -> str:
    return _step(value, ((0.08, "calm"), (0.25, "stirred"), (0.6, "roused")), "surging")


def habits(share: float) -> str:
    """`share` of the norm budget that the reservoir uses."""
    return _step(share, ((0.01, "unformed"), (0.35, "faint"), (0.75, "forming"), (0.98, "strong")), "full")


def strength(value: float) -> str:
    """How firmly a line of the self-model stands."""
    return _step(value, ((0.35, "faint"), (0.7, "held")), "firm")


def apart(share: float) -> str:
    """How far one self-model is from another."""
    return _step(share, ((0.005, "the same"), (0.15, "close"), (0.5, "some way")), "far")


def loop_guard(on: bool) -> str:
    return "on: she repeats herself, learns nothing" if on else "quiet"


def phase(vitals: Vitals) -> str:
    if vitals.phase == "awake" and vitals.wants_sleep:
        return "asks to sleep"
    return PHASES[vitals.phase]


def valence_source(body: BodyCard) -> str:
    """Where valence comes from, and how well the body's own readout did on text it had not seen."""
    if body.valence_r is None:
        return "valence by lexicon"
    if body.valence_source == "readout":
        return f"valence r {body.valence_r:.2f}, held out"
    return f"valence by lexicon (readout r {body.valence_r:.2f})"


def _step(value: float, below: Sequence[tuple[float, str]], beyond: str) -> str:
    return next((word for limit, word in below if value < limit), beyond)
