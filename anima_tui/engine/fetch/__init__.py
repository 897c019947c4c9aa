"""Bring a preset's files onto this machine: its model by the hub's own cache, its SAE through sae-lens, once.

All of it happens in a process of its own, which ends with the one that started it. sae-lens takes seconds to import
and is never needed again; what was downloaded when the process was ended is kept, and the next one goes on from there.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO

import msgspec

from anima_tui import channel, wire
from anima_tui.bodies.catalog import Preset
from anima_tui.errors import BodyUnusable


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked to fetch."""

    name: str
    preset: Preset
    folder: str
    """Where `body.toml` and `sae/` are to be written."""
    revision: str
    """The commit of the model; empty: the newest one."""


def fetch(orders: Sequence[Order], report: Callable[[str, float], None]) -> None:
    """Wait until everything is there. Raises BodyUnusable."""
    command = [sys.executable, "-m", "anima_tui.engine.fetch"]
    # Its stdin stays open as long as this process lives and listens: at its end, the other one ends too.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        told: BinaryIO = process.stdout  # pyright: ignore[reportAssignmentType]
        process.stdin.write(msgspec.json.encode(orders) + b"\n")
        process.stdin.flush()
        with suppress(channel.BrokenChannel):
            while payload := channel.read(told):
                match wire.decode_event(payload):
                    case wire.Loading(stage=stage, fraction=fraction):
                        report(stage, fraction)
                    case wire.Fault(text=text):
                        raise BodyUnusable(text)
                    case _:
                        pass
        process.wait()
    if process.returncode:
        raise BodyUnusable(f"fetching {orders[0].name} broke off; start once more, and it goes on where it was.")
