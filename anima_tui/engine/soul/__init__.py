"""The soul on disk: everything that is learned and must survive, one folder per soul."""

from anima_tui.engine.soul.pages import write_page
from anima_tui.engine.soul.records import Finish, NewMemory, NightOutcome, OrganState, Speaker, TurnRecord
from anima_tui.engine.soul.selves import diff
from anima_tui.engine.soul.store import Soul

__all__ = [
    "Finish",
    "NewMemory",
    "NightOutcome",
    "OrganState",
    "Soul",
    "Speaker",
    "TurnRecord",
    "diff",
    "write_page",
]
