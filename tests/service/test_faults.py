"""Each fault on demand, as a client on the other end of a real connection sees it."""

import json
import math
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.service.accounts import ACCESS_TOKEN, Rules
from tests.service.faults import FaultKind
from tests.service.http_api import make_app
from tests.service.server import SimulatorServer
from tests.service.world import World

URL = "https://files.example/a.iso"
CREATE = "/api/v1/offline/download"
PROCESS = "/api/v1/offline/download/process"
HEADERS = {"Authorization": f"Bearer {ACCESS_TOKEN}", "Platform": "open_platform"}


@pytest.fixture
def simulator() -> Iterator[SimulatorServer]:
    with SimulatorServer(World(Rules(rates=None))) as server:
        yield server


@pytest.fixture
def client(simulator: SimulatorServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.base_url, headers=HEADERS, trust_env=False) as client:
        yield client


def create(client: httpx.Client, url: str = URL) -> httpx.Response:
    return client.post(CREATE, json={"url": url})


def created(simulator: SimulatorServer, url: str = URL) -> int:
    return simulator.world.stats.creates[url]


def creates_become(simulator: SimulatorServer, expected: int, url: str = URL) -> bool:
    """Return whether as many creates are carried out within 20 s, after the client hung up."""
    deadline = time.monotonic() + 20
    while created(simulator, url) < expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return created(simulator, url) == expected


@pytest.mark.parametrize(
    ("kind", "effects"),
    [("drop_before", 0), ("drop_after", 1), ("cut_body", 1)],
)
def test_a_dropped_connection_is_really_closed(
    simulator: SimulatorServer, client: httpx.Client, kind: str, effects: int
) -> None:
    client.get("/_sim/stats")  # the connection is in use already
    simulator.world.faults.add(kind, "create")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        create(client)
    assert created(simulator) == effects
    assert create(client).json()["code"] == 0


@pytest.mark.parametrize(("kind", "effects"), [("hang", 0), ("hang_after", 1), ("slow", 1)])
def test_a_hanging_call_runs_into_the_clients_limit(
    simulator: SimulatorServer, client: httpx.Client, kind: str, effects: int
) -> None:
    simulator.world.faults.add(kind, "create")
    with pytest.raises(httpx.ReadTimeout):
        client.post(CREATE, json={"url": URL}, timeout=0.3)
    assert creates_become(simulator, effects)


def test_a_hanging_call_can_be_released(simulator: SimulatorServer, client: httpx.Client) -> None:
    simulator.world.faults.add("hang", "create")
    ends: list[Exception] = []

    def wait() -> None:
        try:
            create(client)
        except httpx.TransportError as error:
            ends.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not simulator.world.faults.fired:
        time.sleep(0.01)
    httpx.post(f"{simulator.base_url}/_sim/release", trust_env=False)
    waiting.join(10)
    assert isinstance(ends[0], httpx.RemoteProtocolError)


def test_a_slow_answer_is_right_but_late(simulator: SimulatorServer, client: httpx.Client) -> None:
    simulator.world.faults.add("slow", "create", seconds=0.2)
    begun = time.monotonic()
    assert create(client).json()["code"] == 0
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(
    ("kind", "status", "effects"),
    [("http_500", 500, 0), ("http_502", 502, 0), ("http_503", 503, 0), ("http_502_after", 502, 1)],
)
def test_a_gateways_page_comes_instead_of_json(
    simulator: SimulatorServer, client: httpx.Client, kind: str, status: int, effects: int
) -> None:
    simulator.world.faults.add(kind, "create")
    response = create(client)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert str(status) in response.text
    assert created(simulator) == effects


@pytest.mark.parametrize(
    ("kind", "http_status", "code", "word"),
    [
        ("http_429", 429, 429, "频繁"),
        ("code_429", 200, 429, "频繁"),
        ("text_429", 200, 1, "频繁"),
        ("code_42902", 200, 42902, "频繁"),
        ("code_42903", 200, 42903, "请稍后"),
        ("token_expired", 200, 401, "token is expired"),
        ("token_invalid", 200, 401, "access Token Invalid"),
        ("tokens_exceeded", 200, 401, "tokens number has exceeded the limit"),
        ("http_401", 401, None, "Unauthorized"),
        ("http_403", 403, None, "no Route matched"),
    ],
)
def test_each_form_of_refusal_comes_without_effect(
    simulator: SimulatorServer,
    client: httpx.Client,
    kind: str,
    http_status: int,
    code: int | None,
    word: str,
) -> None:
    simulator.world.faults.add(kind, "create", times=2)
    for _ in range(2):
        response = create(client)
        assert (response.status_code, response.json().get("code")) == (http_status, code)
        assert word in response.json()["message"]
    assert created(simulator) == 0
    assert create(client).json()["code"] == 0


def test_any_message_can_be_ordered(simulator: SimulatorServer, client: httpx.Client) -> None:
    hostile = "[/foo]\x1b]0;x\x07\u202e\n" + "长" * 1000
    client.post(
        "/_sim/faults",
        json={"kind": "refuse", "endpoint": "create", "code": 99, "message": hostile},
    )
    body = create(client).json()
    assert (body["code"], body["message"], body["data"]) == (99, hostile, None)


