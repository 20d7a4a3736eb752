"""The users of the commands' tests."""

from pathlib import Path

import pytest

from tests.service.server import SimulatorServer
from tests.shell import Shell


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an engine in this process look sooner for a task's end and for its file."""
    monkeypatch.setattr("pan123_tui.engine.poller.FIRST_POLL_DELAY_S", 0.1)
    monkeypatch.setattr("pan123_tui.engine.folder_watcher.ARRIVAL_DELAYS_S", (0.1, 20.0, 120.0))


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    """A user whose service answers."""
    made = Shell(tmp_path, service.base_url)
    made.configure("[service]\ncreate_per_s = 50\nprocess_per_s = 50\n")
    return made


@pytest.fixture
def idle(tmp_path: Path) -> Shell:
    """A user without an account: nothing is sent."""
    return Shell(tmp_path, token="")


@pytest.fixture
def offline(tmp_path: Path) -> Shell:
    """A user whose service cannot be reached: each link is tried again and again."""
    return Shell(tmp_path)
