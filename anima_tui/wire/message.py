"""Base of all messages."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Tagged by its name, so that the other side knows what it is."""
