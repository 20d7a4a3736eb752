"""Each fault on demand, as a client on the other end of a real connection sees it."""

import time
from typing import Any

import httpx
import pytest

from tests.service.faults import FaultKind, Faults
from tests.service.server import SimulatorServer

URL = "https://files.example/a.iso"
CREATE = "/api/v1/offline/download"
PROCESS = "/api/v1/offline/download/process"
USER_INFO = "/api/v1/user/info"
CLOSED = (httpx.RemoteProtocolError, httpx.ReadError)


def create(client: httpx.Client, url: str = URL, **options: Any) -> httpx.Response:
    return client.post(CREATE, json={"url": url}, **options)


def creates_become(simulator: SimulatorServer, expected: int, url: str = URL) -> bool:
    """Return whether as many creates are carried out within 20 s, after the client hung up."""
    creates, deadline = simulator.world.stats.creates, time.monotonic() + 20
    while creates[url] < expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return creates[url] == expected


@pytest.mark.parametrize(
    ("kind", "error", "effects"),
    [
        ("drop_before", CLOSED, 0),
        ("drop_after", CLOSED, 1),
        ("cut_body", CLOSED, 1),
        ("hang", httpx.ReadTimeout, 0),
        ("hang_after", httpx.ReadTimeout, 1),
        ("slow", httpx.ReadTimeout, 1),
    ],
)
def test_a_connection_is_really_closed_or_silent_with_or_without_effect(
    simulator: SimulatorServer, client: httpx.Client, kind: str, error: Any, effects: int
) -> None:
    client.get(USER_INFO)  # the connection is in use already
    simulator.world.faults.add(kind, "create")
    with pytest.raises(error):
        create(client, timeout=0.3)
    assert creates_become(simulator, effects)
    assert create(client).json()["code"] == 0


def test_faults_strike_where_and_as_often_as_ordered() -> None:
    faults = Faults()
    faults.add("hang", "create", times=2, skip=1, match="b.iso")
    faults.add(FaultKind.HTTP_502, times=None)
    found = [faults.take("create", text) for text in ("a.iso", "b.iso", "b.iso", "b.iso", "b.iso")]
    kinds = [fault.kind for fault in found if fault]
    assert kinds == ["http_502", "http_502", "hang", "hang", "http_502"]
    assert faults.fired == {"http_502": 3, "hang": 2}
    faults.clear()
    assert faults.take("create", "b.iso") is None
