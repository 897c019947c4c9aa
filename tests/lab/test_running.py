"""Cells are measured once, survive a crash, and give the same rows over processes, over a cluster and here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from distributed import LocalCluster

from anima_tui.errors import AnimaError
from anima_tui.lab import running
from anima_tui.lab.ledger import Ledger
from anima_tui.lab.running import run_cells
from anima_tui.lab.study import Cell, Plan, Row, study_named
from anima_tui.lab.subject import Subject

PLAN = Plan(body="seedling", fingerprint="f" * 64, seed=0, quick=True)


def test_the_ledger_forgets_only_a_line_that_was_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "cells.jsonl"
    ledger = Ledger(file)
    ledger.add({"n": 1}, [{"value": 1.5}])
    whole = file.read_bytes()
    ledger.add({"n": 2}, [{"value": 2.5}])
    for size in range(len(whole), file.stat().st_size):
        cut = tmp_path / f"{size}.jsonl"
        cut.write_bytes(file.read_bytes()[:size])
        again = Ledger(cut)
        kept = again.finished()
        assert kept['{"n": 1}'] == [{"value": 1.5}]
        again.add({"n": 3}, [{"value": 3.5}])
        assert again.finished() == kept | {'{"n": 3}': [{"value": 3.5}]}


def test_a_cluster_and_two_processes_give_the_same_rows(subject: Subject, tmp_path: Path) -> None:
    cells = study_named("features").cells(PLAN)
    here = run_cells("features", "seedling", cells, tmp_path / "here", jobs=2, scheduler=None)
    with LocalCluster(n_workers=2, processes=False, protocol="tcp", dashboard_address=":0") as cluster:
        address = str(cast(Any, cluster).scheduler_address)
        there = run_cells("features", "seedling", cells, tmp_path / "there", jobs=1, scheduler=address)
    assert len(here) > 1000
    assert there == here


def test_what_is_finished_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[Cell] = []

    def measure(study: str, body: str, cell: Cell, folder: Path) -> tuple[Cell, list[Row]]:
        if cell["n"] == 3 and len(measured) < 4:
            measured.append(cell)
            raise KeyboardInterrupt
        measured.append(cell)
        return cell, [{"square": int(cell["n"] or 0) ** 2}]

    monkeypatch.setattr(running, "measure", measure)
    cells: list[Cell] = [{"n": n} for n in range(6)]
    with pytest.raises(KeyboardInterrupt):
        run_cells("features", "seedling", cells, tmp_path, jobs=1, scheduler=None)
    rows = run_cells("features", "seedling", cells, tmp_path, jobs=1, scheduler=None)
    assert rows == [{"n": n, "square": n * n} for n in range(6)]
    assert [cell["n"] for cell in measured] == [0, 1, 2, 3, 3, 4, 5]
    assert run_cells("features", "seedling", cells[::-1], tmp_path, jobs=1, scheduler=None) == rows[::-1]
    assert len(measured) == 7


def test_an_address_where_nobody_is_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 1)
    with pytest.raises(AnimaError, match="no Dask cluster"):
        run_cells("features", "seedling", [{"n": 1}], tmp_path, jobs=1, scheduler="tcp://127.0.0.1:9")
