"""`anima-tui lab` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anima_tui.cli import main
from anima_tui.lab import running
from anima_tui.lab.subject import Subject


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    return tmp_path


def test_a_study_leaves_rows_findings_and_a_page_that_needs_nothing_else(
    subject: Subject, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["lab", "features", "--quick", "--jobs", "1"]) == 0
    said = capsys.readouterr()
    folder = home / "data" / "lab" / "seedling" / "quick" / "features"
    assert str(folder / "report.html") in said.out
    assert "its numbers mean nothing" in said.out
    assert "2 of 2" in said.err
    assert json.loads((folder / "findings.json").read_bytes())["study"] == "features"
    assert (folder / "rows.csv").read_text(encoding="utf-8").count("\n") > 1000
    for name in ("report.html", "atlas.html"):
        page = (folder / name).read_text(encoding="utf-8")
        assert "Plotly" in page and '<script src="http' not in page
    assert not list(folder.glob("*.new"))

    monkeypatch.delattr(running, "measure")  # nothing is left to measure
    assert main(["lab", "features", "--quick", "--jobs", "1"]) == 0
    assert main(["lab", "report", "--quick"]) == 0
    joined = (folder.parent / "report.html").read_text(encoding="utf-8")
    assert "What does each feature" in joined


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report"], "no study has been run"),
        (["features", "--soul", "nobody"], 'there is no soul "nobody"'),
        (["drift", "--body", "nowhere"], "nowhere"),
        (["drift", "--body", "gpt2"], "gpt2 is not on this machine"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", *arguments]) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.err.count("\n") == 1


def test_an_unknown_study_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["lab", "alchemy"])
    assert left.value.code == 2
    assert "alchemy" in capsys.readouterr().err
