"""The simulator over real HTTP on loopback: envelope, headers, rates, control calls, callbacks."""

import json
import os
import queue
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service.accounts import (
    ACCESS_TOKEN,
    APP_ID,
    APP_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
)
from tests.service.server import SimulatorServer
from tests.service.world import FOLDER_ID
from tests.shell import Shell

HOST = "https://files.example/"
CREATE = "/api/v1/offline/download"
PROCESS = "/api/v1/offline/download/process"
LIST = "/api/v2/file/list"
MKDIR = "/upload/v1/file/mkdir"
INFO = "/api/v1/user/info"
OAUTH = "/api/v1/oauth2/access_token"


def asked(response: httpx.Response) -> dict[str, Any]:
    """Return the envelope after checking its fields and HTTP 200."""
    body: dict[str, Any] = response.json()
    assert response.status_code == 200
    assert set(body) == {"code", "message", "data", "x-traceID"}
    assert body["x-traceID"]
    return body


def create(client: httpx.Client, path: str, **more: Any) -> dict[str, Any]:
    return asked(client.post(CREATE, json={"url": HOST + path, **more}))


def test_a_link_is_created_watched_to_its_end_and_found_in_its_folder(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    task_id = create(client, "a.iso", dirID=FOLDER_ID)["data"]["taskID"]
    bodies = [asked(client.get(PROCESS, params={"taskID": task_id})) for _ in range(2)]
    assert [(it["message"], it["data"]["status"]) for it in bodies] == [("ok", 0)] * 2
    assert bodies[0]["x-traceID"] != bodies[1]["x-traceID"]
    assert client.get("/api/v1/nothing").status_code == 404
    simulator.world.clock.change(advance=20)
    data = asked(client.get(PROCESS, params={"taskID": task_id}))["data"]
    assert data == {"process": 100, "status": 2}
    page = asked(client.get(LIST, params={"parentFileId": FOLDER_ID, "limit": 100}))["data"]
    assert page["lastFileId"] == -1
    (file,) = page["fileList"]
    assert (file["filename"], file["type"], file["trashed"]) == ("a.iso", 0, 0)
    link = "/api/v1/file/download_info"
    body = asked(client.get(link, params={"fileId": str(file["fileId"])}))
    assert body["data"]["downloadUrl"].startswith("https://")
    simulator.world.configure(has_traffic=False)
    assert asked(client.get(link, params={"fileId": file["fileId"]}))["code"] == 5113
    assert asked(client.get(link, params={"fileId": 7}))["code"] == 5066


def renew(client: httpx.Client, token: str, **more: str) -> dict[str, Any]:
    params = {"grant_type": "refresh_token", "client_id": APP_ID, "refresh_token": token, **more}
    body: dict[str, Any] = client.post(OAUTH, params=params).json()
    return body


def test_a_refresh_token_works_once_and_ends_the_access_token_before_it(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    first = renew(client, REFRESH_TOKEN, client_secret=APP_SECRET)
    assert set(first) == {"token_type", "access_token", "refresh_token", "expires_in", "scope"}
    assert first["expires_in"] == 7200
    bearer = {"Authorization": f"Bearer {first['access_token']}"}
    assert asked(client.get(INFO, headers=bearer))["data"]["nickname"] == "小鱼"
    second = renew(client, first["refresh_token"])
    assert asked(client.get(INFO, headers=bearer))["message"] == "access Token Invalid"
    assert renew(client, first["refresh_token"])["code"] == 401
    assert renew(client, second["refresh_token"], client_secret="wrong")["code"] == 1
    broker = f"/_sim/renew?refresh_ui={second['refresh_token']}"
    assert client.get(broker, headers={"Platform": ""}).json()["access_token"]
    assert client.get(broker).json() == {"text": "refresh_token无效"}
    logins = simulator.world.logins
    assert (logins.renewals, logins.reused) == (3, 2)
    assert simulator.world.tokens.live(CLIENT_ID) == [], "logins count apart"


def test_an_access_token_of_a_log_in_lives_as_long_as_the_rules_say(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    client.post("/_sim/rules", json={"login_life_s": -1, "package_days": None})
    bearer = {"Authorization": f"Bearer {renew(client, REFRESH_TOKEN)['access_token']}"}
    assert asked(client.get(INFO, headers=bearer))["message"] == "token is expired"
    assert asked(client.get(INFO))["data"]["developerInfo"] is None


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        ({"Platform": ""}, 1, "Please include the platform field in the request header"),
        ({"Authorization": ""}, 401, "access Token Invalid"),
        ({"Authorization": "Bearer nonsense"}, 401, "access Token Invalid"),
        ({"Authorization": ACCESS_TOKEN}, 401, "access Token Invalid"),
    ],
)
def test_a_call_without_its_headers_is_refused_in_the_body(
    client: httpx.Client, headers: dict[str, str], code: int, message: str
) -> None:
    body = asked(client.get(INFO, headers=headers))
    assert (body["code"], body["message"], body["data"]) == (code, message, None)


def test_credentials_buy_a_token_that_works_until_it_expires(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    body = {"clientID": CLIENT_ID, "clientSecret": CLIENT_SECRET}
    data = asked(client.post("/api/v1/access_token", json=body))["data"]
    headers = {"Authorization": f"Bearer {data['accessToken']}"}
    assert asked(client.get(INFO, headers=headers))["data"]["nickname"] == "小鱼"
    simulator.world.tokens.expire_all()
    refused = asked(client.get(INFO, headers=headers))
    assert (refused["code"], refused["message"]) == (401, "token is expired")


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/api/v1/access_token", {"json": {}}),
        ("/api/v1/access_token", {"json": {"clientID": CLIENT_ID, "clientSecret": "x"}}),
        *((CREATE, {"content": body, "headers": JSON}) for body in (b"", b"{", b"[]", b"null")),
        (CREATE, {"data": {"url": HOST}}),
        *((PROCESS, {"params": sent}) for sent in ({}, {"taskID": "x"}, {"taskid": "1"})),
        *((PROCESS, {"params": {"taskID": number}}) for number in ("7", "")),
        *((LIST, {"params": {"parentFileId": 0, "limit": limit}}) for limit in (101, "x")),
        (LIST, {"params": {}}),
        *((MKDIR, {"json": body}) for body in ({}, {"name": "a/b", "parentID": 0}, {"name": "a"})),
    ],
)
def test_a_wrong_call_is_refused_with_code_1(
    client: httpx.Client, path: str, sent: dict[str, Any]
) -> None:
    method = "GET" if "params" in sent else "POST"
    body = asked(client.request(method, path, **sent))
    assert (body["code"], body["data"]) == (1, None)


