"""Attunement of a small random body, from a corpus written for the test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from attune_material import write_corpus
from minds import paths_under
from tiny_body import write_body

from anima_tui.engine.attune import curves, measure, modes
from anima_tui.engine.attune.command import main
from anima_tui.engine.attune.corpus import read_corpus
from anima_tui.engine.attune.listen import Utterance, listen
from anima_tui.engine.attune.material import Material, calling_messages, felt_messages, parallel_replies, read_material
from anima_tui.engine.attune.measure import KINDS, Measured, attune
from anima_tui.engine.attune.report import write_report
from anima_tui.engine.attune.steps import Steps
from anima_tui.engine.attune.strengths import push, speak, strongest_within
from anima_tui.engine.attunement import Attunement
from anima_tui.engine.body import Body, load_body
from anima_tui.errors import AnimaError

CONCEPTS = set("empathy identity fantasy imagination logic negation uncertainty positive negative".split())


@pytest.fixture(scope="module", autouse=True)
def little_to_measure() -> Iterator[None]:
    """A curve of a few points shows all that one of many does, and so do the replies to a few prompts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "STRENGTHS", (0.0, 0.4))
        patch.setattr(modes, "STRENGTHS", (0.0, 0.15, 0.4))
        patch.setattr(measure, "_PROMPTS", 4)
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("material") / "corpus"
    write_corpus(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Body:
    root = tmp_path_factory.mktemp("bodies")
    write_body(root / "tiny")
    return load_body(str(root / "tiny"), paths_under(root), lambda stage, fraction: None)


@pytest.fixture(scope="module")
def material(corpus: Path) -> Material:
    """As shipped, but for the corpus and a part of the contrasts."""
    whole = read_material(corpus, None)
    return replace(whole, pairs=[pair for n, pair in enumerate(whole.pairs) if n % 62 < 12])


@pytest.fixture(scope="module")
def steps(tiny: Body, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    return Steps(tmp_path_factory.mktemp("cache") / "tiny", tiny.fingerprint, KINDS)


@pytest.fixture(scope="module")
def measured(tiny: Body, material: Material, steps: Steps) -> Measured:
    return attune(tiny, material, steps, lambda line: None)


@pytest.fixture(scope="module")
def made(measured: Measured) -> Attunement:
    return measured.attunement


def test_attunement_is_whole_and_survives_the_disk(tiny: Body, made: Attunement, tmp_path: Path) -> None:
    made.save(tmp_path / "attunement")
    read = Attunement.load(tmp_path / "attunement")

    assert read.fingerprint == tiny.fingerprint
    assert read.p99.dtype == torch.float32
    assert (read.p99 > 0).all()
    assert read.turn_valence is not None
    axes = (read.valence.direction, read.turn_valence.direction)
    assert all(direction.shape == (tiny.sae.d_in,) for direction in axes)
    units = [*axes, *read.concepts.values()]
    assert all(torch.isclose(vector.norm(), torch.tensor(1.0), atol=1e-5) for vector in units)
    assert set(read.concepts) == CONCEPTS
    assert set(read.features_of) == set(read.concepts)
    assert all(len(set(f)) == len(f) <= 12 for f in read.features_of.values())
    assert {name: c.shape for name, c in read.intents.items()} == dict.fromkeys(
        ("Anima", "System", "Dream"), read.intent_mean.shape
    )
    assert len(read.cortex.unique()) == tiny.sae.d_sae
    assert read.cortex.min() >= 0 and read.cortex.max() < read.cortex_width**2
    assert [mode.name for mode in read.modes] == ["Anima", "System", "Dream"]
    assert all(len(label) < 32 and label.isprintable() for label in read.labels.values())
    assert torch.equal(read.p99, made.p99)
    assert read.report == made.report
    assert read.labels == made.labels


def test_a_run_that_is_stopped_again_and_again_finds_the_same(
    tiny: Body, material: Material, made: Attunement, tmp_path: Path
) -> None:
    kept: dict[Path, int] = {}
    for line in (1, 4, 9, 25):
        with pytest.raises(KeyboardInterrupt):
            attune(tiny, material, Steps(tmp_path / "steps", "tiny", KINDS), _stop_at(line))
        assert all(file.stat().st_mtime_ns == written for file, written in kept.items() if file.exists())
        now = {file: file.stat().st_mtime_ns for file in (tmp_path / "steps").glob("*.pt")}
        assert now.keys() - kept.keys()
        kept = now
    again = attune(tiny, material, Steps(tmp_path / "steps", "tiny", KINDS), lambda line: None).attunement
    assert again.report == made.report
    assert again.labels == made.labels
    assert torch.equal(again.p99, made.p99)


def _stop_at(line: int) -> Callable[[str], None]:
    left = itertools.count(line - 1, -1)

    def tell(_: str) -> None:
        if next(left) == 0:
            raise KeyboardInterrupt

    return tell


def test_what_is_finished_is_not_measured_again(tiny: Body, material: Material, made: Attunement, steps: Steps) -> None:
    passes: list[object] = []
    counter = tiny.layer.register_forward_hook(lambda layer, inputs, output: passes.append(layer))
    try:
        assert attune(tiny, material, steps, lambda line: None).attunement.report == made.report
    finally:
        counter.remove()
    assert not passes


def test_steps_of_another_body_are_not_gone_on_from(tmp_path: Path) -> None:
    assert Steps(tmp_path / "steps", "one", KINDS).once("count", lambda: 1) == 1
    assert Steps(tmp_path / "steps", "one", KINDS).once("count", lambda: 2) == 1
    assert Steps(tmp_path / "steps", "other", KINDS).once("count", lambda: 3) == 3
    assert Steps(tmp_path / "steps", "one", KINDS).once("count", lambda: 4) == 4


def test_a_damaged_step_is_taken_again(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "steps", "x", KINDS)
    assert steps.once("count", lambda: {"n": 1}) == {"n": 1}
    (tmp_path / "steps" / "count.pt").write_bytes(b"PK\x03\x04 cut")
    assert steps.once("count", lambda: {"n": 2}) == {"n": 2}
    assert steps.once("count", lambda: {"n": 3}) == {"n": 2}


def test_the_report_is_one_page_without_a_network(measured: Measured, tmp_path: Path) -> None:
    feature = measured.concepts["empathy"].features[0]
    labels = measured.attunement.labels | {feature: "<script>alert(1)</script>"}
    attunement = replace(measured.attunement, labels=labels)
    write_report(tmp_path / "report.html", "<b>tiny", replace(measured, attunement=attunement))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    assert "<b>tiny" not in page
    assert 'src="http' not in page
    assert all(f"<td>{name}</td><td>#{concept.features[0]}</td>" in page for name, concept in measured.concepts.items())
    assert measured.curves.keys() == CONCEPTS
    for name, curve in measured.curves.items():
        assert curve[0.0].kl95 < 1e-4 < curve[0.4].kl95
        assert f"<td>{name}</td><td>0.4</td><td>{curve[0.4].kl95:.2f}</td><td>{curve[0.4].share:.0%}</td>" in page
    assert all(f"<td>{mode}</td><td>0.15</td>" in page for mode in ("Anima", "System", "Dream"))


def test_a_text_is_never_both_fitted_on_and_held_out(corpus: Path) -> None:
    blocks = read_corpus(corpus)
    for messages in (felt_messages(blocks, None), calling_messages(blocks)):
        fitted = {m.text.lower() for m in messages if not m.held_out}
        held_out = {m.text.lower() for m in messages if m.held_out}
        assert fitted and held_out
        assert not fitted & held_out


def test_one_topic_lies_on_one_side_of_the_split(corpus: Path) -> None:
    sides: dict[str, set[bool]] = {}
    for block in read_corpus(corpus):
        sides.setdefault(block.topic, set()).add(block.held_out)
    assert all(len(side) == 1 for side in sides.values())


def test_every_slot_is_filled_and_bound_once_per_block(tmp_path: Path) -> None:
    (tmp_path / "slots.toml").write_text('animal = ["owl", "ibex"]\n')
    (tmp_path / "01-x.txt").write_text(
        "# x\nU: a {animal} and a {animal2}\nA: {animal}!\nS: {animal}.\nD: {animal2}?\n"
    )
    (turn,) = read_corpus(tmp_path)[0].turns
    first = turn.replies["S"][0].rstrip(".").lower()
    second = turn.replies["D"][0].rstrip("?").lower()
    assert {first, second} == {"owl", "ibex"}
    assert turn.says == [f"an {first} and an {second}"]


def test_a_folder_without_a_corpus_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AnimaError, match="cannot be read as a corpus"):
        read_corpus(tmp_path)


def test_every_message_is_answered_in_all_three_voices(corpus: Path) -> None:
    replies = parallel_replies(read_corpus(corpus), 10)
    voices: dict[str, set[str]] = {}
    for reply in replies:
        voices.setdefault(reply.after, set()).add(reply.voice)
    assert all(heard == {"Anima", "System", "Dream"} for heard in voices.values())


def test_only_the_words_themselves_are_heard(tiny: Body) -> None:
    heard = listen(tiny, [Utterance("hello"), Utterance("fine, thanks", after="how are you"), Utterance("no")])
    text = {n: tiny.tokenizer.decode(heard.ids[heard.utterance == n]) for n in range(3)}
    assert text == {0: "hello", 1: "fine, thanks", 2: "no"}


def test_an_utterance_sounds_the_same_alone_and_in_a_batch(tiny: Body) -> None:
    alone = listen(tiny, [Utterance("no")]).residuals
    batch = listen(tiny, [Utterance("a much longer message than that"), Utterance("no")])
    torch.testing.assert_close(batch.residuals[batch.utterance == 1], alone, rtol=1e-4, atol=1e-5)


def test_the_strength_found_keeps_the_bound_when_measured_again(tiny: Body) -> None:
    direction = torch.nn.functional.normalize(torch.randn(tiny.sae.d_in, generator=torch.manual_seed(3)), dim=0)
    prompts = [tiny.tokenizer(text)["input_ids"] for text in ("<|bos|>hello", "<|bos|>how are you", "<|bos|>x")]

    def kl95(alpha: float) -> float:
        return speak(tiny, prompts, push(direction, alpha), tokens=12).kl95

    bound = kl95(0.8) / 2
    assert bound > 0
    alpha, measured = strongest_within(kl95, 0.8, bound)
    assert 0 < alpha < 0.8
    assert measured == kl95(alpha) <= bound


def test_an_unsteered_reply_does_not_diverge(tiny: Body) -> None:
    said = speak(tiny, [[1, 20, 30], [1, 40]], push(torch.zeros(tiny.sae.d_in), 1.0), tokens=8)
    assert len(said.kl) > 0
    assert said.kl.abs().max() < 1e-6


def test_an_attunement_of_another_body_or_a_lack_of_labels_does_not_stand_in_the_way_of_a_new_one(
    tiny_body_folder: Path,
    tiny: Body,
    made: Attunement,
    corpus: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path / "anima"))
    replace(made, fingerprint="of another body").save(tiny_body_folder / "attunement")
    assert main(["--body", str(tiny_body_folder), "--corpus", str(corpus), "--labels", "neuronpedia"]) == 0
    said = capsys.readouterr().out
    assert "Neuronpedia does not know this body's SAE" in said
    assert str(tiny_body_folder / "attunement" / "report.html") in said
    assert (tiny_body_folder / "attunement" / "report.html").is_file()
    assert Attunement.load(tiny_body_folder / "attunement").fingerprint == tiny.fingerprint
