"""Measure a body once: `python -m anima_tui.engine.attune --body NAME --corpus DIR`."""

from anima_tui.engine.attune.command import main
from anima_tui.engine.attune.measure import attune

__all__ = ["attune", "main"]
