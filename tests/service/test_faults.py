"""Each fault on demand, as a client on the other end of a real connection sees it."""

import json
import math
import threading
import time
from typing import Any

import httpx
import pytest

from tests.service.accounts import ACCESS_TOKEN, Rules
from tests.service.faults import FaultKind, Faults
from tests.service.http_api import make_app
from tests.service.server import SimulatorServer
from tests.service.world import World

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
    client.get("/_sim")  # the connection is in use already
    simulator.world.faults.add(kind, "create")
    with pytest.raises(error):
        create(client, timeout=0.3)
    assert creates_become(simulator, effects)
    assert create(client).json()["code"] == 0


@pytest.mark.parametrize(("word", "effects"), [("dropbefore", 0), ("dropafter", 1), ("hang", 0)])
def test_a_word_in_the_link_breaks_its_create_too(
    simulator: SimulatorServer, client: httpx.Client, word: str, effects: int
) -> None:
    url = f"https://files.example/{word}/a.iso"
    with pytest.raises(httpx.TransportError):
        create(client, url, timeout=0.5)
    assert creates_become(simulator, effects, url)


def test_a_slow_answer_is_right_but_late(simulator: SimulatorServer, client: httpx.Client) -> None:
    simulator.world.faults.add("slow", "create", seconds=0.2)
    begun = time.monotonic()
    assert create(client).json()["code"] == 0
    assert time.monotonic() - begun >= 0.2


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
        ("quota", 200, 5113, "流量已超限"),
        ("busy", 200, 500, "服务繁忙"),
        ("login_invalid", 200, 1, "无效的登录信息"),
        ("task_unknown", 200, 1, "未找到任务ID"),
        ("http_401", 401, None, "Unauthorized"),
        ("http_403", 403, None, "no Route matched"),
        ("gateway_json", 502, None, "no Route matched"),
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
    assert not simulator.world.stats.creates
    assert create(client).json()["code"] == 0


def test_any_message_can_be_ordered(client: httpx.Client) -> None:
    hostile = "[/foo]\x1b]0;x\x07\u202e\n" + "长" * 1000
    fault = {"kind": "refuse", "endpoint": "create", "code": 99, "message": hostile}
    client.post("/_sim/fault", json=fault)
    body = create(client).json()
    assert (body["code"], body["message"], body["data"]) == (99, hostile, None)


def test_a_redirect_tells_whether_somebody_followed_with_the_token(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    simulator.world.faults.add("redirect", "create", times=2)
    response = create(client)
    assert (response.status_code, response.headers["location"]) == (302, "/_sim/landed")
    assert simulator.world.stats.landed == []
    create(client, follow_redirects=True)
    assert simulator.world.stats.landed[0]["authorization"] == f"Bearer {ACCESS_TOKEN}"


@pytest.mark.parametrize(
    ("kind", "http_status", "effects"),
    [
        ("http_500", 500, 0),
        ("http_502", 502, 0),
        ("http_503", 503, 0),
        ("http_502_after", 502, 1),
        ("empty_body", 200, 1),
        ("cut_json", 200, 1),
        ("not_json", 200, 1),
    ],
)
def test_a_body_can_be_no_json_with_or_without_effect(
    simulator: SimulatorServer, client: httpx.Client, kind: str, http_status: int, effects: int
) -> None:
    simulator.world.faults.add(kind, "create")
    response = create(client)
    assert response.status_code == http_status
    if http_status >= 500:
        assert response.headers["content-type"].startswith("text/html")
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert simulator.world.stats.creates[URL] == effects


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wrong_types", {"process": "unexpected", "status": "unexpected"}),
        ("numbers_as_text", {"process": "0.0", "status": "0"}),
        ("data_null", None),
        ("data_empty", {}),
    ],
)
def test_data_can_be_of_the_wrong_kind(
    simulator: SimulatorServer, client: httpx.Client, kind: str, expected: Any
) -> None:
    simulator.world.clock.change(speed=0)
    task_id = create(client).json()["data"]["taskID"]
    simulator.world.faults.add(kind, "process", match=str(task_id))
    body = client.get(PROCESS, params={"taskID": task_id}).json()
    assert (body["code"], body["data"]) == (0, expected)
    simulator.world.faults.add("percent_nan", "process")
    body = client.get(PROCESS, params={"taskID": task_id}).json()
    assert math.isnan(body["data"]["process"])


def test_the_envelope_can_be_of_the_wrong_kind(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    bodies = []
    for kind in ("not_an_object", "code_as_text", "trace_id_missing", "trace_id_number"):
        simulator.world.faults.add(kind, "user_info")
        bodies.append(client.get(USER_INFO).json())
    assert isinstance(bodies[0], list)
    assert bodies[1]["code"] == "0"
    assert "x-traceID" not in bodies[2]
    assert bodies[3]["x-traceID"] == 10**30


def test_no_fault_leaves_the_simulator_broken_or_loud(
    simulator: SimulatorServer, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    for kind in FaultKind:
        simulator.world.faults.add(kind, seconds=0.05)
        try:
            client.get("/api/v2/file/list")
        except httpx.TransportError as error:
            assert isinstance(error, CLOSED), kind  # noqa: PT017
        assert client.get(USER_INFO).json()["code"] == 0, kind
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("end", ["clear", "stop"])
def test_hanging_calls_end_when_faults_are_cleared_and_when_it_stops(end: str) -> None:
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
    (server.world.faults.clear if end == "clear" else server.stop)()
    for thread in waiting:
        thread.join(10)
    assert len(ends) == 4
    server.stop()


def test_the_same_world_can_go_away_and_come_back_on_its_port(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    task = {"taskID": create(client).json()["data"]["taskID"]}
    simulator.stop()
    with pytest.raises(httpx.TransportError):
        client.get(PROCESS, params=task)
    with pytest.raises(httpx.ConnectError):
        client.get(PROCESS, params=task)
    port = int(simulator.base_url.rpartition(":")[2])
    with SimulatorServer(simulator.world, port=port):
        assert client.get(PROCESS, params=task).json()["code"] == 0


async def test_a_drop_without_a_real_connection_is_raised_to_the_caller(
    client: httpx.Client,
) -> None:
    world = World(Rules(has_rates=False))
    world.faults.add("drop_after", "user_info")
    transport = httpx.ASGITransport(app=make_app(world))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sim", headers=client.headers
    ) as asking:
        with pytest.raises(ConnectionResetError):
            await asking.get(USER_INFO)
        assert (await asking.get(USER_INFO)).json()["code"] == 0


def test_faults_strike_where_and_as_often_as_ordered() -> None:
    faults = Faults()
    faults.add("hang", "create", times=2, skip=1, match="b.iso")
    faults.add(FaultKind.HTTP_500, times=None)
    found = [faults.take("create", text) for text in ("a.iso", "b.iso", "b.iso", "b.iso", "b.iso")]
    kinds = [fault.kind for fault in found if fault]
    assert kinds == ["http_500", "http_500", "hang", "hang", "http_500"]
    assert [fault.kind for fault in faults.pending] == ["http_500"]
    assert faults.fired == {"http_500": 3, "hang": 2}
    faults.clear()
    assert faults.take("create", "b.iso") is None
    with pytest.raises(ValueError, match="nonsense"):
        faults.add("nonsense")
