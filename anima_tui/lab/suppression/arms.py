"""The ways to keep her from a topic: forbidding it, three kinds of negative steering, and both together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anima_tui.engine.attune.reader import Steer
from anima_tui.engine.attune.strengths import push
from anima_tui.lab.offsets import ablate, clamp, nothing
from anima_tui.lab.subject import Subject
from anima_tui.lab.vectors import MEANS, Learned
from anima_tui.settings import Prism

CLAMP, CONSTANT, ABLATION = "gated clamp", "constant vector", "ablation"
BARE, PROMPT = "nothing", "prompt"
STEERED = (CLAMP, CONSTANT, ABLATION)

STRENGTHS: Mapping[str, tuple[float, ...]] = {
    CLAMP: (0.5, 0.25, 0.0),  # ceilings, shares of each feature's 99th percentile
    CONSTANT: (0.1, 0.2, 0.3, 0.4),  # shares of ‖h‖ along the difference in means, away from the topic
    ABLATION: (1.0, 2.0),  # of the component along it: taken away, or mirrored
}


@dataclass(frozen=True)
class Arm:
    """`steering`: a kind of negative steering or None; `forbids`: whether the prompt forbids the topic, too."""

    steering: str | None
    forbids: bool


ARMS = {
    BARE: Arm(None, forbids=False),
    PROMPT: Arm(None, forbids=True),
    **{kind: Arm(kind, forbids=False) for kind in STEERED},
    **{f"prompt and {kind}": Arm(kind, forbids=True) for kind in STEERED},
}


def offset(subject: Subject, learned: Learned, kind: str | None, strength: float) -> Steer:
    """The steering of one arm, as strong as `strength` says in the units of its kind."""
    match kind:
        case "gated clamp":
            ceilings = strength * subject.p99[learned.features]
            return clamp(subject.body.sae, learned.features, ceilings, Prism().kappa)
        case "constant vector":
            return push(learned.directions[MEANS], -strength)
        case "ablation":
            return ablate(learned.directions[MEANS], strength)
        case _:
            return nothing
