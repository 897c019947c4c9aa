"""One concept as a vector, learned in four ways from the same pairs of replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from anima_tui.engine.attune.concepts import Contrast, find_concept
from anima_tui.engine.attune.levels import mean_levels
from anima_tui.engine.attune.listen import Heard, listen_to
from anima_tui.engine.reservoir import Reservoir
from anima_tui.lab.concepts import Pair
from anima_tui.lab.study import seed_of
from anima_tui.lab.subject import Subject
from anima_tui.settings import Reservoir as Plasticity

Prompted = Callable[[Pair], list[int]]
"""Token ids of the prompt that a pair's replies answer."""

HELD_BACK = 4
"""One pair in so many chooses nothing and judges."""

FEATURE, FEATURES, MEANS, HEBBIAN = "SAE feature", "SAE features", "difference in means", "reservoir"
METHODS = (FEATURE, FEATURES, MEANS, HEBBIAN)


@dataclass(frozen=True)
class Learned:
    """What the pairs taught. Directions are float32 [d_in], unit length or zero."""

    directions: dict[str, Tensor]
    """For the methods that push along one direction, whatever the moment."""
    features: list[int]
    """That carry the concept, strongest first; may be empty."""
    weights: Tensor
    """float32 [d_sae]: the reservoir."""
    auroc: float
    """How well the difference in means tells the pairs held back apart."""

    def towards(self, method: str, subject: Subject, h: Tensor) -> Tensor:
        """Unit direction (or zero) in which `method` moves residuals h [*, d_in]: [*, d_in]."""
        if method != HEBBIAN:
            return self.directions[method].expand_as(h)
        sae = subject.body.sae
        habit = sae.encode(h) * self.weights * sae.decoder_norms
        return normalize(habit @ sae.directions.float(), dim=-1)


def learn(subject: Subject, pairs: Sequence[Pair], prompted: Prompted) -> Learned:
    """All four vectors from the residuals of the replies, each read after its prompt.

    Means, and the choice of features by AUROC, are attunement's own. The features' common direction is the sum of
    their unit decoder rows. The reservoir hears the replies one after another under its own rule, with +1 for
    valence while the concept shows and -1 while it does not.
    """
    heard = _hear(subject, pairs, prompted)
    shows = torch.arange(heard.count) % 2 == 0
    held_back = (torch.arange(heard.count) // 2) % HELD_BACK == HELD_BACK - 1
    contrast = Contrast(shows, ~shows, held_back)
    levels = mean_levels(subject.body.sae, heard, subject.p99)
    found = find_concept(contrast, heard.per_utterance(heard.residuals), levels)
    rows = subject.body.sae.directions.float()
    zero = torch.zeros(rows.shape[1])
    directions = {
        FEATURE: rows[found.features[0]] if found.features else zero,
        FEATURES: normalize(rows[found.features].sum(0), dim=0) if found.features else zero,
        MEANS: found.direction,
    }
    return Learned(directions, found.features, _hebbian(subject, heard, shows), found.auroc)


def _hear(subject: Subject, pairs: Sequence[Pair], prompted: Prompted) -> Heard:
    """Replies that show the concept and replies that lack it, in turns."""
    prepared: list[tuple[list[int], slice]] = []
    for pair in pairs:
        before = prompted(pair)
        for reply in (pair.shows, pair.lacks):
            said = reply_ids(subject, reply)
            prepared.append(([*before, *said], slice(len(before), len(before) + len(said))))
    return listen_to(subject.body, prepared)


def reply_ids(subject: Subject, reply: str) -> list[int]:
    """A reply as she would have said it: token ids."""
    ids: list[int] = subject.body.tokenizer(subject.scribe.disarm(reply.strip()), add_special_tokens=False)["input_ids"]
    return ids


def _hebbian(subject: Subject, heard: Heard, shows: Tensor) -> Tensor:
    """The reservoir's weights [d_sae] after the replies, in an order of chance."""
    constants = Plasticity()
    reservoir = Reservoir(
        subject.body.sae.d_sae,
        rate=constants.learning_rate,
        decay=constants.decay,
        budget=constants.budget,
        device=torch.device("cpu"),
    )
    order = torch.randperm(heard.count, generator=torch.Generator().manual_seed(seed_of(heard.count)))
    baseline = torch.zeros(())
    with torch.inference_mode():
        for utterance in order.tolist():
            valence = torch.tensor(1.0 if shows[utterance] else -1.0)
            for h in heard.residuals[heard.utterance == utterance]:
                activations, indices = subject.body.sae.strongest(h, subject.body.sae.limit(64))
                levels = (activations / subject.p99[indices]).clamp(0.0, 1.0)
                reservoir.learn(indices, levels, valence - baseline)
                baseline = baseline + constants.baseline_rate * (valence - baseline)
    return reservoir.weights.clone()
