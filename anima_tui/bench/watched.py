"""The real app with a clock in it: talks by itself, watches its own event loop, writes down what it saw."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from anima_tui.app.app import AnimaApp
from anima_tui.app.widgets.prompt import Prompt
from anima_tui.paths import user_paths
from anima_tui.settings import load_settings

MESSAGES = ("hello", "i had a long day at work", "why is the sky blue?", "imagine a city under the sea")
TICK = 0.005
"""Seconds between two looks at the clock."""


class WatchedApp(AnimaApp):
    """Ready, a few replies, a while of nothing, and good night."""

    async def on_ready(self) -> None:
        """Besides the app's own, which Textual calls too: calling it from here would start a second engine."""
        self.run_worker(self._watch(), group="watch")

    async def _watch(self) -> None:
        report, idle = Path(sys.argv[1]), float(sys.argv[2])
        while not self.session.ready:
            await asyncio.sleep(TICK)
        figures: dict[str, object] = {"ready": time.time()}
        gaps: list[float] = []
        waits: list[float] = []
        for message in MESSAGES:
            waits.append(await self._exchange(message, gaps))
        figures |= {"first_token": sorted(waits)[len(waits) // 2], "gaps": gaps, "idle_from": time.time()}
        report.with_suffix(".idle").write_text(json.dumps(figures))
        await asyncio.sleep(idle + 2)
        await self.action_quit()

    async def _exchange(self, message: str, gaps: list[float]) -> float:
        """Say it, note how late the event loop is until the answer ends; seconds to the first token."""
        before = self.session.exchange
        self.session.tokens = []
        asked = last = time.perf_counter()
        first = 0.0
        self.main.prompt.post_message(Prompt.Sent(message))
        while not first or self.session.exchange == before or self.session.replying:
            await asyncio.sleep(TICK)
            now = time.perf_counter()
            gaps.append(max(now - last - TICK, 0.0))
            last = now
            if not first and self.session.tokens:
                first = now
        return first - asked


if __name__ == "__main__":
    os.environ.setdefault("TERM", "xterm-256color")
    WatchedApp(load_settings(user_paths().settings_file), user_paths()).run()
