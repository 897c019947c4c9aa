"""What she would say if one feature were pushed: the same message answered thrice, with equal draws."""

from __future__ import annotations

from anima_tui.engine.attune.listen import answering
from anima_tui.engine.attune.reader import Reader
from anima_tui.engine.attune.strengths import answer, push
from anima_tui.engine.mind import Mind
from anima_tui.errors import AnimaError
from anima_tui.wire import Pushed

PUSH = 0.5
"""Share of ‖h‖."""
TOKENS = 48


def pushed(mind: Mind, feature: int, message: str) -> Pushed:
    """Answer `message` out of the blue with a push against the feature, with none, and with a push along it.

    No mode steers and nothing is learned. Raises AnimaError for a feature that does not exist, for a message that is
    too long, and for a body whose parts lie in several processes.
    """
    body = mind.body
    if not 0 <= feature < body.sae.d_sae:
        raise AnimaError(f"there is no feature {feature}; this body's are 0 to {body.sae.d_sae - 1}.")
    if body.line is not None:
        raise AnimaError("a body that is divided among several devices cannot be pushed along one feature.")
    ids = answering(body, mind.scribe, message).ids
    if len(ids) + TOKENS > body.context_tokens:
        raise AnimaError(f"this message needs {len(ids)} tokens, too many to be answered thrice; take a shorter one.")
    heard = Reader.of(body, [ids])
    direction = body.sae.directions[feature].float()
    against, without, along = (answer(heard, push(direction, share), TOKENS).replies[0] for share in (-PUSH, 0.0, PUSH))
    return Pushed(feature=feature, user=message, against=against, without=without, along=along)
