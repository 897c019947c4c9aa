"""The autoencoder of the body: BatchTopK, trained by sae-lens on the body's own residual stream.

BatchTopK (https://arxiv.org/abs/2412.06410) keeps k features a token on average over a batch; sae-lens saves it for
inference as a JumpReLU SAE with one threshold.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

from anima_tui.forge.rows import Rows
from anima_tui.forge.tokens import SPECIALS
from anima_tui.forge.trunk import residual_after

FEATURES = 4096
ACTIVE = 40
"""Features a token, on average."""
BATCH = 4096
POOL = 1 << 19
"""Positions that are mixed before they are used."""
RATE = 6e-4
_ROWS = 64
_TRIAL = 40


def residuals(model: LlamaForCausalLM, layer: int, mix: Sequence[tuple[Rows, float]]) -> Iterator[Tensor]:
    """Mixed residuals after `layer`, float32 [BATCH, d], without end; the template's own tokens are left out."""
    while True:
        pool: list[Tensor] = []
        held = 0
        while held < POOL:
            drawn = torch.cat([rows.draw(max(1, round(_ROWS * share)))[0] for rows, share in mix])
            with torch.no_grad(), torch.autocast(drawn.device.type, dtype=torch.bfloat16):
                h = residual_after(model, drawn, layer)
            pool.append(h[drawn >= len(SPECIALS)].to(torch.bfloat16))
            held += len(pool[-1])
        mixed = torch.cat(pool)
        order = torch.randperm(len(mixed), device=mixed.device)
        for which in order[: len(mixed) // BATCH * BATCH].split(BATCH):
            yield mixed[which].float()


def train_autoencoder(
    model: LlamaForCausalLM, layer: int, mix: Sequence[tuple[Rows, float]], seconds: float, folder: Path
) -> str:
    """Train for about `seconds` and save for inference; a line that tells how it went."""
    from sae_lens import BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig
    from sae_lens.config import SAETrainerConfig
    from sae_lens.saes.sae import SAEMetadata
    from sae_lens.training.sae_trainer import SAETrainer

    device = model.device
    source = residuals(model.eval(), layer, mix)
    next(source)

    def trainer(steps: int) -> SAETrainer[BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig]:
        shape = BatchTopKTrainingSAEConfig(
            d_in=model.config.hidden_size,
            d_sae=FEATURES,
            k=ACTIVE,
            device=str(device),
            normalize_activations="expected_average_only_in",
            metadata=SAEMetadata(
                model_name="anima-seedling",
                hook_name=f"blocks.{layer}.hook_resid_post",
                hf_hook_name=f"model.layers.{layer}",
                context_size=1024,
                prepend_bos=True,
            ),
        )
        plan = SAETrainerConfig(
            total_training_samples=steps * BATCH,
            train_batch_size_samples=BATCH,
            lr=RATE,
            lr_end=RATE / 10,
            lr_warm_up_steps=steps // 20,
            lr_decay_steps=steps // 3,
            device=str(device),
            autocast=device.type == "cuda",
            dead_feature_window=400,
            feature_sampling_window=steps + 1,  # at its end sae-lens builds a histogram for wandb, wanted or not
            n_batches_for_norm_estimate=16,
        )
        return SAETrainer(plan, BatchTopKTrainingSAE(shape), source)

    begun = time.monotonic()
    trainer(_TRIAL).fit()
    steps = max(_TRIAL, int(seconds / (time.monotonic() - begun) * _TRIAL))
    final = trainer(steps)
    sae = final.fit()
    sae.save_inference_model(folder)
    h = torch.cat([next(source) for _ in range(8)])
    explained, l0 = fidelity(sae, h)
    return (
        f"{steps} steps in {time.monotonic() - begun:.0f} s: explained variance {explained:.3f}, "
        f"L0 {l0:.1f}, dead {int(final.dead_neurons.sum())}"
    )


@torch.no_grad()
def fidelity(sae: Any, h: Tensor) -> tuple[float, float]:
    """Explained variance of `h` float32 [tokens, d_in] as the SAE reconstructs it, and its mean active features."""
    left = (h - sae(h)).pow(2).sum() / (h - h.mean(0)).pow(2).sum()
    return 1 - float(left), float((sae.encode(h) > 0).float().sum(1).mean())
