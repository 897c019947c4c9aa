"""`anima-tui lab STUDY`: measure what is not measured yet, then say what it means. `lab report` joins the studies."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from anima_tui.bodies.catalog import find_body
from anima_tui.bodies.manifest import model_folder, read_manifest
from anima_tui.engine.fingerprint import fingerprint
from anima_tui.errors import AnimaError, BodyUnusable
from anima_tui.lab.study import STUDIES, Plan
from anima_tui.paths import Paths, user_paths

HEADING = "Anima's lab"
_TITLES = {
    "stability": "does a steering vector hold where it was not learned?",
    "suppression": "is negative steering surer than 'do not talk about X'?",
    "drift": "what becomes of the self-model over thousands of nights?",
    "year": "a year of her life, accelerated",
    "features": "an atlas of what her autoencoder knows",
    "report": "every study that was run, on one page",
}


def main(arguments: Sequence[str]) -> int:
    """Run one study. Returns the exit status; raises AnimaError."""
    options = _parser().parse_args(arguments)
    paths = user_paths()
    body_folder = find_body(options.body, paths)
    weights = model_folder(body_folder, read_manifest(body_folder)) if body_folder.is_dir() else None
    if weights is None:
        raise BodyUnusable(f"{options.body} is not on this machine; talk to it once, and it will be fetched.")
    out = options.out or paths.lab / read_manifest(body_folder).name / ("quick" if options.quick else "full")
    if options.study == "report":
        return _report(out)
    if options.study == "features" and options.push is not None:
        from anima_tui.lab.features.pushed import show

        return show(options.body, options.push)
    plan = Plan(
        body=options.body,
        fingerprint=fingerprint(weights, body_folder / "sae"),
        seed=options.seed,
        quick=options.quick,
        days=getattr(options, "days", None),
        soul=_soul(getattr(options, "soul", None), paths),
    )
    try:
        return _study(options.study, plan, out / options.study, options.jobs, options.scheduler)
    except OSError as error:
        raise AnimaError(f"the results could not be written ({error}); choose another folder with --out.") from None


def _study(name: str, plan: Plan, folder: Path, jobs: int, scheduler: str | None) -> int:
    from anima_tui.lab.findings import replace, write_findings
    from anima_tui.lab.page import page, section
    from anima_tui.lab.running import run_cells
    from anima_tui.lab.study import study_named

    study = study_named(name)
    rows = run_cells(name, plan.body, study.cells(plan), folder, jobs=jobs, scheduler=scheduler)
    findings = study.conclude(plan, rows)
    write_findings(findings, rows, folder)
    replace(folder / "report.html", lambda file: file.write_text(page(HEADING, [section(findings)]), "utf-8"))
    if study.illustrate:
        study.illustrate(plan, rows, folder)
    for paragraph in (["A quick run; its numbers mean nothing."] if plan.quick else []) + findings.answer:
        print(paragraph)
    print(f"\n{folder / 'report.html'}")
    return 0


def _report(out: Path) -> int:
    from anima_tui.findings import read_findings
    from anima_tui.lab.findings import replace
    from anima_tui.lab.page import page, section

    found = read_findings(out)
    if not found:
        raise AnimaError(f"no study has been run into {out} yet; run `anima-tui lab stability`, for one.")
    replace(out / "report.html", lambda file: file.write_text(page(HEADING, [*map(section, found)]), "utf-8"))
    print(out / "report.html")
    return 0


def _soul(name: str | None, paths: Paths) -> Path | None:
    if name is None:
        return None
    if not (paths.soul(name) / "soul.db").is_file():
        raise AnimaError(f'there is no soul "{name}"; `anima-tui soul list` names those there are.')
    return paths.soul(name)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--body", default="seedling", metavar="NAME", help="a preset, or the folder of a body")
    shared.add_argument("--out", type=Path, metavar="FOLDER", help="where results go; default: lab/ beside the souls")
    shared.add_argument("--quick", action="store_true", help="a tiny run through every part; its numbers mean nothing")
    running = argparse.ArgumentParser(add_help=False)
    running.add_argument("--seed", type=int, default=0, help="another seed, other draws (default 0)")
    running.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: cores)"
    )
    running.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster whose workers measure instead")

    parser = argparse.ArgumentParser(prog="anima-tui lab", description=__doc__)
    studies = parser.add_subparsers(dest="study", required=True, metavar="STUDY")
    made = {name: studies.add_parser(name, parents=[shared, running], help=_TITLES[name]) for name in STUDIES}
    for life in ("drift", "year"):
        made[life].add_argument("--days", type=int, metavar="N", help="how long a life is")
    made["features"].add_argument("--soul", metavar="NAME", help="show contexts from this soul's conversations, too")
    made["features"].add_argument("--push", type=int, metavar="INDEX", help="what she says with and without this push")
    studies.add_parser("report", parents=[shared], help=_TITLES["report"])
    return parser
