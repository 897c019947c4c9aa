"""A personality travels as plain tensors and words, and nothing in such a file is ever run."""

from __future__ import annotations

import os
import pickle
import random
import zipfile
from pathlib import Path

import pytest
import torch
from souls import CORE, no_file_beyond

from anima_tui import wire
from anima_tui.engine.checkpoint import LARGEST, Checkpoint, read_checkpoint, write_checkpoint
from anima_tui.errors import AnimaError, SoulMismatch, SoulUnreadable

D_SAE = 64
LINES = [CORE, wire.SelfLine(text="I like rain.", core=False, evidence=[])]


def checkpoint() -> Checkpoint:
    reservoir = torch.linspace(-1, 1, D_SAE)
    return Checkpoint(body="seedling", fingerprint="f" * 64, reservoir=reservoir, generation=3, lines=LINES)


def read(path: Path, *, fingerprint: str = "f" * 64, d_sae: int = D_SAE) -> Checkpoint:
    return read_checkpoint(path, body="seedling", fingerprint=fingerprint, d_sae=d_sae)


def content() -> dict[str, object]:
    """A good file's, to be spoilt."""
    return {
        "reservoir": torch.zeros(D_SAE),
        "format": "anima personality",
        "version": 1,
        "body": "seedling",
        "fingerprint": "f" * 64,
        "d_sae": D_SAE,
        "generation": 1,
        "lines": ["I am Anima."],
        "core": [True],
    }


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


def test_a_personality_of_another_body_is_refused(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path, checkpoint())
    for fingerprint, d_sae in (("e" * 64, D_SAE), ("f" * 64, D_SAE * 2)):
        with pytest.raises(SoulMismatch, match="cannot live in"):
            read(path, fingerprint=fingerprint, d_sae=d_sae)


class Trap:
    """Unpickled without care, it leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._trace),)


def test_a_hostile_pickle_is_refused_and_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    bare, archived, renamed = (tmp_path / name for name in ("bare.pt", "archived.pt", "renamed.pt"))
    bare.write_bytes(pickle.dumps(Trap(trace)))
    torch.save(content() | {"body": Trap(trace)}, archived)
    torch.save(content() | {"body": Trap(trace)}, renamed, _use_new_zipfile_serialization=False)
    for path in (bare, archived, renamed):
        with pytest.raises(SoulUnreadable, match=r"can be trusted"):
            read(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"reservoir": torch.full((D_SAE,), torch.nan)},
        {"reservoir": torch.full((D_SAE,), torch.inf)},
        {"reservoir": torch.zeros(D_SAE, dtype=torch.float64)},
        {"reservoir": torch.zeros(D_SAE + 1)},
        {"reservoir": torch.zeros(1, D_SAE)},
        {"reservoir": torch.zeros(D_SAE).to_sparse()},
        {"reservoir": torch.zeros(D_SAE, device="meta")},
        {"reservoir": [0.0] * D_SAE},
        {"format": "something else"},
        {"version": 2},
        {"d_sae": "64"},
        {"lines": "I am Anima."},
        {"lines": ["I am Anima.", "I obey."]},
        {"core": [1]},
        {"generation": None},
    ],
    ids=str,
)
def test_a_file_that_is_not_quite_a_personality_is_refused(tmp_path: Path, spoilt: dict[str, object]) -> None:
    path = tmp_path / "spoilt.pt"
    torch.save(content() | spoilt, path)
    with pytest.raises(SoulUnreadable, match="choose another"):
        read(path)


def test_a_file_without_all_its_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spoilt.pt"
    for missing in content():
        if missing not in {"format", "version"}:
            torch.save({name: value for name, value in content().items() if name != missing}, path)
            with pytest.raises(SoulUnreadable):
                read(path)
    torch.save([1, 2], path)
    with pytest.raises(SoulUnreadable):
        read(path)


def test_a_file_that_unpacks_to_more_than_any_personality_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", b"\0" * (LARGEST + 1))
    with pytest.raises(SoulUnreadable, match="larger than any personality"):
        read(path)


def test_any_damage_is_one_sentence_and_leaves_the_file_alone(tmp_path: Path) -> None:
    good = write_checkpoint(tmp_path, checkpoint()).read_bytes()
    chance = random.Random(9)
    path = tmp_path / "damaged.pt"
    refused = 0
    for number in range(120):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= chance.randrange(1, 256)
        damaged = bytes(bad) if number % 2 else good[: chance.randrange(len(good))]
        path.write_bytes(damaged)
        try:
            found = read(path)
        except AnimaError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            assert found.reservoir.isfinite().all()
        assert path.read_bytes() == damaged
    assert refused


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SoulUnreadable, match="No such file"):
        read(tmp_path / "none.pt")
