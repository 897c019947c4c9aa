"""From settings to a mind: load the body, open the soul, join them."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager

import torch

from anima_tui.engine.body import load_body
from anima_tui.engine.mind import Mind, modes_of
from anima_tui.engine.prism import Mode, resolve, user_recipes
from anima_tui.engine.soul import Soul
from anima_tui.errors import BadSettings
from anima_tui.paths import Paths
from anima_tui.settings import Settings


@contextmanager
def wake(settings: Settings, paths: Paths, report: Callable[[str, float], None]) -> Generator[tuple[Mind, list[str]]]:
    """A mind ready to speak, and sentences about what had to be left out. Raises AnimaError.

    The soul is closed at the end, whatever happens.
    """
    # One core is left to the app: a thread that waits for a busy core stalls all the others. Beyond four, a small
    # body's matrices are too small to share.
    torch.set_num_threads(settings.decode.threads or min(4, max(1, (os.cpu_count() or 2) - 1)))
    torch.set_flush_denormal(True)  # habits fade towards zero for ever, and denormal arithmetic is slow
    body = load_body(settings.body, paths, report)
    report("opening the soul", 0.9)
    soul = Soul.open(paths.soul(settings.soul), body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae)
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
        yield mind, complaints
    finally:
        soul.close()
