"""A personality as a portable file: plain tensors and plain words, nothing that runs when it is opened."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import torch
from torch import Tensor

from anima_tui import wire
from anima_tui.engine.soul.files import write_atomically
from anima_tui.errors import SoulMismatch, SoulUnreadable

LARGEST = 64 * 1024 * 1024  # bytes, unpacked; a reservoir of a million features has four


class _Words(msgspec.Struct, frozen=True, kw_only=True):
    """All of the file but its tensor."""

    format: Literal["anima personality"] = "anima personality"
    version: Literal[1] = 1
    body: str
    fingerprint: str
    d_sae: int
    generation: int
    lines: list[str]
    core: list[bool]


@dataclass(frozen=True, kw_only=True, eq=False)
class Checkpoint:
    """What makes her herself, apart from what she has lived through."""

    body: str
    fingerprint: str
    reservoir: Tensor
    """float32 [d_sae] on the CPU, finite."""
    generation: int
    lines: list[wire.SelfLine]
    """The self-model. Evidence stays behind: it points at memories, and those are not in here."""


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write `folder`/checkpoints/NNNN.pt under the next free number. Raises OSError."""
    folder = folder / "checkpoints"
    taken = [int(path.stem) for path in folder.glob("*.pt") if path.stem.isdecimal()]
    path = folder / f"{max(taken, default=0) + 1:04}.pt"
    save_checkpoint(path, checkpoint)
    return path


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write it to `path`, whole or not at all. Raises OSError."""
    words = _Words(
        body=checkpoint.body,
        fingerprint=checkpoint.fingerprint,
        d_sae=checkpoint.reservoir.numel(),
        generation=checkpoint.generation,
        lines=[line.text for line in checkpoint.lines],
        core=[line.core for line in checkpoint.lines],
    )
    buffer = io.BytesIO()
    reservoir = checkpoint.reservoir.detach().to("cpu", torch.float32).clone()
    torch.save({"reservoir": reservoir} | msgspec.structs.asdict(words), buffer)
    write_atomically(path, buffer.getvalue())


def read_checkpoint(path: Path, *, body: str, fingerprint: str, d_sae: int) -> Checkpoint:
    """Raises SoulUnreadable for anything but such a file, and SoulMismatch for one of another body."""
    reservoir, words = _load(path)
    if (words.fingerprint, words.d_sae) != (fingerprint, d_sae):
        raise SoulMismatch(
            f"The personality in {path} grew in the body “{words.body}” ({words.fingerprint[:12]}) and"
            f" cannot live in “{body}” ({fingerprint[:12]}); start with the body that it grew in."
        )
    return Checkpoint(
        body=words.body,
        fingerprint=words.fingerprint,
        reservoir=reservoir,
        generation=words.generation,
        lines=[
            wire.SelfLine(text=text, core=core, evidence=[]) for text, core in zip(words.lines, words.core, strict=True)
        ],
    )


def _load(path: Path) -> tuple[Tensor, _Words]:
    try:
        _require_modest_archive(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
        reservoir = content.pop("reservoir")
        words = msgspec.convert(content, _Words)
        _require_sane(reservoir, words)
    except Exception as error:  # a hostile file may provoke any error at all
        why = str(error).split("\n", 1)[0] or type(error).__name__
        raise SoulUnreadable(
            f"{path} is not a personality file that can be trusted ({why}); nothing was taken from it, choose another."
        ) from error
    return reservoir.clone(), words


def _require_modest_archive(path: Path) -> None:
    """Refuse the old format, a bare pickle, and archives that unpack to more than any personality."""
    with zipfile.ZipFile(path) as archive:
        if max(sum(entry.file_size for entry in archive.infolist()), path.stat().st_size) > LARGEST:
            raise ValueError("it is larger than any personality")


def _require_sane(reservoir: object, words: _Words) -> None:
    if not isinstance(reservoir, Tensor):
        raise ValueError("its reservoir is not a tensor")
    plain = reservoir.layout == torch.strided and reservoir.device.type == "cpu"
    if not plain or reservoir.dtype != torch.float32 or reservoir.shape != (words.d_sae,):
        raise ValueError(f"its reservoir is not float32[{words.d_sae}]")
    if not reservoir.isfinite().all():
        raise ValueError("its reservoir is not finite")
    if len(words.lines) != len(words.core):
        raise ValueError("its self-model has lost lines")
