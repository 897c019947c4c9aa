"""The atlas: parts add up to the whole, contexts hold their token, and a soul is only read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from anima_tui.engine import pushing
from anima_tui.errors import AnimaError, SoulUnreadable
from anima_tui.lab.features import pushed
from anima_tui.lab.features.atlas import Chart, atlas_of, atlas_page
from anima_tui.lab.features.diary import said_in, valence_over_time
from anima_tui.lab.features.firing import Firing, Said, Tokens, measure_firing
from anima_tui.lab.features.lens import lenses
from anima_tui.lab.features.study import gathered
from anima_tui.lab.living.days import Clock, living, talk
from anima_tui.lab.study import Row
from anima_tui.lab.subject import Subject
from anima_tui.settings import Decode, Settings

TEXTS = [
    Said("my dog died and i cry all day"),
    Said("That hurts. What was he like?", "my dog died"),
    Said("what a lovely day!"),
]


def rows_of(subject: Subject, texts: list[Said]) -> list[Row]:
    firings, tokens = measure_firing(subject, texts)
    whole: Row = {"tokens": tokens.count, "valence": tokens.valence, "squared": tokens.squared}
    return [whole, *({"feature": feature} | firing.row() for feature, firing in firings.items())]


def test_parts_add_up_to_the_whole(subject: Subject) -> None:
    whole, all_tokens = gathered(rows_of(subject, TEXTS))
    parts, tokens = gathered(rows_of(subject, TEXTS[:1]) + rows_of(subject, TEXTS[1:]))
    assert tokens.count == all_tokens.count
    assert parts.keys() == whole.keys()
    for feature, firing in whole.items():
        assert parts[feature].fired == firing.fired == int(firing.histogram.sum())
        assert parts[feature].with_valence == pytest.approx(firing.with_valence, abs=1e-3)
        assert {text for _, text in parts[feature].contexts} == {text for _, text in firing.contexts}
        assert len(firing.contexts) <= len(TEXTS)
        assert all(text.count("‹") == 1 for _, text in firing.contexts)


def test_the_correlation_is_pearsons() -> None:
    levels, valences = np.array([0.0, 0.5, 1.0, 0.0]), np.array([-0.2, 0.3, 0.4, 0.1])
    firing = Firing(2, levels.sum(), (levels**2).sum(), (levels * valences).sum())
    tokens = Tokens(4, valences.sum(), (valences**2).sum())
    assert tokens.correlation(firing) == pytest.approx(np.corrcoef(levels, valences)[0, 1])
    assert tokens.correlation(Firing()) == 0.0


def test_words_in_the_atlas_stay_words(subject: Subject) -> None:
    hostile = "</script><script>alert(1)</script><b>"
    own = {3: Firing(contexts=[(1.0, hostile)])}
    page = atlas_page(atlas_of(Chart(subject.body.card, {}, Tokens(10), lenses(subject), own, {})), "seedling")
    assert hostile not in page
    data = page.partition("<script id='data' type='application/json'>")[2].partition("</script>")[0]
    features = json.loads(data)["features"]
    assert features[3]["own"] == [[1.0, hostile]]
    assert len(features) == subject.body.sae.d_sae
    assert sorted(feature["cell"] for feature in features) == list(range(subject.body.sae.d_sae))
    assert all(len(feature["promoted"]) == 8 and feature["neighbours"] for feature in features)


def test_a_soul_is_read_and_left_as_it_was(subject: Subject, tmp_path: Path) -> None:
    clock = Clock()
    with living(subject, tmp_path / "soul", Settings(decode=Decode(max_new_tokens=8, seed=0)), clock) as mind:
        talk(mind, clock, ["my dog is called Biscuit"] * 2)
    file = tmp_path / "soul" / "soul.db"
    before = hashlib.sha256(file.read_bytes()).digest()
    said = said_in(tmp_path / "soul", 10)
    assert [one.text for one in said if one.after is None] == ["my dog is called Biscuit"] * 2
    over_time = valence_over_time(tmp_path / "soul")
    assert all(len(course) == 6 for course in over_time.values())
    assert hashlib.sha256(file.read_bytes()).digest() == before
    with pytest.raises(SoulUnreadable):
        said_in(tmp_path, 10)


def test_a_push_is_shown_beside_none(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "TOKENS", 6)
    monkeypatch.setattr(pushed, "MESSAGES", pushed.MESSAGES[:2])
    lines = pushed.lines(subject, 608, 100)
    assert lines[0].startswith("#608")
    assert any("push -0.3" in line and "without" in line and "push +0.3" in line for line in lines)
    assert "> how are you today?" in lines
    with pytest.raises(AnimaError, match="0 to 4095"):
        pushed.show("seedling", 4096)
