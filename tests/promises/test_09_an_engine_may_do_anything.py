"""The engine may raise, hang, die, flood or babble, and a signal may come at any time: the app says so and goes on."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anima_tui.app import watch
from anima_tui.app.client import ChildEngine
from anima_tui.app.screens.help import HelpScreen
from anima_tui.doctor.terminal import RESET
from tests.app.conftest import AppMaker, Talk
from tests.app.fake_child import REPLY
from tests.promises.conftest import NIGHTLY

APP = [sys.executable, "-m", "tests.app.talk", "calm", "0.01"]
WAYS = ["raise", "die", "garbage", "print", "torn"]
PLACES = [(way, at) for at in (range(40) if NIGHTLY else (7,)) for way in WAYS] + [("die", 0)]
"""How it goes wrong, and at which token."""


# --- an engine that goes wrong ---------------------------------------------------------------------------


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def troubled(tmp_path: Path, way: str, at: int) -> Callable[[], ChildEngine]:
    command = [sys.executable, "-m", "tests.promises.troubled_engine", way, str(at), str(tmp_path / "mark")]
    return lambda: ChildEngine(command, tmp_path / "engine.log")


@pytest.mark.parametrize(("way", "at"), dict.fromkeys(PLACES))
async def test_it_is_told_in_a_sentence_and_comes_back_on_a_key_with_the_whole_talk(
    make_app: AppMaker, tmp_path: Path, way: str, at: int
) -> None:
    app = make_app(troubled(tmp_path, way, at))
    async with app.run_test(size=(120, 40)) as pilot:
        talk = Talk(app, pilot, [])
        await until(lambda: app.session.ready)
        await talk.say("hello")
        await until(lambda: app.session.lost is not None)
        await talk.settle()
        told = talk.transcript()[-1]
        assert "Ctrl+R" in told
        assert re.search(r"The engine .*(exit status 1|signal 9|cannot be understood)", told)
        assert app.main.prompt.text == "hello"  # handed back
        assert "Which question?" in talk.transcript()  # and what was said before is there
        if at:
            assert any(line and REPLY.startswith(line) for line in talk.transcript())  # half a reply stays readable
        await talk.press("ctrl+r")
        await until(lambda: app.session.ready)
        await talk.press("enter")
        await until(lambda: not app.session.replying)
        await talk.settle()
        assert talk.transcript()[-1] == REPLY
        assert talk.transcript().count("hello") == 1


async def test_one_that_hangs_is_noticed_and_ended_on_a_key(
    make_app: AppMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SILENCE", 0.5)
    monkeypatch.setattr(watch, "INTERVAL", 0.1)
    app = make_app(troubled(tmp_path, "hang", 5))
    async with app.run_test(size=(120, 40)) as pilot:
        talk = Talk(app, pilot, [])
        await until(lambda: app.session.ready)
        await talk.say("hello")
        await until(lambda: "has said nothing for" in str(app.main.status.content))
        await talk.press("f1")  # the app is all there
        assert isinstance(app.screen, HelpScreen)
        await talk.press("f1")
        await talk.press("ctrl+r")
        assert any("was ended" in line for line in talk.transcript())
        monkeypatch.setattr(watch, "SILENCE", 60.0)
        await until(lambda: app.session.ready)
        await talk.press("enter")
        await until(lambda: not app.session.replying)
        await talk.settle()
        assert talk.transcript()[-1] == REPLY


async def test_one_that_floods_does_not_keep_the_keys_from_acting(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app(troubled(tmp_path, "flood", 3))
    async with app.run_test(size=(120, 40)) as pilot:
        talk = Talk(app, pilot, [])
        await until(lambda: app.session.ready)
        app.main.prompt.text = "hello"
        await pilot.press("enter")
        await until(lambda: len(app.session.tokens) > 500)
        async with asyncio.timeout(20):
            app.simulate_key("f1")
            while not isinstance(app.screen, HelpScreen):
                await asyncio.sleep(0.01)
            heard = len(app.session.tokens)
            while len(app.session.tokens) < heard + 100:  # and the flood is still heard
                await asyncio.sleep(0.01)
        app.simulate_key("f1")
        for _ in range(2):  # it lives: once is not enough
            assert app.session.lost is None
            app.simulate_key("ctrl+r")
            await asyncio.sleep(0.5)
        await until(lambda: app.session.ready)
        await until(lambda: app.main.prompt.text == "hello")
        await talk.press("enter")
        await until(lambda: not app.session.replying)
        await talk.settle()
        assert talk.transcript()[-1] == REPLY


# --- signals, and a terminal that is closed --------------------------------------------------------------


class Run:
    """The app as the leader of a terminal of its own."""

    def __init__(self, home: Path) -> None:
        self.shown = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ |= {"ANIMA_HOME": str(home), "TERM": "xterm-256color"}
            os.execv(APP[0], APP)
        self.before = termios.tcgetattr(self.terminal)
        deadline = time.monotonic() + 60
        while b"listening" not in self.shown:
            assert time.monotonic() < deadline, self.shown[-500:]
            self.take()

    def take(self) -> None:
        if select.select([self.terminal], [], [], 0.05)[0]:
            try:
                self.shown += os.read(self.terminal, 65536)
            except OSError:  # nobody is at the other side any more
                time.sleep(0.05)

    def ended(self, *, closed: bool = False) -> int:
        """The exit status; what the app still draws is taken meanwhile. Fails after a while."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                if not closed:
                    self.take()
                return os.waitstatus_to_exitcode(status)
            if closed:
                time.sleep(0.05)
            else:
                self.take()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        pytest.fail("the app did not end")


