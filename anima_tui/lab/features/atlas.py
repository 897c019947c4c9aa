"""The atlas: every feature as a cell of the cortex, and a page of what is known of each. One HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from anima_tui.atlas import Atlas, Feature
from anima_tui.lab.features.firing import Firing, Tokens
from anima_tui.lab.features.lens import Lens
from anima_tui.lab.page import page
from anima_tui.wire import BodyCard

_SCRIPT = Path(__file__).with_name("atlas.js")
_PANELS = """
<p class="note">Each cell is a feature; neighbours have similar decoder directions. Click one, or look for a word in the
labels.</p>
<p><select id="colour"></select> <input id="search" placeholder="a word of a label, or a number"></p>
<div id="cortex"></div><h2 id="name"></h2><div id="details"></div>
"""


@dataclass(frozen=True)
class Chart:
    """All that the atlas shows."""

    card: BodyCard
    firings: Mapping[int, Firing]
    tokens: Tokens
    lenses: Sequence[Lens]
    own: Mapping[int, Firing]
    """On the user's own conversations; empty without a soul."""
    over_time: Mapping[int, Sequence[float | None]]


def atlas_of(chart: Chart) -> Atlas:
    cells = np.frombuffer(chart.card.cortex, "<i4").tolist()
    return Atlas(
        width=chart.card.cortex_width,
        tokens=chart.tokens.count,
        features=[_feature(chart, feature, cell) for feature, cell in enumerate(cells)],
    )


def atlas_page(atlas: Atlas, model: str) -> str:
    """The page, the atlas in it."""
    # "</script>" in someone's words must not end the element.
    told = msgspec.json.encode(atlas).decode().replace("<", "\\u003c")
    program = _SCRIPT.read_text(encoding="utf-8")
    script = f"<script id='data' type='application/json'>{told}</script><script>{program}</script>"
    return page(f"Atlas of {model}", [_PANELS], script)


def _feature(chart: Chart, feature: int, cell: int) -> Feature:
    firing, lens = chart.firings.get(feature, Firing()), chart.lenses[feature]
    own = chart.own.get(feature)
    return Feature(
        cell=cell,
        label=chart.card.labels.get(feature, ""),
        fired=firing.fired,
        valence=round(chart.tokens.correlation(firing), 3),
        histogram=firing.histogram.tolist(),
        contexts=firing.contexts,
        own=own.contexts if own else [],
        time=list(chart.over_time.get(feature, [])),
        promoted=lens.promoted,
        suppressed=lens.suppressed,
        neighbours=lens.neighbours,
    )
