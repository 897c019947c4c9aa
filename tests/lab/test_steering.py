"""Offsets are the Prism's own, vectors point where they were learned to, and slopes are those of log-probabilities."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from anima_tui.engine.prism import Prism
from anima_tui.lab.concepts import VOICE_PAIRS, concepts, pairs_of, topics
from anima_tui.lab.offsets import ablate, clamp
from anima_tui.lab.stability.contexts import EXAMPLES, HOME, SHIFTS, TOPIC, at_home, blocks_of, context_named
from anima_tui.lab.stability.slopes import LONGEST, STRENGTHS, differences
from anima_tui.lab.statistics import slope
from anima_tui.lab.subject import Subject
from anima_tui.lab.vectors import MEANS, METHODS, learn, reply_ids


def residuals(subject: Subject, count: int = 5) -> Tensor:
    """Something near what the SAE knows: sums of decoder rows."""
    chance = torch.Generator().manual_seed(0)
    chosen = torch.randint(subject.body.sae.d_sae, (count, 12), generator=chance)
    return 4 * subject.body.sae.directions[chosen].float().sum(1) + subject.body.sae.b_dec


def test_the_clamp_is_the_prisms_negative_steering(subject: Subject) -> None:
    sae, h = subject.body.sae, residuals(subject)
    features = [int(f) for f in sae.encode(h)[0].topk(6).indices]
    ceilings = torch.linspace(0.0, 1.0, 6)
    prism = Prism(sae.directions, sae.decoder_norms, kappa=0.4)
    prism.ceiling[features] = ceilings
    moved = clamp(sae, features, ceilings, 0.4)(h)
    assert moved.norm() > 0
    for row, delta in zip(h, moved, strict=True):
        activations = sae.encode(row)
        every = torch.arange(sae.d_sae)
        expected, _ = prism.offset(row, every, activations, torch.zeros(sae.d_sae), sae.scale(row))
        assert torch.allclose(delta, expected, atol=1e-4)
        assert delta.norm() <= 0.4 * row.norm() * 1.0001


def test_ablation_leaves_nothing_along_the_direction_and_all_the_rest(subject: Subject) -> None:
    h, direction = residuals(subject), subject.body.sae.directions[7].float()
    left = h + ablate(direction, 1.0)(h)
    assert torch.allclose(left @ direction, torch.zeros(len(h)), atol=1e-4)
    mirrored = h + ablate(direction, 2.0)(h)
    assert torch.allclose(mirrored @ direction, -(h @ direction), atol=1e-4)
    assert torch.allclose(mirrored.norm(dim=1), h.norm(dim=1), rtol=1e-4)


def test_pairs_differ_in_what_they_are_pairs_of(subject: Subject) -> None:
    dogs = topics()["dogs"]
    pairs = pairs_of(concepts()["dogs"], subject.blocks, 50)
    assert len(pairs) == 50
    assert all(dogs.spoken_of(pair.shows) and not dogs.spoken_of(pair.lacks) for pair in pairs)
    assert len(topics()) >= 20
    assert set(VOICE_PAIRS) < set(concepts())


def test_a_topic_is_its_words_and_no_others(subject: Subject) -> None:
    cats = topics()["cats"]
    assert cats.spoken_of("Two Cats!") and cats.spoken_of("the cat's paw")
    assert not cats.spoken_of("catch that category") and not cats.spoken_of("")


def test_every_shift_keeps_the_message_and_changes_something_around_it(subject: Subject) -> None:
    pair = pairs_of(concepts()["logic"], blocks_of(HOME, subject.blocks, held_out=True), 5)[2]
    home = subject.body.tokenizer.decode(at_home(subject, pair))
    for name in SHIFTS:
        if name == TOPIC:
            continue
        shifted = str(subject.body.tokenizer.decode(context_named(name)(subject, pair)))
        assert shifted != home, name
        assert (pair.message in shifted) == (name != "user's style"), name
    assert EXAMPLES in SHIFTS


def test_what_is_learned_from_is_never_what_is_tried_on(subject: Subject) -> None:
    home = {id(block) for block in blocks_of(HOME, subject.blocks, held_out=False)}
    for context in (HOME, TOPIC):
        assert home.isdisjoint(id(block) for block in blocks_of(context, subject.blocks, held_out=True))


def test_a_voice_learned_from_pairs_steers_held_out_replies_towards_itself(subject: Subject) -> None:
    concept = concepts()["imagination"]
    learned = learn(
        subject,
        pairs_of(concept, blocks_of(HOME, subject.blocks, held_out=False), 24),
        lambda pair: at_home(subject, pair),
    )
    assert all(torch.isclose(d.norm(), torch.tensor(1.0), atol=1e-4) for d in learned.directions.values())
    slopes: list[float] = []
    for pair in pairs_of(concept, blocks_of(HOME, subject.blocks, held_out=True), 6):
        ways = [partial(learned.towards, method, subject) for method in METHODS]
        shows, lacks = reply_ids(subject, pair.shows), reply_ids(subject, pair.lacks)
        table = differences(subject, at_home(subject, pair), shows, lacks, ways)
        assert table.shape == (len(METHODS), len(STRENGTHS))
        middle = table[:, STRENGTHS.index(0.0)]
        bare = log_probability(subject, at_home(subject, pair), shows) - log_probability(
            subject, at_home(subject, pair), lacks
        )
        assert torch.allclose(middle, torch.full_like(middle, bare), atol=1e-3)
        slopes.append(slope(STRENGTHS, table[METHODS.index(MEANS)].tolist()))
    assert sum(slopes) / len(slopes) > 0.5


def log_probability(subject: Subject, prompt: list[int], reply: list[int]) -> float:
    """Mean over the judged tokens, by one plain pass of the whole text."""
    judged = reply[:LONGEST]
    with torch.inference_mode():
        logits = subject.body.model(input_ids=torch.tensor([[*prompt, *judged]])).logits[0].float()
    log_p = logits[len(prompt) - 1 : -1].log_softmax(-1)
    return float(log_p[range(len(judged)), judged].mean())
