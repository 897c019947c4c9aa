"""By what a soul knows its body again, in milliseconds and before torch is imported."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

import msgspec

from anima_tui.errors import BodyUnusable

_SAMPLES = 64
_SAMPLE_BYTES = 4096


class _Entry(msgspec.Struct):
    data_offsets: tuple[int, int]


def fingerprint(model: Path, sae: Path) -> str:
    """Hex SHA-256 over the configurations, and the size, header and some samples of every weight file.

    `model` and `sae` are the folders they lie in. Raises BodyUnusable when a file is missing or shorter than its header
    says.
    """
    digest = hashlib.sha256()
    for file in (model / "config.json", sae / "cfg.json"):
        digest.update(_read(file))
    shards = sorted(model.glob("*.safetensors"))
    if not shards:
        raise BodyUnusable(
            f"the body in {model} has no weights in safetensors' format (model.safetensors); copy them there."
        )
    for file in (*shards, sae / "sae_weights.safetensors"):
        digest.update(_essence(file))
    return digest.hexdigest()


def _essence(file: Path) -> bytes:
    """https://huggingface.co/docs/safetensors: 8 bytes of header length, JSON header, data."""
    try:
        with file.open("rb") as weights:
            size = weights.seek(0, 2)
            weights.seek(0)
            length = int.from_bytes(weights.read(8), "little")
            # A damaged length must not make us read gigabytes.
            header = weights.read(min(length, size))
            end = _end_of_data(file, header)
            if size != 8 + length + end:
                raise BodyUnusable(
                    f"{file} is cut short or damaged: {size} bytes where {8 + length + end} belong; copy it again."
                )
            samples = [_sample(weights, size, i) for i in range(_SAMPLES)]
    except FileNotFoundError:
        raise BodyUnusable(f"{file} is missing; copy the body again.") from None
    except OSError as error:
        raise BodyUnusable(f"{file} cannot be read ({error}); mend that or copy the body again.") from None
    return b"".join((size.to_bytes(8, "little"), header, *samples))


def _end_of_data(file: Path, header: bytes) -> int:
    try:
        entries = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        tensors = [msgspec.json.decode(e, type=_Entry) for name, e in entries.items() if name != "__metadata__"]
    except msgspec.DecodeError:
        raise BodyUnusable(f"{file} is not a whole safetensors file; copy it again.") from None
    return max((tensor.data_offsets[1] for tensor in tensors), default=0)


def _sample(weights: BinaryIO, size: int, index: int) -> bytes:
    weights.seek(max(0, size - _SAMPLE_BYTES) * index // (_SAMPLES - 1))
    return weights.read(_SAMPLE_BYTES)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise BodyUnusable(f"{file} is missing; copy the body again.") from None
    except OSError as error:
        raise BodyUnusable(f"{file} cannot be read ({error}); mend that or copy the body again.") from None
