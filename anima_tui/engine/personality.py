"""A soul's personality alone, out of a soul and into a newborn one: the reservoir and the self-model, as a `.pt`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import torch

from anima_tui.bodies.manifest import model_folder, read_manifest
from anima_tui.engine.checkpoint import Checkpoint, read_checkpoint, save_checkpoint
from anima_tui.engine.fingerprint import fingerprint
from anima_tui.engine.sae_config import read_config
from anima_tui.engine.soul import selves, state
from anima_tui.engine.soul.database import Bond, Nature, bear, examine, look_at
from anima_tui.engine.soul.faults import reading, require_soul, writing
from anima_tui.engine.soul.files import appearing
from anima_tui.errors import BodyUnusable, SoulTaken

SUFFIX = ".pt"


def export_personality(folder: Path, file: Path) -> None:
    """Write who the soul in `folder` is, awake or not, to the new file `file`.

    Raises SoulTaken where there is such a file, SoulUnreadable, SoulMismatch or SoulUnwritable.
    """
    if file.exists():
        raise SoulTaken(f"There is a file {file} already, and it was left as it is; choose another name.")
    require_soul(folder)
    with reading(folder):
        bond = examine(folder / "soul.db")
        with closing(look_at(folder / "soul.db")) as connection:
            generation = selves.present(connection)
            reservoir = state.reservoir(connection, bond.d_sae)
    card = Checkpoint(
        body=bond.body,
        fingerprint=bond.fingerprint,
        reservoir=torch.from_numpy(reservoir),
        generation=generation.id,
        lines=generation.lines,
    )
    with writing(file.parent):
        save_checkpoint(file, card)


def import_personality(file: Path, folder: Path, body: Path, now: float) -> None:
    """Let a soul be born in `folder` with the personality in `file`, for the body in the folder `body`.

    Raises SoulTaken, SoulUnreadable for anything but such a file, SoulMismatch for one of another body, BodyUnusable
    or SoulUnwritable.
    """
    if folder.exists():
        raise SoulTaken(
            f"There is a soul “{folder.name}” already, and she was left as she is; give the new one another name"
            " with --soul."
        )
    manifest = read_manifest(body)
    weights = model_folder(body, manifest)
    if weights is None:
        raise BodyUnusable(f"the model of the body in {body} is not on this machine; start Anima with it once.")
    bond = Bond(manifest.name, fingerprint(weights, body / "sae"), read_config(body / "sae").d_sae)
    found = read_checkpoint(file, body=bond.body, fingerprint=bond.fingerprint, d_sae=bond.d_sae)
    with writing(folder.parent), appearing(folder) as new:
        bear(new, bond, Nature(found.lines, found.reservoir.numpy()), now)
