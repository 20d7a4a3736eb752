"""What the journeys stand on: the folders of a user, a service, and engines that end with them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pan123_tui.domain.service_facts import backoff_s
from pan123_tui.engine.gate import UNCLEAR
from tests.leftovers import end_engines, end_processes
from tests.service.accounts import ACCESS_TOKEN
from tests.service.server import SimulatorServer
from tests.shell import Shell


@pytest.fixture(autouse=True)
def _no_engine_outlives_a_journey(tmp_path: Path) -> Iterator[None]:
    """End also one that a screen was just starting."""
    yield
    end_engines(tmp_path)
    end_processes(tmp_path)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The variables of a user's folders; there is no service."""
    return {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
        "PAN123_LANG": "en",
    }


@pytest.fixture
def online(service: SimulatorServer, environ: dict[str, str]) -> dict[str, str]:
    """The variables of a user of `service`."""
    account = {"PAN123_BASE_URL": service.base_url, "PAN123_ACCESS_TOKEN": ACCESS_TOKEN}
    return environ | account


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    """A user of `service`."""
    return Shell(tmp_path, service.base_url)


@pytest.fixture
def quick(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The same, with an engine in this process, whose waits and pauses are short."""

    def shorter(failures: int, random: Callable[[], float], **limits: float) -> float:
        return (
            0.5 if limits["first_s"] == UNCLEAR.first_s else backoff_s(failures, random, **limits)
        )

    monkeypatch.setattr("pan123_tui.engine.gate.backoff_s", shorter)
    monkeypatch.setattr("pan123_tui.engine.push.SETTLE_S", 0.5)
    shell.configure("[service]\ncreate_per_s = 50\nprocess_per_s = 50\n")
    return shell
