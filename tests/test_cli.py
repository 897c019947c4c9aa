"""The command line as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import anima_tui
from anima_tui.child import engine_command
from anima_tui.cli import main
from anima_tui.errors import BadSettings
from anima_tui.settings import Settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("ANIMA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    return tmp_path


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom anima_tui.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(*[name for name in ('torch', 'textual', 'msgspec', 'numpy') if name in sys.modules],"
        " file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr.split() == []
    for word in ("chat", "engine", "attune", "body", "soul", "paths", "--stream", "--cot", "--theme"):
        assert word in done.stdout


def test_the_module_runs_as_the_command_does() -> None:
    done = subprocess.run([sys.executable, "-m", "anima_tui", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"anima-tui {anima_tui.__version__}\n"


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", ".hidden", "..", "", "-x", "a b", "x\x1b[2J", "x" * 65])
def test_a_name_that_is_no_folder_of_its_own_is_refused(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["soul", "path", f"--soul={name}"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "cannot name a soul" in said.err
    assert said.err.count("\n") == 1
    assert "\x1b" not in said.err
    assert list(home.iterdir()) == []


def test_a_flag_may_stand_before_or_after_the_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["--soul", "mira", "soul", "path"],
        ["soul", "path", "--soul", "mira"],
        ["soul", "path", "mira"],
    ):
        assert main(arguments) == 0
        assert capsys.readouterr().out == f"{home / 'data' / 'souls' / 'mira'}\n"


def test_an_unknown_flag_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["chat", "--loud"])
    assert left.value.code == 2
    assert "--loud" in capsys.readouterr().err


def test_a_bad_settings_file_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text("soul = 3")
    assert main(["paths"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("anima-tui: ")
    assert "settings.toml" in said
    assert said.count("\n") == 1


def test_souls_are_listed_the_newest_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at, name in enumerate(["old", "new"]):
        folder = home / "data" / "souls" / name
        folder.mkdir(parents=True)
        (folder / "soul.db").touch()
        os.utime(folder / "soul.db", (at * 1e6, at * 1e6))
    (home / "data" / "souls" / "no soul").mkdir()
    assert main(["soul", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["new", "old"]


def test_a_body_of_the_users_own_is_listed_and_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "data" / "bodies" / "mine"
    (folder / "sae").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", "num_hidden_layers": 8, "hidden_size": 384}))
    (folder / "sae" / "cfg.json").write_text(json.dumps({"d_sae": 4096, "metadata": {"hook_name": "blocks.4"}}))
    assert main(["body", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].startswith("seedling")
    assert listed[-1] == f"mine             {folder}"
    for name in ("mine", str(folder)):
        assert main(["body", "show", name]) == 0
        shown = capsys.readouterr().out
        assert "4096 features" in shown
        assert "blocks.4" in shown


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"model_type": "llama"}'])
def test_a_damaged_body_is_one_sentence(damage: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "body"
    (folder / "sae").mkdir(parents=True)
    (folder / "config.json").write_text(damage)
    (folder / "sae" / "cfg.json").write_text("{}")
    assert main(["body", "show", str(folder)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_body_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["body", "show", "nobody"]) == 2
    assert "choose seedling" in capsys.readouterr().err


def test_paths_are_all_under_anima_home(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paths"]) == 0
    assert all(str(home) in line for line in capsys.readouterr().out.splitlines())


def test_an_engine_elsewhere_is_told_the_soul_and_the_body() -> None:
    settings = Settings(engine="ssh 'far host' anima-tui engine", soul="mira", body="gpt2")
    assert engine_command(settings) == [
        "ssh", "far host", "anima-tui", "engine", "--soul", "mira", "--body", "gpt2"
    ]  # fmt: skip
    assert engine_command(Settings())[0] == sys.executable


def test_an_engine_command_with_open_quotes_is_refused() -> None:
    with pytest.raises(BadSettings, match="quotes"):
        engine_command(Settings(engine="ssh 'host"))
