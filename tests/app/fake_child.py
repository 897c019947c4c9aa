"""An engine process without torch: `python -m tests.app.fake_child calm|die|garbage|hostile|fuzz PACE`.

It speaks the wire over stdin and stdout, a word every `PACE` seconds.
"""

from __future__ import annotations

import sys
import time

from anima_tui import channel, wire
from tests.app import story
from tests.app.hostile import ALL, hostile_ready, hostile_soul, hostile_turn, noise
from tests.app.replay import companion

REPLY = """I think the sea *does* remember. Three things make me believe so:

- the tide comes back to the **same** stones,
- rain tastes of where it was,
- and you asked me twice.

> Nothing is lost, it is only elsewhere.

Shall I tell you what I dreamt about it?"""


def say(event: wire.Event) -> None:
    sys.stdout.buffer.write(channel.frame(wire.encode(event)))
    sys.stdout.buffer.flush()


def main(manner: str, pace: float) -> int:
    for step, stage in enumerate(("reading the weights", "reading the dictionary", "opening the soul")):
        say(wire.Loading(stage=stage, fraction=step / 3))
        time.sleep(pace * 10)
    match manner:
        case "hostile":
            say(hostile_ready())
        case "fuzz":
            say(hostile_ready(noise(0)))
        case _:
            say(story.ready())
    react = companion(REPLY)
    seed = 0
    while (payload := channel.read(sys.stdin.buffer)) is not None:
        match command := wire.decode_command(payload):
            case wire.Quit():
                return 0
            case wire.Say() if manner == "die":
                return 3
            case wire.Say() if manner == "garbage":
                sys.stdout.buffer.write(b"Loading checkpoint shards: 100%")
                sys.stdout.buffer.flush()
            case wire.Say() if manner == "hostile":
                for event in hostile_turn(command.text):
                    say(event)
            case wire.ShowHistory() | wire.ListMemories() | wire.ReplayNight() | wire.PinMemory() if manner in (
                "hostile",
                "fuzz",
            ):
                for event in hostile_soul(command, ALL if manner == "hostile" else noise(seed)):
                    say(event)
            case wire.Say() if manner == "fuzz":
                for event in hostile_turn(command.text, noise(seed := seed + 1)):
                    say(event)
                say(wire.Notice(text=f"noise {seed} is over"))
            case _:
                for event in react(command):
                    say(event)
                    time.sleep(pace if isinstance(event, wire.Token | wire.DreamToken) else 0)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
