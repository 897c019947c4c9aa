"""Bodies to test with: the embedded seedling, and one small enough to build for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from minds import mind_of, paths_under
from tiny_body import write_body

from anima_tui.engine.body import Body, load_body
from anima_tui.engine.mind import Mind
from anima_tui.paths import Paths
from anima_tui.settings import Decode, Settings, Sleep


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A user's folders, empty, under the test's own."""
    return paths_under(tmp_path / "home")


@pytest.fixture(scope="session")
def body(tmp_path_factory: pytest.TempPathFactory) -> Body:
    """The embedded seedling. Shared: register hooks on it only for the time of a test."""
    return load_body("seedling", paths_under(tmp_path_factory.mktemp("home")), lambda stage, fraction: None)


@pytest.fixture
def tiny_body_folder(tmp_path: Path) -> Path:
    """A random Llama of three layers with a random top-k SAE after the second, as a body's folder."""
    write_body(tmp_path / "tiny")
    return tmp_path / "tiny"


@pytest.fixture
def mind(body: Body, tmp_path: Path) -> Iterator[Mind]:
    """A newborn soul in the embedded body. Greedy, so that a test sees the same words each time."""
    settings = Settings(
        decode=Decode(temperature=0.0, max_new_tokens=24, seed=0), sleep=Sleep(dream_pace=0.0, dream_tokens=24)
    )
    with mind_of(body, tmp_path / "soul", settings) as newborn:
        yield newborn
