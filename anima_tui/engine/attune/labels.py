"""A few plain words for each feature: what it fires on, and what it makes more likely to be said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from anima_tui.engine.attune.levels import encoded
from anima_tui.engine.attune.listen import Heard
from anima_tui.engine.body import Body
from anima_tui.text import safe_line

LONGEST = 31
_FEW = 6
"""Added to a word's count, so that one lucky occurrence does not name a feature."""
_COMMON = 20
"""Tokens from which a word is common enough to be named as promoted."""
_PROMOTED = 4.0
"""Standard deviations above other features from which a promoted word is worth naming."""
_CHUNK = 2048
_MARKS = "\"'.,;:!?()-*"
_WORD = re.compile(r"[^\W\d_]{2,}(?:'[a-z]+)?")


def label_features(
    body: Body, heard: Sequence[Heard], p99: Tensor, features_of: Mapping[str, Sequence[int]]
) -> dict[int, str]:
    """Labels like "negative: awful → hurts": at most `LONGEST` printable characters each."""
    fires_on, common = _fires_on(body, heard, p99)
    promotes = _promotes(body, common)
    concept = {feature: name for name in reversed(list(features_of)) for feature in features_of[name]}
    return {
        feature: _fitted(f"{concept[feature]}: " if feature in concept else "", words, promotes[feature])
        for feature, words in fires_on.items()
    }


def _fitted(prefix: str, words: Sequence[str], says: str) -> str:
    """The most that has room: two words it fires on and one it promotes, or less."""
    arrow = f" → {says}" if says and says not in words else ""
    texts = [", ".join(words[:2]) + arrow, words[0] + arrow, ", ".join(words[:2]), words[0]]
    fitting = (prefix + text for text in texts if len(prefix + text) <= LONGEST)
    return next(fitting, (prefix + words[0])[:LONGEST])


def _fires_on(body: Body, heard: Sequence[Heard], p99: Tensor) -> tuple[dict[int, list[str]], set[str]]:
    """Feature -> the words it answers most strongly to on average, rare words discounted; and the words that
    are common."""
    names: dict[str, int] = {}
    keys: list[Tensor] = []
    values: list[Tensor] = []
    count = torch.zeros(0)
    for part in heard:
        word = torch.tensor([names.setdefault(w, len(names)) for w in _words(body, part)])
        count = torch.nn.functional.pad(count, (0, len(names) - len(count)))
        count += torch.bincount(word, minlength=len(names))
        for piece, activations in encoded(body.sae, part.residuals):
            token, feature = activations.nonzero(as_tuple=True)
            keys.append(feature << 32 | word[piece][token])
            values.append((activations[token, feature] / p99[feature]).clamp(max=1.0))
    pairs, pair = torch.cat(keys).unique(return_inverse=True)
    sums = torch.zeros(len(pairs)).index_add_(0, pair, torch.cat(values))
    feature, word = pairs >> 32, pairs & 0xFFFFFFFF
    score = sums / (count[word] + _FEW)
    spelling = list(names)
    found: dict[int, list[str]] = {}
    for index in score.argsort(descending=True).tolist():
        words = found.setdefault(int(feature[index]), [])
        name = spelling[int(word[index])]
        if len(words) < 2 and name and name not in words:
            words.append(name)
    common = {name for name, times in zip(spelling, count.tolist(), strict=True) if times >= _COMMON}
    return {feature: words for feature, words in found.items() if words}, common


def _words(body: Body, heard: Heard) -> list[str]:
    """The whole word, lower case, that each token is a part of; "" for what is not printable."""
    pieces = [str(body.tokenizer.decode([token])) for token in heard.ids.tolist()]
    starts = torch.ones(len(pieces), dtype=torch.bool)
    starts[1:] = heard.utterance[1:] != heard.utterance[:-1]
    words: list[str] = []
    begin = 0
    for index in range(1, len(pieces) + 1):
        if index == len(pieces) or starts[index] or not (pieces[index][:1].isalpha() or pieces[index][:1] == "'"):
            word = safe_line("".join(pieces[begin:index])).lower()
            word = word.strip(_MARKS) or word
            words += [word if word.isprintable() and "\ufffd" not in word else ""] * (index - begin)
            begin = index
    return words


def _promotes(body: Body, common: set[str]) -> list[str]:
    """For each feature the common word whose logit it raises most, against what other features raise, or "".

    The unembedding of its direction (the logit lens); the final norm is left out, as it only scales.
    """
    unembedding: Tensor = cast(nn.Linear, body.model.get_output_embeddings()).weight.detach().float().cpu()
    pieces = [str(body.tokenizer.decode([token])) for token in range(len(unembedding))]
    known = [i for i, p in enumerate(pieces) if p[:1] == " " and p[1:] in common and _WORD.fullmatch(p[1:])]
    if not known:
        return [""] * body.sae.d_sae
    vectors = unembedding[known]
    directions = body.sae.directions.float().cpu()
    mean = vectors @ directions.mean(0)
    spread = (vectors @ torch.cov(directions.T) * vectors).sum(1).clamp(min=1e-12).sqrt()
    promoted: list[str] = []
    for rows in directions.split(_CHUNK):
        raised, word = ((rows @ vectors.T - mean) / spread).max(dim=1)
        pairs = zip(raised.tolist(), word.tolist(), strict=True)
        promoted += [pieces[known[w]][1:] if r >= _PROMOTED else "" for r, w in pairs]
    return promoted
