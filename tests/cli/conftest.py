"""The users of the commands' tests."""

from pathlib import Path

import pytest

from tests.service.server import SimulatorServer
from tests.shell import Shell, look_often


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    look_often(monkeypatch)


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
