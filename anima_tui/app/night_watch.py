"""What is seen of a night: of the one she sleeps, and of a past one that is watched once more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from anima_tui import wire
from anima_tui.app.screens.main import MainScreen
from anima_tui.app.session import Session
from anima_tui.app.widgets.status import NIGHT

CHANGED: dict[wire.Why, str] = {
    "undo": "the last change is undone: she is as she was before it",
    "revert": "another self-model of hers is in force",
    "edit": "her self-model is as you wrote it",
}
DECIDED: dict[wire.Why, str] = {"undo": "undone", "revert": "reverted", "edit": "rewritten by you"}
QUIET = {"restful": "a restful night", "interrupted": "a night broken off"}
DUSK = 0.5
"""Depth of the night while she falls asleep and while she wakes; 1 between them."""
PAUSE = 14
"""Tokens of a dream that could be read while a stage, or a memory, stays in sight."""

NightEvent = wire.Scene | wire.NightDone | wire.SelfChanged | wire.Reel


class NightWatch:
    """Shows nights in the dream log, the heatmap and the chat. `dim` is told how deep the night is."""

    def __init__(self, screen: MainScreen, session: Session, pace: float, dim: Callable[[float], None]) -> None:
        self._screen = screen
        self._session = session
        self._pace = pace
        self._dim = dim

    def fall(self, vitals: wire.Vitals) -> None:
        """The screen grows as dark as her night is deep."""
        depth = 0.0 if vitals.phase not in NIGHT else DUSK if vitals.phase in ("drowsy", "wake") else 1.0
        self._dim(depth)

    def break_off(self) -> None:
        """The engine is gone, and with it whatever it dreamt."""
        self.end_replay()
        self._screen.dreams.wake()
        self._dim(0.0)

    async def handle(self, event: NightEvent) -> None:
        """Show one event of a night."""
        screen = self._screen
        self.end_replay()
        match event:
            case wire.NightStage() | wire.Replayed() | wire.DreamToken():
                self._show(event)
            case wire.NightDone():
                screen.dreams.done(event)
                await self._wake(event)
            case wire.SelfChanged():
                screen.dreams.load(event.nights)
                screen.transcript.decide(DECIDED[event.why])
                await screen.transcript.note(CHANGED[event.why])
            case wire.Reel():
                self._session.watching = event.night
                screen.dreams.replay(event.night)
                screen.bring_forward("dreams")
                screen.run_worker(self._replay(event.events), group="replay", exclusive=True)

    def end_replay(self) -> None:
        """Back to the present."""
        if self._session.watching is not None:
            self._screen.workers.cancel_group(self._screen, "replay")
            self._replayed()

    def _replayed(self) -> None:
        self._session.watching = None
        self._screen.dreams.wake()
        self._screen.show_status(self._session)

    def _show(self, scene: wire.Scene) -> None:
        dreams = self._screen.dreams
        match scene:
            case wire.NightStage():
                dreams.stage(scene)
            case wire.Replayed():
                dreams.remember(scene)
            case wire.DreamToken():
                dreams.dream(scene)
        if not isinstance(scene, wire.NightStage) and not self._session.replying:
            self._screen.heatmap.show(scene.features)

    async def _replay(self, scenes: Sequence[wire.Scene]) -> None:
        for scene in scenes:
            self._show(scene)
            await self._linger(1 if isinstance(scene, wire.DreamToken) else PAUSE)
        await self._linger(PAUSE)
        self._replayed()

    async def _linger(self, tokens: int) -> None:
        await asyncio.sleep(tokens / self._pace if self._pace else 0)

    async def _wake(self, morning: wire.NightDone) -> None:
        """A card where something changed. It takes the keys only from someone who has nothing to say."""
        screen, night = self._screen, morning.night
        if night.outcome != "changed" or not night.diff:
            await screen.transcript.note(f"{QUIET.get(night.outcome, 'a night')} · {night.summary}")
            return
        card = await screen.transcript.morning(morning)
        if screen.is_active and not screen.prompt.text and not self._session.outbox:
            card.focus(scroll_visible=False)  # to scroll to it would be to follow the talk no longer
            screen.transcript.anchor()
