"""Strength curves: what a push along each concept's direction does to the replies, against how far they stray."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from anima_tui.engine.attune.concepts import Concept
from anima_tui.engine.attune.listen import Utterance, listen
from anima_tui.engine.attune.modes import Effect
from anima_tui.engine.attune.reader import Reader
from anima_tui.engine.attune.steps import Steps
from anima_tui.engine.attune.strengths import Steered, answer, push
from anima_tui.engine.body import Body

STRENGTHS = (0.0, 0.05, 0.1, 0.2, 0.4)

Curves = dict[str, dict[float, Effect]]
"""Concept -> push α -> what it does; its share is that of the replies which show the concept."""


def draw_curves(
    body: Body,
    concepts: Mapping[str, Concept],
    after: str,
    prompts: Sequence[list[int]],
    steps: Steps,
    tell: Callable[[str], None],
) -> Curves:
    """A reply to each prompt (token ids) at every strength. The bare body then hears it as an answer to `after`.

    A reply shows a concept when its mean residual lies on the concept's side of the threshold.
    """

    @cache
    def reader() -> Reader:
        return Reader.of(body, prompts)

    def effect(concept: Concept, alpha: float) -> Effect:
        said = answer(reader(), push(concept.direction, alpha))
        return Effect(said.kl95, _share(body, concept, said, after), said.repetition)

    def curve(name: str, concept: Concept) -> dict[float, Effect]:
        drawn: dict[float, Effect] = {}
        for alpha in STRENGTHS:
            drawn[alpha] = steps.once(f"curve-{name}-{alpha:g}", lambda alpha=alpha: effect(concept, alpha))
        tell(f"{name}: " + "; ".join(f"{alpha:g} {effect}" for alpha, effect in drawn.items()))
        return drawn

    return {name: curve(name, concept) for name, concept in concepts.items()}


def _share(body: Body, concept: Concept, said: Steered, after: str) -> float:
    replies = [reply for reply in said.replies if reply.strip()]
    if not replies:
        return 0.0
    heard = listen(body, [Utterance(reply, after) for reply in replies])
    shown = heard.per_utterance(heard.residuals) @ concept.direction > concept.threshold
    return float(shown.float().sum()) / len(said.replies)
