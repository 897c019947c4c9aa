"""The engine as a bare terminal sees it: one child process whose events arrive in one queue."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from anima_tui import channel, wire
from anima_tui.errors import AnimaError
from anima_tui.logs import open_log
from anima_tui.text import safe_line

PATIENCE = 20.0  # seconds an engine may take to close its soul


class EngineStopped(Exception):
    """The engine cannot go on. `str()` is one sentence for the user."""


class Interrupted:
    """Ctrl-C, as something that happens among the events."""


class _Ended:
    """The channel closed."""


class Link:
    """Starts the engine and closes it, with its soul, at the end of the `with` block."""

    def __init__(self, command: list[str], log: Path) -> None:
        """Raises AnimaError."""
        self._log = log
        self._queue: SimpleQueue[wire.Event | Interrupted | _Ended] = SimpleQueue()
        try:
            with open_log(log) as errors:
                # Its own session: Ctrl-C is for us to interpret, and must not reach the engine by itself.
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
        except OSError as error:
            raise AnimaError(
                f"the engine cannot be started ({error}); check the setting `engine` and the log {log}."
            ) from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to_engine: BinaryIO = self._process.stdin  # pyright: ignore[reportAttributeAccessIssue]
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def send(self, command: wire.Command) -> None:
        # An engine that is gone is reported by `next`, after everything that it still said.
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._to_engine.write(channel.frame(wire.encode(command)))
            self._to_engine.flush()

    def next(self) -> wire.Event | Interrupted:
        """The next thing that happens; waits for it. Raises EngineStopped."""
        event = self._queue.get()
        if isinstance(event, wire.Fault):
            raise EngineStopped(safe_line(event.text))
        if isinstance(event, _Ended):
            raise EngineStopped(f"the engine stopped; what was said is on disk, and {self._log} may say why.")
        return event

    def interrupt(self) -> None:
        """Make `next` return Interrupted. A signal handler may call it: the queue's `put` is reentrant."""
        self._queue.put(Interrupted())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.send(wire.Quit())
        with contextlib.suppress(OSError):
            self._to_engine.close()
        try:
            self._process.wait(PATIENCE)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()  # a turn shown as done is on disk already
            self._process.wait()
        self._reader.join()

    def _read(self, stream: BinaryIO) -> None:
        try:
            while (payload := channel.read(stream)) is not None:
                self._queue.put(wire.decode_event(payload))
        except (channel.BrokenChannel, msgspec.DecodeError, OSError):
            self._process.kill()
        finally:
            self._queue.put(_Ended())
