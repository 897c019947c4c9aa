"""Attunement: everything that must be measured once per body, from its own answers to labelled talk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import torch

from anima_tui.engine.attune.concepts import Concept, Contrast, find_concept
from anima_tui.engine.attune.contrasts import contrast_of, texts_of
from anima_tui.engine.attune.corpus import VOICES, Block
from anima_tui.engine.attune.cortex import lay_out, neighbour_similarity
from anima_tui.engine.attune.curves import Curves, draw_curves
from anima_tui.engine.attune.intents import Intents, fit_intents
from anima_tui.engine.attune.labels import label_features
from anima_tui.engine.attune.levels import Firing, mean_levels, measure_firing
from anima_tui.engine.attune.listen import Heard, Utterance, answering, listen
from anima_tui.engine.attune.material import Material, Reply
from anima_tui.engine.attune.modes import Effect, TunedMode, tune_modes
from anima_tui.engine.attune.readout import ValenceReadout, fit_valence
from anima_tui.engine.attune.steps import Steps
from anima_tui.engine.attune.voices import VoiceEar
from anima_tui.engine.attunement import Attunement, Report
from anima_tui.engine.axis import Axis
from anima_tui.engine.body import Body
from anima_tui.engine.hearing import scribe_of

KINDS = (Heard, Firing, Intents, ValenceReadout, Axis, Concept, Effect)
"""What the steps find."""
_AT_ONCE = 500
"""Utterances listened to in one step."""
_SAY = "Go on."
"""What the texts of the contrasts answer."""
_PROMPTS, _CURVE_PROMPTS = 48, 24
_VOICE_OF = {"empathy": "Anima", "logic": "System", "imagination": "Dream"}


@dataclass(frozen=True)
class Measured:
    """An attunement, and what it was chosen from."""

    attunement: Attunement
    concepts: dict[str, Concept]
    valence: ValenceReadout
    modes: list[TunedMode]
    curves: Curves


def attune(body: Body, material: Material, steps: Steps, tell: Callable[[str], None]) -> Measured:
    """Measure `body`, but for what `steps` already holds. `tell` hears a line of progress now and then.

    Raises OSError when a step cannot be kept.
    """
    calling, felt, replies, pairs = material.calling, material.felt, material.replies, material.pairs

    def hear(what: str, utterances: Sequence[Utterance]) -> Heard:
        parts: list[Heard] = []
        for begin in range(0, len(utterances), _AT_ONCE):
            piece = utterances[begin : begin + _AT_ONCE]
            parts.append(steps.once(f"heard-{what}-{begin}", lambda piece=piece: listen(body, piece)))
            tell(f"listening to {what}: {begin + len(piece)} of {len(utterances)}")
        return Heard.joined(parts)

    # Nobody listens twice, nor at all to what only finished steps would need.
    @cache
    def called() -> Heard:
        return hear("messages", [Utterance(message.text) for message in calling])

    @cache
    def answered() -> Heard:
        return hear("replies", [Utterance(reply.text, reply.after) for reply in replies])

    @cache
    def moved() -> Heard:
        return hear("feelings", [Utterance(message.text) for message in felt])

    def find_concepts() -> dict[str, Concept]:
        told = hear("contrasts", [Utterance(text, _SAY) for text in texts_of(pairs)])
        means, levels = told.per_utterance(told.residuals), mean_levels(body.sae, told, firing.p99)
        names = dict.fromkeys(pair.concept for pair in pairs)
        found = {name: find_concept(contrast_of(pairs, name), means, levels) for name in names}
        if body.style == "seedling":  # trained on three voices: what tells them apart is plainer than any contrast
            means = answered().per_utterance(answered().residuals)
            levels = mean_levels(body.sae, answered(), firing.p99)
            for name, voice in _VOICE_OF.items():
                found[name] = find_concept(_voice_contrast(replies, voice), means, levels)
        return found

    def find_valence() -> ValenceReadout:
        hers = torch.tensor([reply.voice == "Anima" for reply in replies])
        return fit_valence(felt, moved(), answered().per_utterance(answered().residuals)[hers].mean(0))

    firing = steps.once(
        "firing", lambda: measure_firing(body.sae, torch.cat((called().residuals, answered().residuals)))
    )
    tell(f"features: {int((firing.count == 0).sum())} of {body.sae.d_sae} never fired in {firing.tokens} tokens")
    intents = steps.once("intents", lambda: fit_intents(calling, mean_levels(body.sae, called(), firing.p99)))
    notes = [
        f"Intent: {intents.accuracy:.1%} of held-out messages, {intents.balanced_accuracy:.1%} with every mode "
        f"alike; {intents.confusion}"
    ]
    tell(notes[-1])
    valence = steps.once("valence", find_valence)
    notes.append(f"Valence by {valence.method}; " + ", ".join(f"r {r:.3f} ({s})" for s, r in valence.r.items()))
    tell(notes[-1])
    concepts = steps.once("concepts", find_concepts)
    notes += [f"{name}: {_features(concept)}" for name, concept in concepts.items()]
    for note in notes[-len(concepts) :]:
        tell(note)

    features_of = {name: concept.features for name, concept in concepts.items()}
    labels = steps.once("labels", lambda: label_features(body, (called(), answered()), firing.p99, features_of))
    tell(f"labels: {len(labels)} of {body.sae.d_sae} features")
    directions = body.sae.directions.float().cpu()
    cortex, width = steps.once("cortex", lambda: lay_out(directions))
    notes.append(f"Cortex: neighbours' mean cosine {neighbour_similarity(directions, cortex, width):.3f}")
    tell(notes[-1])
    # All that listening was for is found; what was heard is by far the largest part of what is kept.
    steps.forget("heard-")
    prompts = _prompts(body, replies)
    modes = tune_modes(body, concepts, firing.p99, _ear(material.blocks), prompts, steps, tell)
    curves = draw_curves(body, concepts, _SAY, prompts[:: max(1, len(prompts) // _CURVE_PROMPTS)], steps, tell)

    attunement = Attunement(
        fingerprint=body.fingerprint,
        p99=firing.p99,
        valence=valence.tokens,
        turn_valence=valence.turns,
        concepts={name: concept.direction for name, concept in concepts.items()},
        intents=intents.centroids,
        intent_mean=intents.mean,
        cortex=cortex,
        cortex_width=width,
        report=Report(
            valence_r=round(valence.r["all"], 4),
            valence_samples=valence.held_out,
            concepts_auroc={name: round(concept.auroc, 4) for name, concept in concepts.items()},
            mode_kl={mode.recipe.name: mode.kl for mode in modes},
            notes=notes + [note for mode in modes for note in mode.notes],
        ),
        labels=labels,
        features_of=features_of,
        modes=[mode.recipe for mode in modes],
    )
    return Measured(attunement, concepts, valence, modes, curves)


def _prompts(body: Body, replies: Sequence[Reply]) -> list[list[int]]:
    """Held-out messages as token ids up to where a reply begins."""
    scribe = scribe_of(body)
    messages = list(dict.fromkeys(reply.after for reply in replies if reply.held_out))
    return [answering(body, scribe, text).ids for text in messages[:: max(1, len(messages) // _PROMPTS)][:_PROMPTS]]


def _voice_contrast(replies: Sequence[Reply], voice: str) -> Contrast:
    shows = torch.tensor([reply.voice == voice for reply in replies])
    return Contrast(shows, ~shows, torch.tensor([reply.held_out for reply in replies]))


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
