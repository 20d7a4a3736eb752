"""No engine outlives a journey, also one that a screen was just starting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.leftovers import end_engines, end_processes


@pytest.fixture(autouse=True)
def _no_engine_outlives_a_journey(tmp_path: Path) -> Iterator[None]:
    yield
    end_engines(tmp_path)
    end_processes(tmp_path)
