"""The one error a person may see: a sentence that says what is wrong and how to mend it."""

from __future__ import annotations


class AnimaError(Exception):
    """Something the user can mend. `str(error)` is one clear sentence, shown as it is, without a traceback."""


class SoulLocked(AnimaError):
    """Another process is the writer of this soul."""


class SoulUnreadable(AnimaError):
    """A soul on disk cannot be read; it was left untouched."""


class SoulMismatch(AnimaError):
    """A soul that belongs to another body or to a newer Anima; it was left untouched."""


class SoulUnwritable(AnimaError):
    """A soul cannot be written at the moment; what is on disk is whole, and a later save may succeed."""


class BodyUnusable(AnimaError):
    """A body's files are missing, truncated, or do not fit each other."""


class BadSettings(AnimaError):
    """A settings file, variable or flag holds a value that cannot be used."""


class SoulTaken(AnimaError):
    """There is a soul, or a file, of that name already; it was left untouched."""
