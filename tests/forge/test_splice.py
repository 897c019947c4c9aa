"""The autoencoder in the place of the residual stream."""

from __future__ import annotations

from pathlib import Path

import pytest

import anima_tui
from anima_tui.engine.body import load_body
from anima_tui.forge import splice as module
from anima_tui.forge.blocks import read_blocks
from anima_tui.forge.splice import splice
from anima_tui.paths import Paths


def test_the_embedded_bodys_autoencoder_leaves_most_of_what_she_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EXCHANGES", 20)
    paths = Paths(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    body = load_body("seedling", paths, lambda stage, fraction: None)
    found = splice(body, read_blocks(Path(anima_tui.__file__).parent / "forge" / "corpus"))
    assert found["loss_bare"] < found["loss_spliced"] < found["loss_zero"]
    assert found["recovered"] > 0.9
    assert found["explained_variance"] > 0.9
