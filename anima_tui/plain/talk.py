"""One conversation: a line in, all that it brings about, the next line."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager

from anima_tui import wire
from anima_tui.plain.lines import Lines
from anima_tui.plain.link import Interrupted, Link
from anima_tui.plain.narrator import Narrator
from anima_tui.plain.pen import Pen
from anima_tui.slash import NotUnderstood, interpret

HELP = {
    "/status": "how she is",
    "/debug": "her strongest habits",
    "/mode NAME": "pin a mode; auto lets her choose, and without a name the modes are listed",
    "/sleep": "send her to bed",
    "/wake": "let her stay up when she asks to sleep",
    "/undo": "take back what the last night changed",
    "/self": "who she is, line by line",
    "/history": "the last self-models and what changed; the app goes back to any of them",
    "/memories WORDS": "the newest memories that hold these words, or all; the app edits and forgets them",
    "/save": "write a portable checkpoint",
    "/help": "this list",
    "/quit": "leave, as Ctrl-D does; Ctrl-C stops a reply or a night",
}

# What ends the wait for an answer. A Notice that is no warning does too: it is how the engine declines.
_ENDS: dict[type[wire.Message], tuple[type[wire.Message], ...]] = {
    wire.Say: (wire.TurnDone, wire.TurnFailed),
    wire.Regenerate: (wire.TurnDone, wire.TurnFailed, wire.Notice),
    wire.SetMode: (wire.ModeChanged, wire.Notice),
    wire.GoToSleep: (wire.NightDone, wire.Notice),
    wire.UndoNight: (wire.SelfChanged, wire.Notice),
    wire.Save: (wire.Notice,),
    wire.Debug: (wire.Habits, wire.Notice),
    wire.ShowHistory: (wire.History, wire.Notice),
    wire.ListMemories: (wire.Memories, wire.Notice),
}


class Talk:
    def __init__(self, link: Link, lines: Lines, pen: Pen, narrator: Narrator) -> None:
        self._link = link
        self._lines = lines
        self._pen = pen
        self._narrator = narrator

    def run(self, *, think: bool) -> None:
        """Until the user leaves. Raises EngineStopped, and KeyboardInterrupt at a second Ctrl-C."""
        self._hear((wire.Ready,))
        if think:
            self._link.send(wire.SetThinking(on=True))
        leaving = False
        while True:
            try:
                line = self._lines.read("you> ")
            except KeyboardInterrupt:
                if leaving or not self._lines.at_keyboard:
                    raise
                leaving = True
                self._pen.aside("Ctrl-C once more leaves; so does Ctrl-D")
                continue
            if line is None or not self._answer(line):
                return
            leaving = False

    def _answer(self, line: str) -> bool:
        """Do what a line says; False when it says to leave."""
        match line.rstrip():
            case "":
                pass
            case "/mode":
                self._narrator.list_modes()
            case command if command.startswith("/"):
                return self._command(command)
            case message:
                self._ask(wire.Say(text=message.strip()))
        return True

    def _command(self, line: str) -> bool:
        try:
            meant = interpret(line, self._narrator.modes)
        except NotUnderstood as error:
            self._pen.warn(str(error))
            return True
        match meant:
            case "wake":
                self._link.send(wire.PostponeSleep())
                self._pen.aside("she stays up for a while")
            case "status":
                self._narrator.status()
            case "self":
                self._narrator.show_self()
            case "help":
                for command, text in HELP.items():
                    self._pen.row(command, text)
            case "quit":
                return False
            case str():
                self._pen.warn(f"/{meant} needs the app")
            case command:
                self._ask(command)
        return True

    def _ask(self, command: wire.Command) -> None:
        """Send a command and, if it has an answer, tell what comes of it to its end."""
        self._link.send(command)
        if ends := _ENDS.get(type(command)):
            with self._ctrl_c_stops():
                self._hear(ends)

    def _hear(self, ends: tuple[type[wire.Message], ...]) -> None:
        """Tell all events up to one of these."""
        stopped = False
        while True:
            event = self._link.next()
            if isinstance(event, Interrupted):
                if stopped:
                    raise KeyboardInterrupt
                stopped = True
                self._link.send(wire.Stop())
                continue
            self._narrator.tell(event)
            if isinstance(event, ends) and not (isinstance(event, wire.Notice) and event.level == "warning"):
                return

    @contextmanager
    def _ctrl_c_stops(self) -> Generator[None]:
        """Within, Ctrl-C is one more event instead of an exception: no message is cut in half by it."""
        before = signal.signal(signal.SIGINT, lambda _signal, _frame: self._link.interrupt())
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
