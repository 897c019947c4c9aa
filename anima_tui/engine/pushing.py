"""What she would say if one feature were pushed: the same message answered thrice, with equal draws."""

from __future__ import annotations

from collections.abc import Sequence

from anima_tui.engine.attune.listen import answering
from anima_tui.engine.attune.reader import Reader
from anima_tui.engine.attune.strengths import answer, push
from anima_tui.engine.body import Body
from anima_tui.engine.mind import Mind
from anima_tui.errors import AnimaError
from anima_tui.wire import Pushed

PUSH = 0.5
"""Share of ‖h‖."""
TOKENS = 48


def replies(body: Body, prompts: Sequence[list[int]], feature: int, share: float) -> tuple[list[str], ...]:
    """To each prompt (token ids), with a push of `share` of ‖h‖ against the feature, with none, and along it.

    Raises AnimaError for a feature that does not exist.
    """
    if not 0 <= feature < body.sae.d_sae:
        raise AnimaError(f"there is no feature {feature}; this body's are 0 to {body.sae.d_sae - 1}.")
    heard, direction = Reader.of(body, prompts), body.sae.directions[feature].float()
    return tuple(answer(heard, push(direction, alpha), TOKENS).replies for alpha in (-share, 0.0, share))


def pushed(mind: Mind, feature: int, message: str) -> Pushed:
    """What she answers to `message` out of the blue. No mode steers and nothing is learned.

    Raises AnimaError for a feature that does not exist, for a message that is too long, and for a body whose parts lie
    in several processes.
    """
    body = mind.body
    if body.line is not None:
        raise AnimaError("a body that is divided among several devices cannot be pushed along one feature.")
    ids = answering(body, mind.scribe, message).ids
    if len(ids) + TOKENS > body.context_tokens:
        raise AnimaError(f"this message needs {len(ids)} tokens, too many to be answered thrice; take a shorter one.")
    (against,), (without,), (along,) = replies(body, [ids], feature, PUSH)
    return Pushed(feature=feature, user=message, against=against, without=without, along=along)
