"""Backups, the ladder of versions, files that are whole or not there, and the pages of the dream log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from souls import Clock, awake, contents, night, no_file_beyond, turn

from anima_tui import wire
from anima_tui.engine.soul import schema, write_page
from anima_tui.engine.soul.backups import DAY, KEPT
from anima_tui.engine.soul.files import write_atomically


def backups(folder: Path) -> list[Path]:
    return sorted((folder / "backups").glob("*"))


def test_a_start_makes_a_backup_when_the_last_is_a_day_old(tmp_path: Path) -> None:
    clock = Clock()
    awake(tmp_path, clock=clock).close()
    assert backups(tmp_path) == []
    awake(tmp_path, clock=clock).close()
    assert len(backups(tmp_path)) == 1
    clock.now += DAY / 2
    awake(tmp_path, clock=clock).close()
    assert len(backups(tmp_path)) == 1
    clock.now += DAY / 2
    awake(tmp_path, clock=clock).close()
    assert len(backups(tmp_path)) == 2


def test_the_newest_backups_are_kept(tmp_path: Path) -> None:
    clock = Clock()
    every: list[Path] = []
    for _ in range(KEPT + 4):
        awake(tmp_path, clock=clock).close()
        every += [path for path in backups(tmp_path) if path not in every]
        clock.now += DAY
    assert backups(tmp_path) == every[-KEPT:]


def test_a_backup_is_a_soul(tmp_path: Path) -> None:
    with awake(tmp_path / "anima") as soul:
        soul.save_turn(turn(1))
        soul.save_night(night(2))
        before = contents(soul)
    awake(tmp_path / "anima").close()
    (backup,) = backups(tmp_path / "anima")
    (tmp_path / "other").mkdir()
    backup.rename(tmp_path / "other" / "soul.db")
    with awake(tmp_path / "other") as soul:
        assert contents(soul) == before


def test_an_older_soul_is_backed_up_and_then_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1))
        before = contents(soul)

    def second_step(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE room (id INTEGER PRIMARY KEY)")

    older = len(schema.LADDER)
    monkeypatch.setattr(schema, "LADDER", (*schema.LADDER, second_step))
    with awake(tmp_path) as soul:
        assert contents(soul) == before
        assert schema.version(soul._connection) == older + 1
    (backup,) = backups(tmp_path)
    with closing(sqlite3.connect(backup)) as connection:
        assert schema.version(connection) == older


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    write_atomically(path, b"old")
    with no_file_beyond(1000), pytest.raises(OSError, match="File too large"):
        write_atomically(path, b"new" * 1000)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_page_of_a_night_holds_dreams_and_change_as_data(tmp_path: Path) -> None:
    record = wire.NightRecord(
        id=7,
        began=0.0,
        ended=60.0,
        outcome="changed",
        summary="She dreamt of rain.\x1b[2J",
        dreams=["rain ``` fell\n# not a heading"],
        diff=[wire.DiffLine(sign=" ", text="I am Anima."), wire.DiffLine(sign="+", text="I like rain.")],
    )
    path = write_page(tmp_path, record)
    assert path == tmp_path / "dreams" / "0007.md"
    page = path.read_text(encoding="utf-8")
    assert "````\nrain ``` fell\n# not a heading\n````" in page
    assert "```diff\n  I am Anima.\n+ I like rain.\n```" in page
    assert "\x1b" not in page
