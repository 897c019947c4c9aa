"""The plain mode through real pipes and a real terminal, with an engine that has no model in it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plain.fake_engine import HOSTILE
from tests.plain.terminal import CTRL_C, CTRL_D, Terminal

ROOT = Path(__file__).parent.parent
ANIMA = [sys.executable, "-m", "anima_tui"]


@dataclass(frozen=True)
class Place:
    """A home of its own, with the fake engine in its settings."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANIMA_")}
        return inherited | {
            "ANIMA_HOME": str(self.home),
            "ANIMA_ENGINE": shlex.join([sys.executable, "-m", "tests.plain.fake_engine"]),
            "FAKE_ENGINE_LOG": str(self.home / "commands"),
            "PYTHONPATH": str(ROOT),
            "TERM": "dumb",  # readline then adds no sequences of its own
        }

    def talk(self, said: str | bytes, *flags: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*ANIMA, *flags],
            input=said if isinstance(said, bytes) else said.encode(),
            capture_output=True,
            env=self.environment | environment,
            check=False,
        )

    def terminal(self, *flags: str, **environment: str) -> Terminal:
        return Terminal([*ANIMA, *flags], self.environment | environment)

    def commands(self) -> list[str]:
        return (self.home / "commands").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_each_line_of_a_pipe_is_a_message_and_only_replies_come_out(place: Place) -> None:
    done = place.talk("hello\n\n   \nagain")
    assert done.stdout.decode() == "You said: hello\nYou said: again\n"
    assert done.stderr == b""
    assert done.returncode == 0
    assert place.commands() == ["Say(text='hello')", "Say(text='again')", "Quit()"]


def test_a_streamed_conversation_reads_like_one_that_is_not(place: Place) -> None:
    assert place.talk("hello\n", "--stream").stdout == place.talk("hello\n").stdout


@pytest.mark.parametrize("flags", [["--cot"], ["--cot", "--stream"], ["chat", "--interactive", "--cot"]])
def test_thoughts_are_asked_for_and_marked_on_every_line(place: Place, flags: list[str]) -> None:
    done = place.talk("hello\n", *flags)
    assert done.stdout.decode() == "thought> hm\nthought> well\nYou said: hello\n"
    assert place.commands()[0] == "SetThinking(on=True)"


SLASH_COMMANDS = [
    ("/debug", "Debug()", ["+0.5000 #7 the sea"]),
    ("/mode dream", "SetMode(mode='Dream')", ["mode: Dream"]),
    ("/mode auto", "SetMode(mode=None)", ["mode: Anima, as she sees fit"]),
    ("/sleep", "GoToSleep()", ["+ I like the sea."]),
    ("/wake", "PostponeSleep()", []),
    ("/undo", "UndoNight()", ["The night is undone"]),
    ("/save", "Save()", ["written to checkpoints/0001.pt"]),
    ("/history", "ShowHistory(before=None, limit=12)", ["dream, 25% from the first, in force", "+ I like the sea."]),
    ("/memories", "ListMemories(search='', before=None, limit=30)", ["memories     1 of 41"]),
    ("/memories sea", "ListMemories(search='sea', before=None, limit=30)", ["#7 you       i like the sea"]),
]
"""What is typed, what the engine hears of it, and what is said of it, line by line."""


def test_every_slash_command_reaches_the_engine(place: Place) -> None:
    done = place.talk("".join(f"{line}\n" for line, _, _ in SLASH_COMMANDS))
    assert place.commands() == [*(command for _, command, _ in SLASH_COMMANDS), "Quit()"]
    rest = done.stdout.decode()
    for _, _, answers in SLASH_COMMANDS:
        for answer in answers:  # each after the one before it, so that none is taken for another's
            assert answer in rest
            rest = rest.partition(answer)[2]
    assert done.returncode == 0


def test_a_warning_is_told_and_is_not_taken_for_the_answer(place: Place) -> None:
    done = place.talk("/save\n")
    assert b"nearly full" in done.stderr
    assert b"written to checkpoints" in done.stdout


def test_status_help_and_the_list_of_modes_need_no_engine(place: Place) -> None:
    shown = place.talk("/status\n/help\n/mode\n/self\n").stdout.decode()
    assert "core         I am.\n" in shown
    assert "phrasebook   yes\n" in shown
    assert "12 of 1500" in shown
    assert "/undo" in shown
    assert "Dream" in shown
    assert place.commands() == ["Quit()"]


def test_status_tells_what_the_last_reply_leaned_on(place: Place) -> None:
    shown = place.talk("hello\n/status\n").stdout.decode()
    assert 'phrasebook   yes, last leaned on "a nearer line' in shown


def test_quit_leaves_the_lines_after_it_unsaid(place: Place) -> None:
    assert place.talk("/quit\nhello\n").returncode == 0
    assert place.commands() == ["Quit()"]


def test_an_unknown_command_and_an_unknown_mode_are_told_and_the_talk_goes_on(place: Place) -> None:
    done = place.talk("/nonsense\n/mode nope\nhello\n")
    assert b"/nonsense" in done.stderr
    assert b"Anima, Dream" in done.stderr
    assert done.stdout.decode() == "You said: hello\n"


