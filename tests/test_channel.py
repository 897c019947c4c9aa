"""Frames: whole, in order, whatever the pipe does to them."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anima_tui import channel


class Trickle(io.RawIOBase):
    """A pipe that hands out the given pieces one at a time."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not self._pieces:
            return 0
        piece = self._pieces.pop(0)
        taken = min(len(piece), len(buffer))
        buffer[:taken] = piece[:taken]
        if taken < len(piece):
            self._pieces.insert(0, piece[taken:])
        return taken


def read_blocking(pieces: Sequence[bytes]) -> list[bytes]:
    stream = io.BufferedReader(Trickle(pieces))
    return list(iter(lambda: channel.read(stream), None))


def read_async(pieces: Sequence[bytes]) -> list[bytes]:
    async def everything() -> list[bytes]:
        stream = asyncio.StreamReader()

        async def feed() -> None:
            for piece in pieces:
                stream.feed_data(piece)
                await asyncio.sleep(0)
            stream.feed_eof()

        feeding = asyncio.create_task(feed())
        payloads: list[bytes] = []
        while (payload := await channel.read_async(stream)) is not None:
            payloads.append(payload)
        await feeding
        return payloads

    return asyncio.run(everything())


Reader = Callable[[Sequence[bytes]], list[bytes]]
either_reader = pytest.mark.parametrize("read", [read_blocking, read_async])


def cut(data: bytes, places: Sequence[int]) -> Iterator[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    for start, end in pairwise(edges):
        yield data[start:end]


@either_reader
@given(payloads=st.lists(st.binary(max_size=40)), places=st.lists(st.integers(0, 10_000), max_size=12))
def test_frames_survive_being_cut_anywhere(read: Reader, payloads: list[bytes], places: list[int]) -> None:
    data = b"".join(map(channel.frame, payloads))
    assert read(list(cut(data, places))) == payloads


@either_reader
@given(payload=st.binary(min_size=1, max_size=40), data=st.data())
def test_an_end_inside_a_frame_is_told_from_a_clean_end(read: Reader, payload: bytes, data: st.DataObject) -> None:
    whole = channel.frame(payload)
    kept = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(channel.BrokenChannel, match="middle of a message"):
        read([whole[:kept]])


@either_reader
@pytest.mark.parametrize("noise", [b"Traceback (most recent call last)", (1000).to_bytes(4, "big") + b" noise"])
def test_noise_is_refused_before_its_announced_length_is_awaited(read: Reader, noise: bytes) -> None:
    with pytest.raises(channel.BrokenChannel, match="something else"):
        read([noise])


@either_reader
def test_a_frame_beyond_the_limit_is_refused_before_it_is_awaited(read: Reader) -> None:
    size = (channel.LIMIT + 1).to_bytes(4, "big")
    with pytest.raises(channel.BrokenChannel, match="limit"):
        read([size + zlib.crc32(size).to_bytes(4, "big")])
