"""Sentences about her state, for the transcript."""

from __future__ import annotations

from datetime import datetime

from anima_tui import wire
from anima_tui.app.widgets.message import signed
from anima_tui.text import safe_line

HABITS = 8
"""Habits of each sign that a report lists."""


def birth_line(ready: wire.Ready) -> str:
    """Who is here."""
    born = datetime.fromtimestamp(ready.born)
    count = "nothing said yet" if not ready.exchanges else f"{ready.exchanges} exchanges"
    body = f"{ready.body.name}, {_short(ready.body.parameters)} parameters"
    return f"{safe_line(ready.soul)} · born {born.day} {born:%B %Y} · {count} · {safe_line(body)}"


def _short(count: int) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}"
    return str(count)


def status_text(vitals: wire.Vitals, body: wire.BodyCard) -> str:
    """Everything the organs say, a line each."""
    source = "the body's own readout" if body.valence_source == "readout" else "a word list"
    r = "" if body.valence_r is None else f" (the readout's r = {body.valence_r:.2f} on held-out text)"
    rows = [
        ("mode", f"{vitals.mode}, {'pinned' if vitals.pinned else 'by your words'}"),
        ("steering", "on" if vitals.steering else "off"),
        ("fatigue", f"{vitals.fatigue:.0f} of {vitals.threshold:.0f}"),
        ("valence", f"{signed(vitals.valence)}, baseline {vitals.baseline:+.2f}, from {source}{r}"),
        ("adrenaline", f"{vitals.adrenaline:.2f}"),
        ("reservoir", f"norm {vitals.reservoir_norm:.2f} of {vitals.reservoir_budget:.2f}"),
        ("loop guard", "awake: nothing is learned now" if vitals.loop_guard else "quiet"),
        ("phrasebook", "its nearest examples stand before your words" if body.phrasebook else "none"),
        ("body", f"{body.model}, {body.hook}, {body.d_sae} features ({body.architecture})"),
    ]
    return "\n".join(f"{name:<11}{safe_line(words)}" for name, words in rows)


def habits_text(habits: wire.Habits, labels: dict[int, str]) -> str:
    """The strongest habits, a line each."""
    if not habits.strengthened and not habits.weakened:
        return "no habits yet: the reservoir is empty"
    rows = [f"reservoir norm {habits.norm:.3f}"]
    for title, chosen in (("strengthened", habits.strengthened), ("weakened", habits.weakened)):
        for habit in chosen[:HABITS]:
            label = labels.get(habit.feature, "unnamed")
            rows.append(f"{title:<14}{habit.weight:+.4f}  {habit.feature:>6}  {safe_line(label)}")
    return "\n".join(rows)
