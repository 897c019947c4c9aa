"""A body and a soul joined: the organs at work, and the conversation that is in the body's context."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anima_tui.engine.body import Body
from anima_tui.engine.checkpoint import Checkpoint, write_checkpoint
from anima_tui.engine.cuda.context import capturable, context_for
from anima_tui.engine.cuda.sampler import CapturedSampler
from anima_tui.engine.decode import Context, Sampler
from anima_tui.engine.evidence import Evidence
from anima_tui.engine.hearing import heard, scribe_of
from anima_tui.engine.metabolism import LoopGuard, Metabolism
from anima_tui.engine.night.gate import RULES, Rule
from anima_tui.engine.parallel.leading import LeadingContext
from anima_tui.engine.prism import BARE_MODES, Intent, Mode, Prism, resolve
from anima_tui.engine.reading import Reading
from anima_tui.engine.reservoir import Reservoir
from anima_tui.engine.soul import OrganState, Soul
from anima_tui.engine.tap import Tap, alone
from anima_tui.engine.valence import Lexicon, Readout, Valence
from anima_tui.errors import AnimaError, SoulUnwritable
from anima_tui.settings import Settings
from anima_tui.wire import Exchange, ModeCard, Recollection, Vitals

ACTIVE = 64
"""Strongest features of a token that take part in learning and steering; above the L0 of the catalogue's SAEs."""

IN_CONTEXT = 40
"""Exchanges of the day that a start takes up again; what does not fit the context leaves it at the first turn."""

Phase = Literal["awake", "nap", "thinking", "speaking", "drowsy", "deep", "dream", "consolidate", "gate", "wake"]


@dataclass
class Conversation:
    """What stands in the body's context besides the message to be answered."""

    past: list[Exchange] = field(default_factory=list[Exchange])
    recalled: list[Recollection] = field(default_factory=list[Recollection])
    system: str | None = None
    """The rendered system prompt; None: to be written anew for the next message."""

    def renew(self) -> None:
        self.system = None


