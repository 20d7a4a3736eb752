"""The simulator over real HTTP on loopback: its logins, its faults, and alone."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.service.accounts import APP_ID, APP_SECRET, REFRESH_TOKEN
from tests.service.faults import FaultKind, Faults
from tests.service.server import SimulatorServer
from tests.shell import Shell

SERVICE_SPEED = 1.0
INFO = "/api/v1/user/info"
OAUTH = "/api/v1/oauth2/access_token"


def renew(client: httpx.Client, token: str, **more: str) -> dict[str, Any]:
    params = {"grant_type": "refresh_token", "client_id": APP_ID, "refresh_token": token, **more}
    body: dict[str, Any] = client.post(OAUTH, params=params).json()
    return body


def test_a_refresh_token_works_once_and_ends_the_access_token_before_it(
    service: SimulatorServer,
) -> None:
    headers = {"Platform": "open_platform"}
    with httpx.Client(base_url=service.base_url, headers=headers, trust_env=False) as client:
        first = renew(client, REFRESH_TOKEN, client_secret=APP_SECRET)
        assert set(first) == {"token_type", "access_token", "refresh_token", "expires_in", "scope"}
        assert first["expires_in"] == 7200
        bearer = {"Authorization": f"Bearer {first['access_token']}"}
        assert client.get(INFO, headers=bearer).json()["data"]["nickname"] == "小鱼"
        second = renew(client, first["refresh_token"])
        assert client.get(INFO, headers=bearer).json()["message"] == "access Token Invalid"
        assert renew(client, first["refresh_token"])["code"] == 401
        assert renew(client, second["refresh_token"], client_secret="wrong")["code"] == 1
        broker = f"/_sim/renew?refresh_ui={second['refresh_token']}"
        assert client.get(broker, headers={"Platform": ""}).json()["access_token"]
        assert client.get(broker).json() == {"text": "refresh_token无效"}
    logins = service.world.logins
    assert (logins.renewals, logins.reused) == (3, 2)


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


def test_alone_it_prints_what_connects_a_shell_and_logs_in(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.service"]
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
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert list(tmp_path.iterdir()) == []
