"""The command line of attunement."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from anima_tui import __version__
from anima_tui.engine.attune.material import read_material
from anima_tui.engine.attune.measure import KINDS, Measured, attune
from anima_tui.engine.attune.neuronpedia import NoLabels, neuronpedia_labels, source_of
from anima_tui.engine.attune.report import write_report
from anima_tui.engine.attune.steps import Steps
from anima_tui.engine.body import Body, load_unattuned_body
from anima_tui.errors import AnimaError
from anima_tui.paths import Paths, user_paths
from anima_tui.text import safe_line

_CORPUS = Path(str(files("anima_tui"))) / "forge" / "corpus"


def main(arguments: Sequence[str]) -> int:
    """Measure a body, and write its attunement and a report. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="anima-tui attune",
        description="Measure a body once. A run that was stopped goes on where it ended when it is started again.",
    )
    parser.add_argument("--body", default="seedling", help="a preset, or the folder of a body")
    parser.add_argument("--corpus", type=Path, default=_CORPUS, help="folder of dialogues; default: the shipped one")
    parser.add_argument("--goemotions", type=Path, help="emo_goemotions.jsonl.gz: more messages with feeling")
    parser.add_argument("--labels", choices=["neuronpedia"], help="fetch the features' labels from there, once")
    parser.add_argument("--out", type=Path, help="where to write; default: attunement/ in the body's folder")
    options = parser.parse_args(arguments)
    begun = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {safe_line(line)}", flush=True)

    paths = user_paths()
    try:
        body = load_unattuned_body(options.body, paths, lambda stage, _: tell(stage))
        folder = options.out or body.folder / "attunement"
        labels = _fetched(body, paths, tell) if options.labels else {}
        measured = _measured(body, options.corpus, options.goemotions, paths, tell)
        found = measured.attunement
        measured = replace(measured, attunement=replace(found, labels=found.labels | labels))
        measured.attunement.save(folder)
        write_report(folder / "report.html", body.name, measured)
    except AnimaError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"the attunement could not be written ({error}); choose another folder with --out.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        tell("stopped; the finished steps are kept, and the same command goes on from there")
        raise
    tell(f"written to {folder}")
    tell(f"the report is {folder / 'report.html'}")
    return 0


def _measured(body: Body, corpus: Path, goemotions: Path | None, paths: Paths, tell: Callable[[str], None]) -> Measured:
    material = read_material(corpus, goemotions)
    of = hashlib.sha256(f"{__version__} {body.fingerprint} {material.digest()}".encode()).hexdigest()
    return attune(body, material, Steps(paths.cache / "attunement" / body.folder.resolve().name, of, KINDS), tell)


def _fetched(body: Body, paths: Paths, tell: Callable[[str], None]) -> dict[int, str]:
    """Neuronpedia's labels, or none: an attunement never waits for them."""
    try:
        labels = neuronpedia_labels(source_of(body.folder / "sae"), paths.cache / "neuronpedia")
    except NoLabels as error:
        tell(str(error))
        return {}
    tell(f"Neuronpedia: labels for {len(labels)} features")
    return {feature: label for feature, label in labels.items() if feature < body.sae.d_sae}
