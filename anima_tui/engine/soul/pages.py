"""`dreams/NNNN.md`: a night as a page that anyone can read without Anima."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from anima_tui import wire
from anima_tui.engine.soul.files import write_atomically
from anima_tui.text import safe_text


def write_page(folder: Path, night: wire.NightRecord) -> Path:
    """Write the page of `night` into `folder`/dreams. Raises OSError."""
    path = folder / "dreams" / f"{night.id:04}.md"
    write_atomically(path, page(night).encode())
    return path


def page(night: wire.NightRecord) -> str:
    """Markdown; dreams and lines stand in fences, so that nothing in them becomes markup."""
    began, ended = (datetime.fromtimestamp(at).astimezone() for at in (night.began, night.ended))
    parts = [
        f"# Night {night.id}",
        f"{began:%Y-%m-%d %H:%M} to {ended:%H:%M}, {night.outcome}.",
        safe_text(night.summary),
    ]
    for depth, dream in enumerate(night.dreams, 1):
        parts += [f"## Dream {depth}", _fenced("", dream)]
    if night.diff:
        parts += [
            "## Who she is",
            _fenced("diff", "\n".join(f"{line.sign} {line.text}" for line in night.diff)),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _fenced(kind: str, text: str) -> str:
    """A fence longer than any run of backticks within."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{kind}\n{safe_text(text)}\n{fence}"
