"""How messages travel: a 4-byte big-endian length, the CRC-32 of it, then that many bytes of MessagePack.

Noise is known at once by its head: taken for a length, it would be waited for until the end of days.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import BinaryIO

HEAD = 8  # bytes
LIMIT = 64 * 1024 * 1024  # bytes; a longer frame can only be noise


class BrokenChannel(Exception):
    """The bytes are not frames: something else wrote to the channel, or the other side died mid-frame."""


def frame(payload: bytes) -> bytes:
    return _head(len(payload)) + payload


def _head(length: int) -> bytes:
    size = length.to_bytes(4, "big")
    return size + zlib.crc32(size).to_bytes(4, "big")


def _length(head: bytes) -> int:
    length = int.from_bytes(head[:4], "big")
    if head != _head(length):
        raise BrokenChannel("something else wrote to the channel")
    if length > LIMIT:
        raise BrokenChannel(f"a frame of {length} bytes was announced; the limit is {LIMIT}")
    return length


def read(stream: BinaryIO) -> bytes | None:
    """The next payload, or None at a clean end. Blocks. Raises BrokenChannel."""
    head = _take(stream, HEAD)
    if not head:
        return None
    if len(head) == HEAD:
        length = _length(head)
        payload = _take(stream, length)
        if len(payload) == length:
            return payload
    raise BrokenChannel("the other side stopped in the middle of a message")


def _take(stream: BinaryIO, count: int) -> bytes:
    """`count` bytes, fewer at the end of the stream; a pipe without a buffer hands them over piece by piece."""
    taken = b""
    while len(taken) < count and (piece := stream.read(count - len(taken))):
        taken += piece
    return taken


async def read_async(stream: asyncio.StreamReader) -> bytes | None:
    """As `read`, without blocking the event loop."""
    try:
        head = await stream.readexactly(HEAD)
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise BrokenChannel("the other side stopped in the middle of a message") from None
        return None
    try:
        return await stream.readexactly(_length(head))
    except asyncio.IncompleteReadError:
        raise BrokenChannel("the other side stopped in the middle of a message") from None
