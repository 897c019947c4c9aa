"""A Hugging Face hub on the loopback: repositories of plain folders, ranges, gates, and a download that is held up."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mini_hub import COMMIT


class Hub:
    """Serves `root/OWNER/NAME/...`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.gated: set[str] = set()
        """Repositories that are handed out to nobody."""
        self.hold_after: int | None = None
        """Bytes of a file after which it goes on only when `released`."""
        self.released = threading.Event()
        self.given_up = threading.Event()
        """Set when a reader of a held file went away."""
        self.ranges: list[str] = []
        """Every Range that was asked for."""
        self.url = ""

    @contextmanager
    def running(self) -> Generator[Hub]:
        hub = self

        class Handler(_Handler):
            def __init__(self, *args: Any) -> None:
                self.hub = hub
                super().__init__(*args)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            self.released.set()
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name it has there
        """Nobody reads it."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        parts = self.path.partition("?")[0].strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._tell(f"{parts[2]}/{parts[3]}", tree=parts[4:5] == ["tree"])
            return
        repo, file = f"{parts[0]}/{parts[1]}", self.hub.root.joinpath(*parts[:2], *parts[4:])
        if repo in self.hub.gated:
            self._head(403, 0, {"X-Error-Code": "GatedRepo", "X-Error-Message": "You are not on the list."})
        elif not file.is_file():
            self._head(404, 0, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        else:
            self._hand_out(file, body=body)

    def _tell(self, repo: str, *, tree: bool) -> None:
        folder = self.hub.root / repo
        if not folder.is_dir():
            self._head(404, 0, {"X-Error-Code": "RepoNotFound"})
            return
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        listed = [
            {
                "type": "file",
                "path": str(file.relative_to(folder)),
                "size": file.stat().st_size,
                "oid": hashlib.sha1(file.read_bytes()).hexdigest(),
            }
            for file in files
        ]
        about = {
            "id": repo,
            "sha": COMMIT,
            "siblings": [{"rfilename": one["path"], "size": one["size"]} for one in listed],
            "gated": "manual" if repo in self.hub.gated else False,
            "safetensors": {"parameters": {"BF16": 1234}, "total": 1234},
        }
        payload = json.dumps(listed if tree else about).encode()
        self._head(200, len(payload), {"Content-Type": "application/json"})
        self.wfile.write(payload)

    def _hand_out(self, file: Path, *, body: bool) -> None:
        content = file.read_bytes()
        wanted = self.headers.get("Range", "")
        begin = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        if wanted and body:
            self.hub.ranges.append(wanted)
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
        if wanted:
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        self._head(206 if wanted else 200, len(content) - begin, headers)
        if body:
            self._send(content[begin:])

    def _send(self, content: bytes) -> None:
        hold = self.hub.hold_after
        if hold is None or len(content) <= hold:
            self.wfile.write(content)
            return
        self.wfile.write(content[:hold])
        while not self.hub.released.wait(0.05):
            # A byte at a time, until nobody takes it any more.
            try:
                self.wfile.write(content[hold : hold + 1])
            except OSError:
                self.hub.given_up.set()
                return
            hold += 1
        with suppress(OSError):
            self.wfile.write(content[hold:])

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
