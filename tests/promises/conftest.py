"""What several promises are tested with."""

from __future__ import annotations

import os

import pytest

from tests.app.conftest import make_app, stage
from tests.engine.conftest import body, mind, paths
from tests.promises.faulty_disk import Calls, Disk, disk_under_sqlite

__all__ = ["body", "make_app", "mind", "paths", "stage"]

NIGHTLY = bool(os.environ.get("ANIMA_NIGHTLY"))
"""Run the long versions: more kills, longer lives."""


@pytest.fixture(scope="session")
def disk() -> Disk:
    return disk_under_sqlite()


@pytest.fixture(scope="session")
def calls() -> Calls:
    return Calls()
