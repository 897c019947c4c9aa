"""What draws with the theme's own colours, and so draws anew when another theme comes."""

from __future__ import annotations

from textual import events, on
from textual.widget import Widget


class Themed(Widget):
    """Calls `_show` at a new theme, as long as it is mounted. Stands last among bases: styles come from the first.

    Textual's signal holds whoever subscribed until they leave: without that, everything ever shown would stay.
    """

    @on(events.Mount)
    def follow_theme(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())

    @on(events.Unmount)
    def leave_theme(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)

    def _show(self) -> None:
        raise NotImplementedError
