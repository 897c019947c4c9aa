"""What the packaged attunement of the embedded body promises."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from anima_tui.engine.attune.cortex import neighbour_similarity
from anima_tui.engine.attune.levels import mean_levels
from anima_tui.engine.attune.listen import Utterance, listen
from anima_tui.engine.attunement import Attunement
from anima_tui.engine.body import Body
from anima_tui.engine.prism import Intent, resolve
from anima_tui.engine.valence import Readout
from anima_tui.settings import Prism

PLEASANT = (
    "i am so happy today",
    "we won and i love it",
    "thank you, that was wonderful",
    "what a beautiful morning, i feel great",
    "i got the job and i am so excited",
)
PAINFUL = (
    "i am so sad and alone",
    "my dog died and i can't stop crying",
    "i hate this awful day",
    "i lost my job and i am afraid",
    "everything hurts and nobody cares",
)


@pytest.fixture(scope="module")
def attunement(body: Body) -> Attunement:
    assert body.attunement is not None
    return body.attunement


def _valences(body: Body, attunement: Attunement, texts: tuple[str, ...]) -> Tensor:
    readout = Readout(attunement.valence, attunement.turn_valence)
    heard = listen(body, [Utterance(text) for text in texts])
    return torch.tensor([readout.turn(heard.residuals[heard.utterance == n], "") for n in range(len(texts))])


def test_it_was_measured_on_this_body(body: Body, attunement: Attunement) -> None:
    assert attunement.fingerprint == body.fingerprint


def test_pleasant_words_read_as_more_pleasant_than_painful_ones(body: Body, attunement: Attunement) -> None:
    pleasant, painful = _valences(body, attunement, PLEASANT), _valences(body, attunement, PAINFUL)
    assert pleasant.mean() > painful.mean()
    ordered = (pleasant[:, None] > painful).float().mean()
    assert ordered >= 0.8


@pytest.mark.parametrize(
    ("message", "mode"),
    [
        ("what is the boiling point of water", "System"),
        ("imagine a city under the sea", "Dream"),
        ("i feel lonely today", "Anima"),
    ],
)
def test_plain_intents_are_understood(body: Body, attunement: Attunement, message: str, mode: str) -> None:
    assert _intent(body, attunement, message) == mode


def test_seeming_is_not_seeing(body: Body, attunement: Attunement) -> None:
    assert _intent(body, attunement, "seems fine to me") != "Dream"


@pytest.mark.parametrize(
    "message", ["i walked home along the river", "my goldfish stares at me", "about three weeks ago"]
)
def test_what_calls_for_no_mode_is_heard_at_home(body: Body, attunement: Attunement, message: str) -> None:
    assert _intent(body, attunement, message) == "Anima"


def _intent(body: Body, attunement: Attunement, message: str) -> str:
    intent = Intent(attunement.intents, attunement.intent_mean, Prism().intent_margin, torch.device("cpu"))
    heard = listen(body, [Utterance(message)])
    return intent.choose(mean_levels(body.sae, heard, attunement.p99)[0], "Anima")


def test_every_mode_resolves_and_stays_within_kappa(body: Body, attunement: Attunement) -> None:
    modes = [resolve(recipe, attunement, body.sae.directions) for recipe in attunement.modes]
    assert [mode.name for mode in modes] == ["Anima", "System", "Dream"]
    assert all(0 < mode.push.norm() <= Prism().kappa for mode in modes)
    assert modes[1].ceiling.isfinite().any()


def test_neighbours_on_the_cortex_are_more_alike_than_strangers(body: Body, attunement: Attunement) -> None:
    strangers = torch.randperm(body.sae.d_sae, generator=torch.manual_seed(0)).int()
    near = neighbour_similarity(body.sae.directions, attunement.cortex, attunement.cortex_width)
    far = neighbour_similarity(body.sae.directions, strangers, attunement.cortex_width)
    assert near > far + 0.05


def test_labels_can_be_shown_as_they_are(body: Body, attunement: Attunement) -> None:
    assert len(attunement.labels) > 0.9 * body.sae.d_sae
    assert all(label.isprintable() and 0 < len(label) < 32 for label in attunement.labels.values())