def test_a_redirect_tells_whether_somebody_followed_with_the_token(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    simulator.world.faults.add("redirect", "create", times=2)
    response = create(client)
    assert (response.status_code, response.headers["location"]) == (302, "/_sim/landed")
    assert simulator.world.stats.landed == []
    client.post(CREATE, json={"url": URL}, follow_redirects=True)
    assert simulator.world.stats.landed[0]["authorization"] == f"Bearer {ACCESS_TOKEN}"


@pytest.mark.parametrize("kind", ["empty_body", "cut_json", "not_json"])
def test_a_body_can_be_no_json_though_the_call_took_effect(
    simulator: SimulatorServer, client: httpx.Client, kind: str
) -> None:
    simulator.world.faults.add(kind, "create")
    response = create(client)
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert created(simulator) == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wrong_types", {"process": "unexpected", "status": "unexpected"}),
        ("data_null", None),
        ("data_empty", {}),
        ("percent_150", {"process": 150, "status": 0}),
        ("percent_minus_3", {"process": -3, "status": 0}),
        ("percent_text", {"process": "85.5", "status": 0}),
    ],
)
def test_data_can_be_of_the_wrong_kind(
    simulator: SimulatorServer, client: httpx.Client, kind: str, expected: Any
) -> None:
    task_id = create(client).json()["data"]["taskID"]
    simulator.world.faults.add(kind, "process", match=str(task_id))
    body = client.get(PROCESS, params={"taskID": task_id}).json()
    assert (body["code"], body["data"]) == (0, expected)


def test_the_envelope_can_be_of_the_wrong_kind(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    bodies = []
    for kind in ("not_an_object", "code_as_text", "trace_id_missing"):
        simulator.world.faults.add(kind, "user_info")
        bodies.append(client.get("/api/v1/user/info").json())
    assert isinstance(bodies[0], list)
    assert bodies[1]["code"] == "0"
    assert "x-traceID" not in bodies[2]


def test_a_percentage_can_be_no_number(simulator: SimulatorServer, client: httpx.Client) -> None:
    task_id = create(client).json()["data"]["taskID"]
    simulator.world.faults.add("percent_nan", "process")
    body = client.get(PROCESS, params={"taskID": task_id}).json()
    assert math.isnan(body["data"]["process"])


@pytest.mark.parametrize(("word", "effects"), [("dropbefore", 0), ("dropafter", 1), ("hang", 0)])
def test_a_word_in_the_link_breaks_its_create_too(
    simulator: SimulatorServer, client: httpx.Client, word: str, effects: int
) -> None:
    url = f"https://files.example/{word}/a.iso"
    with pytest.raises(httpx.TransportError):
        client.post(CREATE, json={"url": url}, timeout=0.5)
    assert creates_become(simulator, effects, url)


def test_faults_are_ordered_listed_and_withdrawn_over_http(client: httpx.Client) -> None:
    order = {"endpoint": "create", "kind": "http_500", "times": None}
    assert client.post("/_sim/faults", json=order).json()[0]["kind"] == "http_500"
    assert create(client).status_code == 500
    assert len(client.get("/_sim/faults").json()) == 1
    assert client.delete("/_sim/faults").json() == []
    assert create(client).json()["code"] == 0


@pytest.mark.parametrize("kind", list(FaultKind))
def test_no_fault_leaves_the_simulator_broken_or_loud(
    simulator: SimulatorServer,
    client: httpx.Client,
    capfd: pytest.CaptureFixture[str],
    kind: FaultKind,
) -> None:
    for path in ("/api/v1/user/info", PROCESS, "/api/v2/file/list"):
        simulator.world.faults.add(kind, seconds=0.05)
        try:
            client.get(path)
        except httpx.TransportError as error:
            assert isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)  # noqa: PT017
    assert client.get("/api/v1/user/info").json()["code"] == 0
    assert capfd.readouterr() == ("", "")


def test_it_stops_within_a_second_while_calls_hang() -> None:
    server = SimulatorServer().start()
    server.world.faults.add("hang", times=None, seconds=3600)
    ends: list[Exception] = []

    def wait() -> None:
        try:
            httpx.get(f"{server.base_url}{PROCESS}", timeout=60, trust_env=False)
        except httpx.TransportError as error:
            ends.append(error)

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    for thread in waiting:
        thread.start()
    while server.world.faults.fired["hang"] < 4:
        time.sleep(0.01)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 1.5
    for thread in waiting:
        thread.join(10)
    assert len(ends) == 4
    server.stop()


def test_the_same_world_can_go_away_and_come_back_on_its_port() -> None:
    world = World(Rules(rates=None))
    with SimulatorServer(world) as server:
        port = int(server.base_url.rpartition(":")[2])
        client = httpx.Client(base_url=server.base_url, headers=HEADERS, trust_env=False)
        task_id = create(client).json()["data"]["taskID"]
    with pytest.raises(httpx.TransportError):
        client.get(PROCESS, params={"taskID": task_id})
    with pytest.raises(httpx.ConnectError):
        client.get(PROCESS, params={"taskID": task_id})
    with SimulatorServer(world, port=port):
        assert client.get(PROCESS, params={"taskID": task_id}).json()["code"] == 0
    client.close()


async def test_a_drop_without_a_real_connection_is_raised_to_the_caller() -> None:
    world = World(Rules(rates=None))
    world.faults.add("drop_after", "user_info")
    transport = httpx.ASGITransport(app=make_app(world))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sim", headers=HEADERS
    ) as client:
        with pytest.raises(ConnectionResetError):
            await client.get("/api/v1/user/info")
        assert (await client.get("/api/v1/user/info")).json()["code"] == 0
