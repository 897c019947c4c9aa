"""The three modes in terms of one body: how hard each pushes, measured on its own replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from anima_tui.engine.attune.concepts import Concept
from anima_tui.engine.attune.reader import Steer
from anima_tui.engine.attune.steps import Steps
from anima_tui.engine.attune.strengths import KL_BOUND, both, push, speak, strongest_within, suppress
from anima_tui.engine.attune.voices import VoiceEar
from anima_tui.engine.attunement import ModeRecipe
from anima_tui.engine.body import Body
from anima_tui.settings import Prism

STRENGTHS = (0.0, 0.05, 0.1, 0.15, 0.175, 0.2, 0.3, 0.4)
CLEAR = 0.9
"""Share of replies in the mode's voice that is enough: a harder push only costs words."""
NOTICED = 0.8
"""Share from which a listener notices the voice at all."""
LUCK = 0.05
"""Share that a draw of replies moves by chance."""
_FOUND = 0.7
"""Held-out AUROC below which a body does not hold a concept plainly enough to silence it."""
_LOUDEST = 4.0
"""Nats of KL above which words fall apart, however clear the voice."""


@dataclass(frozen=True)
class _Plan:
    mode: str
    description: str
    hue: str
    concept: str
    silences: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


_PLANS = (
    _Plan(
        "Anima",
        "warm, curious, near to you",
        "#e0af68",
        "empathy",
        examples=("i feel lonely today", "how are you?", "my dog died", "i got the job!"),
    ),
    _Plan(
        "System",
        "dry, precise, factual",
        "#7dcfff",
        "logic",
        silences=("empathy", "imagination", "fantasy"),
        examples=("what is the boiling point of water", "how do magnets work", "why is the sky blue"),
    ),
    _Plan(
        "Dream",
        "images, patterns, metaphor",
        "#bb9af7",
        "imagination",
        examples=("imagine a city under the sea", "tell me a story about a fox", "write a poem about rain"),
    ),
)


@dataclass(frozen=True)
class Effect:
    """What an offset does to the replies, and how far it makes them stray."""

    kl95: float
    """Nats."""
    share: float
    """Of the replies that are as they should be: in the mode's voice, say."""
    repetition: float

    def __str__(self) -> str:
        return f"KL95 {self.kl95:.2f}, share {self.share:.0%}, repetition {self.repetition:.1%}"


@dataclass(frozen=True)
class TunedMode:
    recipe: ModeRecipe
    kl: float
    """95th percentile of KL in nats, of the whole recipe."""
    curve: dict[float, Effect]
    """Push α -> what it does."""
    notes: list[str]


def tune_modes(
    body: Body,
    concepts: Mapping[str, Concept],
    p99: Tensor,
    ear: VoiceEar,
    prompts: Sequence[list[int]],
    steps: Steps,
    tell: Callable[[str], None],
) -> list[TunedMode]:
    """Recipes for Anima, System and Dream. `prompts`: token ids up to where a reply begins.

    Each pushes as hard as the iso-KL rule allows, or less where that makes its voice clear already or no clearer; where
    it leaves the voice as it was, with the least strength at which it is noticed. The notes name both.
    """

    def tuned(plan: _Plan) -> TunedMode:
        def measure(name: str, steer: Steer) -> Effect:
            return steps.once(f"{plan.mode}-{name}", lambda: _effect(body, plan, steer, ear, prompts))

        return _tune(body, plan, concepts, p99, measure, tell)

    return [tuned(plan) for plan in _PLANS]


def _tune(
    body: Body,
    plan: _Plan,
    concepts: Mapping[str, Concept],
    p99: Tensor,
    measure: Callable[[str, Steer], Effect],
    tell: Callable[[str], None],
) -> TunedMode:
    direction = concepts[plan.concept].direction
    alpha, curve, notes = _strength(plan.mode, lambda a: measure(f"push-{a:g}", push(direction, a)), tell)
    effect = curve[alpha]
    suppressed: dict[str, float] = {}
    silences = [name for name in plan.silences if concepts[name].auroc >= _FOUND and concepts[name].features]
    if silenced := [feature for name in silences for feature in concepts[name].features]:
        ceiling = _ceiling(p99, silenced)
        suppressed = dict.fromkeys(silences, ceiling)
        cut = suppress(body, silenced, ceiling)
        alone = measure("cut", cut)
        effect = measure("whole", both(push(direction, alpha), cut, Prism().kappa))
        notes.append(f"{plan.mode}: suppression above {ceiling:g} alone: {alone}; with the push: {effect}")
        tell(notes[-1])
    recipe = ModeRecipe(
        name=plan.mode,
        description=plan.description,
        hue=plan.hue,
        push={plan.concept: alpha},
        suppress=suppressed,
        examples=list(plan.examples),
    )
    return TunedMode(recipe, round(effect.kl95, 3), curve, notes)


def _strength(
    mode: str, pushed: Callable[[float], Effect], tell: Callable[[str], None]
) -> tuple[float, dict[float, Effect], list[str]]:
    """The strength to use, what each strength does, and the table it was chosen from."""
    effects: dict[float, Effect] = {}

    def at(alpha: float) -> Effect:
        if alpha not in effects:
            effects[alpha] = pushed(alpha)
            tell(f"{mode}: push {alpha:g}: {effects[alpha]}")
        return effects[alpha]

    rule, _ = strongest_within(lambda alpha: at(alpha).kl95, STRENGTHS[-1])
    for alpha in STRENGTHS:
        at(alpha)
    within = [a for a in sorted(effects) if a <= rule and effects[a].kl95 <= KL_BOUND]
    bearable = [a for a in sorted(effects) if a >= rule and effects[a].kl95 <= _LOUDEST]
    # From here on, not once by luck.
    best = max(effects[a].share for a in within)
    clear = [a for a in within if all(effects[b].share >= CLEAR for b in within if b >= a)]
    noticed = [a for a in bearable if all(effects[b].share >= NOTICED for b in bearable if b >= a)]
    steady = [a for a in within if all(effects[b].share >= best - LUCK for b in within if b >= a)]
    clearest = [a for a in steady if effects[a].share == best > effects[0.0].share]
    chosen = min(clear, default=min(noticed, default=min(clearest, default=rule)))
    curve = {alpha: effects[alpha] for alpha in sorted(effects)}
    notes = [f"{mode}: push {alpha:g}: {effect}" for alpha, effect in curve.items()]
    notes.append(f"{mode}: {rule:g} is the strongest push within {KL_BOUND:g} nat; {chosen:g} is used")
    tell(notes[-1])
    return chosen, curve, notes


def _effect(body: Body, plan: _Plan, steer: Steer, ear: VoiceEar, prompts: Sequence[list[int]]) -> Effect:
    said = speak(body, prompts, steer)
    return Effect(said.kl95, ear.share(said.replies, plan.mode), said.repetition)


def _ceiling(p99: Tensor, features: Sequence[int]) -> float:
    """Three quarters of what is usual for these features at their strongest: below it they carry ordinary words."""
    return round(0.75 * float(p99[list(features)].median()), 2)
