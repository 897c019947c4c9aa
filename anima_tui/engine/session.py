"""A session with one app: which command does what, and which may interrupt."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Iterable
from typing import Protocol

from anima_tui import wire
from anima_tui.engine.herald import Herald, Outlet
from anima_tui.engine.inspect import inspect
from anima_tui.engine.keeping import keep
from anima_tui.engine.mind import Mind
from anima_tui.engine.night.sleep import sleep
from anima_tui.engine.pushing import pushed
from anima_tui.engine.turn import take_turn
from anima_tui.errors import AnimaError

HISTORY = 20
"""Exchanges and nights that travel to the app at the start."""
IDLE_SECONDS = 5.0
"""How often the organs are told to the app while nobody speaks."""
HABITS = 8


class Inlet(Protocol):
    """Where commands come from."""

    def next(self, timeout: float) -> wire.Command | None: ...

    def arrived(self) -> Iterable[wire.Command]: ...


class Session:
    """One thing at a time. Switches and stops act between two tokens; everything else waits its turn."""

    def __init__(self, mind: Mind, inbox: Inlet, outlet: Outlet) -> None:
        self._mind = mind
        self._inbox = inbox
        self._outlet = Herald(mind.soul, outlet)
        self._waiting: deque[wire.Command] = deque()
        self._quitting = False
        self._silence = 0.0
        """Seconds since the app last asked for anything."""
        mind.attend = self._attend

    def begin(self, complaints: Iterable[str]) -> None:
        """Tell the app who woke up."""
        mind, soul = self._mind, self._mind.soul
        self._outlet.send(
            wire.Ready(
                body=mind.body.card,
                modes=mind.mode_cards(),
                soul=mind.settings.soul,
                born=soul.born,
                session=soul.session,
                history=soul.exchanges(HISTORY),
                exchanges=soul.exchange_count,
                self_model=soul.self_model(),
                nights=soul.nights(HISTORY),
                vitals=mind.vitals(),
                read_only=soul.read_only,
            )
        )
        for complaint in complaints:
            self._outlet.send(wire.Notice(text=complaint, level="warning"))

    def run(self) -> None:
        """Until the app quits or is gone."""
        while not self._quitting:
            command = self._waiting.popleft() if self._waiting else self._inbox.next(IDLE_SECONDS)
            if command is None:
                self._idle()
            else:
                self._stir()
                self._obey(command)
        self._mind.soul.save_organs(self._mind.organs())

    def _attend(self) -> None:
        """Between two tokens."""
        for command in self._inbox.arrived():
            match command:
                case wire.Stop():
                    self._mind.stopping = True
                case wire.Quit():
                    self._mind.stopping = True
                    self._quitting = True
                case wire.HurryNight():
                    self._mind.hurried = True
                case wire.SetMode() | wire.SetSteering():
                    self._obey(command)
                case _:
                    self._waiting.append(command)

    def _stir(self) -> None:
        """Someone wants something: a nap is over."""
        self._silence = 0.0
        self._mind.rest()
        self._mind.phase = "awake"

    def _idle(self) -> None:
        mind = self._mind
        mind.rest()
        mind.soul.catch_up()
        self._silence += IDLE_SECONDS
        doze, nap = mind.settings.sleep.doze_seconds, mind.settings.sleep.nap_seconds
        if nap and self._silence >= nap:
            mind.phase = "nap"
        if doze and self._silence >= doze and mind.metabolism.wants_sleep:
            self._obey(wire.GoToSleep())
        else:
            self._outlet.send(wire.State(vitals=mind.vitals()))

    def _obey(self, command: wire.Command) -> None:
        """Do one thing. A sentence for the user when it cannot be done; the session goes on."""
        try:
            self._do(command)
        except AnimaError as error:
            self._complain(command, str(error))
        except (BrokenPipeError, MemoryError):
            raise
        except Exception as error:
            traceback.print_exc()
            self._complain(command, f"that went wrong inside the engine ({error}); the log has the details.")

    def _complain(self, command: wire.Command, reason: str) -> None:
        if isinstance(command, wire.Say):
            self._outlet.send(wire.TurnFailed(user=command.text, reason=reason))
        else:
            self._outlet.send(wire.Notice(text=reason, level="error"))

    def _do(self, command: wire.Command) -> None:
        mind = self._mind
        match command:
            case wire.Say(text=text):
                self._send_all(take_turn(mind, text))
            case wire.Regenerate():
                self._regenerate()
            case wire.Stop():
                pass  # nothing is running
            case wire.SetMode(mode=mode):
                mind.set_mode(mode)
                self._outlet.send(wire.ModeChanged(vitals=mind.vitals(), why="you"))
            case wire.SetSteering(on=on):
                mind.set_steering(on)
                self._outlet.send(wire.State(vitals=mind.vitals()))
            case wire.SetThinking(on=on):
                mind.set_thinking(on)
                self._outlet.send(wire.State(vitals=mind.vitals()))
            case wire.GoToSleep():
                self._send_all(sleep(mind))
            case wire.PostponeSleep():
                mind.metabolism.postpone()
                self._outlet.send(wire.State(vitals=mind.vitals()))
            case wire.HurryNight():
                pass  # she is awake
            case wire.Save():
                self._outlet.send(wire.Notice(text=f"A checkpoint was written to {mind.checkpoint()}."))
            case wire.Inspect(exchange=exchange, token=token):
                self._inspect(exchange, token)
            case wire.Push(feature=feature, user=user):
                self._outlet.send(pushed(mind, feature, user))
            case wire.Debug():
                self._outlet.send(self._habits())
            case wire.Quit():
                self._quitting = True
            case _:
                self._outlet.send(keep(mind, command))

    def _send_all(self, events: Iterable[wire.Event]) -> None:
        for event in events:
            self._outlet.send(event)

    def _regenerate(self) -> None:
        past = self._mind.conversation.past
        if not past:
            raise AnimaError("there is no reply in this conversation to say once more.")
        last = past.pop()
        try:
            self._send_all(take_turn(self._mind, last.user, supersedes=last))
        finally:
            if not past or past[-1].at < last.at:
                past.append(last)  # nothing took its place

    def _inspect(self, exchange_id: int, token: int) -> None:
        soul = self._mind.soul
        found = [exchange for exchange in soul.exchanges(1, before=exchange_id + 1) if exchange.id == exchange_id]
        tokens = soul.tokens(exchange_id) if found else []
        if not 0 <= token < len(tokens):
            raise AnimaError(f"the reply {exchange_id} has {len(tokens)} tokens; there is no token {token}.")
        self._outlet.send(inspect(self._mind, found[0], tokens, token))

    def _habits(self) -> wire.Habits:
        weights = self._mind.weights()
        order = weights.argsort(kind="stable")

        def habits(indices: Iterable[int]) -> list[wire.Habit]:
            return [wire.Habit(feature=int(i), weight=float(weights[i])) for i in indices if weights[i] != 0]

        return wire.Habits(
            strengthened=habits(order[::-1][:HABITS]),
            weakened=habits(i for i in order[:HABITS] if weights[i] < 0),
            norm=float((weights**2).sum() ** 0.5),
        )
