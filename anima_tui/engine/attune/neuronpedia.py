"""What Neuronpedia's explainers say of the features of a published SAE: fetched once, and only when asked for."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen
from xml.etree import ElementTree

import msgspec

from anima_tui.engine.attune.labels import LONGEST
from anima_tui.errors import AnimaError
from anima_tui.text import safe_line

BUCKET = "https://neuronpedia-datasets.s3.us-east-1.amazonaws.com"
"""Holds `v1/MODEL/SOURCE/explanations/batch-N.jsonl.gz`."""

_TIMEOUT = 30.0
"""Seconds."""
_SOURCE = re.compile(r"\w[\w.-]*/\w[\w.-]*")


class NoLabels(AnimaError):
    """Neuronpedia's labels cannot be had at the moment, or not for this SAE."""


class _Explanation(msgspec.Struct):
    index: int | str
    description: str | None = None


def source_of(sae: Path) -> str:
    """Neuronpedia's name "model/source" for the SAE in a folder. Raises NoLabels when it has none."""
    written: dict[str, Any] = msgspec.json.decode((sae / "cfg.json").read_bytes())
    source = str(written.get("metadata", written).get("neuronpedia_id"))
    if not _SOURCE.fullmatch(source):
        raise NoLabels("Neuronpedia does not know this body's SAE; its features keep the labels that were measured.")
    return source


def neuronpedia_labels(source: str, cache: Path, bucket: str = BUCKET) -> dict[int, str]:
    """Feature -> label of at most `LONGEST` printable characters, from `cache` when they were fetched before.

    Raises NoLabels when the bucket cannot be reached or holds nothing for `source`.
    """
    kept = cache / f"{source.replace('/', '--')}.json"
    try:
        return msgspec.json.decode(kept.read_bytes(), type=dict[int, str])
    except (FileNotFoundError, msgspec.DecodeError):
        pass
    try:
        labels = {feature: label for file in _batches(source, bucket) for feature, label in _read(file, bucket)}
    except (OSError, HTTPException, zlib.error, EOFError, ElementTree.ParseError, ValueError) as error:
        raise NoLabels(
            f"Neuronpedia's labels could not be fetched ({safe_line(str(error))}); the features keep those that were "
            "measured, and the same command fetches the others when you are online."
        ) from None
    if not labels:
        raise NoLabels(f"Neuronpedia holds no labels for {source}; the features keep those that were measured.")
    cache.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(labels))
    os.replace(part, kept)
    return labels


def _batches(source: str, bucket: str) -> Iterator[str]:
    """Keys of the files, from S3's listing (ListObjectsV2), page after page."""
    query = f"{bucket}/?list-type=2&prefix={quote(f'v1/{source}/explanations/', safe='')}"
    more = ""
    while True:
        page = ElementTree.fromstring(_get(query + more))
        yield from (key.text for key in page.iterfind("{*}Contents/{*}Key") if key.text and key.text.endswith(".gz"))
        if not (token := page.findtext("{*}NextContinuationToken")):
            return
        more = f"&continuation-token={quote(token, safe='')}"


def _read(key: str, bucket: str) -> Iterator[tuple[int, str]]:
    for line in gzip.decompress(_get(f"{bucket}/{quote(key)}")).splitlines():
        row = msgspec.json.decode(line, type=_Explanation)
        if row.description and (label := _short(row.description)):
            yield int(row.index), label


def _get(url: str) -> bytes:
    with urlopen(url, timeout=_TIMEOUT) as answer:
        return answer.read()


def _short(description: str) -> str:
    """Its first words, as many as have room."""
    line = "".join(mark for mark in safe_line(description) if mark.isprintable())
    if len(line) <= LONGEST:
        return line
    return line[: LONGEST - 1].rpartition(" ")[0].rstrip(",;:") + "…" if " " in line[:LONGEST] else line[:LONGEST]
