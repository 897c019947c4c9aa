"""Nothing from outside is ever run, and nothing is fetched: not from a personality file, not by an import."""

from __future__ import annotations

import ast
import os
import pickle
import random
import sys
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

import anima_tui
from anima_tui.cli import main
from anima_tui.engine.body import load_body
from anima_tui.engine.checkpoint import LARGEST, Checkpoint, read_checkpoint, write_checkpoint
from anima_tui.engine.mind import Mind
from anima_tui.engine.night.sleep import sleep
from anima_tui.engine.turn import take_turn
from anima_tui.errors import AnimaError, SoulMismatch, SoulUnreadable
from anima_tui.paths import Paths
from tests.app.conftest import Stage
from tests.engine.souls import CORE, D_SAE

PACKAGE = Path(anima_tui.__file__).parent

RUNS_CODE = frozenset({"eval", "exec", "compile", "__import__", "os.system", "os.popen", "joblib.load"})
UNPICKLES = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "code", "runpy", "yaml"})
REACHES_OUT = frozenset(
    {"socket", "ssl", "urllib", "http", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "urllib3", "websockets",
     "huggingface_hub"}
)  # fmt: skip
ASKED_TO_FETCH = frozenset(
    {"bodies/manifest.py", "bodies/needs.py", "engine/attune/neuronpedia.py", "engine/fetch/convert.py",
     "engine/fetch/download.py", "shelf.py"}
)  # fmt: skip
"""Modules that reach out: the user asks for a body of the hub by name, for what it needs, or for published labels."""


# --- no such code ----------------------------------------------------------------------------------------


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or an attribute."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(tree: ast.Module) -> Iterator[tuple[str, dict[str | None, object]]]:
    """Every call by name, with its named arguments as far as they are constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [(word.arg, word.value) for word in node.keywords]
            yield dotted(node.func), {name: value.value for name, value in named if isinstance(value, ast.Constant)}


def offences(tree: ast.Module) -> Iterator[str]:
    yield from (name for name in imported(tree) if name.split(".")[0] in UNPICKLES)
    for name, constants in calls(tree):
        if name in RUNS_CODE or any(constants.get(word) for word in ("shell", "trust_remote_code", "allow_pickle")):
            yield name
        if name == "torch.load" and constants.get("weights_only") is not True:
            yield name


def test_no_module_unpickles_or_evaluates() -> None:
    trees = {str(source.relative_to(PACKAGE)): ast.parse(source.read_bytes()) for source in PACKAGE.rglob("*.py")}
    assert len(trees) > 100
    assert {source: found for source, tree in trees.items() if (found := list(offences(tree)))} == {}


@pytest.mark.parametrize(
    "bad",
    ["import pickle", "from marshal import loads", "eval(x)", "torch.load(x)", "torch.load(x, weights_only=False)",
     "np.load(x, allow_pickle=True)", "run(x, shell=True)", "AutoModel.from_pretrained(x, trust_remote_code=True)"],
)  # fmt: skip
def test_such_a_module_would_be_found(bad: str) -> None:
    assert list(offences(ast.parse(bad)))


def reaches_out(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in REACHES_OUT and not name.startswith("urllib.parse")


def test_no_module_reaches_out_but_those_that_are_asked_to() -> None:
    found = {
        str(source.relative_to(PACKAGE))
        for source in PACKAGE.rglob("*.py")
        if any(reaches_out(name) for name in imported(ast.parse(source.read_bytes())))
    }
    assert found == ASKED_TO_FETCH


# --- no such call ----------------------------------------------------------------------------------------


class Wire:
    """Every look-up of a host and every connection that this process tries."""

    EVENTS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"})

    def __init__(self) -> None:
        self.tried: list[str] = []
        self._armed = False
        sys.addaudithook(self._heard)  # for ever; idle unless armed

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._armed and event in self.EVENTS:
            self.tried.append(f"{event} {arguments}")

    @contextmanager
    def armed(self) -> Generator[None]:
        self.tried.clear()
        self._armed = True
        try:
            yield
        finally:
            self._armed = False


@pytest.fixture(scope="module")
def network() -> Wire:
    return Wire()


def test_a_body_is_loaded_and_a_day_and_a_night_pass_without_a_call(network: Wire, mind: Mind, paths: Paths) -> None:
    with network.armed():
        load_body("seedling", paths, lambda stage, fraction: None)
        for event in take_turn(mind, "hello"):
            assert event
        for event in sleep(mind):
            assert event
        mind.checkpoint()
    assert network.tried == []


async def test_the_app_opens_and_talks_without_a_call(network: Wire, stage: Stage) -> None:
    with network.armed():
        async with stage() as talk:
            await talk.say("hello")
            await talk.press("ctrl+p")
    assert network.tried == []


# --- a hostile personality -------------------------------------------------------------------------------


LINES = [CORE]


def checkpoint() -> Checkpoint:
    reservoir = torch.linspace(-1, 1, D_SAE)
    return Checkpoint(body="seedling", fingerprint="f" * 64, reservoir=reservoir, generation=3, lines=LINES)


def read(path: Path, *, fingerprint: str = "f" * 64, d_sae: int = D_SAE) -> Checkpoint:
    return read_checkpoint(path, body="seedling", fingerprint=fingerprint, d_sae=d_sae)


def content() -> dict[str, object]:
    """A good file's, to be spoilt."""
    return {
        "reservoir": torch.zeros(D_SAE),
        "format": "anima personality",
        "version": 1,
        "body": "seedling",
        "fingerprint": "f" * 64,
        "d_sae": D_SAE,
        "generation": 1,
        "lines": ["I am Anima."],
        "core": [True],
    }


