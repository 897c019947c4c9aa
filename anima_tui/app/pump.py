"""From the engine's events to the panes: one small handler for each kind."""

from __future__ import annotations

import gc
import time

from anima_tui import wire
from anima_tui.app.client import EngineLost
from anima_tui.app.night_watch import NightWatch
from anima_tui.app.report import birth_line, habits_text
from anima_tui.app.screens.main import MainScreen
from anima_tui.app.session import Send, Session
from anima_tui.app.widgets.status import loading_line

REMEDIES: dict[wire.Remedy, str] = {
    "restart": "Ctrl+R starts it again.",
    "read-only": "Ctrl+R tries again, Ctrl+L looks in on her read-only.",
    "restore": "Ctrl+L brings her newest whole backup back, and keeps the damaged file aside.",
}


class Pump:
    """Carries each event to whom it concerns, and the user's next message to the engine when it is free."""

    def __init__(
        self,
        screen: MainScreen,
        session: Session,
        night: NightWatch,
        send: Send,
    ) -> None:
        self._screen = screen
        self._session = session
        self._night = night
        self._send = send

    async def handle(self, event: wire.Event | EngineLost) -> None:
        """Show one event. Handlers run one after another, in the order of the events."""
        screen, session = self._screen, self._session
        session.self_model = getattr(event, "self_model", session.self_model)
        session.heard_at = time.monotonic()
        match event:
            case wire.Loading():
                screen.status.say(loading_line(event.stage, event.fraction))
            case wire.Past():
                await self._recount(event.exchanges)
            case wire.Ready():
                await self._ready(event)
            case wire.TurnStarted():
                await self._turn_started(event)
            case wire.Prefilled():
                screen.heatmap.show(event.features)
                if event.dropped:
                    plural = "exchange" if event.dropped == 1 else "exchanges"
                    await screen.transcript.note(f"{event.dropped} old {plural} no longer fit into her context")
            case wire.Token():
                self._token(event)
            case wire.TurnDone():
                await self._turn_done(event)
            case wire.TurnFailed():
                await self._turn_failed(event)
            case wire.ModeChanged() | wire.State():
                self.show_vitals(event.vitals)
            case (
                wire.NightStage()
                | wire.Replayed()
                | wire.DreamToken()
                | wire.NightDone()
                | wire.SelfChanged()
                | wire.Reel()
            ):
                await self._night.handle(event)
                if (vitals := getattr(event, "vitals", None)) is not None:
                    self.show_vitals(vitals)
            case (
                wire.Inspected()
                | wire.Pushed()
                | wire.History()
                | wire.Memories()
                | wire.MemoryChanged()
                | wire.MemoryForgotten()
            ):
                pass  # whoever asked is listening
            case wire.Habits():
                labels = session.body.labels if session.body else {}
                await screen.transcript.note(habits_text(event, labels))
            case wire.Notice(text=text) if text in session.told:
                pass
            case wire.Notice():
                await screen.tell(event.text, event.level)
            case wire.Fault():
                await self._lost(event.text, event.remedy)
            case EngineLost():
                await self._lost(event.reason)
        if isinstance(event, wire.Message):
            session.listeners.hear(event)
        await self.next()

    async def next(self) -> None:
        """Send the oldest waiting message if the engine can take it."""
        if (text := self._session.next_message()) is not None:
            self._screen.transcript.sent()
            await self._send(wire.Say(text=text))
        if self._session.vitals is not None and self._session.ready:
            self._screen.show_status(self._session)

    def show_vitals(self, vitals: wire.Vitals) -> None:
        self._session.feel(vitals)
        self._screen.metabolism.show(vitals)
        self._screen.feel(vitals, self._session.modes)
        self._night.fall(vitals)

    async def _ready(self, event: wire.Ready) -> None:
        screen, session = self._screen, self._session
        returned = session.body is not None
        session.body, session.modes, session.ready = event.body, event.modes, True
        session.read_only = event.read_only
        screen.heatmap.ready(event.body)
        screen.metabolism.ready(event.body, event.vitals, event.modes)
        self._night.end_replay()
        screen.dreams.load(event.nights)
        self.show_vitals(event.vitals)
        if returned:
            await screen.transcript.note("the engine is back, and she remembers everything that was finished")
            return
        await self._recount(event.history)
        session.recounted = True
        await screen.transcript.note(birth_line(event))
        gc.collect()  # what is mounted now stays: the collector's walks over it were the longest pauses
        gc.freeze()

    async def _recount(self, exchanges: list[wire.Exchange]) -> None:
        """Show what was said before, once in a run of the app."""
        if not self._session.recounted:
            self._session.recounted = bool(exchanges)
            await self._screen.transcript.history(exchanges)

    async def _turn_started(self, event: wire.TurnStarted) -> None:
        self._session.said = event.user
        self._session.tokens = []
        self._session.exchange = None
        before = {one.memory for one in self._session.recalled}
        news = [one.line for one in event.recalled if one.memory not in before]
        self._session.recalled = event.recalled
        self._session.examples = event.examples
        await self._screen.transcript.begin_reply(news, event.examples, again=self._session.again)

    def _token(self, event: wire.Token) -> None:
        self._session.tokens.append(event)
        if (reply := self._screen.transcript.reply) is not None:
            reply.hear(event.text, thought=event.thought)
        self._screen.heatmap.show(event.features)
        self.show_vitals(event.vitals)

    async def _turn_done(self, event: wire.TurnDone) -> None:
        self._session.outbox.answered()
        self._session.again = False
        self._session.exchange = event.exchange.id
        rate = event.tokens / event.seconds if event.seconds > 0 else 0.0
        await self._screen.transcript.end_reply(event.exchange, rate)
        self.show_vitals(event.vitals)

    async def _turn_failed(self, event: wire.TurnFailed) -> None:
        transcript, session = self._screen.transcript, self._session
        again, session.again = session.again, False
        session.outbox.answered()
        await transcript.break_reply()
        if not again:
            await transcript.take_back(event.user)
            self._screen.prompt.restore(event.user)
        await transcript.note(event.reason, "error")

    async def _lost(self, reason: str, remedy: wire.Remedy = "restart") -> None:
        session, screen = self._session, self._screen
        if session.lost is not None:
            return  # a fault was the last word already; the end of the process adds nothing
        session.lost, session.ready, session.again = reason, False, False
        session.remedy = remedy
        await screen.transcript.break_reply()
        for text in reversed(session.outbox.reclaim()):
            await screen.transcript.take_back(text)
            screen.prompt.restore(text)
        await screen.transcript.note(f"{reason} {REMEDIES[remedy]}", "error")
        screen.status.say(f"✕ the engine is gone · {REMEDIES[remedy]}")
        self._night.break_off()
