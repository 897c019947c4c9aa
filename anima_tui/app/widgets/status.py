"""One line between the talk and the prompt: what she is doing, and which key matters now."""

from __future__ import annotations

from textual.widgets import Static

from anima_tui import wire
from anima_tui.text import safe_line

BAR = 18  # cells
DOING: dict[str, str] = {
    "awake": "◦ listening",
    "nap": "☾ napping",
    "thinking": "● thinking",
    "speaking": "● speaking",
    "drowsy": "☾ drowsy",
    "deep": "☾ deep sleep",
    "dream": "☾ dreaming",
    "consolidate": "☾ making up her mind",
    "gate": "☾ looking it over",
    "wake": "☾ waking",
}
NIGHT = frozenset({"drowsy", "deep", "dream", "consolidate", "gate", "wake"})
IDLE = frozenset({"awake", "nap"})


def loading_line(stage: str, fraction: float) -> str:
    share = min(1.0, max(0.0, fraction))
    done = round(share * BAR)
    return f"◌ waking up  {'━' * done}{'╌' * (BAR - done)}  {share:.0%} · {safe_line(stage)}"


def vitals_line(
    vitals: wire.Vitals, waiting: int, *, postponed: bool = False, hurried: bool = False, watching: int | None = None
) -> str:
    """The line while the engine lives. `watching` is a past night that is seen once more."""
    parts = [DOING[vitals.phase]]
    if vitals.phase in NIGHT:
        parts.append("Esc wakes her · " + ("as fast as she can" if hurried else "Ctrl+N skips the rest"))
    elif vitals.phase not in IDLE:
        parts.append("Esc stops")
    elif watching is not None:
        parts = [f"▷ night {watching} once more", "Esc ends it"]
    if waiting:
        parts.append(f"{waiting} waiting")
    if vitals.wants_sleep and not postponed and vitals.phase in IDLE and watching is None:
        parts.append("she is tired: F8 lets her sleep, Esc not now")
        return " · ".join(parts)
    parts.append(f"{safe_line(vitals.mode)} {'pinned' if vitals.pinned else 'by your words'}")
    if not vitals.steering:
        parts.append("unsteered")
    if vitals.thinking:
        parts.append("thinks first")
    if vitals.loop_guard:
        parts.append("loop guard")
    return " · ".join(parts)


class Status(Static):
    """Draws only what changed, so that a token costs nothing here."""

    def __init__(self) -> None:
        super().__init__(loading_line("starting the engine", 0), markup=False, id="status")
        self._line = ""

    def say(self, line: str) -> None:
        if line != self._line:
            self._line = line
            self.update(line)
