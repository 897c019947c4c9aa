"""Memories by the command line: listed while she is awake, changed while she sleeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from souls import awake, memory, turn

from anima_tui.cli import main

SOUL = Path("data") / "souls" / "anima"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    with awake(tmp_path / SOUL) as soul:
        for text in ("my dog Biscuit", "a cup of tea", "the dogs next door\x1b[2J"):
            soul.save_turn(turn(1, memories=[memory(text)]))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    code = main(["soul", "memories", *arguments])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return out.splitlines()


def test_they_are_listed_and_searched_the_newest_last(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split("they  ")[1][:6] for line in said(capsys)] == ["my dog", "a cup ", "the do"]
    assert len(said(capsys, "dog")) == 2
    assert "1 older" in said(capsys, "dog", "--limit", "1")[-1]
    assert not any("\x1b" in line for line in said(capsys))


def test_one_can_be_pinned_edited_and_forgotten(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--pin", "1")[1].lstrip().startswith("1*")
    assert "1*" not in said(capsys, "--unpin", "1")[1]
    assert said(capsys, "--edit", "2", "a pot of tea", "pot")[-1].endswith("a pot of tea")
    assert len(said(capsys, "--forget", "2")) == 1 + 2


@pytest.mark.parametrize("asked", [("--forget", "9"), ("--edit", "x", "y"), ("--edit", "1", " "), ("--pin", "9")])
def test_what_cannot_be_done_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    assert main(["soul", "memories", *asked]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert len(said(capsys)) == 3


def test_an_awake_soul_can_be_read_but_not_changed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with awake(home / SOUL):
        assert len(said(capsys)) == 3
        assert main(["soul", "memories", "--forget", "1"]) == 2
        assert "already awake" in capsys.readouterr().err
