"""The one vocabulary that app and engine share: commands go to the engine, events come back.

Every message is a tagged struct. `encode` and the two decoders turn it into MessagePack and back; how the
bytes travel is `channel`'s business.
"""

from __future__ import annotations

import msgspec

from anima_tui.wire.commands import *
from anima_tui.wire.events import *
from anima_tui.wire.message import *
from anima_tui.wire.parts import *

_encoder = msgspec.msgpack.Encoder()
_commands = msgspec.msgpack.Decoder(Command)
_events = msgspec.msgpack.Decoder(Event)


def encode(message: Message) -> bytes:
    return _encoder.encode(message)


def decode_command(data: bytes) -> Command:
    """Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _commands.decode(data)


def decode_event(data: bytes) -> Event:
    """Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _events.decode(data)
