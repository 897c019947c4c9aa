"""From settings to a mind: load the body, open the soul, join them.

Importing this module imports no torch: that takes seconds, and the wait is reported while it lasts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from anima_tui.engine.body import load_body
from anima_tui.errors import BadSettings
from anima_tui.paths import Paths
from anima_tui.settings import Settings

if TYPE_CHECKING:
    from anima_tui.engine.mind import Mind
    from anima_tui.engine.prism import Mode

BODY_SHARE = 0.92
"""Of the time a start takes, what loading the body takes."""


@contextmanager
def wake(settings: Settings, paths: Paths, report: Callable[[str, float], None]) -> Generator[tuple[Mind, list[str]]]:
    """A mind ready to speak, and sentences about what had to be left out. Raises AnimaError.

    The soul is closed at the end, whatever happens.
    """
    body = load_body(
        settings.body, paths, lambda stage, fraction: report(stage, BODY_SHARE * fraction), settings.compute
    )
    import torch

    from anima_tui.engine.mind import Mind, modes_of
    from anima_tui.engine.prism import resolve, user_recipes
    from anima_tui.engine.soul import Soul

    # One core is left to the app: a thread that waits for a busy core stalls all the others. Beyond four, a small
    # body's matrices are too small to share.
    torch.set_num_threads(settings.decode.threads or min(4, max(1, (os.cpu_count() or 2) - 1)))
    torch.set_flush_denormal(True)  # habits fade towards zero for ever, and denormal arithmetic is slow
    report("opening the soul", 0.94)
    wake_soul = Soul.open_read_only if settings.read_only else Soul.open
    soul = wake_soul(paths.soul(settings.soul), body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae)
    try:
        recipes, complaints = user_recipes(paths.modes)
        own: list[Mode] = []
        for recipe in recipes:
            try:
                own.append(resolve(recipe, body.attunement, body.sae.directions))
            except BadSettings as error:
                complaints.append(str(error))
        report("waking up", 0.97)
        mind = Mind(body, soul, settings, modes_of(body, own))
        mind.levels_of("hello")  # the first pass allocates; better now than while someone waits
        report("finding her voice", 0.98)
        mind.prepare()
        yield mind, complaints
    finally:
        soul.close()
        if body.line:
            body.line.dismiss()
