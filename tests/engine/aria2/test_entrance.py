"""The entrance over HTTP: who gets in, and what it stands."""

import asyncio
import errno
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.config import schema
from pan123_tui.config.credentials import aria2_secret
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.credentials import ARIA2_VARIABLE, without_account
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.sanitize import redact
from pan123_tui.engine.aria2 import entrance
from pan123_tui.engine.engine import Engine
from pan123_tui.programs.engine_process import entrances_of
from pan123_tui.store.task_store import TaskStore
from tests.engine.aria2.conftest import LINK, OPEN, SECRET, Caller, Calling
from tests.engine_stage import Witness, change, config_of
from tests.paper_service import unreachable


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "LONGEST_WAIT_S", 0.01)


@pytest.mark.parametrize("token", ["", "token:", "token:x", SECRET, f"token:{SECRET}x", "token:é"])
async def test_without_the_secret_nothing_gets_in(caller: Caller, token: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "aria2.addUri", "params": [token, [LINK]]}
    member = {"methodName": "aria2.addUri", "params": [token, [LINK]]}
    bundle = {**call, "method": "system.multicall", "params": [[member] * 20]}
    assert (await caller.http.post("/jsonrpc", json=call)).status_code == 400
    assert (await caller.post(call))["error"] == {"code": 1, "message": "Unauthorized"}
    assert {it["error"]["code"] for it in await caller.post([call] * 20)} == {1}
    assert {it["code"] for it in (await caller.post(bundle))["result"]} == {1}
    assert not caller.urls


async def test_a_thousand_wrong_secrets_keep_nobody_out_and_fill_no_log(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(entrance, "LONGEST_WAIT_S", 5.0)
    wrong = [caller.body("getVersion", secret="wrong") for _ in range(100)]
    slow = [asyncio.create_task(caller.post(wrong[:1])) for _ in range(entrance.MAX_WAITING)]
    await asyncio.gather(*(caller.post(wrong) for _ in range(10)))
    assert await caller.call("addUri", [LINK])
    for task in slow:
        task.cancel()
    assert len([it for it in caplog.records if "secret" in it.message]) == 1


async def test_pages_of_other_origins_may_call_with_the_secret(caller: Caller) -> None:
    asks = {"Origin": "https://page.example", "Access-Control-Request-Private-Network": "true"}
    answer = await caller.http.options("/jsonrpc", headers=asks)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-private-network"] == "true"
    answer = await caller.http.post("/jsonrpc", json=caller.body("getVersion"), headers=asks)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((it, 200) for it in ("127.0.0.1:6800", "localhost", "[::1]:6800", "192.168.1.2")),
        *((it, 200) for it in ("nas:6800", "NAS.local")),
        *(
            (it, 403)
            for it in ("rebound.example:6800", "localhost.example", "", "127.0.0.1.nip.io")
        ),
    ],
)
async def test_a_name_that_is_not_ours_is_refused_with_a_sentence(
    open_entrance: Calling, monkeypatch: pytest.MonkeyPatch, host: str, status: int
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "nas")
    async with open_entrance() as caller:
        body = caller.body("getVersion")
        answer = await caller.http.post("/jsonrpc", json=body, headers={"Host": host})
    assert answer.status_code == status
    assert ("by its IP address" in answer.text) is (status == 403)


async def test_get_and_websocket_are_told_what_to_use(caller: Caller) -> None:
    plain = await caller.http.get("/jsonrpc", params={"method": "aria2.getVersion", "id": "1"})
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    socket = await caller.http.get("/jsonrpc", headers=upgrade)
    assert (plain.status_code, socket.status_code) == (400, 426)
    assert "HTTP POST only" in plain.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"\xff", b"[" * 100_000, b"[" + b",".join([b"{}"] * 1001) + b"]"])
async def test_what_no_client_sends_is_refused(caller: Caller, body: bytes) -> None:
    answer = await caller.http.post("/jsonrpc", content=body)
    is_bundle = body.startswith(b"[{")
    assert answer.json()["error"]["code"] == (-32600 if is_bundle else -32700)
    assert ("Too many" in answer.text) is is_bundle


