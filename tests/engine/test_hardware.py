"""Where a body computes and in which numbers, and that a turn works in each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from minds import mind_of
from tiny_body import D_IN, D_SAE

from anima_tui import wire
from anima_tui.engine import hardware
from anima_tui.engine.axis import Axis
from anima_tui.engine.body import load_body
from anima_tui.engine.hardware import SMALL, Placement, placement
from anima_tui.engine.prism import Prism
from anima_tui.engine.reservoir import Reservoir
from anima_tui.engine.sae import SparseAutoencoder, load_sae
from anima_tui.engine.tap import Phase, Tap
from anima_tui.engine.turn import take_turn
from anima_tui.engine.valence import Readout
from anima_tui.errors import BadSettings
from anima_tui.paths import Paths
from anima_tui.settings import Compute, Decode, Settings

LARGE = 10 * SMALL
CPU = torch.device("cpu")


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with two CUDA devices, as far as one can ask it."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: True)
    return monkeypatch


def test_without_a_gpu_a_body_computes_in_float32_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert placement(Compute(), LARGE) == Placement(CPU, torch.float32)


def test_a_gpu_is_taken_in_bfloat16_where_it_knows_that(gpus: pytest.MonkeyPatch) -> None:
    assert placement(Compute(), LARGE) == Placement(torch.device("cuda", 0), torch.bfloat16)
    gpus.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: False)
    assert placement(Compute(), LARGE).dtype == torch.float16


def test_apples_gpu_comes_before_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert placement(Compute(), LARGE) == Placement(torch.device("mps"), torch.bfloat16)


def test_a_small_body_stays_on_the_cpu_unless_told_otherwise(gpus: pytest.MonkeyPatch) -> None:
    assert placement(Compute(), SMALL - 1) == Placement(CPU, torch.float32)
    asked = Compute(device="cuda:1", dtype="float16")
    assert placement(asked, SMALL - 1) == Placement(torch.device("cuda", 1), torch.float16)


def test_a_device_that_is_not_there_is_refused(gpus: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSettings, match=r"no device cuda:2 on this machine; set compute\.device"):
        placement(Compute(device="cuda:2"), LARGE)


def test_quantization_without_bitsandbytes_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "find_spec", {}.get)
    with pytest.raises(BadSettings, match=r"4 bits need bitsandbytes; run `pip install 'anima-tui\[quantized\]'`"):
        placement(Compute(quantization="4bit"), LARGE)


def test_transformers_is_told_how_to_quantize() -> None:
    assert Placement(CPU, torch.bfloat16).quantizer is None
    eight, four = (Placement(CPU, torch.bfloat16, bits).quantizer for bits in ("8bit", "4bit"))
    assert eight is not None and eight.load_in_8bit
    assert four is not None and four.load_in_4bit and four.bnb_4bit_compute_dtype == torch.bfloat16


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_a_turn_in_each_dtype(tiny_body_folder: Path, paths: Paths, tmp_path: Path, dtype: str) -> None:
    compute = Compute(dtype=dtype)  # pyright: ignore[reportArgumentType]
    body = load_body(str(tiny_body_folder), paths, lambda stage, fraction: None, compute)
    assert body.model.dtype == body.sae.directions.dtype == getattr(torch, dtype)
    settings = Settings(decode=Decode(temperature=1.0, top_p=1.0, min_p=0.0, max_new_tokens=24, seed=0))
    with mind_of(body, tmp_path / "soul", settings) as mind:
        mind.reservoir.weights.fill_(0.1)
        events = [*take_turn(mind, "hello")]
    assert isinstance(events[-1], wire.TurnDone)
    assert all(event.push > 0 for event in events if isinstance(event, wire.Token))


def test_no_tensor_of_the_tap_is_made_on_another_device_than_the_residual(tiny_body_folder: Path) -> None:
    """On the meta device every operation refuses a tensor of the CPU, as a GPU does."""
    there = torch.device("meta")
    sae: SparseAutoencoder = load_sae(tiny_body_folder / "sae", CPU, torch.bfloat16)
    tensors = {
        "W_enc": torch.empty(D_IN, D_SAE, dtype=torch.bfloat16),
        "W_dec": torch.empty(D_SAE, D_IN, dtype=torch.bfloat16),
        "b_enc": torch.empty(D_SAE),
        "b_dec": torch.empty(D_IN),
    }
    sae = type(sae)(sae.config, {name: tensor.to(there) for name, tensor in tensors.items()})
    layer = torch.nn.Identity()
    tap = Tap(
        layer,
        sae,
        torch.ones(D_SAE, device=there),
        valence=Readout(Axis(torch.ones(D_IN, device=there), 0.0, 1.0)),
        reservoir=Reservoir(D_SAE, rate=0.1, decay=0.1, budget=1.0, device=there),
        prism=Prism(sae.directions, sae.decoder_norms, 0.4),
        baseline_rate=0.1,
        active=64,
    )
    with tap.during(Phase.SPEAKING), torch.inference_mode():
        steered: torch.Tensor = layer(torch.empty(1, 1, D_IN, dtype=torch.bfloat16, device=there))
    assert (steered.device, steered.dtype, tap.moment.values.device) == (there, torch.bfloat16, there)
