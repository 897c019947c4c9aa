"""The engine's message loop: commands come in, events go out, one thing is done at a time."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from anima_tui import channel, crash, wire
from anima_tui.engine.soul import custody
from anima_tui.engine.soul.backups import newest_first
from anima_tui.engine.soul.turns import glimpsed
from anima_tui.engine.waking import wake
from anima_tui.errors import AnimaError, SoulLocked, SoulUnreadable, SoulUnwritable
from anima_tui.paths import Paths
from anima_tui.settings import Settings
from anima_tui.wire import Remedy

PAST = 20
"""Exchanges that are told before she wakes."""


class Outlet:
    """The engine's end of the channel to the app."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, event: wire.Event) -> None:
        """Raises BrokenPipeError when the app is gone."""
        self._stream.write(channel.frame(wire.encode(event)))
        self._stream.flush()


class Inbox:
    """Commands as they arrive, read by a thread of their own so that a busy engine hears them at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._queue: queue.SimpleQueue[wire.Command] = queue.SimpleQueue()
        self.declined = threading.Event()
        """Set when the app leaves with nothing left to be done."""
        threading.Thread(target=self._read, args=(stream,), name="inbox", daemon=True).start()

    def _read(self, stream: BinaryIO) -> None:
        with suppress(channel.BrokenChannel, msgspec.MsgspecError, OSError):
            while (payload := channel.read(stream)) is not None:
                command = wire.decode_command(payload)
                if isinstance(command, wire.Quit) and self._queue.empty():
                    self.declined.set()
                self._queue.put(command)
                if isinstance(command, wire.Quit):
                    return
        self._queue.put(wire.Quit())  # the app is gone, or no longer makes sense

    def next(self, timeout: float) -> wire.Command | None:
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None

    def arrived(self) -> Iterator[wire.Command]:
        """What is there now, without waiting."""
        with suppress(queue.Empty):
            while True:
                yield self._queue.get_nowait()


class Declined(Exception):
    """The app left while she was still waking."""


def stdout_as_outlet() -> Outlet:
    """Libraries print; file descriptor 1 belongs to the channel alone, so their prints go to the log."""
    outlet = Outlet(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return outlet


def main(settings: Settings, paths: Paths, complaint: str = "", *, restore: bool = False) -> int:
    """Serve one app over stdin and stdout until it quits. Returns the exit status.

    `complaint` is about the settings, and told once she is awake. `restore` first puts the newest whole backup in the
    place of a damaged soul.
    """
    outlet = stdout_as_outlet()
    # Without a buffer: its lock, held by a reader that still waits, would abort the interpreter's shutdown.
    inbox = Inbox(os.fdopen(os.dup(0), "rb", buffering=0))
    try:
        if restore:
            _restore(paths.soul(settings.soul), outlet)
        _serve(settings, paths, [complaint] if complaint else [], inbox, outlet)
    except AnimaError as error:
        outlet.send(wire.Fault(text=str(error), remedy=_remedy(error, paths.soul(settings.soul))))
        return 2
    except (BrokenPipeError, Declined):
        return 0
    except Exception as error:
        traceback.print_exc()
        report = crash.write_report(paths.logs, "engine", error, settings)
        outlet.send(
            wire.Fault(
                text=f"the engine stopped on an unexpected error; {paths.engine_log} tells of it;"
                f" {crash.about(report, settings)}"
            )
        )
        return 1
    return 0


def _restore(soul: Path, outlet: Outlet) -> None:
    backup, aside = custody.restore(soul, time.time())
    outlet.send(
        wire.Notice(text=f"She is as she was in {backup}; the damaged file is kept as {aside}.", level="warning")
    )


def _remedy(error: AnimaError, soul: Path) -> Remedy:
    if isinstance(error, SoulLocked | SoulUnwritable):
        return "read-only"
    if isinstance(error, SoulUnreadable) and newest_first(soul / "backups"):
        return "restore"
    return "restart"


def _serve(settings: Settings, paths: Paths, known: list[str], inbox: Inbox, outlet: Outlet) -> None:
    def report(stage: str, fraction: float) -> None:
        if inbox.declined.is_set():
            raise Declined
        outlet.send(wire.Loading(stage=stage, fraction=fraction))

    if past := glimpsed(paths.soul(settings.soul) / "soul.db", PAST):
        outlet.send(wire.Past(exchanges=past))
    with wake(settings, paths, report) as (mind, complaints):
        from anima_tui.engine.session import Session

        session = Session(mind, inbox, outlet)
        session.begin([*known, *complaints])
        session.run()
