"""The engine as the app sees it: commands go in, events come out, and it may die."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from anima_tui import channel, wire
from anima_tui.child import engine_command
from anima_tui.errors import AnimaError
from anima_tui.logs import open_log
from anima_tui.paths import Paths
from anima_tui.settings import Settings

READ_AHEAD = 8 * 1024 * 1024  # bytes the pipe may run ahead of the app; a Ready with a large cortex fits
PATIENCE = 3.0  # seconds a closing engine may take to save


@dataclass(frozen=True)
class EngineLost:
    """The engine is gone. `reason` is one sentence for the user."""

    reason: str


class EngineUnavailable(AnimaError):
    """The command that should start the engine cannot be run."""


class Engine(Protocol):
    """One life of an engine. A restart makes a new one."""

    async def start(self) -> None:
        """Raises EngineUnavailable."""
        ...

    async def send(self, command: wire.Command) -> None:
        """Hand over a command. To a dead engine it is lost in silence: `events` tells of the death."""
        ...

    def events(self) -> AsyncIterator[wire.Event | EngineLost]:
        """Everything the engine says. The last one is EngineLost, unless it was closed."""
        ...

    async def close(self) -> None:
        """Ask it to quit, wait for `PATIENCE` seconds, then end it."""
        ...

    def kill(self) -> None: ...


class ChildEngine:
    """An engine in a child process, spoken to over its stdin and stdout; its stderr is appended to `log`.

    Its own session keeps the terminal's signals, and an ssh's password prompt, away from the app's screen.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = list(command)
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._closing = False

    async def start(self) -> None:
        environment = os.environ | {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        try:
            with open_log(self._log) as log:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    env=environment,
                    limit=READ_AHEAD,
                    start_new_session=True,
                )
        except OSError as error:
            raise EngineUnavailable(
                f"The engine could not be started: {error.strerror or error} ({shlex.join(self._command)})."
            ) from None

    async def send(self, command: wire.Command) -> None:
        if self._process is None or (pipe := self._process.stdin) is None:
            return
        with suppress(ConnectionError):
            pipe.write(channel.frame(wire.encode(command)))
            await pipe.drain()

    async def events(self) -> AsyncIterator[wire.Event | EngineLost]:
        if self._process is None or (pipe := self._process.stdout) is None:
            return
        try:
            while (payload := await channel.read_async(pipe)) is not None:
                yield wire.decode_event(payload)
        except (channel.BrokenChannel, msgspec.DecodeError):
            await self._end()
            if not self._closing:
                yield EngineLost(f"The engine said something that cannot be understood and was ended; see {self._log}.")
            return
        status = await self._process.wait()
        if not self._closing:
            yield EngineLost(f"The engine {_cause(status)}; its last words are in {self._log}.")

    async def close(self) -> None:
        self._closing = True
        if self._process is None:
            return
        await self.send(wire.Quit())
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except TimeoutError:
            await self._end()

    def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _end(self) -> None:
        self.kill()
        if self._process is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), PATIENCE)


def _cause(status: int) -> str:
    if status < 0:
        return f"was ended by signal {-status}"
    return "stopped" if status == 0 else f"stopped with exit status {status}"


def child_engine(settings: Settings, paths: Paths, *flags: str) -> ChildEngine:
    """The engine of these settings and flags, not started yet. Raises BadSettings."""
    return ChildEngine(engine_command(settings, *flags), paths.engine_log)
