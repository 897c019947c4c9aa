"""The real app, talking by itself as fast as it can: `python -m tests.promises.long_life EXCHANGES REPORT`.

Writes to REPORT, as JSON, its resident memory after each exchange and how late its event loop was meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import psutil

from anima_tui.app.app import AnimaApp
from anima_tui.app.client import ChildEngine
from anima_tui.app.widgets.prompt import Prompt
from anima_tui.paths import user_paths
from anima_tui.settings import Settings

TICK = 0.005
"""Seconds between two looks at the clock."""


class LongApp(AnimaApp):
    """As the user would: types, waits for the end of the answer, types again."""

    def on_ready(self) -> None:  # beside AnimaApp's own: Textual calls that of every class
        self.run_worker(self._live_long(int(sys.argv[1]), Path(sys.argv[2])), group="life")

    async def _live_long(self, exchanges: int, report: Path) -> None:
        while not self.session.ready:
            await asyncio.sleep(TICK)
        process, memory, gaps = psutil.Process(), list[int](), list[float]()
        for number in range(exchanges):
            gaps.append(await self._exchange(f"message {number}"))
            memory.append(process.memory_info().rss)
        report.write_text(json.dumps({"memory": memory, "gaps": gaps}))
        await self.action_leave()

    async def _exchange(self, message: str) -> float:
        """The longest pause of the event loop in its course, in seconds."""
        self.main.prompt.post_message(Prompt.Sent(message))
        before, longest = self.session.exchange, 0.0
        while self.session.exchange in (before, None) or self.session.replying:
            asked = time.perf_counter()
            await asyncio.sleep(TICK)
            longest = max(longest, time.perf_counter() - asked - TICK)
        return longest


if __name__ == "__main__":
    paths = user_paths().prepared()
    command = [sys.executable, "-m", "tests.app.fake_child", "calm", "0"]
    app = LongApp(Settings(), paths, lambda: ChildEngine(command, paths.engine_log))
    app.run()
    sys.exit(1 if app.return_code is None else app.return_code)
