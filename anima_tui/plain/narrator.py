"""What the engine's events look like as lines of text."""

from __future__ import annotations

from anima_tui import wire
from anima_tui.plain import lists
from anima_tui.plain.pen import Pen, Voice
from anima_tui.text import safe_line


class Narrator:
    """Tells each event once, and remembers what /status and /debug need."""

    def __init__(self, pen: Pen, *, stream: bool, cot: bool) -> None:
        self._pen = pen
        self._stream = stream
        self._cot = cot
        self._reply = Voice("")
        self._thought = Voice("", dim=True) if pen.dims else Voice("thought> ", "thought> ")
        self._dream = Voice("dream> ", "dream> ")
        self._depth = 0
        self._card: wire.BodyCard | None = None
        self._vitals: wire.Vitals | None = None
        self._modes: list[wire.ModeCard] = []
        self._examples: list[str] = []
        self._self: wire.Generation | None = None

    def tell(self, event: wire.Event) -> None:
        if vitals := getattr(event, "vitals", None):
            self._vitals = vitals
        self._self = getattr(event, "self_model", self._self)
        match event:
            case wire.Loading(stage=stage):
                self._pen.waiting(stage)
            case wire.Ready():
                self._greet(event)
            case wire.TurnStarted(examples=examples):
                self._examples = examples
            case wire.Token() if self._stream and (self._cot or not event.thought):
                self._pen.flow(self._thought if event.thought else self._reply, event.text)
            case wire.TurnDone():
                self._finish(event)
            case wire.TurnFailed(reason=reason):
                self._pen.warn(f"no reply came of it: {reason}")
            case wire.ModeChanged(vitals=now, why="you"):
                self._pen.line(f"mode: {now.mode}" + ("" if now.pinned else ", as she sees fit"))
            case wire.ModeChanged(vitals=now, why=why):
                self._pen.aside(f"mode: {now.mode} ({why})")
            case wire.NightStage(stage=stage, text=text):
                self._pen.line(f"[{stage}] {text}")
            case wire.DreamToken() if self._stream:
                self._dream_on(event)
            case wire.NightDone():
                self._morning(event.night)
            case wire.SelfChanged(self_model=model):
                self._pen.line(f"The night is undone; self-model {model.id} is in force again.")
            case wire.Habits():
                self._habits(event)
            case wire.History():
                self._pen.rows(lists.history(event))
            case wire.Memories():
                self._pen.rows(lists.memories(event))
            case wire.Notice(text=text, level="info"):
                self._pen.line(text)
            case wire.Notice(text=text):
                self._pen.warn(text)
            case _:
                pass

    def status(self) -> None:
        """The organs, a word and a number each."""
        now, card = self._vitals, self._card
        if now is None or card is None:
            return
        measured = "" if card.valence_r is None else f", readout r = {card.valence_r:.2f} held out"
        source = f"by {card.valence_source}{measured}"
        for name, value in {
            "body": f"{card.model}, {card.parameters / 1e6:.0f}M parameters",
            "hook": f"{card.hook}, {card.d_sae} features ({card.architecture})",
            "phrasebook": self._phrasebook(card),
            "mode": now.mode + (", pinned" if now.pinned else ", her own choice"),
            "steering": "on" if now.steering else "off",
            "fatigue": f"{now.fatigue:.0f} of {now.threshold:.0f}" + (", wants sleep" if now.wants_sleep else ""),
            "valence": f"{now.valence:+.2f}, usually {now.baseline:+.2f} ({source})",
            "adrenaline": f"{now.adrenaline:.2f}",
            "loop guard": "on" if now.loop_guard else "off",
            "reservoir": f"{now.reservoir_norm:.2f} of {now.reservoir_budget:.2f}",
            "speed": f"{now.tokens_per_second:.1f} tokens/s",
        }.items():
            self._pen.row(name, value)

    def _phrasebook(self, card: wire.BodyCard) -> str:
        """Whether there is one, and which of its lines the last reply leaned on, the nearest first."""
        if not card.phrasebook:
            return "none"
        lines = dict.fromkeys(reversed(self._examples))
        return "yes" + (", last leaned on " + " · ".join(f'"{line}"' for line in lines) if lines else "")

    def show_self(self) -> None:
        if self._self is not None:
            self._pen.rows(lists.self_model(self._self))

    def list_modes(self) -> None:
        for mode in self._modes:
            self._pen.row(mode.name, mode.description)

    @property
    def modes(self) -> list[str]:
        return [mode.name for mode in self._modes]

    def _greet(self, ready: wire.Ready) -> None:
        self._card = ready.body
        self._modes = ready.modes
        if self._pen.at_terminal:
            self._reply = Voice(safe_line(ready.soul) + "> ")
        if ready.read_only:
            self._pen.warn("read-only: nothing of this talk is saved.")
        self._pen.aside(f"{ready.soul} in {ready.body.name}, {ready.exchanges} exchanges so far; /help helps")

    def _finish(self, turn: wire.TurnDone) -> None:
        if not self._stream:
            if self._cot:
                self._pen.flow(self._thought, turn.exchange.thought)
            self._pen.flow(self._reply, turn.exchange.reply)
        self._pen.end()
        if turn.exchange.finish in ("stopped", "loop", "length"):
            self._pen.aside(_FINISHES[turn.exchange.finish])
        if turn.vitals.wants_sleep:
            self._pen.aside("She is tired: /sleep sends her to bed, /wake lets her stay up.")

    def _dream_on(self, dream: wire.DreamToken) -> None:
        if dream.depth != self._depth:
            self._pen.end()
            self._depth = dream.depth
        self._pen.flow(self._dream, dream.text)

    def _morning(self, night: wire.NightRecord) -> None:
        self._depth = 0
        if not self._stream:
            for dream in night.dreams:
                self._pen.flow(self._dream, dream)
                self._pen.end()
        for change in night.diff:
            self._pen.line(f"{change.sign} {change.text}")
        self._pen.line(f"{night.outcome}: {night.summary}")

    def _habits(self, habits: wire.Habits) -> None:
        labels = self._card.labels if self._card else {}
        for habit in [*habits.strengthened, *habits.weakened]:
            self._pen.line(f"{habit.weight:+.4f} #{habit.feature} {labels.get(habit.feature, '')}")
        self._pen.line(f"norm {habits.norm:.3f}")


_FINISHES = {
    "stopped": "stopped",
    "loop": "she was going in circles, so the reply ends here",
    "length": "the reply reached its longest length",
}
