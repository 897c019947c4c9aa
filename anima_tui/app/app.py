"""The app: it paints at once, wakes the engine, and turns keys into commands."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from anima_tui import crash, wire
from anima_tui.app import watch
from anima_tui.app.client import PATIENCE, Engine, EngineLost, child_engine
from anima_tui.app.doors import DOORS
from anima_tui.app.keys import KEYS
from anima_tui.app.night_watch import NightWatch
from anima_tui.app.palette import palette
from anima_tui.app.pump import Pump
from anima_tui.app.report import status_text
from anima_tui.app.screens.main import MainScreen
from anima_tui.app.session import Session
from anima_tui.app.themes import VARIABLES
from anima_tui.app.wardrobe import Wardrobe
from anima_tui.app.watch import Insistence
from anima_tui.app.widgets.cortex_view import CortexView
from anima_tui.app.widgets.dream_log import Night
from anima_tui.app.widgets.prompt import Prompt
from anima_tui.app.widgets.status import loading_line
from anima_tui.errors import AnimaError
from anima_tui.logs import open_log
from anima_tui.paths import Paths
from anima_tui.settings import Settings
from anima_tui.slash import NotUnderstood, interpret

WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (112, "-wide")]
HEIGHTS: list[tuple[int, str]] | None = [(0, "-low"), (16, "-short"), (30, "-tall")]
"""Cells from which a screen above the talk has a class: how it is laid out is the style sheet's business."""