def test_folders_are_made_and_listed_in_pages(client: httpx.Client) -> None:
    made = asked(client.post(MKDIR, json={"name": "电影", "parentID": FOLDER_ID}))["data"]["dirID"]
    again = asked(client.post(MKDIR, json={"name": "电影", "parentID": FOLDER_ID}))
    assert again["message"] == "该目录下已经有同名文件夹,无法进行创建"
    for name in ("a", "b"):
        asked(client.post(MKDIR, json={"name": name, "parentID": made}))
    params = {"parentFileId": made, "limit": 1}
    first = asked(client.get(LIST, params=params))["data"]
    assert first["lastFileId"] == first["fileList"][0]["fileId"]
    last = asked(client.get(LIST, params={**params, "lastFileId": first["lastFileId"]}))["data"]
    assert [page["fileList"][0]["filename"] for page in (first, last)] == ["a", "b"]
    assert last["lastFileId"] == -1


def test_a_folder_can_go_away(client: httpx.Client) -> None:
    client.post("/_sim/trash", json={"entry_id": FOLDER_ID})
    assert create(client, "a", dirID=FOLDER_ID)["message"] == "指定目录ID文件不存在"
    refused = asked(client.post(MKDIR, json={"name": "a", "parentID": FOLDER_ID}))
    assert refused["message"] == "父级文件ID不存在"


