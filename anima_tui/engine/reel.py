"""A night as it was seen, packed small, so that it can be watched once more."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import msgspec

from anima_tui import wire

FEATURES = 8
"""Features of each scene that are kept."""
LARGEST = 64 * 1024 * 1024  # bytes of a whole night, unpacked

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[wire.Scene])


def wind(scenes: Sequence[wire.Scene]) -> bytes:
    """Some twenty bytes a dreamt token."""
    return zlib.compress(_encoder.encode([_essence(scene) for scene in scenes]), 9)


def unwind(reel: bytes) -> list[wire.Scene]:
    """Raises ValueError for anything but a reel that this version can read."""
    try:
        return _decoder.decode(zlib.decompressobj().decompress(reel, LARGEST))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"this night cannot be watched again ({error})") from None


def _essence(scene: wire.Scene) -> wire.Scene:
    match scene:
        case wire.NightStage():
            return scene
        case wire.Replayed() | wire.DreamToken():
            fired = [
                msgspec.structs.replace(one, activation=0.0, level=round(one.level, 2))
                for one in scene.features[:FEATURES]
            ]
            return msgspec.structs.replace(scene, features=fired)
