"""What the files around the code promise."""

from __future__ import annotations

import os
import re
import tomllib
from importlib import import_module
from pathlib import Path

import anima_tui

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def marked(name: str) -> str:
    found = re.findall(rf"^<!-- {name} -->\n```sh\n(.+)\n```$", README, re.MULTILINE)
    assert len(found) == 1
    return found[0]


def test_the_first_screen_has_exactly_two_commands_with_a_venv_of_their_own() -> None:
    commands = re.findall(r"```sh\n(.+?)\n```", "\n".join(README.splitlines()[:24]), re.DOTALL)
    assert commands == [marked("run"), marked("test")]
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install") for command in commands)


def test_the_gate_runs_the_very_line_of_the_readme() -> None:
    gate = ROOT / ".ci" / "run"
    assert os.access(gate, os.X_OK)
    assert "<!-- test -->" in gate.read_text(encoding="utf-8")
    assert marked("test").endswith(".venv/bin/python -m pytest")


def test_one_version_everywhere() -> None:
    assert PROJECT["project"]["version"] == anima_tui.__version__
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{anima_tui.__version__}]" in changelog


def test_the_installed_command_exists() -> None:
    module, _, function = PROJECT["project"]["scripts"]["anima-tui"].partition(":")
    assert callable(getattr(import_module(module), function))


def test_every_file_that_the_readme_points_at_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
