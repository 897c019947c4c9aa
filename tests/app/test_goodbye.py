"""However she is left, the app ends and takes its engine along."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

import pytest

APP = [sys.executable, "-m", "tests.app.talk", "calm", "0.01"]


def start(home: Path) -> tuple[int, int]:
    """The app as the leader of a terminal of its own: its pid, and the terminal's other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ |= {"ANIMA_HOME": str(home), "TERM": "xterm-256color"}
        os.execv(APP[0], APP)
    seen = b""
    deadline = time.monotonic() + 60
    while b"listening" not in seen:
        assert time.monotonic() < deadline, seen[-500:]
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536)
    return pid, terminal


def ended(pid: int, terminal: int | None) -> int:
    """The exit status; what the app still draws is taken meanwhile. Fails after a while."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if terminal is not None and select.select([terminal], [], [], 0.05)[0]:
            try:
                os.read(terminal, 65536)
            except OSError:
                terminal = None
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail("the app did not end")


def engines_under(home: Path) -> list[str]:
    """Command lines of living engines that were started for this home."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment, command = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"ANIMA_HOME={home}".encode() in environment and b"fake_child" in command:
            found.append(command.decode())
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for engines in /proc")
@pytest.mark.parametrize("way", ["the terminal is closed", "SIGTERM"])
def test_the_app_ends_and_takes_its_engine_along(tmp_path: Path, way: str) -> None:
    pid, terminal = start(tmp_path)
    if way == "SIGTERM":
        os.kill(pid, signal.SIGTERM)
        assert ended(pid, terminal) == 0
        os.close(terminal)
    else:
        os.close(terminal)
        assert ended(pid, None) == 128 + signal.SIGHUP
    deadline = time.monotonic() + 10
    while engines_under(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert engines_under(tmp_path) == []
