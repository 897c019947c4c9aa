"""Measure a body once: `python -m anima_tui.engine.attune --body NAME --corpus DIR`."""
