"""The organs as lines of text. Pure: the same vitals on the same space give the same lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

from anima_tui.app.widgets import words
from anima_tui.app.widgets.gauge import gauge, line_gauge
from anima_tui.app.widgets.sparkline import trace
from anima_tui.text import safe_line
from anima_tui.wire import BodyCard, Vitals

_WORD = 9  # cells of the longest plain word
_TALLEST_TRACE = 6


class Hues(NamedTuple):
    """Colours as `#rrggbb`."""

    ink: str
    muted: str
    track: str
    mode: str
    fatigue: str
    adrenaline: str
    reservoir: str
    positive: str
    negative: str
    warning: str


Gauge = Callable[[float, int, str, str], Content]


class Portrait:
    """Lays the organs out on `width` x `height` cells: 28 x 10 hold them all, more gives air and detail."""

    def __init__(self, width: int, height: int, hues: Hues) -> None:
        self._width, self._height, self._hues = width, height, hues
        self._label = 12 if width >= 40 else 8

    def lines(self, body: BodyCard | None, vitals: Vitals, history: Sequence[float]) -> list[Content]:
        head = [self._mode(vitals), self._doing(vitals)]
        organs = [self._fatigue(vitals), self._adrenaline(vitals), self._habits(vitals), self._guard(vitals)]
        card = self._card(body) if body else []
        spare = self._height - len(head) - len(organs) - len(card) - 3  # a line of valence, two of its trace
        if spare < 0:
            card = card[: max(1, len(card) + spare)]
        gap = [Content("")]
        gaps = [gap if spare >= each else [] for each in (1, 2, 3)]
        rise = 2 + 2 * max(0, min(_TALLEST_TRACE - 2, spare - 3) // 2)
        valence = [self._valence(vitals), *self._trace(history, rise)]
        return [*head, *gaps[0], *organs, *gaps[1], *valence, *gaps[2], *card][: self._height]

    def _mode(self, vitals: Vitals) -> Content:
        hues = self._hues
        steered = ("steered", hues.ink) if vitals.steering else ("unsteered", hues.muted)
        why = "pinned" if vitals.pinned else "auto"
        room = self._width - len(why) - len(steered[0]) - 6
        name = Content(safe_line(vitals.mode)).truncate(room, ellipsis=True)
        mark = "◆" if vitals.pinned else "◇"
        left = Content.assemble((f"{mark} {name.plain}", f"{hues.mode} bold"), (f" · {why}", hues.muted))
        return self._apart(left, Content.styled(*steered))

    def _doing(self, vitals: Vitals) -> Content:
        hues = self._hues
        asks = vitals.wants_sleep and vitals.phase == "awake"
        doing = Content.styled(words.phase(vitals), hues.warning if asks else hues.ink)
        return self._apart(doing, Content.styled(f"{vitals.tokens_per_second:.1f} tok/s", hues.muted))

    def _fatigue(self, vitals: Vitals) -> Content:
        share = min(9.99, vitals.fatigue / vitals.threshold) if vitals.threshold > 0 else 1.0
        hue = self._hues.warning if share >= 1 else self._hues.fatigue
        long = f"{vitals.fatigue:.0f}/{vitals.threshold:.0f}"
        return self._organ("fatigue", gauge, share, hue, (long, f"{share:.0%}"), words.fatigue(share))

    def _adrenaline(self, vitals: Vitals) -> Content:
        value = vitals.adrenaline
        name = "adrenaline" if self._label > 10 else "adrenal"
        return self._organ(name, line_gauge, value, self._hues.adrenaline, (f"{value:.2f}",), words.adrenaline(value))

    def _habits(self, vitals: Vitals) -> Content:
        norm, budget = vitals.reservoir_norm, vitals.reservoir_budget
        share = norm / budget if budget > 0 else 0.0
        numbers = (f"{norm:.2f}/{budget:.1f}", f"{norm:.1f}/{budget:.0f}")
        return self._organ("habits", line_gauge, share, self._hues.reservoir, numbers, words.habits(share))

    def _guard(self, vitals: Vitals) -> Content:
        word, hue = words.loop_guard(vitals.loop_guard), self._hues.muted
        if vitals.loop_guard:
            word, hue = f"! {word}", self._hues.warning
        name = "loop guard" if self._label > 10 else "loop"
        line = Content.assemble((name.ljust(self._label), self._hues.muted), (word, hue))
        return line.truncate(self._width, ellipsis=True)

    def _organ(self, name: str, draw: Gauge, share: float, hue: str, numbers: tuple[str, ...], word: str) -> Content:
        """Name, bar, number and word. The first number is for a wide panel, the last for a narrow one."""
        number = (numbers[0] if self._label > 10 else numbers[-1]).rjust(9 if self._label > 10 else 4)
        rest = self._label + 1 + len(number) + 1 + _WORD
        return Content.assemble(
            (name.ljust(self._label), self._hues.muted),
            draw(share, max(1, self._width - rest), hue, self._hues.track),
            (f" {number} ", self._hues.ink),
            (word.ljust(_WORD), hue),
        ).truncate(self._width, ellipsis=True)

    def _valence(self, vitals: Vitals) -> Content:
        hues = self._hues
        word = words.valence(vitals.valence)
        hue = hues.ink if word == "even" else hues.positive if vitals.valence > 0 else hues.negative
        left = Content.assemble(("valence".ljust(self._label), hues.muted), (f"{vitals.valence:+.2f} {word}", hue))
        long, short = f"baseline {vitals.baseline:+.2f}", f"base {vitals.baseline:+.1f}"
        right = long if left.cell_length + len(long) < self._width else short
        return self._apart(left, Content.styled(right, hues.muted))

    def _trace(self, history: Sequence[float], height: int) -> list[Content]:
        hues = self._hues
        return trace(history, self._width, height, hues.positive, hues.negative, hues.track)

    def _card(self, body: BodyCard) -> list[Content]:
        """The body in as few lines as its parts need, the most telling one first."""
        hook, model = safe_line(body.hook), safe_line(body.model)
        long = f"SAE {body.d_sae} {safe_line(body.architecture)} at {hook}"
        lines = [long if cell_len(long) <= self._width else f"{body.d_sae} at {hook}"]
        for part in [model, *(["phrasebook"] if body.phrasebook else [])]:
            joined = f"{lines[-1]} · {part}"
            if cell_len(joined) <= self._width:
                lines[-1] = joined
            else:
                lines.append(part)
        return [Content.styled(line, self._hues.muted).truncate(self._width, ellipsis=True) for line in lines]

    def _apart(self, left: Content, right: Content) -> Content:
        """One line, its two ends at the two edges; the right one gives way."""
        room = self._width - left.cell_length - right.cell_length
        return Content.assemble(left, " " * room, right) if room > 0 else left.truncate(self._width, ellipsis=True)
