"""The line of keys at the foot of the screen."""

from __future__ import annotations

from textual.widgets import Footer


class KeyLine(Footer):
    """Textual's own, which lets go of the keys that it no longer shows.

    A key is bound to whether the footer is compact, and the binding ends only when that is looked at again: without
    this, every key ever shown stays.
    """

    async def recompose(self) -> None:
        await super().recompose()
        self.mutate_reactive(Footer.compact)
