"""The pieces of attunement that need no model."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from anima_tui.engine.attune.concepts import auroc
from anima_tui.engine.attune.contrasts import Pair, contrast_of, contrast_pairs, texts_of
from anima_tui.engine.attune.cortex import lay_out, neighbour_similarity
from anima_tui.engine.attune.intents import fit_intents
from anima_tui.engine.attune.listen import Heard
from anima_tui.engine.attune.material import Calling, Felt
from anima_tui.engine.attune.modes import CLEAR, LUCK, NOTICED, STRENGTHS, Effect, _strength
from anima_tui.engine.attune.readout import fit_valence, pearson
from anima_tui.engine.attune.strengths import KL_BOUND
from anima_tui.engine.attune.voices import VoiceEar


@settings(deadline=None, max_examples=25)
@given(st.integers(min_value=1, max_value=300))
def test_every_feature_has_a_cell_of_its_own(count: int) -> None:
    directions = torch.nn.functional.normalize(torch.randn(count, 8, generator=torch.manual_seed(count)), dim=1)
    cell, width = lay_out(directions)
    assert cell.dtype == torch.int32
    assert sorted(cell.tolist()) == list(range(count))
    assert (width - 1) ** 2 < count <= width**2


def test_neighbours_on_the_cortex_mean_similar_things() -> None:
    chance = torch.manual_seed(0)
    centres = torch.randn(12, 16, generator=chance)
    directions = centres.repeat(40, 1) + 0.5 * torch.randn(480, 16, generator=chance)
    directions = torch.nn.functional.normalize(directions, dim=1)
    cell, width = lay_out(directions)
    shuffled = torch.randperm(480, generator=chance).int()
    assert neighbour_similarity(directions, cell, width) > neighbour_similarity(directions, shuffled, width) + 0.4


def test_auroc_counts_pairs_and_halves_ties() -> None:
    shows, lacks = torch.tensor([[1.0], [2.0], [2.0]]), torch.tensor([[0.0], [2.0]])
    wins = [1.0, 0.0, 1.0, 0.5, 1.0, 0.5]
    assert auroc(shows, lacks).item() == pytest.approx(sum(wins) / len(wins))


def test_the_shipped_contrasts_are_many_and_say_each_thing_with_and_without() -> None:
    pairs = contrast_pairs()
    for concept in "empathy identity fantasy imagination logic negation uncertainty positive negative".split():
        own = [pair for pair in pairs if pair.concept == concept]
        assert len(own) >= 60
        assert len({pair.shows for pair in own}) == len(own)
        assert all(pair.shows != pair.lacks for pair in own)
        lengths = sum(len(pair.lacks) for pair in own) / sum(len(pair.shows) for pair in own)
        assert 0.6 < lengths < 1.5, "length alone must not tell them apart"


def test_a_contrast_holds_out_whole_pairs_of_its_concept() -> None:
    pairs = [Pair("a", "1", "2", False), Pair("b", "3", "4", True), Pair("a", "5", "6", True)]
    contrast = contrast_of(pairs, "a")
    assert texts_of(pairs) == ["1", "2", "3", "4", "5", "6"]
    assert contrast.shows.nonzero().flatten().tolist() == [0, 4]
    assert contrast.lacks.nonzero().flatten().tolist() == [1, 5]
    assert contrast.held_out.tolist() == [False, False, True, True, True, True]


def test_valence_is_read_from_the_direction_that_carries_it() -> None:
    chance = torch.manual_seed(1)
    label = torch.tensor([-1.0, 0.0, 1.0]).repeat(200)
    residuals = torch.randn(600, 3, 10, generator=chance)
    residuals[:, :, 4] += 2 * label[:, None]
    felt = [Felt(str(i), "corpus", i % 5 == 0, float(v)) for i, v in enumerate(label)]
    words = torch.arange(600).repeat_interleave(3)
    found = fit_valence(felt, Heard(residuals.reshape(-1, 10), torch.zeros(1800).long(), words, 600), torch.zeros(10))
    for axis in (found.tokens, found.turns):
        assert axis.direction.norm().isclose(torch.tensor(1.0))
        assert axis.direction[4] > 0.9
    assert min(found.r.values()) > 0.85
    assert abs(float(found.tokens.read(residuals[label == 0]).mean())) < 0.1


def test_turns_are_as_loud_as_the_means_over_their_tokens_against_which_they_are_held() -> None:
    chance = torch.manual_seed(1)
    label = torch.tensor([-1.0, 0.0, 1.0]).repeat(200)
    residuals = 3 + torch.randn(600, 4, 10, generator=chance) + label[:, None, None] * torch.rand(10, generator=chance)
    felt = [Felt(str(i), "corpus", i % 5 == 0, float(v)) for i, v in enumerate(label)]
    words = torch.arange(600).repeat_interleave(4)
    heard = Heard(residuals.reshape(-1, 10), torch.zeros(2400).long(), words, 600)
    found = fit_valence(felt, heard, torch.full((10,), 3.0))
    by_token = found.tokens.read(residuals).mean(1)
    whole = found.turns.read(torch.nn.functional.normalize(residuals.mean(1), dim=1))
    assert float(whole.mean()) == pytest.approx(float(by_token.mean()), abs=0.05)
    assert float(whole.std()) == pytest.approx(float(by_token.std()), rel=0.1)


def test_intents_are_told_apart_although_a_common_feature_is_loudest() -> None:
    chance = torch.manual_seed(2)
    modes = ("Anima", "System", "Dream")
    levels = 0.05 * torch.rand(300, 20, generator=chance)
    levels[:, 19] = torch.rand(300, generator=chance)
    for index in range(300):
        levels[index, index % 3] += 0.1
    calling = [Calling(str(i), "01", i % 5 == 0, modes[i % 3]) for i in range(300)]
    found = fit_intents(calling, levels)
    assert found.balanced_accuracy > 0.95
    assert found.choose(levels[:3]) == list(modes)


def test_pearson_of_something_constant_is_zero() -> None:
    assert pearson(torch.ones(5), torch.arange(5.0)) == 0.0


def test_the_ear_knows_a_voice_by_its_words() -> None:
    ear = VoiceEar([("value stored: valid", "System"), ("a moon of silver", "Dream"), ("how are you?", "Anima")])
    assert ear.voice("the silver moon") == "Dream"
    assert ear.share(["valid value", "silver"], "System") == 0.5


def _chosen(share: Callable[[float], float], kl95: Callable[[float], float]) -> float:
    """The strength for a mode whose pushes have these effects."""
    alpha, curve, notes = _strength("Anima", lambda a: Effect(kl95(a), share(a), 0.0), lambda line: None)
    assert list(curve) == sorted(curve)
    assert notes[-1].endswith(f"{alpha:g} is used")
    return alpha


def test_a_voice_that_is_clear_within_the_bound_is_pushed_no_harder() -> None:
    assert _chosen(lambda a: min(1.0, 0.5 + 4 * a), lambda a: 2 * a) == 0.1
    assert _chosen(lambda a: CLEAR, lambda a: a) == 0.0


def test_a_voice_clear_once_by_luck_is_not_clear() -> None:
    assert _chosen(lambda a: CLEAR if a in (0.05, 0.2, 0.3, 0.4) else 0.5, lambda a: a) == 0.2


def test_a_voice_that_gets_no_clearer_is_pushed_no_harder() -> None:
    heard = {0.0: 0.5, 0.05: 0.6, 0.1: 0.7, 0.15: 0.79, 0.175: 0.79 - LUCK, 0.2: 0.79}
    assert _chosen(lambda a: heard.get(a, 0.77), lambda a: 2 * a) == 0.15
    assert _chosen(lambda a: 0.79 if a == 0.1 else 0.5, lambda a: 2 * a) == 0.4


def test_a_voice_that_is_only_noticed_is_pushed_as_little_above_the_rule_as_it_takes() -> None:
    assert _chosen(lambda a: NOTICED if a >= 0.2 else 0.0, lambda a: 10 * a) == 0.2
    assert 0.099 < _chosen(lambda a: 0.0, lambda a: 10 * a) <= 0.1


@given(st.integers(0, 10_000), st.floats(0.1, 20.0))
def test_no_push_beyond_the_bound_is_used_for_a_voice_that_is_clear_within_it(seed: int, steep: float) -> None:
    chance = random.Random(seed)
    shares = {alpha: chance.random() for alpha in STRENGTHS} | {0.0: CLEAR}
    alpha = _chosen(lambda a: CLEAR if steep * a <= KL_BOUND else shares.get(a, 0.0), lambda a: steep * a)
    assert alpha == 0.0
