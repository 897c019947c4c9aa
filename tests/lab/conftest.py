"""The embedded body and the whole corpus, loaded once for all tests of the lab."""

from __future__ import annotations

import pytest

from anima_tui.lab.subject import Subject, subject_of


@pytest.fixture(scope="session")
def subject() -> Subject:
    return subject_of("seedling")
