"""Fixtures for all tests of the engine."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pan123_tui.domain.service_facts import backoff_s
from pan123_tui.engine import gate, repository
from tests.hold_stage import OpenStage, virtual_engine


@pytest.fixture
def open_stage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OpenStage:
    """Open a stage in virtual time, where jitter makes each hold as long as it may be.

    The `STAGE` of the test's module has options of `virtual_engine`.
    """

    def longest(failures: int, random: Callable[[], float], **limits: float) -> float:
        assert 0.0 <= random() <= 1.0
        return backoff_s(failures, lambda: 1.0, **limits)

    monkeypatch.setattr(gate, "backoff_s", longest)
    monkeypatch.setattr(repository, "SAVE_INTERVAL_S", 30.0)  # a quarter of the time of long waits
    return partial(virtual_engine, tmp_path, monkeypatch, **getattr(request.module, "STAGE", {}))