async def test_a_huge_body_and_a_bundle_of_bundles_are_refused(caller: Caller) -> None:
    over = b" " * (entrance.MAX_BODY_BYTES + 1)
    assert (await caller.http.post("/jsonrpc", content=over)).status_code == 413
    members: list[Any] = [{"methodName": "aria2.getVersion", "params": []}] * 400
    bundle = caller.body("system.multicall", members)
    answers = await caller.post([bundle] * 4)
    assert "Too many calls" in str(answers[-1])
    nested = caller.body("system.multicall", [{"methodName": "system.multicall", "params": [[]]}])
    assert "Too many calls" in (await caller.post(nested))["error"]["message"]


async def test_the_setting_opens_and_closes_it_at_once(open_entrance: Calling) -> None:
    async with open_entrance() as caller:
        await change(caller.engine, settings=replace(OPEN, aria2=schema.Aria2()))
        await caller.witness.wait_until(lambda it: not it.status.listens_at)
        await change(caller.engine, settings=OPEN)
        await caller.witness.wait_until(lambda it: it.status.listens_at)
        caller.http.base_url = f"http://{caller.engine.status.listens_at}"
        assert await caller.call("addUri", [LINK])


async def test_the_secret_that_is_saved_now_is_the_one_in_use(open_entrance: Calling) -> None:
    secrets = [SECRET]

    def load() -> str:
        if not secrets[-1]:
            raise PermissionError
        return secrets[-1]

    async with open_entrance(load_secret=load) as caller:
        for secret, statuses in (("other", (400, 200)), ("", (500, 500)), (SECRET, (200, 400))):
            secrets.append(secret)
            for sent, status in zip((SECRET, "other"), statuses, strict=True):
                body = caller.body("getVersion", secret=sent)
                assert (await caller.http.post("/jsonrpc", json=body)).status_code == status


@pytest.mark.parametrize("is_taken", [False, True])
async def test_without_a_secret_or_a_free_port_nothing_listens_and_that_is_said_each_time(
    tmp_path: Path, *, is_taken: bool
) -> None:
    def load() -> str:
        if not is_taken:
            raise PermissionError(errno.EACCES, "Permission denied", "secret")
        return SECRET

    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1] if is_taken else 0}"
        store, witness = TaskStore(tmp_path), Witness()
        settings = replace(OPEN, aria2=schema.Aria2(enabled=True, listen=listen))
        entrances = partial(entrances_of, load_secret=load)
        engine = Engine(store, config_of(unreachable, settings), witness, entrances=entrances)
        work = asyncio.create_task(engine.run())
        await witness.wait_until(lambda it: it.status.notice)
        await change(engine, settings=replace(OPEN, aria2=schema.Aria2(listen=listen)))
        await witness.wait_until(lambda it: not it.status.notice)
        await change(engine, settings=settings)
        await witness.wait_until(lambda it: it.status.notice)
        engine.stop()
        await work
        store.close()
    assert witness.status.notice
    assert witness.status.notice.kind is ProblemKind.ARIA2_UNUSABLE
    reason = f"{listen}: Address already in use" if is_taken else "secret: Permission denied"
    assert witness.status.notice.message == reason
    assert not witness.status.listens_at


def test_the_secret_is_made_once_in_a_private_file_unless_the_environment_has_one(
    tmp_path: Path,
) -> None:
    paths = AppPaths(tmp_path / "c", tmp_path / "d", tmp_path / "s")
    paths.config_dir.mkdir()
    paths.aria2_secret.write_text(" \n")
    made = aria2_secret({}, paths)
    assert (len(made), paths.aria2_secret.stat().st_mode & 0o777) == (32, 0o600)
    assert redact(made) == "…"
    assert aria2_secret({ARIA2_VARIABLE: " "}, paths) == made
    assert aria2_secret({ARIA2_VARIABLE: "own"}, paths) == "own"
    assert ARIA2_VARIABLE not in without_account({ARIA2_VARIABLE: "own"})
