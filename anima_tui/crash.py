"""What a crash leaves behind: a report that can go with a bug, and holds no word of anybody unless that was asked for.

A traceback without the message of its error, for that may quote a conversation; of the settings only numbers and
switches, for a name is a word. `telling_reports` in the settings asks for both.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from anima_tui import __version__
from anima_tui.settings import Settings

LIBRARIES = ("torch", "transformers", "textual", "numpy", "msgspec")
KEPT = 10
"""Reports; the oldest goes."""


def write_report(logs: Path, where: str, error: BaseException, settings: Settings | None) -> Path | None:
    """Write what `error` did to the process `where`, into the folder `logs`. None where that cannot be."""
    file = logs / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{where}.txt"
    with suppress(OSError):
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text("\n".join(report(where, error, settings)) + "\n", encoding="utf-8", errors="backslashreplace")
        for old in sorted(logs.glob("crash-*.txt"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return file
    return None


def about(report: Path | None, settings: Settings) -> str:
    """What the user may do with a report."""
    if report is None:
        return "no report of it could be written."
    if settings.telling_reports:
        return f"the report {report} quotes what was said: read it before you pass it on."
    return f"the report {report} holds nobody's words and may go with a bug."


def report(where: str, error: BaseException, settings: Settings | None) -> Iterator[str]:
    yield f"anima-tui {__version__}, {where}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    yield ", ".join([f"sqlite {sqlite3.sqlite_version}", *_versions()])
    telling = settings is not None and settings.telling_reports
    if settings is not None:
        known = msgspec.to_builtins(settings)
        yield msgspec.json.encode(known if telling else _wordless(known)).decode()
    yield ""
    yield from traceback.format_exception(error) if telling else _traceback(error)


def _versions() -> Iterator[str]:
    for library in LIBRARIES:
        with suppress(PackageNotFoundError):
            yield f"{library} {version(library)}"


def _wordless(value: object) -> object:
    """Without any text but the names of the settings."""
    if isinstance(value, dict):
        return {str(key): _wordless(inner) for key, inner in value.items() if not isinstance(inner, str)}
    return value


def _traceback(error: BaseException) -> Iterator[str]:
    """As Python prints it, causes first, without what the errors say."""
    if (cause := error.__cause__ or error.__context__) is not None:
        yield from _traceback(cause)
        yield "then"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {_shortened(frame.filename)}:{frame.lineno} {frame.name}: {frame.line}"
    yield f"{type(error).__module__}.{type(error).__qualname__}"


def _shortened(file: str) -> str:
    """Relative to where Python looks for modules, so that no home folder is told."""
    for root in sorted(sys.path, key=len, reverse=True):
        if root and file.startswith(root):
            return file[len(root) :].lstrip("/\\")
    return Path(file).name
