"""The app in a terminal of its own, watched from outside."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

SIZE = (48, 160)
"""Rows and columns of the terminal."""
PAINTED = b"Say something"
"""The prompt's placeholder: in the first picture, with all four panes. Only the footer's keys come after it."""


@dataclass(frozen=True)
class AppFigures:
    """Seconds, shares of one core, bytes."""

    first_paint: float
    ready: float
    first_token: float
    gap_p99: float
    idle_app: float
    idle_engine: float
    memory_app: int
    memory_engine: int


def measure_app(home: Path, idle: float) -> AppFigures:
    """Run the watched app on the embedded body with a newborn soul under `home`. Raises RuntimeError."""
    report = home / "report"
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    environment = os.environ | {"ANIMA_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    began = time.time()
    process = subprocess.Popen(
        [sys.executable, "-m", "anima_tui.bench.watched", str(report), str(idle)],
        stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        painted = _paint_until(master, process, lambda seen: PAINTED in seen)
        marks = report.with_suffix(".idle")
        _paint_until(master, process, lambda _: marks.exists() and marks.stat().st_size > 0)
        time.sleep(0.2)
        figures = json.loads(marks.read_text())
        app = psutil.Process(process.pid)
        engine = next(child for child in app.children(recursive=True) if "engine" in child.cmdline())
        costs = [sum(each.cpu_times()[:2]) for each in (app, engine)]
        from_ = time.perf_counter()
        _paint_until(master, process, lambda _: time.perf_counter() - from_ > idle)
        seconds = time.perf_counter() - from_
        idle_app, idle_engine = (
            (sum(each.cpu_times()[:2]) - cost) / seconds for each, cost in zip((app, engine), costs, strict=True)
        )
        gaps = sorted(figures["gaps"])
        return AppFigures(
            first_paint=painted - began,
            ready=figures["ready"] - began,
            first_token=figures["first_token"],
            gap_p99=gaps[int(len(gaps) * 0.99)],
            idle_app=idle_app,
            idle_engine=idle_engine,
            memory_app=app.memory_info().rss,
            memory_engine=engine.memory_info().rss,
        )
    finally:
        _end(process, master)


def _paint_until(master: int, process: subprocess.Popen[bytes], done: Callable[[bytes], bool]) -> float:
    """Take what the app draws until `done(seen)`; the time at which it was."""
    seen = b""
    while not done(seen):
        if process.poll() is not None:
            raise RuntimeError(f"the app ended early, with exit status {process.returncode}")
        ready, _, _ = select.select([master], [], [], 0.05)
        if ready:
            seen = (seen + os.read(master, 65536))[-131072:]
    return time.time()


def _end(process: subprocess.Popen[bytes], master: int) -> None:
    process.terminate()
    deadline = time.time() + 5
    while process.poll() is None and time.time() < deadline:
        if select.select([master], [], [], 0.05)[0]:
            try:
                os.read(master, 65536)
            except OSError:
                break
    process.kill()
    process.wait()
    os.close(master)
