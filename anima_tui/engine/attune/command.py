"""The command line of attunement."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from anima_tui.engine.attune.measure import attune
from anima_tui.engine.body import load_unattuned_body
from anima_tui.errors import AnimaError
from anima_tui.paths import user_paths
from anima_tui.text import safe_line


def main(arguments: Sequence[str]) -> int:
    """Measure a body and write its attunement. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="anima-tui attune", description="Measure a body once.")
    parser.add_argument("--body", default="seedling", help="a preset, or the folder of a body")
    parser.add_argument("--corpus", type=Path, required=True, help="folder of dialogues in three voices")
    parser.add_argument("--goemotions", type=Path, help="emo_goemotions.jsonl.gz: more messages with feeling")
    parser.add_argument("--out", type=Path, help="where to write; default: attunement/ in the body's folder")
    options = parser.parse_args(arguments)
    begun = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {safe_line(line)}", flush=True)

    try:
        body = load_unattuned_body(options.body, user_paths(), lambda stage, _: tell(stage))
        folder = options.out or body.folder / "attunement"
        attune(body, options.corpus, options.goemotions, tell).save(folder)
    except AnimaError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"the attunement could not be written ({error}); choose another folder with --out.", file=sys.stderr)
        return 1
    tell(f"written to {folder}")
    return 0
