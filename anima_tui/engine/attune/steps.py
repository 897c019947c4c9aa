"""Finished steps of an attunement, kept on disk, so that a run that was stopped goes on where it ended."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import torch

T = TypeVar("T")


class Steps:
    """What each step found, one file a step, written whole or not at all."""

    def __init__(self, folder: Path, of: str, kinds: Sequence[type]) -> None:
        """Go on in `folder` when what lies there is `of` the same body and material; else begin anew.

        `kinds`: the classes that a step may return, besides tensors and plain Python. Raises OSError.
        """
        self._folder = folder
        self._kinds: list[Callable[..., object] | tuple[Callable[..., object], str]] = list(kinds)
        mark = folder / "of"
        if not mark.is_file() or mark.read_text(encoding="utf-8") != of:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            mark.write_text(of, encoding="utf-8")

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What the step `name` found: now, or when it was first run. Raises OSError when it cannot be kept."""
        file = self._folder / f"{name}.pt"
        try:
            with torch.serialization.safe_globals(self._kinds):
                return torch.load(file, weights_only=True)
        except Exception:  # missing, cut short or not ours: whatever is wrong with it, the step is taken again
            found = make()
        part = file.with_suffix(".part")
        torch.save(found, part)
        os.replace(part, file)
        return found

    def forget(self, prefix: str) -> None:
        """Remove the steps whose names begin so."""
        for file in self._folder.glob(f"{prefix}*.pt"):
            file.unlink()
