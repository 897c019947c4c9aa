"""The catalogue on the command line: what there is, what it needs, how it becomes one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import pytest
from msgspec import structs

from anima_tui.bodies.catalog import Preset, catalog
from anima_tui.bodies.machine import Machine, this_machine
from anima_tui.bodies.manifest import Manifest, model_folder, read_manifest, write_manifest
from anima_tui.bodies.needs import PROGRAM, needs, verdict
from anima_tui.cli import main
from anima_tui.paths import Paths, user_paths
from anima_tui.settings import Compute, load_settings

LAPTOP = Machine(memory=16_000_000_000, gpu="", gpu_memory=0, room=100_000_000_000, bandwidth=10e9)
SERVER = Machine(memory=256_000_000_000, gpu="H100", gpu_memory=80_000_000_000, room=10**12, bandwidth=20e9)
OWN = '[mine]\nmodel = "Mine"\nrepo = "me/mine"\nrelease = "me/saes"\nsae = "layer_3"\n'


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    for name in [name for name in os.environ if name.startswith("ANIMA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return user_paths()


def llama(paths: Paths) -> Preset:
    return catalog(paths)["llama-3.1-8b"]


def told(preset: Preset, compute: Compute, machine: Machine, logged_in: bool = False) -> dict[str, str]:
    return dict(verdict("body", preset, compute, machine, logged_in))


def test_an_8b_model_needs_its_weights_in_the_numbers_that_it_computes_in(paths: Paths) -> None:
    preset = llama(paths)
    sae, cache = 2 * 4096 * 32768, 65_536 * 8192
    plain = needs(preset, Compute())
    assert plain.model == 2 * 8_030_261_248
    assert plain.cpu == 4 * (8_030_261_248 + sae + cache) + PROGRAM
    assert plain.gpu == 2 * (8_030_261_248 + sae + cache) + PROGRAM
    assert needs(preset, Compute(dtype="bfloat16")).cpu == plain.gpu
    quarter = needs(preset, Compute(quantization="4bit"))
    assert quarter.gpu == 8_030_261_248 // 2 + 2 * (sae + cache) + PROGRAM
    assert quarter.model == plain.model


def test_what_does_not_fit_is_said_with_what_would_help(paths: Paths) -> None:
    preset = llama(paths)
    assert told(preset, Compute(), SERVER)["verdict"] == "it fits the GPU"
    assert "speed" not in told(preset, Compute(), SERVER)
    assert "NOT fit the memory; set compute.quantization" in told(preset, Compute(), LAPTOP)["verdict"]
    assert "NOT fit the memory; choose a smaller body" in told(preset, Compute(quantization="8bit"), SMALL)["verdict"]
    assert "takes 3.27 s" in told(preset, Compute(), LAPTOP)["speed"]
    assert told(preset, Compute(device="cpu"), SERVER)["verdict"] == "it fits the memory"


def test_a_body_too_large_for_one_gpu_is_told_how_many_it_needs(paths: Paths) -> None:
    large = structs.replace(llama(paths), parameters=70_553_706_496, d_in=8192, d_sae=65536, cached=163_840)
    four = replace(SERVER, gpus=4)
    assert "2 such GPUs would hold it" in told(large, Compute(), SERVER)["verdict"]
    assert told(large, Compute(), four)["verdict"] == "it needs 2 of the 4 GPUs; set compute.devices to 2"
    assert told(large, Compute(devices=2), four)["verdict"] == "it fits 2 of the 4 GPUs together"
    assert told(llama(paths), Compute(), four)["verdict"] == "it fits the GPU"
    assert "4 times H100" in told(large, Compute(), four)["here"]


SMALL = Machine(memory=2_000_000_000, gpu="", gpu_memory=0, room=1_000_000_000, bandwidth=10e9)


def test_the_gate_and_the_disk_are_told_before_the_download(paths: Paths) -> None:
    closed, opened = (told(llama(paths), Compute(), SMALL, logged_in) for logged_in in (False, True))
    assert "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct" in closed["gate"]
    assert "hf auth login" in closed["gate"] and "you are logged in" in opened["gate"]
    assert "NOT enough" in closed["disk"]
    assert "gate" not in told(catalog(paths)["gpt2"], Compute(), SMALL)


def test_this_machine_is_measured(tmp_path: Path) -> None:
    machine = this_machine(tmp_path / "not" / "there")
    assert machine.memory > 0 and machine.room > 0 and machine.bandwidth > 0


def test_every_preset_is_checked_without_torch() -> None:
    for name in catalog(user_paths()):
        assert main(["body", "check", name]) == 0
    program = (
        "import sys; from anima_tui.cli import main; main(['body', 'check', 'gpt2']); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_a_catalogue_of_ones_own_is_listed_shown_and_checked(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    paths.config.mkdir()
    paths.catalogue.write_text(OWN)
    assert [main(["body", *words]) for words in (["list"], ["show", "mine"], ["check", "mine"])] == [0, 0, 0]
    said = capsys.readouterr().out
    assert "mine             Mine; not on this machine" in said
    assert "me/saes/layer_3" in said
    assert "unknown until it is downloaded" in said  # the hub cannot be reached


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[mine", "cannot be used"),
        ("[mine]\nmodel = 3", "cannot be used"),
        ('[mine]\nmodel = "M"', "needs repo, release and sae"),
        ('[gpt2]\nmodel = "M"', "cannot name a body 'gpt2'"),
        ('["a/b"]\nmodel = "M"', "cannot name a body 'a/b'"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_one_sentence(
    paths: Paths, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    paths.config.mkdir()
    paths.catalogue.write_text(text)
    assert main(["body", "list"]) == 2
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1


def test_a_fresh_settings_file_is_written(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["body", "use", "gpt2"]) == 0
    assert load_settings(paths.settings_file, environ={}).body == "gpt2"


def test_a_users_own_settings_file_is_left_alone_and_the_line_is_told(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    paths.config.mkdir()
    own = "# mine\n[decode]\ntemperature = 0.2\n"
    paths.settings_file.write_text(own)
    assert main(["body", "use", "gpt2"]) == 0
    assert paths.settings_file.read_text() == own
    assert 'body = "gpt2"\n' in capsys.readouterr().out


def test_a_body_that_is_not_there_is_not_used(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["body", "use", "nobody"]) == 2
    assert not paths.settings_file.exists()


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = Manifest(
        name="a",
        description='of "quotes" \\ and\nlines',
        model="Ä",
        style="chat",
        context_tokens=9,
        licence="",
        repo="a/b",
    )
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


def test_a_model_that_has_left_the_hubs_cache_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    manifest = Manifest(
        name="a", description="", model="A", style="chat", context_tokens=9, licence="", repo="a/b", revision="0" * 40
    )
    assert model_folder(tmp_path, manifest) is None
