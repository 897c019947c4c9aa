"""A personality travels as plain tensors and words, and nothing in such a file is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from souls import CORE, no_file_beyond

from anima_tui import wire
from anima_tui.engine.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from anima_tui.errors import SoulUnreadable

D_SAE = 64
LINES = [CORE, wire.SelfLine(text="I like rain.", core=False, evidence=[])]


def checkpoint() -> Checkpoint:
    reservoir = torch.linspace(-1, 1, D_SAE)
    return Checkpoint(body="seedling", fingerprint="f" * 64, reservoir=reservoir, generation=3, lines=LINES)


def read(path: Path, *, fingerprint: str = "f" * 64, d_sae: int = D_SAE) -> Checkpoint:
    return read_checkpoint(path, body="seedling", fingerprint=fingerprint, d_sae=d_sae)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path, checkpoint())
    found = read(path)
    assert path == tmp_path / "checkpoints" / "0001.pt"
    assert torch.equal(found.reservoir, checkpoint().reservoir)
    assert (found.body, found.fingerprint, found.generation) == ("seedling", "f" * 64, 3)
    assert found.lines == LINES


def test_checkpoints_are_numbered_and_none_is_overwritten(tmp_path: Path) -> None:
    paths = [write_checkpoint(tmp_path, checkpoint()) for _ in range(3)]
    paths[0].unlink()
    paths.append(write_checkpoint(tmp_path, checkpoint()))
    assert [path.name for path in paths] == ["0001.pt", "0002.pt", "0003.pt", "0004.pt"]


def test_evidence_stays_with_the_memories_it_points_at(tmp_path: Path) -> None:
    line = wire.SelfLine(text="I like rain.", core=False, evidence=[4, 5])
    path = write_checkpoint(
        tmp_path, Checkpoint(body="b", fingerprint="f" * 64, reservoir=torch.zeros(D_SAE), generation=1, lines=[line])
    )
    assert read(path).lines[0].evidence == []


def test_a_full_disk_leaves_no_half_checkpoint(tmp_path: Path) -> None:
    with no_file_beyond(500), pytest.raises(OSError, match="too large"):
        write_checkpoint(tmp_path, checkpoint())
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SoulUnreadable, match="No such file"):
        read(tmp_path / "none.pt")
