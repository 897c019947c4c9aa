"""Logs make way when they are long, and a crash leaves a report without anybody's words."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from anima_tui import cli, crash, logs
from anima_tui.settings import Settings

SECRET = "the-words-of-the-talk"


def test_a_long_log_makes_way_at_the_next_start_and_three_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "engine.log"
    for start in range(6):
        with logs.open_log(log) as file:
            file.write(str(start).encode() * logs.LONG)
    assert {path.name: path.read_bytes()[:1] for path in log.parent.iterdir()} == {
        "engine.log": b"5", "engine.1.log": b"4", "engine.2.log": b"3"
    }  # fmt: skip


def test_a_short_log_goes_on(tmp_path: Path) -> None:
    for _ in range(3):
        with logs.open_log(tmp_path / "engine.log") as file:
            file.write(b"line\n")
    assert (tmp_path / "engine.log").read_bytes() == b"line\n" * 3
    assert len(list(tmp_path.iterdir())) == 1


def broken(words: str) -> None:
    try:
        raise KeyError(words)
    except KeyError as error:
        raise ValueError(f"cannot say {words}") from error


def test_a_report_tells_where_and_what_and_nobodys_words(tmp_path: Path) -> None:
    settings = Settings(soul=SECRET, engine=f"ssh {SECRET}")
    with pytest.raises(ValueError, match="cannot say") as broke:
        broken(SECRET)
    file = crash.write_report(tmp_path, "app", broke.value, settings)
    assert file is not None
    report = file.read_text(encoding="utf-8")
    assert SECRET not in report
    assert "builtins.KeyError" in report and "builtins.ValueError" in report
    assert "test_logs.py" in report and "broken" in report
    assert '"temperature":0.5' in report
    assert str(Path.home()) not in report or str(Path.home()) == "/"


def test_a_report_quotes_when_the_user_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot say") as broke:
        broken(SECRET)
    file = crash.write_report(tmp_path, "app", broke.value, Settings(soul="Ada", telling_reports=True))
    assert file is not None
    report = file.read_text(encoding="utf-8")
    assert report.count(SECRET) >= 2
    assert '"soul":"Ada"' in report
    assert "read it before" in crash.about(file, Settings(telling_reports=True))


def test_the_newest_reports_are_kept(tmp_path: Path) -> None:
    files = [crash.write_report(tmp_path, "app", ValueError(), None) for _ in range(crash.KEPT + 3)]
    assert sorted(tmp_path.iterdir()) == files[-crash.KEPT :]


def test_a_report_that_cannot_be_written_does_not_make_it_worse(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where a folder should be")
    assert crash.write_report(tmp_path / "logs", "app", ValueError(), None) is None


def test_a_command_that_breaks_leaves_a_sentence_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))

    def broken_places(_: object) -> int:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("anima_tui.shelf.places", broken_places)
    assert cli.main(["paths"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and SECRET not in said
    (report,) = (tmp_path / "logs").iterdir()
    assert str(report) in said
    assert "broken_places" in report.read_text()


def test_an_engine_that_breaks_leaves_a_report(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom anima_tui import cli\nfrom anima_tui.engine import server\n"
        f"def serve(*_): raise RuntimeError({SECRET!r})\n"
        "server._serve = serve\nsys.exit(cli.main(['engine']))"
    )
    environment = os.environ | {"ANIMA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    (report,) = (tmp_path / "logs").glob("crash-*-engine.txt")
    assert SECRET not in report.read_text()
    assert str(report).encode() in done.stdout  # the Fault tells where it is
    assert SECRET.encode() not in done.stdout
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700


def test_where_no_log_can_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    with logs.open_log(tmp_path / "logs" / "engine.log") as file:
        file.write(b"nobody reads this")
    assert (tmp_path / "logs").read_text() == "a file where the folder should be"
