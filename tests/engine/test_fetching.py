"""Downloads from a hub on the loopback: their progress, their end with the engine, and how they go on."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import msgspec
import pytest
from hub_server import Hub
from mini_hub import COMMIT, gpt2
from tiny_body import write_sae

from anima_tui import wire
from anima_tui.app.client import ChildEngine
from anima_tui.bodies.catalog import Preset, catalog, find_body
from anima_tui.bodies.manifest import read_manifest
from anima_tui.bodies.needs import asked_of_the_hub
from anima_tui.engine.fetch import Order, fetch
from anima_tui.errors import BodyUnusable
from anima_tui.paths import user_paths

PRESET = Preset(model="GPT-2", repo="openai-community/gpt2", release="some", sae="one", context_tokens=512)
CHUNK = 10 * 1024 * 1024
"""Bytes after which huggingface_hub writes what it has to the disk."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with GPT-2 in it, for this process and for those it starts."""
    root = tmp_path / "served"
    (root / PRESET.repo).mkdir(parents=True)
    gpt2(root / PRESET.repo, context=640)  # 15 MB
    with Hub(root).running() as serving:
        monkeypatch.setenv("HF_ENDPOINT", serving.url)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", serving.url)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        yield serving


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """The SAE is converted already, so that sae-lens has nothing to do."""
    folder = tmp_path / "body"
    folder.mkdir()
    write_sae(folder / f"{PRESET.release}-{PRESET.sae}", hook="blocks.7.hook_resid_post")
    return Order(name="gpt2", preset=PRESET, folder=str(folder), revision="")


def grown(cache: Path, size: int) -> Path:
    """The unfinished file in the hub's cache, once it has that many bytes. The bar is too slow to be waited for."""
    while not (parts := [part for part in cache.glob("*/blobs/*.part") if part.stat().st_size >= size]):
        time.sleep(0.01)
    return parts[0]


def test_a_download_ends_with_the_process_that_waits_for_it_and_the_next_goes_on_from_there(
    hub: Hub, order: Order, tmp_path: Path
) -> None:
    hub.hold_after = CHUNK + CHUNK // 4
    program = (
        "import sys, msgspec; from anima_tui.engine.fetch import Order, fetch\n"
        "fetch([msgspec.json.decode(sys.argv[1], type=Order)], lambda stage, share: print(stage, share, flush=True))"
    )
    arguments = [sys.executable, "-c", program, msgspec.json.encode(order).decode()]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as engine:
        try:
            assert engine.stdout is not None
            assert any("downloading" in line for line in engine.stdout)
            part = grown(tmp_path / "cache", CHUNK)
        finally:
            engine.kill()
    assert hub.given_up.wait(20)
    assert not (Path(order.folder) / "body.toml").exists()
    there = part.stat().st_size

    hub.released.set()
    told: list[float] = []
    fetch([order], lambda stage, share: told.append(share))
    assert f"bytes={there}-" in hub.ranges
    assert told == sorted(told) and told[-1] == 1.0
    manifest = read_manifest(Path(order.folder))
    assert (manifest.revision, manifest.context_tokens) == (COMMIT, 512)


async def test_a_download_ends_when_the_app_is_left(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    paths = user_paths()
    preset = catalog(paths)["gpt2"]
    folder = find_body("gpt2", paths)
    folder.mkdir(parents=True)
    write_sae(folder / f"{preset.release}-{preset.sae}", hook="blocks.7.hook_resid_post")
    hub.hold_after = 1 << 16
    engine = ChildEngine([sys.executable, "-m", "anima_tui", "engine", "--body", "gpt2"], tmp_path / "log")
    await engine.start()
    async for event in engine.events():
        assert isinstance(event, wire.Loading), event
        if "downloading" in event.stage:
            break
    await engine.close()
    assert hub.given_up.wait(20)


def test_a_gate_is_told_with_the_page_where_it_opens(hub: Hub, order: Order) -> None:
    hub.gated.add(PRESET.repo)
    with pytest.raises(
        BodyUnusable, match=r"accepted its licence: do so at https://huggingface.co/openai-community/gpt2"
    ):
        fetch([order], lambda stage, share: None)


def test_a_file_that_was_spoilt_while_it_lay_unfinished_is_thrown_away(hub: Hub, order: Order, tmp_path: Path) -> None:
    weights = (hub.root / PRESET.repo / "model.safetensors").read_bytes()
    blobs = tmp_path / "cache" / "models--openai-community--gpt2" / "blobs"
    blobs.mkdir(parents=True)
    name = hashlib.sha256(weights).hexdigest()
    (blobs / f"{name}.part").write_bytes(b"x" * 1000)
    with pytest.raises(BodyUnusable, match="arrived damaged"):
        fetch([order], lambda stage, share: None)
    fetch([order], lambda stage, share: None)
    assert (blobs / name).read_bytes() == weights


def test_what_the_hub_knows_of_a_model_is_asked_without_downloading_it(hub: Hub) -> None:
    hub.gated.add(PRESET.repo)
    told = asked_of_the_hub(PRESET)
    assert (told.parameters, told.gated) == (1234, True)
    assert asked_of_the_hub(msgspec.structs.replace(PRESET, repo="no/body")).parameters == 0