@pytest.mark.parametrize("flags", [[], ["--stream"]])
def test_a_night_is_told_with_its_dreams_and_its_diff(place: Place, flags: list[str]) -> None:
    shown = place.talk("/sleep\n", *flags).stdout.decode().splitlines()
    assert [line for line in shown if line.startswith("[")][1:] == ["[dream] dreaming", "[wake] morning"]
    assert "dream> The sea dreamt of me." in shown
    assert shown[-3:] == ["- I am new.", "+ I like the sea.", "changed: one line is new"]


@pytest.mark.parametrize("flags", [[], ["--stream", "--cot"]])
def test_nothing_hostile_reaches_a_pipe(place: Place, flags: list[str]) -> None:
    done = place.talk("hostile\n/status\n/sleep\n/save\n/debug\n/history\n/memories\n", *flags)
    assert_harmless(done.stdout + done.stderr)
    assert done.stdout.count(b"egnp.exe") >= 4


def test_nothing_hostile_reaches_a_terminal(place: Place) -> None:
    with place.terminal("--stream", "--cot", NO_COLOR="1") as terminal:
        terminal.until("you> ")
        for line in ("hostile", "/status", "/sleep", "/save", "/debug"):
            terminal.type(line + "\n")
            terminal.until("you> ")
        terminal.type(CTRL_D)
        assert terminal.end() == 0
    assert_harmless(terminal.shown)


def assert_harmless(output: bytes) -> None:
    text = output.decode()
    assert not {character for character in HOSTILE if not character.isprintable()} & set(text)


def test_thoughts_are_dim_only_where_colour_is_wanted(place: Place) -> None:
    with place.terminal("--cot") as terminal:
        terminal.until("you> ")
        terminal.type("hello\n")
        terminal.until("you> ")
        terminal.type(CTRL_D)
        terminal.end()
    assert b"\x1b[2mhm\x1b[22m" in terminal.shown


def test_bytes_that_are_not_utf_8_are_told_once_and_cost_nothing_else(place: Place) -> None:
    done = place.talk(b"caf\xe9 \xc3\xa9\nna\xefve\nlast \xf0\x9f\x8c\x8a")
    assert done.stdout.decode() == "You said: caf\ufffd é\nYou said: na\ufffdve\nYou said: last 🌊\n"
    assert done.stderr.decode().count("not UTF-8") == 1
    assert done.returncode == 0


def test_ctrl_c_stops_the_reply_and_the_talk_goes_on(place: Place) -> None:
    with place.terminal("--stream") as terminal:
        terminal.until("you> ")
        terminal.type("slow\n")
        terminal.until("word word ")
        terminal.type(CTRL_C)
        terminal.until("stopped")
        terminal.until("you> ")
        terminal.type("hello\n")
        terminal.until("You said: hello")
        terminal.until("you> ")
        terminal.type(CTRL_D)
        assert terminal.end() == 0
    assert place.commands() == ["Say(text='slow')", "Stop()", "Say(text='hello')", "Quit()"]


def test_ctrl_c_twice_at_the_prompt_leaves_and_closes_the_soul(place: Place) -> None:
    with place.terminal("--interactive") as terminal:
        terminal.until("you> ")
        terminal.type(CTRL_C)
        terminal.until("Ctrl-C once more leaves")
        terminal.until("you> ")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
    assert place.commands() == ["Quit()"]
    assert b"Traceback" not in terminal.shown


def test_ctrl_c_means_the_same_where_whoever_started_her_ignores_it(place: Place) -> None:
    ignoring = "import os, signal as s, sys; s.signal(s.SIGINT, s.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-c", ignoring, *ANIMA, "--interactive"]
    with Terminal(command, place.environment) as terminal:
        terminal.until("you> ")
        for sign in ("Ctrl-C once more leaves", ""):
            terminal.type(CTRL_C)
            terminal.until(sign)
        assert terminal.end() == 130


def test_a_talk_that_is_not_saved_says_so(place: Place) -> None:
    done = place.talk("hello\n", "--read-only", FAKE_ENGINE="read-only")
    assert b"read-only: nothing of this talk is saved" in done.stderr
    assert done.stdout.decode() == "You said: hello\n"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("die", "the engine stopped"),
        ("noise", "the engine stopped"),
        ("fault", "no space is left for the soul"),
    ],
)
def test_an_engine_that_dies_leaves_one_sentence(place: Place, said: str, sentence: str) -> None:
    done = place.talk(f"{said}\nhello\n")
    assert done.returncode == 1
    assert sentence in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_an_engine_that_cannot_load_says_why(place: Place) -> None:
    done = place.talk("hello\n", FAKE_ENGINE="broken")
    assert done.returncode == 1
    assert "the weights are truncated" in done.stderr.decode()
    assert_harmless(done.stderr)


def test_a_reply_that_fails_is_told_and_the_next_line_is_said(place: Place) -> None:
    done = place.talk("fail\nhello\n")
    assert b"longer than the context" in done.stderr
    assert done.stdout.decode() == "You said: hello\n"
    assert done.returncode == 0


def test_a_reader_that_leaves_is_no_error(place: Place) -> None:
    pipeline = f"yes hello | {shlex.join(ANIMA)} | head -1"
    done = subprocess.run(["bash", "-c", pipeline], capture_output=True, env=place.environment, check=False, timeout=60)
    assert done.stdout.decode() == "You said: hello\n"
    assert done.stderr == b""
