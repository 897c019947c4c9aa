"""`anima-tui doctor`: everything that may keep her from waking, looked at, and what to do about each finding."""

from __future__ import annotations

from collections.abc import Iterator

from anima_tui.doctor.body import look_at_body
from anima_tui.doctor.finding import Finding
from anima_tui.doctor.places import look_at_places
from anima_tui.doctor.settings import look_at_settings
from anima_tui.doctor.souls import look_at_souls
from anima_tui.doctor.surroundings import look_at_gpu, look_at_terminal
from anima_tui.doctor.versions import look_at_versions
from anima_tui.paths import Paths


def examine(paths: Paths, flags: dict[str, object]) -> Iterator[Finding]:
    """One finding after the other, cheap ones first. Changes nothing, and never raises for what it finds."""
    yield from look_at_versions()
    yield from look_at_places(paths)
    settings, findings = look_at_settings(paths, flags)
    yield from findings
    yield from look_at_terminal()
    yield from look_at_body(settings, paths)
    yield from look_at_souls(settings, paths)
    yield look_at_gpu()
