"""The transcript: it stays where the user scrolled it, and follows the talk when left at the end."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widget import Widget

from anima_tui import wire
from anima_tui.app.widgets.message import AnimaMessage, Note, UserMessage
from anima_tui.app.widgets.waking_card import WakingCard

TAIL = 20
"""Exchanges of the past that are shown at the start; every mounted one makes streaming a little slower."""
LONGEST = 48
"""Widgets beyond which the oldest leave the transcript; what they show is on disk."""
LEFT = 32
"""Widgets that stay when some leave."""


class Transcript(VerticalScroll):
    """Grows at the end. `reply` is the newest message of Anima's, speaking or finished."""

    can_focus = False

    def __init__(self, hz: float) -> None:
        super().__init__(id="transcript")
        self._hz = hz
        self.reply: AnimaMessage | None = None
        self.card: WakingCard | None = None
        """Of the last morning on which she woke changed."""
        self._superseded: AnimaMessage | None = None
        self._waiting: list[UserMessage] = []

    def on_mount(self) -> None:
        self.anchor()

    async def history(self, exchanges: list[wire.Exchange]) -> None:
        """The tail of what stands on disk, before anything that was noted or typed while the engine loaded."""
        replies = [(exchange, AnimaMessage(self._hz)) for exchange in exchanges[-TAIL:]]
        pairs: list[Widget] = []
        for exchange, reply in replies:
            pairs += [UserMessage(exchange.user), reply]
        await self.mount_all(pairs, before=0 if self.children else None)
        for exchange, reply in replies:
            await reply.finish(exchange, None)
        if replies:
            self.reply = replies[-1][1]

    async def note(self, text: str, level: str = "info") -> None:
        await self.mount(Note(text, level), before=self._waiting[0] if self._waiting else None)

    async def morning(self, event: wire.NightDone) -> WakingCard:
        """What became of her overnight."""
        self.decide("kept")
        self.card = WakingCard(event)
        await self.mount(self.card, before=self._waiting[0] if self._waiting else None)
        return self.card

    def decide(self, word: str) -> None:
        """Fold the card of the last morning, unless that was done already."""
        if self.card is not None and not self.card.decided:
            self.card.decided = word

    async def user_said(self, text: str) -> None:
        """Shown as waiting until `sent`. Who talks on has kept what the night brought."""
        self.decide("kept")
        message = UserMessage(text, waiting=True)
        self._waiting.append(message)
        await self.mount(message)
        self.anchor()

    def sent(self) -> None:
        """The oldest waiting message is on its way."""
        if self._waiting:
            self._waiting.pop(0).sent()

    async def take_back(self, text: str) -> None:
        """The newest message that says this returns to the prompt."""
        for message in reversed(list(self.query(UserMessage))):
            if message.text.strip() == text.strip():
                self._waiting = [waiting for waiting in self._waiting if waiting is not message]
                await message.remove()
                return

    async def begin_reply(self, recalled: list[str], examples: list[str], *, again: bool) -> None:
        """She starts to speak; `again` instead of what she said last, which comes back if this fails."""
        if again and self.reply is not None:
            self._superseded = self.reply
            self._superseded.display = False
        self.reply = AnimaMessage(self._hz)
        await self.mount(self.reply, before=self._waiting[0] if self._waiting else None)
        self.reply.recall(recalled)
        self.reply.lean(examples)

    async def end_reply(self, exchange: wire.Exchange, rate: float) -> None:
        if self.reply is not None:
            await self.reply.finish(exchange, rate)
        if self._superseded is not None:
            await self._superseded.remove()
            self._superseded = None
        await self._forget_the_oldest()

    async def _forget_the_oldest(self) -> None:
        """So that a long talk costs no more than a short one. Not while the user reads there."""
        if len(self.children) > LONGEST and not self._anchor_released:
            await self.remove_children(self.children[:-LEFT])

    async def break_reply(self) -> None:
        """Nothing more will come. Half a reply stays readable, an empty one goes."""
        broken, self.reply = self.reply, self._superseded or self.reply
        if self._superseded is not None:
            self._superseded.display = True
            self._superseded = None
        if broken is not None and not broken.has_class("-done"):
            if broken.text:
                await broken.give_up()
            else:
                await broken.remove()
                self.reply = None if self.reply is broken else self.reply
