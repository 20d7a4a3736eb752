"""Engines of these tests end at once, although their links wait for the service."""

import pytest

from pan123_tui.engine import engine


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SHUTDOWN_GRACE_S", 0.01)
