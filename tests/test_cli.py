"""The command line as it is typed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import anima_tui
from anima_tui.bodies.catalog import BODIES
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
    for word in ("chat", "engine", "attune", "lab", "body", "soul", "paths", "--stream", "--cot", "--theme"):
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
    (folder / "body.toml").write_text(
        'name = "mine"\ndescription = ""\nmodel = "Mine"\nstyle = "chat"\ncontext_tokens = 64\nlicence = "none"\n'
    )
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2", "n_layer": 8, "n_embd": 384}))
    (folder / "sae" / "cfg.json").write_text(json.dumps({"d_sae": 4096, "metadata": {"hook_name": "blocks.4"}}))
    assert main(["body", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].startswith("seedling")
    assert listed[-1] == f"mine             {folder}"
    for name in ("mine", str(folder)):
        assert main(["body", "show", name]) == 0
        shown = capsys.readouterr().out
        assert "gpt2, 8 layers of 384" in shown
        assert "4096 features" in shown
        assert "blocks.4" in shown


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"model_type": "llama"}'])
def test_a_damaged_body_is_one_sentence(damage: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "body"
    (folder / "sae").mkdir(parents=True)
    (folder / "body.toml").write_text((BODIES / "seedling" / "body.toml").read_text())
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


@pytest.mark.parametrize(
    ("url", "arguments", "program"),
    [
        ("ssh://gpu", ["--", "gpu"], "anima-tui"),
        ("ssh://ann@gpu.example:2222", ["-l", "ann", "-p", "2222", "--", "gpu.example"], "anima-tui"),
        ("ssh://[fe80::1]:22/", ["-p", "22", "--", "fe80::1"], "anima-tui"),
        ("ssh://gpu/opt/my%20env/bin/anima-tui", ["--", "gpu"], "/opt/my env/bin/anima-tui"),
        ("ssh://-oProxyCommand=x", ["--", "-oProxyCommand=x"], "anima-tui"),
    ],
)
def test_an_engine_over_ssh_is_one_command_for_the_shell_at_the_far_end(
    url: str, arguments: list[str], program: str
) -> None:
    command = engine_command(Settings(engine=url, soul="mira", body="/my bodies/b; true"))
    assert command[:2] == ["ssh", "-T"]
    assert command[-len(arguments) - 1 : -1] == arguments
    assert shlex.split(command[-1]) == [program, "engine", "--soul", "mira", "--body", "/my bodies/b; true"]


@pytest.mark.parametrize("url", ["ssh://", "ssh://ann@", "ssh://gpu:port", "ssh://a:secret@gpu", "ssh://gpu?x=1"])
def test_a_place_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadSettings, match="is no place for an engine; write ssh://"):
        engine_command(Settings(engine=url))


def test_the_engine_may_be_given_as_a_flag(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", "--engine", "ssh://gpu"]) == 0


def test_an_engine_command_with_open_quotes_is_refused() -> None:
    with pytest.raises(BadSettings, match="quotes"):
        engine_command(Settings(engine="ssh 'host"))
