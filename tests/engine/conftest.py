"""Fixtures for all tests of the engine."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pan123_tui.domain.rates import backoff_s
from pan123_tui.engine import gate, repository
from tests.hold_stage import OpenStage, virtual_engine


@pytest.fixture(autouse=True)
def short_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits of a held queue, which take half a minute and more."""
    monkeypatch.setattr("pan123_tui.engine.gate.FIRST_REFUSED_S", 0.2)
    monkeypatch.setattr("pan123_tui.engine.gate.FIRST_UNCLEAR_S", 0.1)


@pytest.fixture
def open_stage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OpenStage:
    """Open a stage in virtual time, with holds as long as in life and jitter that draws nothing.

    The `STAGE` of the test's module has options of `virtual_engine`.
    """

    def longest(failures: int, random: Callable[[], float], **limits: float) -> float:
        assert 0.0 <= random() <= 1.0
        return backoff_s(failures, lambda: 1.0, **limits)

    monkeypatch.setattr(gate, "backoff_s", longest)
    monkeypatch.setattr(gate, "FIRST_REFUSED_S", 30.0)
    monkeypatch.setattr(gate, "FIRST_UNCLEAR_S", 5.0)
    monkeypatch.setattr(repository, "SAVE_INTERVAL_S", 30.0)  # a quarter of the time of long waits
    return partial(virtual_engine, tmp_path, monkeypatch, **getattr(request.module, "STAGE", {}))
