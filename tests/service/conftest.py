"""A service, and a client at the other end of a real connection."""

from collections.abc import Iterator

import httpx
import pytest

from tests.service.accounts import ACCESS_TOKEN
from tests.service.server import SimulatorServer
from tests.service.world import World


@pytest.fixture
def simulator() -> Iterator[SimulatorServer]:
    with SimulatorServer(World()) as server:
        yield server


@pytest.fixture
def client(simulator: SimulatorServer) -> Iterator[httpx.Client]:
    """A client that sends what every call needs."""
    headers = {"Authorization": f"Bearer {ACCESS_TOKEN}", "Platform": "open_platform"}
    with httpx.Client(base_url=simulator.base_url, headers=headers, trust_env=False) as client:
        yield client
