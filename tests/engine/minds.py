"""A user's folders and a mind, for the time of a test."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from anima_tui.engine.body import Body
from anima_tui.engine.mind import Mind, modes_of
from anima_tui.engine.soul import Soul
from anima_tui.paths import Paths
from anima_tui.settings import Settings


def paths_under(root: Path) -> Paths:
    return Paths(root / "config", root / "data", root / "cache", root / "logs")


@contextmanager
def mind_of(body: Body, folder: Path, settings: Settings) -> Generator[Mind]:
    """A mind for the time of a test; its tap leaves the shared body's layer afterwards."""
    hooks = dict(body.layer._forward_hooks)
    soul = Soul.open(folder, body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae)
    try:
        yield Mind(body, soul, settings, modes_of(body, []))
    finally:
        soul.close()
        body.layer._forward_hooks.clear()
        body.layer._forward_hooks.update(hooks)