def test_requests_above_the_rate_are_answered_429_and_counted(
    simulator: SimulatorServer, client: httpx.Client
) -> None:
    client.post("/_sim/rules", json={"has_rates": True})
    codes = [create(client, f"fast/{n}")["code"] for n in range(8)]
    assert codes[:2] == [0, 0]
    assert codes.count(429) >= 4
    stats = client.get("/_sim").json()
    assert stats["requests"]["create"] == 8
    assert stats["refused_429"]["create"] == codes.count(429)


def test_the_control_calls_tell_and_steer(client: httpx.Client) -> None:
    def steer(command: str, **arguments: object) -> Any:
        return client.post(f"/_sim/{command}", json=arguments).json()

    assert steer("rules", max_running=1)["rules"]["max_running"] == 1
    task_id = create(client, "stall/a")["data"]["taskID"]
    assert create(client, "b")["code"] == 2
    told = client.get("/_sim").json()
    assert told["tasks"][0]["task_id"] == task_id
    assert told["creates"] == {HOST + "stall/a": 1}
    assert told["attempts"] == {HOST + "stall/a": 1, HOST + "b": 1}
    assert steer("clock", advance=600, speed=0)["now"] > told["now"] + 599
    steer("finish", task_id=task_id, reason="磁盘已满")
    assert asked(client.get(PROCESS, params={"taskID": task_id}))["data"]["status"] == 1
    fault = {"endpoint": "create", "kind": "http_500", "times": None}
    assert steer("fault", **fault)["faults"][0]["kind"] == "http_500"
    assert client.post(CREATE, json={"url": HOST}).status_code == 500
    assert steer("clear_faults")["faults"] == []
    assert create(client, "fast/c")["code"] == 0
    assert steer("expire_tokens")["requests"]["create"] == 4
    for command, wrong in (
        ("fault", {"kind": "x"}),
        ("rules", {"x": 1}),
        ("finish", {}),
        ("x", {}),
    ):
        assert "error" in steer(command, **wrong), command


class Receiver(BaseHTTPRequestHandler):
    """Receives callbacks on loopback, and fails after each."""

    def do_POST(self) -> None:
        RECEIVED.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


RECEIVED: queue.Queue[dict[str, Any]] = queue.Queue()


@pytest.fixture
def receiver() -> Iterator[str]:
    """The address of callbacks."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/cb"
        server.shutdown()


def test_the_callback_is_really_posted_once(
    simulator: SimulatorServer, client: httpx.Client, receiver: str
) -> None:
    create(client, "403/雪.mkv", callBackUrl=receiver)
    simulator.world.clock.change(advance=20)
    assert RECEIVED.get(timeout=10) == {
        "url": HOST + "403/雪.mkv",
        "status": 1,
        "failReason": "源站返回403，链接可能已过期",
        "fileID": 0,
    }
    create(client, "filereason/a", callBackUrl=receiver)
    simulator.world.clock.change(advance=20)
    body = RECEIVED.get(timeout=10)
    assert (body["status"], body["fileReason"]) == (0, "")
    assert body["fileID"] > 0
    assert RECEIVED.empty()


def test_a_callback_to_another_machine_is_withheld_and_a_dead_receiver_harms_nothing(
    simulator: SimulatorServer, client: httpx.Client, receiver: str
) -> None:
    for url in ("https://example.com/cb", "http://127.0.0.1:1/cb", receiver):
        create(client, "a", callBackUrl=url)
    simulator.world.clock.change(advance=20)
    RECEIVED.get(timeout=10)
    counts = simulator.world.stats.callbacks
    while sum(counts.values()) < 3:
        time.sleep(0.01)
    assert counts == {"withheld": 1, "failed": 1, "sent": 1}


def test_alone_it_prints_what_connects_a_shell_and_logs_in(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.service", "--speed", "50"]
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as process:
        assert process.stdout is not None
        _export, *variables = shlex.split(process.stdout.readline())
        (folder,) = tmp_path.iterdir()
        found = Shell(folder, extra_environ=dict(word.split("=", 1) for word in variables))
        assert found.call("status", "--json").code == 1  # nothing runs there yet
        assert "Logged in as" in found.call("login", "--token", stdin="sim-access-token\n").err
        assert httpx.get(f"{found.environ['PAN123_BASE_URL']}/_sim").json()["speed"] == 50
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert list(tmp_path.iterdir()) == []
