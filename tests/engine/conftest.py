"""Fixtures for all tests of the engine."""

import pytest


@pytest.fixture(autouse=True)
def short_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits of a held queue, which take half a minute and more."""
    monkeypatch.setattr("pan123_tui.engine.queue_hold.FIRST_REFUSED_S", 0.2)
    monkeypatch.setattr("pan123_tui.engine.queue_hold.FIRST_UNCLEAR_S", 0.1)
