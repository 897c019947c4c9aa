"""The real app, talking by itself as fast as it can: `python -m tests.promises.long_life WORDS REPORT ENGINE...`.

Says each line of WORDS. Writes to REPORT, a line of JSON after each exchange, how much memory app and engine hold,
how large the soul is, and how late the app's event loop was meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from contextlib import closing
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
    """As the user would: types, waits for the end of the answer, types again; lets her sleep when she asks."""

    async def on_ready(self) -> None:  # beside AnimaApp's own: Textual calls that of every class
        self.run_worker(self._live_long(Path(sys.argv[1]), Path(sys.argv[2])), group="life")

    async def _live_long(self, words: Path, report: Path) -> None:
        while not self.session.ready:
            await asyncio.sleep(TICK)
        with report.open("w", buffering=1) as lines:
            for said in words.read_text().splitlines():
                self.main.prompt.post_message(Prompt.Sent(said))
                gap = await self._longest_pause(until=self.session.exchange)
                if self.session.tired:
                    await self._sleep()
                lines.write(json.dumps(self._measured() | {"gap": gap}) + "\n")
        await self.action_leave()

    async def _sleep(self) -> None:
        await self.action_sleep()
        while self.session.tired or self.session.asleep:
            await asyncio.sleep(TICK)

    async def _longest_pause(self, until: int | None) -> float:
        """Of the event loop in the course of one exchange, in seconds; `until` is the exchange before it."""
        longest = 0.0
        while self.session.exchange in (until, None) or self.session.replying:
            asked = time.perf_counter()
            await asyncio.sleep(TICK)
            longest = max(longest, time.perf_counter() - asked - TICK)
        return longest

    def _measured(self) -> dict[str, float]:
        """Bytes."""
        app = psutil.Process()
        engine = sum(child.memory_info().rss for child in app.children())
        file = self._paths.soul(self.settings.soul) / "soul.db"
        return {"app": app.memory_info().rss, "engine": engine, "soul": pages(file) if file.exists() else 0}


def pages(file: Path) -> int:
    """Bytes of the database, those in its WAL included."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        count, size = (connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
        return count * size


if __name__ == "__main__":
    paths = user_paths().prepared()
    app = LongApp(Settings(), paths, lambda: ChildEngine(sys.argv[3:], paths.engine_log))
    app.run()
    sys.exit(1 if app.return_code is None else app.return_code)
