"""Python, Anima, the libraries she stands on, and the SQLite that keeps her souls."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from anima_tui import __version__
from anima_tui.doctor.finding import Finding

LIBRARIES = ("torch", "transformers", "textual", "numpy", "msgspec", "safetensors", "sae-lens")
WAL_RESET_MENDED = (3, 51, 3)
"""Before it, two connections that write at one moment may damage a WAL database: https://sqlite.org/wal.html."""


def look_at_versions() -> Iterator[Finding]:
    yield Finding("anima-tui", f"{__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}")
    missing: list[str] = []
    found: list[str] = []
    for library in LIBRARIES:
        try:
            found.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            missing.append(library)
    yield Finding("libraries", ", ".join(found))
    if missing:
        yield Finding(
            "libraries", f"{', '.join(missing)} missing", well=False, remedy="install anima-tui anew: pip install -e ."
        )
    old = sqlite3.sqlite_version_info < WAL_RESET_MENDED
    why = "; it is safe with one writer, and Anima never has two" if old else ""
    yield Finding("SQLite", sqlite3.sqlite_version + why)
