"""What the app knows at this moment; the widgets only show it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from anima_tui import wire
from anima_tui.app.listeners import Listeners
from anima_tui.app.outbox import Outbox
from anima_tui.app.widgets.status import NIGHT

Send = Callable[[wire.Command], Awaitable[None]]
"""How a screen speaks to the engine."""


@dataclass
class Session:
    """One run of the app; it outlives the engines that serve it."""

    lab: Path | None = None
    """Where results of `anima-tui lab` are, a folder for each body."""
    outbox: Outbox = field(default_factory=Outbox)
    body: wire.BodyCard | None = None
    modes: list[wire.ModeCard] = field(default_factory=list[wire.ModeCard])
    vitals: wire.Vitals | None = None
    self_model: wire.Generation | None = None
    """The one in force."""
    ready: bool = False
    again: bool = False
    """The running reply replaces the last one."""
    postponed: bool = False
    """The user said "not now" to sleep; forgotten when she no longer asks."""
    recounted: bool = False
    """What was said in earlier runs stands in the transcript."""
    lost: str | None = None
    """Why the engine is gone, until a new one is started."""
    heard_at: float = field(default_factory=time.monotonic)
    """When the engine said something last."""
    remedy: wire.Remedy = "restart"
    """What may bring it back, when it is gone."""
    read_only: bool = False
    """Nothing of this talk is saved."""
    tokens: list[wire.Token] = field(default_factory=list[wire.Token])
    """Of the last reply of this run, for the inspector."""
    exchange: int | None = None
    """Where those tokens stand on disk; None while she still speaks."""
    recalled: list[wire.Recollection] = field(default_factory=list[wire.Recollection])
    """The memories that stand in her system prompt; they are shown when they change."""
    said: str = ""
    """What the user said last in this run."""
    examples: list[str] = field(default_factory=list[str])
    """Lines of the phrasebook that the last reply of this run leans on, the nearest last."""
    hurried: bool = False
    """The rest of this night is not watched."""
    watching: int | None = None
    """The past night that is being watched once more."""
    told: set[str] = field(default_factory=set[str])
    """What is wrong with the user's files; the engine may have read the same ones, and need not say it again."""
    listeners: Listeners = field(default_factory=Listeners)

    @property
    def lab_of_body(self) -> Path | None:
        """Where results about this body are; None while nobody knows which it is."""
        return self.lab / Path(self.body.name).name if self.lab and self.body else None

    @property
    def asleep(self) -> bool:
        return self.vitals is not None and self.vitals.phase in NIGHT

    @property
    def silence(self) -> float:
        """Seconds since a living engine, once ready, said something."""
        return time.monotonic() - self.heard_at if self.ready else 0.0

    @property
    def unsaved(self) -> int:
        """Changes that are in memory alone while the engine lives."""
        return self.vitals.unsaved if self.vitals is not None and self.lost is None else 0

    @property
    def replying(self) -> bool:
        return self.outbox.answering is not None or self.again

    @property
    def tired(self) -> bool:
        """She asks to sleep and has not been put off."""
        return self.vitals is not None and self.vitals.wants_sleep and not self.postponed

    def feel(self, vitals: wire.Vitals) -> None:
        self.vitals = vitals
        self.postponed = self.postponed and vitals.wants_sleep
        self.hurried = self.hurried and self.asleep

    def next_message(self) -> str | None:
        """What to say to the engine now, if anything."""
        return self.outbox.take() if self.ready and not self.replying and not self.asleep else None
