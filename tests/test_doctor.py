"""The doctor: one line for each thing, what to do where it is not well, and an exit status that tells."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from anima_tui import cli
from anima_tui.doctor import examine
from anima_tui.doctor.finding import Finding
from anima_tui.doctor.places import look_at_places
from anima_tui.paths import Paths, user_paths
from tests.engine.souls import awake, turn
from tests.promises.test_04_a_full_disk_ends_no_conversation import as_a_stranger


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    for name in [name for name in os.environ if name.startswith("ANIMA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    monkeypatch.setattr("anima_tui.doctor.look_at_gpu", lambda: Finding("GPU", "asked elsewhere"))  # takes seconds
    return user_paths()


def findings(home: Paths, **flags: object) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in examine(home, flags):
        found.setdefault(finding.about, []).append(finding)
    return found


def test_a_new_home_is_well(home: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    for about in ("anima-tui", "libraries", "SQLite", "data", "room", "settings", "body", "soul", "GPU"):
        assert f"ok  {about}" in said
    assert not home.data.exists()  # and it stays as it was


def test_a_whole_soul_is_told_with_her_last_backup(home: Paths) -> None:
    for _ in range(2):
        with awake(home.souls / "anima") as soul:
            soul.save_turn(turn(1))
    (found,) = findings(home)["soul"]
    assert found.well
    assert "“anima” is whole" in found.text and "last backup 2027-01-15" in found.text


def test_a_damaged_soul_is_told_with_what_brings_her_back(home: Paths) -> None:
    for name in ("anima", "mira"):
        for _ in range(2):
            awake(home.souls / name).close()
    (home.souls / "mira" / "soul.db").write_bytes(b"damaged")
    whole, damaged = findings(home)["soul"]
    assert whole.well and not damaged.well
    assert "mira" in damaged.text and damaged.remedy == "anima-tui soul restore mira"


def test_bad_settings_and_a_bad_theme_are_named_and_the_rest_is_looked_at_all_the_same(
    home: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    home.themes.mkdir(parents=True)
    home.settings_file.write_text("soul = 3")
    (home.themes / "mine.toml").write_text("name = ")
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "✕   settings" in said and "settings.toml" in said
    assert "✕   theme" in said and "mine.toml" in said
    assert "ok  body" in said


def test_a_body_that_is_not_there_is_told(home: Paths) -> None:
    (found,) = findings(home, body="nobody")["body"]
    assert not found.well and "--body seedling" in found.remedy


def test_what_an_import_left_is_told(home: Paths) -> None:
    (home.souls / ".mira.x7d").mkdir(parents=True)
    assert "broken off" in findings(home)["soul"][0].text


def test_a_folder_that_cannot_be_written_is_told(home: Paths) -> None:
    home.data.mkdir(parents=True)
    with as_a_stranger(home.data):
        (found,) = (finding for finding in look_at_places(home) if finding.about == "data")
    assert not found.well and "chmod" in found.remedy


def test_it_asks_a_child_for_torch_and_never_imports_it(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom anima_tui.cli import main\ncode = main(['doctor'])\n"
        "print(code, *[name for name in ('torch', 'transformers') if name in sys.modules], file=sys.stderr)"
    )
    environment = os.environ | {"ANIMA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr.split() == ["0"]
    assert "ok  GPU" in done.stdout
