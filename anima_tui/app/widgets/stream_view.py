"""The stream: a row for each feature that matters now, a column for each token."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from anima_tui.app.widgets.canvas import Canvas
from anima_tui.app.widgets.colormap import quantise
from anima_tui.text import safe_line
from anima_tui.wire import Fired

_REMEMBERED = 512  # tokens; wider than any pane


class Cast:
    """Which features hold a row. Rows change slowly, and in place, so that an eye can follow one of them.

    A feature's score is the sum of its levels, each halved after about 14 tokens. An empty row goes to the
    strongest feature that has more than a passing score. Otherwise a newcomer takes the row of the weakest,
    once that row has been held for a while and the newcomer's score is half as great again.
    """

    DECAY = 0.95
    MARGIN = 1.5
    TENURE = 10  # tokens
    UNLABELLED = 0.3  # weight of a feature that nobody can name
    ENTRY = 0.4
    FADED = 0.01

    def __init__(self, labelled: Mapping[int, str]) -> None:
        self._labelled = labelled
        self._scores: dict[int, float] = {}
        self._unit = 1.0  # grows, instead of every score shrinking
        self._token = 0
        self._seen = 0  # the token at which rows were last asked for
        self._seats: list[int] = []
        self._since: dict[int, int] = {}

    def hear(self, fired: Iterable[Fired]) -> None:
        """One token."""
        self._token += 1
        self._unit /= self.DECAY
        for one in fired:
            weight = 1.0 if one.feature in self._labelled else self.UNLABELLED
            self._scores[one.feature] = self._score(one.feature) + self._unit * weight * one.level
        if self._unit > 1000:
            unit, self._unit = self._unit, 1.0
            self._scores = {f: s / unit for f, s in self._scores.items() if s > self.FADED * unit}

    def seat(self, count: int) -> list[int]:
        """At most `count` features, in the order of their rows; each new token replaces one at most."""
        if len(self._seats) > count:
            strongest = set(sorted(self._seats, key=self._score, reverse=True)[:count])
            self._seats = [feature for feature in self._seats if feature in strongest]
        seated = set(self._seats)
        passing = self.ENTRY * self._unit
        waiting = [one for one, score in self._scores.items() if score > passing and one not in seated]
        waiting.sort(key=self._score, reverse=True)
        free = count - len(self._seats)
        for feature in waiting[:free]:
            self._take(len(self._seats), feature)
        if free <= 0 < count:
            for newcomer in waiting[: self._token - self._seen]:
                self._replace_weakest(newcomer)
        self._seen = self._token
        return list(self._seats)

    def _replace_weakest(self, newcomer: int) -> None:
        held = [seat for seat, one in enumerate(self._seats) if self._token - self._since[one] >= self.TENURE]
        if not held:
            return
        seat = min(held, key=lambda seat: self._score(self._seats[seat]))
        if self._score(newcomer) > self.MARGIN * self._score(self._seats[seat]):
            self._take(seat, newcomer)

    def _take(self, seat: int, feature: int) -> None:
        self._seats[seat : seat + 1] = [feature]
        self._since[feature] = self._token

    def _score(self, feature: int) -> float:
        return self._scores.get(feature, 0.0)


class Row(NamedTuple):
    label: str  # exactly as wide as its column; of the whole row where there are no levels
    levels: bytes  # one step for each token, the newest last
    now: str  # the newest level as a number


class StreamView(Canvas[Row]):
    """Rows of the features that matter now, one column per token, the newest at the right."""

    NOW = 5  # cells of the number at the right

    def __init__(self, colormap: str = "theme", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(colormap, id=id)
        self._tokens: deque[dict[int, float]] = deque(maxlen=_REMEMBERED)
        self.adopt({})

    def adopt(self, labels: Mapping[int, str]) -> None:
        """A body with these labels begins."""
        self._labels = labels
        self._cast = Cast(labels)
        self._tokens.clear()
        self.start_over()

    def hear(self, fired: Sequence[Fired]) -> None:
        """One token. Draws nothing: that is `paint`."""
        self._cast.hear(fired)
        self._tokens.append({one.feature: one.level for one in fired})

    def rows(self, width: int, height: int) -> list[Row]:
        margin = label_width(width)
        columns = max(0, width - margin - 1 - self.NOW)
        recent = list(self._tokens)[-columns:] if columns else []
        silence = bytes(columns - len(recent))
        rows: list[Row] = []
        for feature in self._cast.seat(height):
            levels = [token.get(feature, 0.0) for token in recent]
            now = levels[-1] if levels else 0.0
            steps = silence + bytes(map(quantise, levels))
            rows.append(Row(fit(label_of(feature, self._labels), margin), steps, f"{now:4.0%}" if now else "·"))
        rows += [Row(" " * margin, bytes(columns), "")] * (height - len(rows))
        if not self._tokens and height:
            rows[height // 2] = Row("Nothing fires yet.".center(width), b"", "")
        return rows

    def draw(self, row: Row, width: int) -> list[Segment]:
        if not row.levels:
            return [self.ink.text(set_cell_size(row.label, width))]
        firing = row.levels[-1] > 0
        label = self.ink.text(row.label + " ", loud=firing)
        return [label, *self.ink.bars(row.levels), self.ink.text(row.now.rjust(self.NOW), loud=firing)]


def label_width(width: int) -> int:
    """Cells of the column of labels."""
    return max(0, min(26, width // 3))


def label_of(feature: int, labels: Mapping[int, str]) -> str:
    """What a feature is called: its label, or its number."""
    return safe_line(labels.get(feature, "")) or f"#{feature}"


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` cells: right-aligned, or cut with an ellipsis."""
    if width > 0 and cell_len(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
    return " " * (width - cell_len(text)) + text if width > 0 else ""
