"""`python -m anima_tui.bench`: one table of what a user waits for and what it costs.

The app is measured from outside, in a terminal of its own; decoding in a second process, where hooked, unhooked
and `generate()` take turns on the same weights, prompt and threads, so that a machine that drifts is fair to all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from anima_tui.bench.recalling import recall_figures
from anima_tui.engine.parallel import start

SHAPES = {"llama-3.1-8b": 1, "llama-3.3-70b": 2, "tiny": 1}
"""And how many devices hold each, at least."""

try:
    from anima_tui.bench.terminal import AppFigures, measure_app
except ModuleNotFoundError as missing:
    sys.exit(f"the bench needs {missing.name}: pip install 'anima-tui[bench]'.")

MEMORIES = 100_000


def main() -> int:
    parser = argparse.ArgumentParser("python -m anima_tui.bench", description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, help="decode at the shape of a large body, with random weights")
    parser.add_argument("--devices", type=int, help="CUDA devices to divide it among (default: what it needs)")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each way to decode (default 9)")
    parser.add_argument("--idle", type=float, default=10.0, help="seconds to watch the idle app (default 10)")
    parser.add_argument("--json", type=Path, help="write the figures to a file, too")
    options = parser.parse_args()
    if options.shape:
        start.one_for_each(options.devices or SHAPES[options.shape], "anima_tui.bench")
        return bench_shape(options.shape, options.rounds, options.json)
    with tempfile.TemporaryDirectory() as home:
        print("watching the app …", flush=True)
        app = measure_app(Path(home), options.idle)
    print("decoding …", flush=True)
    command = [sys.executable, "-m", "anima_tui.bench.decoding", str(options.rounds)]
    decoding: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    print("remembering …", flush=True)
    for line in table(app, decoding, *recall_figures(MEMORIES)):
        print(line)
    if options.json:
        options.json.write_text(json.dumps({"app": asdict(app), "decoding": decoding}, indent=1) + "\n")
    return 0


def bench_shape(name: str, rounds: int, json_file: Path | None) -> int:
    from anima_tui.bench.shape import measure_shape, shape_table

    figures = measure_shape(name, rounds)
    for line in shape_table(figures):
        print(line)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def table(app: AppFigures, decoding: dict[str, float], recall: float, slow_recall: float) -> list[str]:
    """The figures, each beside what it should be."""
    hooked, unhooked, plain = decoding["hooked"], decoding["unhooked"], decoding["generate"]
    rows = [
        ("first paint", f"{app.first_paint:.2f} s", "< 0.5 s"),
        ("ready", f"{app.ready:.2f} s", "< 6 s"),
        ("time to first token", f"{app.first_token * 1e3:.0f} ms", ""),
        ("  after 40 more exchanges", f"{decoding['late_first_token'] * 1e3:.0f} ms", "no longer than the first"),
        ("  of the first exchange", f"{decoding['first_token'] * 1e3:.0f} ms", ""),
        ("decode, hooked", f"{hooked:.0f} tokens/s", f">= generate() ({plain:.0f})"),
        ("decode, unhooked", f"{unhooked:.0f} tokens/s", ""),
        ("decode, generate()", f"{plain:.0f} tokens/s", "same weights, prompt, threads"),
        ("hook", f"{decoding['hook_cost']:.1%}", "< 5 %"),
        (f"recall among {MEMORIES:,} memories", f"{recall * 1e3:.0f} ms", "< 50 ms"),
        ("  the slowest twentieth", f"{slow_recall * 1e3:.0f} ms", ""),
        ("event loop gap, p99", f"{app.gap_p99 * 1e3:.0f} ms", "< 40 ms while she speaks"),
        ("idle, app", f"{app.idle_app:.2%} of a core", "< 2 %"),
        ("idle, engine", f"{app.idle_engine:.2%} of a core", ""),
        ("memory, app", f"{app.memory_app / 2**20:.0f} MiB", "resident"),
        ("memory, engine", f"{app.memory_engine / 2**20:.0f} MiB", "resident"),
    ]
    return [f"{name:<32}{value:>16}   {target}" for name, value, target in rows]


if __name__ == "__main__":
    sys.exit(main())
