"""Labels from a server on the loopback that stands where Neuronpedia's bucket does."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from anima_tui.engine.attune.labels import LONGEST
from anima_tui.engine.attune.neuronpedia import NoLabels, neuronpedia_labels, source_of

SOURCE = "llama3.1-8b/20-llamascope-res-32k"
FOLDER = f"v1/{SOURCE}/explanations/"
ROWS = [
    [{"modelId": "llama3.1-8b", "index": "0", "description": "words about harbours"}, {"index": "1"}],
    [{"index": "256", "description": "references to \u001b[31mfear, and to the many things that people are afraid of"}],
]


class _Bucket(BaseHTTPRequestHandler):
    """Two batches, listed on two pages as S3 lists them."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        url = urlparse(self.path)
        query = parse_qs(url.query)
        if batch := re.fullmatch(rf"/{re.escape(FOLDER)}batch-(\d)\.jsonl\.gz", url.path):
            self._answer(gzip.compress("\n".join(map(json.dumps, ROWS[int(batch[1])])).encode()))
        elif query.get("prefix") == [FOLDER]:
            second = "continuation-token" in query
            more = "" if second else "<NextContinuationToken>a+b/c=</NextContinuationToken>"
            self._answer(
                '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                f"<Contents><Key>{FOLDER}batch-{int(second)}.jsonl.gz</Key></Contents>{more}</ListBucketResult>".encode()
            )
        else:
            self._answer(b"<ListBucketResult/>")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    _Bucket.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bucket)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def _address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_labels_are_fetched_once_and_fit_on_a_row(bucket: ThreadingHTTPServer, tmp_path: Path) -> None:
    labels = neuronpedia_labels(SOURCE, tmp_path, _address(bucket))
    assert set(labels) == {0, 256}
    assert labels[0] == "words about harbours"
    assert labels[256] == "references to ␛[31mfear, and…"
    assert all(len(label) <= LONGEST and label.isprintable() for label in labels.values())

    asked = len(_Bucket.asked)
    assert neuronpedia_labels(SOURCE, tmp_path, _address(bucket)) == labels
    assert len(_Bucket.asked) == asked == 4


def test_offline_is_one_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(NoLabels, match=r"could not be fetched .* when you are online\.$"):
        neuronpedia_labels(SOURCE, tmp_path, "http://127.0.0.1:9")
    assert not list(tmp_path.iterdir())


def test_an_sae_that_is_not_there_is_one_sentence(bucket: ThreadingHTTPServer, tmp_path: Path) -> None:
    with pytest.raises(NoLabels, match="holds no labels for gpt2-small/5-unknown"):
        neuronpedia_labels("gpt2-small/5-unknown", tmp_path, _address(bucket))


def test_the_sae_says_where_its_labels_are(tmp_path: Path) -> None:
    (tmp_path / "cfg.json").write_text(json.dumps({"d_in": 4, "metadata": {"neuronpedia_id": SOURCE}}))
    assert source_of(tmp_path) == SOURCE
    for unknown in (None, "../../etc/passwd", "a/b/c", "http://x/y"):
        (tmp_path / "cfg.json").write_text(json.dumps({"metadata": {"neuronpedia_id": unknown}}))
        with pytest.raises(NoLabels, match="does not know this body's SAE"):
            source_of(tmp_path)
