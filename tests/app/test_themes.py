from __future__ import annotations

from pathlib import Path

import pytest

from anima_tui.app.memento import Memento
from anima_tui.app.themes import VARIABLES, bundled_folder, load_themes
from anima_tui.paths import Paths
from tests.app.conftest import AppMaker, Stage, Talk
from tests.app.replay import ReplayEngine

BROKEN = {
    "syntax.toml": "name = ",
    "colour.toml": 'name = "x"\nprimary = "reddish"',
    "nameless.toml": 'primary = "#fff"',
    "misspelt.toml": 'name = "x"\nprimary = "#fff"\nprimray = "#fff"',
    "variable.toml": 'name = "x"\nprimary = "#fff"\n[variables]\ndream = "nothing"',
    "bytes.toml": "name = '\udcff'",
}


def test_every_bundled_theme_can_be_used_and_names_all_variables() -> None:
    loaded = load_themes(bundled_folder())
    assert loaded.failures == []
    assert {"anima-night", "anima-day", "ember", "plain"} <= {theme.name for theme in loaded.themes}
    assert all(VARIABLES.keys() <= theme.variables.keys() for theme in loaded.themes)


@pytest.mark.parametrize("file", BROKEN)
def test_a_broken_theme_is_named_and_the_others_load(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(BROKEN[file], encoding="utf-8", errors="surrogateescape")
    (tmp_path / "good.toml").write_text('name = "good"\nprimary = "#abcdef"')
    loaded = load_themes(tmp_path)
    assert [theme.name for theme in loaded.themes] == ["good"]
    assert len(loaded.failures) == 1
    assert loaded.failures[0].startswith(f"{file}: ")


async def test_broken_themes_are_named_and_the_app_lives(stage: Stage, paths: Paths) -> None:
    paths.themes.mkdir(parents=True)
    for file, text in BROKEN.items():
        (paths.themes / file).write_text(text, encoding="utf-8", errors="surrogateescape")
    async with stage() as talk:
        assert all(any(file in line for line in talk.transcript()) for file in BROKEN)
        assert talk.app.theme == "anima-night"


async def test_a_theme_of_the_users_own_is_offered(stage: Stage, paths: Paths) -> None:
    paths.themes.mkdir(parents=True)
    (paths.themes / "mine.toml").write_text('name = "mine"\nprimary = "#abcdef"')
    async with stage() as talk:
        assert "mine" in talk.app.available_themes


async def test_the_chosen_theme_is_remembered(make_app: AppMaker) -> None:
    for expected in ("anima-night", "ember"):
        app = make_app(ReplayEngine)
        async with app.run_test() as pilot:
            await pilot.pause()
            assert app.theme == expected
            app.theme = "ember"
            await pilot.pause()


async def test_a_theme_that_does_not_exist_is_named(make_app: AppMaker) -> None:
    app = make_app(ReplayEngine, theme="mauve")
    async with app.run_test() as pilot:
        talk = Talk(app, pilot, [])
        await talk.settle()
        assert app.theme == "anima-night"
        assert talk.transcript() == ["A theme cannot be used: there is no theme “mauve”."]


def test_settings_that_name_another_theme_win_over_what_was_remembered(tmp_path: Path) -> None:
    memento = Memento(tmp_path / "app.toml")
    memento.remember_theme("ember", configured="anima-night")
    assert memento.theme("anima-night") == "ember"
    assert memento.theme("anima-day") == "anima-day"


def test_an_unreadable_memento_counts_as_empty_and_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_bytes(b"\xff\x00")
    memento = Memento(tmp_path / "app.toml")
    assert memento.theme("anima-night") == "anima-night"
    memento.remember_theme("ember", configured="anima-night")
    assert (tmp_path / "app.toml.bad").read_bytes() == b"\xff\x00"
