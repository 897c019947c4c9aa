"""An engine on another machine, as far as one machine can be two: a real sshd on loopback, and a line that breaks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import pytest
from test_parallel import KNOBS
from tiny_body import write_body

from anima_tui import channel, wire
from anima_tui.child import engine_command
from anima_tui.settings import Settings

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(not (SSHD and shutil.which("ssh-keygen")), reason="needs openssh-server")

Kind = TypeVar("Kind", bound=wire.Event)


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings for an engine behind an sshd of the test's own, with keys of its own; a body and a home lie there."""
    write_body(tmp_path / "tiny", context=512)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / key)], check=True)
    (tmp_path / "authorized").write_bytes((tmp_path / "user.pub").read_bytes())
    program = tmp_path / "anima-tui"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m anima_tui "$@"\n')
    # The client of this test knows nobody's keys but its own.
    client = tmp_path / "bin" / "ssh"
    client.parent.mkdir()
    options = (
        f"-i {tmp_path / 'user'} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    )
    client.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F none {options} "$@"\n')
    for script in (program, client):
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(client.parent), prepend=":")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = KNOBS | {"ANIMA_HOME": str(tmp_path / "home"), "PYTHONPATH": os.environ.get("PYTHONPATH", os.getcwd())}
    config = [
        f"ListenAddress 127.0.0.1:{port}",
        f"HostKey {tmp_path / 'host'}",
        f"AuthorizedKeysFile {tmp_path / 'authorized'}",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "SetEnv " + " ".join(f"{name}={value}" for name, value in home.items()),
    ]
    (tmp_path / "sshd_config").write_text("\n".join(config) + "\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where a root's sshd locks its helper in
    assert SSHD
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(tmp_path / "sshd_config")], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Settings(engine=f"ssh://127.0.0.1:{port}{program}", body=str(tmp_path / "tiny"))
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("sshd did not start")


class Connection:
    """An engine at the other end of ssh."""

    def __init__(self, settings: Settings) -> None:
        self.process = subprocess.Popen(engine_command(settings), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, command: wire.Command) -> None:
        assert self.process.stdin
        self.process.stdin.write(channel.frame(wire.encode(command)))
        self.process.stdin.flush()

    def until(self, kind: type[Kind]) -> Kind:
        while payload := channel.read(cast(BinaryIO, self.process.stdout)):
            event = wire.decode_event(payload)
            if isinstance(event, kind):
                return event
            assert not isinstance(event, wire.TurnFailed), event
        pytest.fail(f"the line ended before a {kind.__name__} came")

    def woken(self, settings: Settings) -> wire.Ready:
        """Once the engine of a line that broke has let go of the soul."""
        for _ in range(20):
            while payload := channel.read(cast(BinaryIO, self.process.stdout)):
                match wire.decode_event(payload):
                    case wire.Ready() as ready:
                        return ready
                    case wire.Fault(remedy="read-only"):
                        break
                    case _:
                        pass
            self.process.kill()
            self.process.wait()
            self.__init__(settings)
        pytest.fail("the soul stayed locked")


def test_chat_break_the_line_and_come_back(there: Settings) -> None:
    first = Connection(there)
    assert not first.until(wire.Ready).history
    first.send(wire.Say(text="hello there"))
    done = first.until(wire.TurnDone)
    first.send(wire.Say(text="and then?"))
    first.until(wire.Token)
    first.process.kill()
    first.process.wait()

    again = Connection(there)
    ready = again.woken(there)
    assert ready.history[0] == done.exchange
    assert [exchange.user for exchange in ready.history] in (["hello there"], ["hello there", "and then?"])
    again.send(wire.Say(text="here i am again"))
    assert again.until(wire.TurnDone).exchange.id > done.exchange.id
    again.send(wire.Quit())
    assert again.process.wait(timeout=60) == 0
