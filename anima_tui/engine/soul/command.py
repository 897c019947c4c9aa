"""`anima-tui soul export | import | backup | restore | memories | rename | delete`. Only a `.pt` needs torch."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from anima_tui.bodies.catalog import find_body
from anima_tui.engine.soul import archive, custody
from anima_tui.engine.soul.faults import require_soul
from anima_tui.errors import BadSettings
from anima_tui.paths import Paths
from anima_tui.settings import Settings

PERSONALITY = ".pt"


def obey(what: str, options: argparse.Namespace, settings: Settings, paths: Paths) -> Iterator[str]:
    """Do it; lines that say what was done. Raises AnimaError, nothing being changed."""
    folder, now = paths.soul(settings.soul), time.time()
    match what:
        case "export":
            file = _file(options.file)
            _export(folder, file, now)
            yield f"The soul “{folder.name}” is in {file}."
        case "import":
            file = _file(options.file)
            yield f"The soul “{_import(file, options, settings, paths, now)}” came from {file}."
        case "backup":
            yield f"A backup is in {custody.back_up_now(folder, now)}."
        case "restore":
            backup, aside = custody.restore(folder, now)
            yield f"The soul “{folder.name}” is as she was in {backup}; the damaged file is kept as {aside}."
        case "memories":
            from anima_tui.engine.soul.notebook import memories

            yield from memories(folder, options, settings.metabolism, now)
        case "rename":
            new = paths.soul(options.new)
            custody.rename(folder, new)
            yield f"The soul “{folder.name}” is now “{new.name}”."
        case _:
            require_soul(folder)
            if not options.yes:
                _confirm(folder.name)
            place = custody.discard(folder, paths.trash, now)
            yield f"The soul “{folder.name}” is in {place}; move that folder back to undo this, or remove it for ever."


def _export(folder: Path, file: Path, now: float) -> None:
    if file.suffix == PERSONALITY:
        from anima_tui.engine.personality import export_personality

        export_personality(folder, file)
    else:
        archive.pack(folder, file, now)


def _import(file: Path, options: argparse.Namespace, settings: Settings, paths: Paths, now: float) -> str:
    """The name of the soul that came."""
    if file.suffix == PERSONALITY:
        from anima_tui.engine.personality import import_personality

        import_personality(file, paths.soul(settings.soul), find_body(settings.body, paths), now)
        return settings.soul
    name = settings.soul if "soul" in options else archive.read_manifest(file).soul
    archive.unpack(file, paths.soul(name))
    return name


def _file(name: str) -> Path:
    file = Path(name).expanduser().absolute()
    if file.suffix not in (archive.SUFFIX, PERSONALITY):
        raise BadSettings(
            f"{file} can hold no soul; name it *{archive.SUFFIX} for a whole soul, *{PERSONALITY} for her personality."
        )
    return file


def _confirm(name: str) -> None:
    """Raises BadSettings unless the user types the name."""
    try:
        typed = input(f"Type {name} to move her to the trash: ")
    except EOFError:
        typed = ""
    if typed.strip() != name:
        raise BadSettings(f"that was not “{name}”; nothing was deleted.")
