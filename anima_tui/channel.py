"""How messages travel: a 4-byte big-endian length, then that many bytes of MessagePack."""

from __future__ import annotations

import asyncio
from typing import BinaryIO

LIMIT = 64 * 1024 * 1024  # bytes; a longer frame can only be noise


class BrokenChannel(Exception):
    """The bytes are not frames: something else wrote to the channel, or the other side died mid-frame."""


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def _length(head: bytes) -> int:
    length = int.from_bytes(head, "big")
    if length > LIMIT:
        raise BrokenChannel(f"a frame of {length} bytes was announced; the limit is {LIMIT}")
    return length


def read(stream: BinaryIO) -> bytes | None:
    """The next payload, or None at a clean end. Blocks. Raises BrokenChannel."""
    head = stream.read(4)
    if not head:
        return None
    payload = stream.read(_length(head)) if len(head) == 4 else b""
    if len(head) < 4 or len(payload) < _length(head):
        raise BrokenChannel("the other side stopped in the middle of a message")
    return payload


async def read_async(stream: asyncio.StreamReader) -> bytes | None:
    """As `read`, without blocking the event loop."""
    try:
        head = await stream.readexactly(4)
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise BrokenChannel("the other side stopped in the middle of a message") from None
        return None
    try:
        return await stream.readexactly(_length(head))
    except asyncio.IncompleteReadError:
        raise BrokenChannel("the other side stopped in the middle of a message") from None