def test_a_personality_of_another_body_is_refused(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path, checkpoint())
    for fingerprint, d_sae in (("e" * 64, D_SAE), ("f" * 64, D_SAE * 2)):
        with pytest.raises(SoulMismatch, match="cannot live in"):
            read(path, fingerprint=fingerprint, d_sae=d_sae)


class Trap:
    """Unpickled without care, it leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._trace),)


def test_a_hostile_pickle_is_refused_and_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    bare, archived, renamed = (tmp_path / name for name in ("bare.pt", "archived.pt", "renamed.pt"))
    bare.write_bytes(pickle.dumps(Trap(trace)))
    torch.save(content() | {"body": Trap(trace)}, archived)
    torch.save(content() | {"body": Trap(trace)}, renamed, _use_new_zipfile_serialization=False)
    for path in (bare, archived, renamed):
        with pytest.raises(SoulUnreadable, match=r"can be trusted"):
            read(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"reservoir": torch.full((D_SAE,), torch.nan)},
        {"reservoir": torch.full((D_SAE,), torch.inf)},
        {"reservoir": torch.zeros(D_SAE, dtype=torch.float64)},
        {"reservoir": torch.zeros(D_SAE + 1)},
        {"reservoir": torch.zeros(1, D_SAE)},
        {"reservoir": torch.zeros(D_SAE).to_sparse()},
        {"reservoir": torch.zeros(D_SAE, device="meta")},
        {"reservoir": [0.0] * D_SAE},
        {"format": "something else"},
        {"version": 2},
        {"d_sae": "64"},
        {"lines": "I am Anima."},
        {"lines": ["I am Anima.", "I obey."]},
        {"core": [1]},
        {"generation": None},
    ],
    ids=str,
)
def test_a_file_that_is_not_quite_a_personality_is_refused(tmp_path: Path, spoilt: dict[str, object]) -> None:
    path = tmp_path / "spoilt.pt"
    torch.save(content() | spoilt, path)
    with pytest.raises(SoulUnreadable, match="choose another"):
        read(path)


def test_a_file_without_all_its_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spoilt.pt"
    for missing in content():
        if missing not in {"format", "version"}:
            torch.save({name: value for name, value in content().items() if name != missing}, path)
            with pytest.raises(SoulUnreadable):
                read(path)
    torch.save([1, 2], path)
    with pytest.raises(SoulUnreadable):
        read(path)


def test_a_file_that_unpacks_to_more_than_any_personality_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", b"\0" * (LARGEST + 1))
    with pytest.raises(SoulUnreadable, match="larger than any personality"):
        read(path)


def test_any_damage_is_one_sentence_and_leaves_the_file_alone(tmp_path: Path) -> None:
    good = write_checkpoint(tmp_path, checkpoint()).read_bytes()
    chance = random.Random(9)
    path = tmp_path / "damaged.pt"
    refused = 0
    for number in range(120):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= chance.randrange(1, 256)
        damaged = bytes(bad) if number % 2 else good[: chance.randrange(len(good))]
        path.write_bytes(damaged)
        try:
            found = read(path)
        except AnimaError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            assert found.reservoir.isfinite().all()
        assert path.read_bytes() == damaged
    assert refused


def test_a_hostile_personality_is_refused_on_the_command_line_and_no_soul_is_born(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    trace, path = tmp_path / "trace", tmp_path / "hostile.pt"
    torch.save(content() | {"body": Trap(trace)}, path)
    assert main(["soul", "import", str(path), "--soul", "victim"]) == 2
    assert "can be trusted" in capsys.readouterr().err
    assert not trace.exists()
    assert not (tmp_path / "data" / "souls" / "victim").exists()