class AnimaApp(App[None]):
    """Talks to one engine at a time; `make_engine` is called for the first and for every restart."""

    TITLE = "Anima"
    CSS_PATH = Path(__file__).with_name("anima.tcss")
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        make_engine: Callable[[], Engine] | None = None,
        complaint: str = "",
    ) -> None:
        super().__init__()
        self.settings = settings
        self._paths = paths
        self._make_engine = make_engine or self._own_engine
        self._flags: tuple[str, ...] = ()
        """For the next start of the engine alone."""
        self._engine: Engine | None = None
        self._wardrobe = Wardrobe(self, settings.theme, paths)
        self._restart_anyway, self._quit_anyway = Insistence(), Insistence()
        self.session = Session(lab=paths.lab, told={complaint} if complaint else set())
        self.main = MainScreen(settings.display)
        self._night = NightWatch(self.main, self.session, settings.display.replay_pace, self._wardrobe.dim)
        self._pump = Pump(self.main, self.session, self._night, self.send)

    def get_default_screen(self) -> Screen[None]:
        return self.main

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def on_mount(self) -> None:
        self.session.told.update(f"A theme cannot be used: {failure}." for failure in self._wardrobe.dress())
        with suppress(NotImplementedError, RuntimeError):  # a loop, or a thread, that cannot have signal handlers
            loop = asyncio.get_running_loop()
            for ending in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(ending, self.act, "leave")
            loop.add_signal_handler(signal.SIGHUP, self.call_later, self._hang_up)
            watch.on_hang_up(lambda: loop.call_soon_threadsafe(self.call_later, self._hang_up), PATIENCE + watch.LOOK)
        self.set_interval(watch.INTERVAL, self._watch)

    async def on_ready(self) -> None:
        """Everything stands and is about to be seen: now there is time for the engine."""
        for complaint in sorted(self.session.told):
            await self.main.transcript.note(complaint, "warning")
        self._live()

    # --- the engine --------------------------------------------------------------------------------

    @work(group="engine")
    async def _live(self) -> None:
        """One life of an engine, from its start to its last event, or until another took its place."""
        try:
            engine = self._engine = self._make_engine()
            await engine.start()
            async for event in engine.events():
                if engine is not self._engine:
                    return
                await self._pump.handle(event)
                await asyncio.sleep(0)  # an engine that floods must not starve the keys
        except AnimaError as error:
            await self._pump.handle(EngineLost(str(error)))

    async def send(self, command: wire.Command) -> None:
        if self._engine is not None and self.session.lost is None:
            await self._engine.send(command)

    def on_unmount(self) -> None:
        if self._engine is not None:
            self._engine.kill()

    def _fatal_error(self) -> None:
        """A bug of ours. Its traceback goes to a file: with it would go strangers' words, as they are."""
        error = sys.exception()
        with suppress(OSError), open_log(self._paths.app_log) as log:
            log.write(traceback.format_exc().encode("utf-8", "backslashreplace"))
        report = crash.write_report(self._paths.logs, "app", error, self.settings) if error else None
        self.panic(
            f"The app broke and had to close; she is whole on disk. What happened is in {self._paths.app_log};"
            f" {crash.about(report, self.settings)}"
        )

    # --- what the user says ------------------------------------------------------------------------

    @on(Prompt.Sent)
    async def _said(self, event: Prompt.Sent) -> None:
        if not self.main.transcript.is_attached:
            return  # the app is closing, and this key came after the one that closed it
        if event.text.startswith("/"):
            await self._obey(event.text)
        elif self.session.lost is not None:
            await self.main.transcript.note("the engine is gone: Ctrl+R starts it again, your words stay here")
        else:
            self.main.prompt.accepted(event.text)
            self.session.outbox.add(event.text)
            await self.main.transcript.user_said(event.text)
            await self._pump.next()

    async def _obey(self, line: str) -> None:
        try:
            meant = interpret(line, [card.name for card in self.session.modes])
        except NotUnderstood as error:
            await self.main.transcript.note(str(error), "warning")
            return
        self.main.prompt.accepted(line)
        match meant:
            case wire.ShowHistory():
                self.action_open("history")
            case wire.ListMemories(search=words):
                self.action_open("memories", words)
            case str() as name if name in DOORS:
                self.action_open(name)
            case str():
                await self.run_action(meant)
            case _:
                await self.send(meant)

    # --- keys --------------------------------------------------------------------------------------

    async def action_pin(self, mode: str) -> None:
        await self.send(wire.SetMode(mode=mode))

    async def action_auto(self) -> None:
        await self.send(wire.SetMode(mode=None))

    async def action_steering(self) -> None:
        if (vitals := self.session.vitals) is not None:
            await self.send(wire.SetSteering(on=not vitals.steering))

    async def action_thinking(self) -> None:
        if (vitals := self.session.vitals) is not None:
            await self.send(wire.SetThinking(on=not vitals.thinking))

    async def action_sleep(self) -> None:
        await self.send(wire.Stop() if self.session.asleep else wire.GoToSleep())

    async def action_hurry(self) -> None:
        if self.session.asleep:
            self.session.hurried = True
            await self.send(wire.HurryNight())
            self.main.show_status(self.session)

    async def action_undo_night(self) -> None:
        await self.send(wire.UndoNight())

    async def action_habits(self) -> None:
        await self.send(wire.Debug())

    async def action_save(self) -> None:
        await self.send(wire.Save())

    async def action_stop(self) -> None:
        """Esc: end what runs, or put off the sleep that is asked for."""
        session = self.session
        if session.replying or session.asleep:
            await self.send(wire.Stop())
        elif session.watching is not None:
            self._night.end_replay()
        elif session.tired:
            session.postponed = True
            await self.send(wire.PostponeSleep())
            self.main.show_status(session)

    async def action_wake(self) -> None:
        if self.session.asleep or self.session.tired:
            await self.action_stop()

    async def action_regenerate(self) -> None:
        session = self.session
        if session.ready and not session.replying and not session.asleep and self.main.transcript.reply:
            session.again = True
            await self.send(wire.Regenerate())

    async def action_status(self) -> None:
        if self.session.vitals is not None and self.session.body is not None:
            await self.main.transcript.note(status_text(self.session.vitals, self.session.body))

    def action_copy_reply(self) -> None:
        if (reply := self.main.transcript.reply) is not None and reply.text:
            self.copy_to_clipboard(reply.text)
            self.notify("Her last reply is on the clipboard.", timeout=3)

    def action_heatmap_view(self) -> None:
        self.main.heatmap.action_toggle_view()

    def action_tab(self, step: int) -> None:
        self.main.turn_tab(step)

    def action_scroll_chat(self, step: int) -> None:
        transcript = self.main.transcript
        if step < 0:
            transcript.scroll_page_up(animate=False)
        else:
            transcript.scroll_page_down(animate=False)

    def action_open(self, door: str, *arguments: str) -> None:
        """Open a screen above the talk, or close it if it is the one that is open."""
        window = DOORS[door](self.session, self.send, *arguments)
        if isinstance(self.screen, type(window)):
            self.pop_screen()
        elif self.screen is self.main:
            self.push_screen(window)

    @on(CortexView.Chosen)
    def _chart(self, event: CortexView.Chosen) -> None:
        self.action_open("atlas", str(event.feature))

    @on(Night.Replay)
    async def _replay(self, event: Night.Replay) -> None:
        await self.send(wire.ReplayNight(night=event.night))

    def _own_engine(self) -> Engine:
        flags, self._flags = self._flags, ()
        return child_engine(self.settings, self._paths, *flags)

    async def action_remedy(self) -> None:
        """Start the engine again in the way that its fault suggested."""
        if self.session.lost is not None and self.session.remedy != "restart":
            self._flags = (f"--{self.session.remedy}",)
            await self.action_restart()

    async def _watch(self) -> None:
        """Notice an engine that hangs: it speaks every few seconds."""
        silence = self.session.silence
        if silence >= watch.SILENCE:
            self.main.status.say(
                f"◌ the engine has said nothing for {silence:.0f} s · Ctrl+R ends it and starts it again"
            )

    async def action_restart(self) -> None:
        """A new engine for one that is gone or hangs; for any other at the second time."""
        if self.session.lost is None:
            if self.session.silence < watch.SILENCE and not self._restart_anyway():
                self.notify("The engine lives. Ctrl+R once more ends it and starts it again.", timeout=watch.INSISTENCE)
                return
            if self._engine is not None:
                self._engine.kill()
            await self._pump.handle(EngineLost("The engine was ended."))
        if self.session.lost is not None:
            self.session.lost = None
            self.main.status.say(loading_line("starting the engine", 0))
            self._live()

    def action_help_quit(self) -> None:
        self.notify("Ctrl+Q quits. Ctrl+C copies what is selected.", timeout=4)

    async def action_quit(self) -> None:
        """At once, unless that would lose something: then at the second time."""
        if self.session.unsaved and not self._quit_anyway():
            text = "What is in memory alone is lost if you leave now. Ctrl+Q once more leaves."
            self.notify(text, title="Not all is saved", severity="warning", timeout=watch.INSISTENCE)
            return
        await self.action_leave()

    async def action_leave(self) -> None:
        """The engine gets a moment to save; everything that was shown as done is on disk already."""
        if self._engine is not None:
            self.main.status.say("good night …")
            await self._engine.close()
        self.exit()

    async def _hang_up(self) -> None:
        """The terminal is gone, most likely. The engine still gets its moment; there is no screen to give back."""
        if not watch.hung_up():
            return await self.action_leave()
        if self._engine is not None:
            await self._engine.close()
        os._exit(watch.HUNG_UP)  # Textual's writer would wait for ever for a terminal to take its last words

    # --- the palette -------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return palette(self.session.modes, self)

    def act(self, action: str) -> None:
        self.call_later(self.run_action, action)

    def pin(self, mode: str) -> None:
        self.call_later(self.action_pin, mode)


def run(settings: Settings, paths: Paths, complaint: str = "") -> int:
    """Open the app and stay until the user quits; the exit status. `complaint` is about the settings."""
    app = AnimaApp(settings, paths, complaint=complaint)
    app.run()
    return 1 if app.return_code is None else app.return_code  # None: nothing that we know of has ended it