def engines_of(home: Path) -> list[str]:
    """Command lines of living engines that were started for this home, after a moment's patience."""
    deadline = time.monotonic() + 10
    while (found := list(_engines_of(home))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _engines_of(home: Path) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment, command = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"ANIMA_HOME={home}".encode() in environment and b"fake_child" in command:
            yield command.decode()


def left_on(shown: bytes) -> set[bytes]:
    """Private modes of the terminal that differ from how they were: https://invisible-island.net/xterm/ctlseqs."""
    modes: dict[bytes, bytes] = {}
    for number, state in re.findall(rb"\x1b\[\?(\d+)([hl])", shown):
        modes[number] = state
    usual = {b"25": b"h", b"7": b"h"}
    return {number for number, state in modes.items() if state != usual.get(number, b"l")}


in_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for engines in /proc")


@in_proc
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda each: each.name)
def test_a_signal_gives_the_terminal_back_and_takes_the_engine_along(tmp_path: Path, ending: signal.Signals) -> None:
    run = Run(tmp_path)
    assert left_on(run.shown)
    os.kill(run.pid, ending)
    assert run.ended() == 0
    assert left_on(run.shown) == set()
    assert termios.tcgetattr(run.terminal)[:4] == run.before[:4]
    assert engines_of(tmp_path) == []
    os.close(run.terminal)


@in_proc
def test_a_terminal_that_is_closed_takes_app_and_engine_along(tmp_path: Path) -> None:
    run = Run(tmp_path)
    os.close(run.terminal)
    assert run.ended(closed=True) == watch.HUNG_UP
    assert engines_of(tmp_path) == []


@in_proc
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "in the middle of a reply"])
def test_a_terminal_that_goes_without_a_signal_is_noticed(tmp_path: Path, busy: bool) -> None:
    """As of a multiplexer that was killed: the app is in a session of its own, which no terminal belongs to.

    A busy one waits by then for a terminal that takes nothing, and its event loop waits with it.
    """
    ours, theirs = os.openpty()
    environment = os.environ | {"ANIMA_HOME": str(tmp_path), "TERM": "xterm-256color"}
    app = subprocess.Popen(APP, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True)
    os.close(theirs)
    seen = b""
    while b"listening" not in seen:
        seen += os.read(ours, 65536)
    if busy:
        os.write(ours, b"hello\r" * 3)
        time.sleep(2)
    os.close(ours)
    try:
        assert app.wait(60) == watch.HUNG_UP
        assert engines_of(tmp_path) == []
    finally:
        app.kill()
        app.wait()


@in_proc
def test_after_a_sigkill_the_doctor_gives_the_terminal_back(tmp_path: Path) -> None:
    run = Run(tmp_path)
    ours, theirs = os.openpty()
    termios.tcsetattr(theirs, termios.TCSANOW, termios.tcgetattr(run.terminal))  # raw, as the app wanted it
    os.kill(run.pid, signal.SIGKILL)
    run.ended()
    assert left_on(run.shown)
    assert not termios.tcgetattr(theirs)[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
    command = [sys.executable, "-m", "anima_tui", "doctor", "--reset-terminal"]
    subprocess.run(command, stdin=theirs, stdout=theirs, stderr=theirs, check=True)
    assert left_on(run.shown + os.read(ours, 65536)) == set()
    wanted = termios.ECHO | termios.ICANON | termios.ISIG
    assert termios.tcgetattr(theirs)[3] & wanted == wanted
    assert engines_of(tmp_path) == []  # its channel closed, and it ended by itself
    for descriptor in (run.terminal, ours, theirs):
        os.close(descriptor)


def test_the_reset_undoes_the_keyboard_protocol_and_colours_too() -> None:
    assert "\x1b[<u" in RESET
    assert "\x1b[0m" in RESET
