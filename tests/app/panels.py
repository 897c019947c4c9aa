"""A body, vitals and a stage for the panels, standing alone."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import msgspec
from textual.app import App, ComposeResult
from textual.widget import Widget

from anima_tui.wire import BodyCard, Fired, Vitals

VITALS = Vitals(
    mode="Anima",
    pinned=False,
    steering=True,
    thinking=False,
    phase="speaking",
    fatigue=810.0,
    threshold=1500.0,
    valence=0.42,
    baseline=0.1,
    adrenaline=0.3,
    loop_guard=False,
    reservoir_norm=2.1,
    reservoir_budget=6.0,
    tokens_per_second=23.4,
    wants_sleep=False,
)


def vitals(**changes: object) -> Vitals:
    return msgspec.structs.replace(VITALS, **changes)


def body(labels: dict[int, str] | None = None, width: int = 16, height: int = 16) -> BodyCard:
    """Feature i lies in cell i."""
    return BodyCard(
        name="seedling",
        model="seedling-v0",
        parameters=17_000_000,
        hook="blocks.4.hook_resid_post",
        d_model=384,
        d_sae=width * height,
        architecture="topk",
        valence_source="readout",
        valence_r=0.78,
        phrasebook=True,
        context_tokens=512,
        labels=labels or {},
        cortex=array("i", range(width * height)).tobytes(),
        cortex_width=width,
    )


def fired(*levels: tuple[int, float]) -> list[Fired]:
    return [Fired(feature=feature, activation=5 * level, level=level) for feature, level in levels]


class Stage(App[None]):
    """One panel, 60 x 16."""

    CSS = "Screen > * { width: 60; height: 16; }"

    def __init__(self, panel: Widget) -> None:
        super().__init__()
        self._panel = panel

    def compose(self) -> ComposeResult:
        yield self._panel


def screen_text(app: App[None]) -> str:
    return "\n".join(screen_lines(app))


def screen_lines(app: App[None]) -> Sequence[str]:
    """What a person reads, row by row."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip)[:width] for strip in strips[:height]]
