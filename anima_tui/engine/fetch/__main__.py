"""`python -m anima_tui.engine.fetch`: reads its orders from stdin, tells its progress on stdout, writes the files."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import traceback
from pathlib import Path

import msgspec

from anima_tui import wire
from anima_tui.bodies.manifest import Manifest, write_manifest
from anima_tui.engine.fetch import Order
from anima_tui.engine.fetch.convert import convert
from anima_tui.engine.fetch.download import Tell, download_model, model_config
from anima_tui.engine.sae_config import check_fit, read_config
from anima_tui.engine.server import stdout_as_outlet
from anima_tui.errors import AnimaError, BodyUnusable

SAE_SHARE = 0.2
"""Of the time that fetching takes, what the SAE takes."""


def main() -> int:
    outlet = stdout_as_outlet()
    orders = msgspec.json.decode(sys.stdin.buffer.readline(), type=list[Order])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        for done, order in enumerate(orders):
            fetch_one(order, lambda stage, share, done=done: outlet.send(_loading(stage, done, share, len(orders))))
    except AnimaError as error:
        outlet.send(wire.Fault(text=str(error)))
        return 2
    except Exception as error:
        traceback.print_exc()
        outlet.send(wire.Fault(text=f"the body could not be fetched ({error}); the engine's log says more."))
        return 1
    return 0


def _loading(stage: str, done: int, share: float, orders: int) -> wire.Loading:
    return wire.Loading(stage=stage, fraction=(done + share) / orders)


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock, held by a reader that still waits, would abort the interpreter's shutdown.
    while os.read(0, 1):
        pass
    os._exit(1)  # a thread cannot end the process otherwise, and what was downloaded is kept as it is


def fetch_one(order: Order, tell: Tell) -> None:
    """The SAE first: it is smaller, and what cannot steer is refused before the model is downloaded.

    Raises BodyUnusable.
    """
    preset, folder = order.preset, Path(order.folder)
    width, depth, context = model_config(preset.repo, order.revision)
    converted = folder / f"{preset.release}-{preset.sae}".replace("/", "-")
    if not converted.is_dir():
        convert(preset.release, preset.sae, converted, lambda stage, share: tell(stage, SAE_SHARE * share))
    try:
        check_fit(converted, read_config(converted), width, depth)
    except BodyUnusable:
        shutil.rmtree(converted)
        raise
    revision = download_model(
        preset, order.revision, lambda stage, share: tell(stage, SAE_SHARE + (1 - SAE_SHARE) * share)
    )
    manifest = Manifest(
        name=order.name,
        description=f"{preset.model} with {preset.release}/{preset.sae}.",
        model=preset.model,
        style="chat",
        context_tokens=min(preset.context_tokens, context),
        licence=preset.licence,
        repo=preset.repo,
        revision=revision,
    )
    shutil.rmtree(folder / "sae", ignore_errors=True)
    converted.rename(folder / "sae")
    write_manifest(folder, manifest)


if __name__ == "__main__":
    sys.exit(main())
