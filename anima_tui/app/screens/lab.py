"""F10: what the lab found about this body; and what to run where it has not looked yet."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from anima_tui import wire
from anima_tui.app.session import Send, Session
from anima_tui.app.widgets.message import Plain
from anima_tui.app.widgets.night_text import inks_of
from anima_tui.app.widgets.study_text import study_text
from anima_tui.bodies.catalog import BODIES
from anima_tui.errors import AnimaError
from anima_tui.findings import Findings, read_findings

STUDIES = {
    "stability": "Vector stability",
    "suppression": "Negative steering",
    "drift": "Identity drift",
    "year": "A year of her life",
    "features": "Features",
}
KEYS = "a opens the atlas of features · Esc closes"


class LabScreen(ModalScreen[None]):
    """Studies at the left, the chosen one at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "atlas", "Atlas", id="lab.atlas"),
        Binding("escape,q", "dismiss", "Close", id="lab.close"),
    ]

    def __init__(self, session: Session, send: Send) -> None:
        super().__init__()
        self._session = session
        self._send = send
        self._found: dict[str, Findings] = {}
        self._damage = ""
        self._list = OptionList(id="studies", compact=True)
        self._detail = Static("", markup=False)
        self._hint = Plain("")

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            with Horizontal():
                yield self._list
                with VerticalScroll(can_focus=True):
                    yield self._detail
            yield self._hint
        box.border_title = "lab"
        box.border_subtitle = KEYS

    def on_mount(self) -> None:
        self._session.listeners.join(self, wire.Ready, lambda _: self._read())
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())
        self._read()
        self._list.focus()

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)
        self._session.listeners.leave(self)

    def _read(self) -> None:
        """Of this body: the user's own studies, else what came with the body, else quick runs."""
        if (body := self._session.body) and (own := self._session.lab_of_body):
            try:
                for results in (own / "quick", BODIES / Path(body.name).name / "lab", own / "full"):
                    self._found |= {findings.study: findings for findings in read_findings(results)}
            except AnimaError as error:
                self._damage = str(error)
        self._list.clear_options()
        for study, title in STUDIES.items():
            self._list.add_option(Option(f"{'●' if study in self._found else '○'} {title}", id=study))
        self._list.highlighted = next((at for at, study in enumerate(STUDIES) if study in self._found), 0)
        self._show()

    @on(OptionList.OptionHighlighted)
    def _chosen(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        at = self._list.highlighted
        study = list(STUDIES)[at] if at is not None else "stability"
        if findings := self._found.get(study):
            width = max(20, (self._detail.size.width or 80) - 2)
            self._detail.update(study_text(findings, width, inks_of(self.app)))
        else:
            self._detail.update(self._missing(study))
        self._hint.say(self._damage)

    def _missing(self, study: str) -> str:
        if self._session.body is None:
            return "She is still waking up: results belong to a body."
        body = self._session.body.name
        return (
            f"This study has not been run on the body {body}. In another terminal:\n\n"
            f"    anima-tui lab {study} --body {body}\n\n"
            "It may be stopped and goes on where it was; with --quick it only shows that every part works. "
            "Then open this screen again."
        )

    def action_atlas(self) -> None:
        from anima_tui.app.screens.atlas import AtlasScreen

        self.app.push_screen(AtlasScreen(self._session, self._send))
