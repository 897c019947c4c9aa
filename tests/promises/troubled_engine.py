"""An engine that goes wrong at one token, once: `python -m tests.promises.troubled_engine WAY TOKEN MARK`.

The file MARK says that it has gone wrong already; then it is calm.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from anima_tui import channel, wire
from tests.app import story
from tests.app.fake_child import REPLY, say
from tests.app.replay import companion


def go_wrong(way: str) -> None:
    match way:
        case "raise":
            raise RuntimeError("the words of the talk must not get out of the log")
        case "hang":
            time.sleep(3600)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "garbage":
            sys.stdout.buffer.write(os.urandom(100_000))
            sys.stdout.buffer.flush()
        case "print":
            print("Loading checkpoint shards: 100%", flush=True)
        case "torn":
            sys.stdout.buffer.write(channel.frame(wire.encode(story.token(0, "half")))[:-3])
            sys.stdout.buffer.flush()
            os._exit(0)
        case _:  # flood
            token = channel.frame(wire.encode(story.token(0, "flood ")))
            while True:
                sys.stdout.buffer.write(token)


def main(way: str, at: int, mark: Path) -> None:
    say(story.ready())
    react = companion(REPLY)
    while (payload := channel.read(sys.stdin.buffer)) is not None:
        command = wire.decode_command(payload)
        if isinstance(command, wire.Quit):
            return
        for event in react(command):
            if isinstance(event, wire.Token) and event.index == at and not mark.exists():
                mark.touch()
                go_wrong(way)
            say(event)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
