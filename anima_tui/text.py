"""What may reach a terminal."""

from __future__ import annotations

import re

# Everything a terminal or a bidirectional renderer might obey: C0 but newline and tab, DEL, C1, bidi
# controls, line and paragraph separators, interlinear marks, tag characters and lone surrogates.
# Zero-width joiners stay: words in many scripts, and emoji, need them.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_ESCAPES = "\x1b\x9b\x9d\x90\x98\x9e\x9f"


def safe_text(text: str) -> str:
    """Return `text` with no character that a terminal would obey.

    Escape introducers become a visible `␛`, other controls vanish, CR LF becomes a newline. Works one
    character at a time, so a hostile sequence split over many streamed pieces is disarmed in each of them.
    """
    return _OBEYED.sub(_disarm, text.replace("\r\n", "\n"))


def safe_line(text: str) -> str:
    """Like `safe_text`, but on one line: runs of whitespace become one space."""
    return " ".join(safe_text(text).split())


def _disarm(match: re.Match[str]) -> str:
    return "␛" if match.group() in _ESCAPES else ""
