"""Attunement: everything that must be measured once per body, from its own answers to labelled talk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from anima_tui.engine.attune.concepts import Concept, Contrast, find_concept
from anima_tui.engine.attune.corpus import VOICES, Block, read_corpus
from anima_tui.engine.attune.cortex import lay_out, neighbour_similarity
from anima_tui.engine.attune.intents import fit_intents
from anima_tui.engine.attune.labels import label_features
from anima_tui.engine.attune.levels import mean_levels, measure_firing
from anima_tui.engine.attune.listen import Utterance, answering, listen
from anima_tui.engine.attune.material import Felt, Reply, calling_messages, felt_messages, parallel_replies
from anima_tui.engine.attune.modes import tune_modes
from anima_tui.engine.attune.readout import fit_valence
from anima_tui.engine.attune.voices import VoiceEar
from anima_tui.engine.attunement import Attunement, Report
from anima_tui.engine.body import Body
from anima_tui.engine.hearing import scribe_of

_REPLIES_TO = 900
"""Messages whose replies in all three voices are read."""
_PROMPTS = 48
_VOICE_OF = {"empathy": "Anima", "logic": "System", "imagination": "Dream"}


def attune(body: Body, corpus: Path, goemotions: Path | None, tell: Callable[[str], None]) -> Attunement:
    """Measure `body` on the corpus in the folder `corpus` and, for valence, on the file `goemotions`.

    `tell` hears a line of progress now and then. Raises AnimaError when the material cannot be read.
    """
    blocks = read_corpus(corpus)
    felt = felt_messages(blocks, goemotions)
    calling = calling_messages(blocks)
    replies = parallel_replies(blocks, _REPLIES_TO)

    tell(f"listening to {len(calling)} messages")
    called = listen(body, [Utterance(message.text) for message in calling])
    tell(f"listening to {len(replies)} replies")
    answered = listen(body, [Utterance(reply.text, reply.after) for reply in replies])
    firing = measure_firing(body.sae, torch.cat((called.residuals, answered.residuals)))
    tell(f"features: {int((firing.count == 0).sum())} of {body.sae.d_sae} never fired in {firing.tokens} tokens")

    intents = fit_intents(calling, mean_levels(body.sae, called, firing.p99))
    notes = [
        f"Intent: {intents.accuracy:.1%} of held-out messages, {intents.balanced_accuracy:.1%} with every mode "
        f"alike; {intents.confusion}"
    ]
    tell(notes[-1])

    tell(f"listening to {len(felt)} messages with feeling")
    moved = listen(body, [Utterance(message.text) for message in felt])
    reply_means = answered.per_utterance(answered.residuals)
    hers = torch.tensor([reply.voice == "Anima" for reply in replies])
    valence = fit_valence(felt, moved, reply_means[hers].mean(0))
    notes.append(f"Valence by {valence.method}; " + ", ".join(f"r {r:.3f} ({s})" for s, r in valence.r.items()))
    tell(notes[-1])

    moved_means = moved.per_utterance(moved.residuals)
    moved_levels = mean_levels(body.sae, moved, firing.p99)
    reply_levels = mean_levels(body.sae, answered, firing.p99)
    concepts = {
        name: find_concept(_voice_contrast(replies, voice), reply_means, reply_levels)
        for name, voice in _VOICE_OF.items()
    } | {
        name: find_concept(_feeling_contrast(felt, sign), moved_means, moved_levels)
        for name, sign in (("positive", 1.0), ("negative", -1.0))
    }
    notes += [f"{name}: {_features(concept)}" for name, concept in concepts.items()]
    for note in notes[-len(concepts) :]:
        tell(note)

    scribe = scribe_of(body)
    messages = list(dict.fromkeys(reply.after for reply in replies if reply.held_out))
    prompts = [answering(body, scribe, text).ids for text in messages[:: max(1, len(messages) // _PROMPTS)][:_PROMPTS]]
    tuned = tune_modes(body, concepts, firing.p99, _ear(blocks), prompts, tell)

    features_of = {name: concept.features for name, concept in concepts.items()}
    labels = label_features(body, (called, answered), firing.p99, features_of)
    tell(f"labels: {len(labels)} of {body.sae.d_sae} features")
    directions = body.sae.directions.float().cpu()
    cortex, width = lay_out(directions)
    notes.append(f"Cortex: neighbours' mean cosine {neighbour_similarity(directions, cortex, width):.3f}")
    tell(notes[-1])

    return Attunement(
        fingerprint=body.fingerprint,
        p99=firing.p99,
        valence_direction=valence.direction,
        valence_bias=valence.bias,
        valence_scale=valence.scale,
        concepts={name: concept.direction for name, concept in concepts.items()},
        intents=intents.centroids,
        intent_mean=intents.mean,
        cortex=cortex,
        cortex_width=width,
        report=Report(
            valence_r=round(valence.r["all"], 4),
            valence_samples=valence.held_out,
            concepts_auroc={name: round(concept.auroc, 4) for name, concept in concepts.items()},
            mode_kl=tuned.kl,
            notes=[*notes, *tuned.notes],
        ),
        labels=labels,
        features_of=features_of,
        modes=tuned.recipes,
    )


def _voice_contrast(replies: Sequence[Reply], voice: str) -> Contrast:
    shows = torch.tensor([reply.voice == voice for reply in replies])
    return Contrast(shows, ~shows, torch.tensor([reply.held_out for reply in replies]))


def _feeling_contrast(felt: Sequence[Felt], sign: float) -> Contrast:
    valence = torch.tensor([message.valence for message in felt])
    held_out: Tensor = torch.tensor([message.held_out for message in felt])
    return Contrast(valence == sign, valence == -sign, held_out)


def _ear(blocks: Sequence[Block]) -> VoiceEar:
    return VoiceEar(
        (text, VOICES[letter])
        for block in blocks
        if not block.held_out
        for turn in block.turns
        for letter, texts in turn.replies.items()
        for text in texts
    )


def _features(concept: Concept) -> str:
    pairs = zip(concept.features, concept.features_auroc, strict=True)
    return f"AUROC {concept.auroc:.3f}; features " + ", ".join(f"#{feature} {area:.2f}" for feature, area in pairs)