class Mind:
    """Holds the organs and lends them to whoever conducts: a turn, or a night."""

    def __init__(self, body: Body, soul: Soul, settings: Settings, modes: Sequence[Mode]) -> None:
        self.body = body
        self.soul = soul
        self.settings = settings
        self.modes = {mode.name: mode for mode in modes}
        device = body.device
        d_sae = body.sae.d_sae
        attuned = body.attunement
        self.valence: Valence = (
            Readout(attuned.valence.to(device), attuned.turn_valence.to(device) if attuned.turn_valence else None)
            if attuned and body.card.valence_source == "readout"
            else Lexicon(device)
        )
        plasticity = settings.reservoir
        self.reservoir = Reservoir(
            d_sae,
            rate=plasticity.learning_rate,
            decay=plasticity.decay,
            budget=plasticity.budget,
            device=device,
        )
        self.prism = Prism(body.sae.directions, body.sae.decoder_norms, settings.prism.kappa)
        self.tap = Tap(
            body.layer,
            body.sae,
            attuned.p99.to(device) if attuned else torch.ones(d_sae, device=device),
            valence=self.valence,
            reservoir=self.reservoir,
            prism=self.prism,
            baseline_rate=plasticity.baseline_rate,
            active=ACTIVE,
            share=body.line.share if body.line else alone,
        )
        self.context = self._context(body.context_tokens)
        """The conversation's."""
        self.sampler = (
            CapturedSampler(settings.decode, body.model.device, compiled=settings.compute.compile)
            if capturable(body.model)
            else Sampler(settings.decode, body.model.device)
        )
        self.scribe = scribe_of(body)
        self.metabolism = Metabolism(settings.metabolism)
        self.guard = LoopGuard(settings.metabolism, d_sae)
        self.conversation = Conversation()
        self.phase: Phase = "awake"
        self.attend: Callable[[], None] = lambda: None
        """Called before every token, so that whoever listens to the user can switch or stop at once."""
        self.stopping = False
        """Set by `attend` to end the running turn or night before its next token."""
        self.hurried = False
        """Set by `attend` when the running night is not watched any more."""
        self.rules: Sequence[Rule] = RULES
        """What the gate asks of a new self-model."""
        self.speed = 0.0
        self.arousal = 0.0
        """Adrenaline of the running turn so far."""
        self._valence = 0.0
        self.intent = self._intent()
        self._restore()

    def _context(self, size: int) -> Context | LeadingContext:
        line, compiled = self.body.line, self.settings.compute.compile
        # What torch.compile makes of a step that waits for other ranks takes minutes to make.
        context = context_for(self.body.model, self.tap, size, compiled=compiled and line is None)
        return LeadingContext(context, line, size) if line else context

    @contextmanager
    def aside(self) -> Generator[Context | LeadingContext]:
        """A context beside the conversation's, for as long as it is needed."""
        context = self._context(0)
        yield context
        if isinstance(context, LeadingContext):
            context.close()

    def _intent(self) -> Intent:
        """The body's measured centroids, and one for each user-defined mode that brings examples."""
        attuned = self.body.attunement
        centroids = dict(attuned.intents) if attuned else {}
        measured = attuned.modes if attuned else []
        mean = attuned.intent_mean if attuned else torch.zeros(self.body.sae.d_sae)
        for name, mode in self.modes.items():
            if mode.recipe.examples and mode.recipe not in measured:
                felt = torch.stack([self.levels_of(example) for example in mode.recipe.examples]).mean(0)
                centroids[name] = felt.cpu() - mean
        return Intent(centroids, mean, self.settings.prism.intent_margin, self.body.device)

    # --- state that survives ---------------------------------------------------------------------------

    def _restore(self) -> None:
        organs = self.soul.organs()
        self.reservoir.restore(torch.from_numpy(self.soul.reservoir()).to(self.body.device))
        self.evidence = Evidence(self.body.sae.d_sae, self.soul.evidence())
        self.tap.baseline.fill_(organs.baseline)
        self.metabolism.fatigue = organs.fatigue
        self.metabolism.postponed_until = organs.postponed_until
        self.metabolism.rest(self.soul.clock() - organs.saved_at)
        self._rested_at = self.soul.clock()
        self.pinned = organs.pinned and organs.mode in self.modes
        self.steering = organs.steering
        self.set_thinking(organs.thinking)
        self.mode = organs.mode if organs.mode in self.modes else self.home
        self._apply_mode()
        last_night = next((night.ended for night in self.soul.nights(8) if night.outcome != "interrupted"), 0.0)
        forgotten = self.soul.forgotten()
        self.conversation.past = [
            e for e in self.soul.exchanges(IN_CONTEXT) if e.at >= last_night and e.id not in forgotten
        ]

    def organs(self) -> OrganState:
        """What must be on disk with every turn."""
        return OrganState(
            fatigue=self.metabolism.fatigue,
            postponed_until=self.metabolism.postponed_until,
            baseline=float(self.tap.baseline),
            mode=self.mode,
            pinned=self.pinned,
            steering=self.steering,
            thinking=self.thinking,
            saved_at=self.soul.clock(),
        )

    def weights(self) -> NDArray[np.float32]:
        """A copy of the reservoir on the host, float32 [d_sae]."""
        return self.reservoir.weights.cpu().numpy().copy()

    def checkpoint(self) -> Path:
        """Write her personality as a portable file. Raises SoulUnwritable."""
        if self.soul.read_only:
            raise SoulUnwritable("she was opened read-only, and nothing is written; start without --read-only.")
        generation = self.soul.self_model()
        card = Checkpoint(
            body=self.body.name,
            fingerprint=self.body.fingerprint,
            reservoir=self.reservoir.weights,
            generation=generation.id,
            lines=generation.lines,
        )
        try:
            return write_checkpoint(self.soul.folder, card)
        except OSError as error:
            raise SoulUnwritable(f"no checkpoint could be written to {self.soul.folder} ({error}).") from None

    # --- what the user switches ------------------------------------------------------------------------

    def set_mode(self, name: str | None) -> None:
        """Pin a mode, or None: let intent choose from the next message on. Raises AnimaError."""
        if name is None:
            self.pinned = False
            return
        known = {mode.lower(): mode for mode in self.modes}
        if name.lower() not in known:
            raise AnimaError(f'there is no mode "{name}"; there are {", ".join(self.modes)}.')
        self.pinned = True
        self.enter(known[name.lower()])

    @property
    def home(self) -> str:
        """The mode she is in where nothing calls for another."""
        return next(iter(self.modes))

    def enter(self, mode: str) -> None:
        """Let `mode` steer from the next token, whoever chose it."""
        self.mode = mode
        self._apply_mode()

    def set_steering(self, on: bool) -> None:
        self.steering = on
        self.regulate()

    def set_thinking(self, on: bool) -> None:
        self.thinking = self.scribe.thinking = on
        self.conversation.renew()

    def _apply_mode(self) -> None:
        self.prism.set(self.modes[self.mode])
        self.regulate()

    def regulate(self) -> None:
        """Let steering and the loop guard set the gain."""
        self.prism.gain.fill_((0.5 if self.guard.awake else 1.0) if self.steering else 0.0)

    def rest(self) -> None:
        """Recover for the wall-clock time since she last did, as deeply as she rests."""
        now = self.soul.clock()
        recover = self.metabolism.nap if self.phase == "nap" else self.metabolism.rest
        recover(now - self._rested_at)
        self._rested_at = now

    # --- what words mean -------------------------------------------------------------------------------

    def levels_of(self, text: str) -> Tensor:
        """float32 [d_sae]: mean feature levels of words said to her out of the blue. Teaches nothing."""
        with torch.inference_mode():
            return self.tap.levels(heard(self.body, text).to(self.body.device))

    def prepare(self) -> None:
        """Do now what would make her first word slow: on CUDA, compile and capture."""
        with self.tap.rehearsal():
            self.sampler.choose(self.context.step(0), [])
        self.context.forget(0)

    # --- what a conductor reads ------------------------------------------------------------------------

    def read(self, choice: Tensor) -> Reading:
        """What the tap saw at the last generated position, and the token chosen there, int64 []."""
        reading = Reading.of(self.tap.moment, choice)
        self._valence = reading.valence
        return reading

    def vitals(self, reading: Reading | None = None) -> Vitals:
        """The organs as they are now; after a token, as its `reading` found them, which asks no device again."""
        return Vitals(
            mode=self.mode,
            pinned=self.pinned,
            steering=self.steering,
            thinking=self.thinking,
            phase=self.phase,
            fatigue=self.metabolism.fatigue,
            threshold=self.metabolism.threshold,
            valence=self._valence,
            baseline=reading.baseline if reading else float(self.tap.baseline),
            adrenaline=self.arousal,
            loop_guard=self.guard.awake,
            reservoir_norm=reading.norm if reading else float(self.reservoir.weights.norm()),
            reservoir_budget=self.settings.reservoir.budget,
            tokens_per_second=self.speed,
            wants_sleep=self.metabolism.wants_sleep,
            unsaved=self.soul.unsaved,
        )

    def mode_cards(self) -> list[ModeCard]:
        return [
            ModeCard(name=mode.name, description=mode.recipe.description, hue=mode.recipe.hue)
            for mode in self.modes.values()
        ]


def modes_of(body: Body, user: Sequence[Mode]) -> list[Mode]:
    """The body's own modes, then the user's; a user's mode replaces one of the same name."""
    recipes = body.attunement.modes if body.attunement and body.attunement.modes else BARE_MODES
    own = [resolve(recipe, body.attunement, body.sae.directions) for recipe in recipes]
    return list({mode.name: mode for mode in [*own, *user]}.values())
