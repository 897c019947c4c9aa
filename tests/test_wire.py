"""The vocabulary: whatever one process can say, the other understands."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anima_tui import wire

COMMANDS: tuple[type[wire.Message], ...] = get_args(wire.Command)
EVENTS: tuple[type[wire.Message], ...] = get_args(wire.Event)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    bytes: st.binary(),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**64 - 1),
    float: st.floats(allow_nan=False),
    NoneType: st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Every value a field of this type may hold. An unknown type is an error: the vocabulary stays plain."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.builds(kind, **{field.name: values(field.type) for field in msgspec.structs.fields(kind)})
    arguments = get_args(kind)
    match get_origin(kind):
        case None:
            return PLAIN[kind]
        case origin if origin is Literal:
            return st.sampled_from(arguments)
        case origin if origin is list:
            return st.lists(values(arguments[0]), max_size=3)
        case origin if origin is dict:
            return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
        case _:
            assert isinstance(kind, UnionType) or NoneType in arguments
            return st.one_of(*map(values, arguments))


@pytest.mark.parametrize("kind", COMMANDS)
@given(data=st.data())
def test_every_command_arrives_as_it_was_sent(kind: type[wire.Message], data: st.DataObject) -> None:
    message = data.draw(values(kind))
    assert wire.decode_command(wire.encode(message)) == message


@pytest.mark.parametrize("kind", EVENTS)
@given(data=st.data())
def test_every_event_arrives_as_it_was_sent(kind: type[wire.Message], data: st.DataObject) -> None:
    message = data.draw(values(kind))
    assert wire.decode_event(wire.encode(message)) == message


def test_no_message_is_left_out_of_the_vocabulary() -> None:
    assert set(wire.Message.__subclasses__()) == set(COMMANDS) | set(EVENTS)


def test_a_command_is_no_event_and_an_event_no_command() -> None:
    assert not set(COMMANDS) & set(EVENTS)
    with pytest.raises(msgspec.ValidationError):
        wire.decode_event(wire.encode(wire.Quit()))
    with pytest.raises(msgspec.ValidationError):
        wire.decode_command(wire.encode(wire.Fault(text="")))


@given(st.binary())
def test_noise_is_refused_and_never_half_understood(noise: bytes) -> None:
    for decode in (wire.decode_command, wire.decode_event):
        try:
            message = decode(noise)
        except msgspec.DecodeError:
            continue
        assert decode(wire.encode(message)) == message


def test_a_message_of_a_newer_version_may_say_more() -> None:
    newer = msgspec.msgpack.encode({"type": "Say", "text": "hello", "mood": "new"})
    assert wire.decode_command(newer) == wire.Say(text="hello")
