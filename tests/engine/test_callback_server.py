"""The callback receiver over real HTTP: true reports, and hostile posts."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task, transition
from pan123_tui.engine import callback_server
from pan123_tui.engine.callback_server import MAX_BODY_BYTES, MAX_CONNECTIONS, CallbackReceiver
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import Session
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import Witness, retry_tasks
from tests.unreachable_service import UnreachableService

S = TaskState
SECRET = "its-own-secret"
HOSTILE = "[/red]\x1b[2J"
GOOD = {"url": "https://example.com/a", "status": 1, "failReason": "源站返回404", "fileID": 0}


@dataclass
class Line:
    """A receiver with an engine behind it, and somebody who posts."""

    engine: Engine
    http: httpx.AsyncClient

    async def post(self, secret: str = SECRET, **body: object) -> int:
        return (await self.http.post(f"/{secret}", json=body or GOOD)).status_code

    @property
    def task(self) -> Task:
        return self.engine.tasks[1]


def running_task(number: int = 1, secret: str = SECRET) -> Task:
    task = new_task(DownloadRequest("https://example.com/a"), task_id=number, at=1.0)
    task = transition(task, S.SUBMITTING, at=1.0, callback_secret=secret)
    return transition(task, S.RUNNING, at=1.0, task_id=76 + number, sent_at=1.0)


async def _address(receiver: CallbackReceiver) -> str:
    async with asyncio.timeout(20):
        await receiver.listens.wait()
    assert receiver.address is not None
    return "http://{}:{}".format(*receiver.address)


@asynccontextmanager
async def receiving(
    folder: Path, *tasks: Task, port: int = 0
) -> AsyncIterator[tuple[CallbackReceiver, Engine, Witness]]:
    """Run an engine on `tasks` whose receiver listens on `port`, if it can."""
    store = TaskStore(folder)
    store.put(tasks)
    receiver, witness = CallbackReceiver("127.0.0.1", port), Witness()
    receiver.engine = engine = Engine(
        store, Session(UnreachableService), witness, workers=[receiver]
    )
    work = asyncio.create_task(engine.run())
    try:
        yield receiver, engine, witness
        assert not work.done()
    finally:
        engine.stop()
        await work
        store.close()


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    ended = transition(running_task(2, "ended"), S.FAILED, at=2.0, finished_at=2.0)
    async with receiving(tmp_path, running_task(), ended) as (receiver, engine, _witness):
        base_url = await _address(receiver)
        async with httpx.AsyncClient(base_url=base_url, trust_env=False) as http:
            yield Line(engine, http)


@pytest.mark.parametrize(
    ("secret", "body", "reason", "file_id"),
    [
        (SECRET, GOOD, "源站返回404", None),
        (f"pan123/cb/{SECRET}", {"status": 1, "fileReason": "404"}, "404", None),
        (SECRET, {"status": 0, "failReason": "nonsense", "fileID": 4711}, "", 4711),
        (SECRET, {"status": "0", "fileID": "4711"}, "", 4711),
        (SECRET, {"status": 1, "failReason": HOSTILE + "x" * 60_000}, HOSTILE + "x" * 990, None),
    ],
)
async def test_a_report_adds_facts_and_leaves_the_state_to_the_poll(
    line: Line, secret: str, body: dict[str, object], reason: str, file_id: int | None
) -> None:
    assert await line.post(secret, **body) == 200
    assert (line.task.fail_reason, line.task.file_id) == (reason, file_id)
    assert line.task.state is S.RUNNING


@pytest.mark.parametrize("secret", ["", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "1", "%00"])
async def test_an_unknown_secret_is_not_found(line: Line, secret: str) -> None:
    assert await line.post(secret) == 404
    assert line.task == running_task()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b'{"status": "zero"}',
        b'{"status": 0, "fileID": 99999999999999999999999}',
        b'{"status": 1, "failReason": 5}',
        b'{"status": 1, "failReason": "\xff\xfe"}',
        b"[" * 60_000,
    ],
)
async def test_no_report_is_a_bad_request_and_changes_nothing(line: Line, body: bytes) -> None:
    answer = await line.http.post(f"/{SECRET}", content=body)
    assert answer.status_code == 400
    assert line.task == running_task()


async def test_a_body_over_the_limit_is_too_large_said_or_not(line: Line) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 1000 + 2):
            yield b" " * 1000

    assert (await line.http.post(f"/{SECRET}", content=b" " * MAX_BODY_BYTES)).status_code == 400
    over = b" " * (MAX_BODY_BYTES + 1)
    assert (await line.http.post(f"/{SECRET}", content=over)).status_code == 413
    assert (await line.http.post(f"/{SECRET}", content=pieces())).status_code == 413


async def test_secrets_of_later_tasks_and_earlier_runs_are_known_and_former_ones_are_not(
    line: Line,
) -> None:
    await line.engine.repository.commit(running_task(3, "later"))
    assert await line.post("later") == await line.post("ended") == 200
    facts = [(it.state, it.fail_reason) for it in line.engine.tasks.values()]
    why = "源站返回404"
    assert facts == [(S.RUNNING, ""), (S.FAILED, why), (S.RUNNING, why)]
    failed = transition(line.task, S.FAILED, at=2.0)
    await line.engine.update_facts(1, state=failed.state, timeline=failed.timeline)
    await retry_tasks(line.engine, [1])
    assert await line.post() == 404, "of a former submission"
    assert line.task.fail_reason == ""
    await line.engine.repository.remove([3])
    assert await line.post("later") == 404
    assert 3 not in line.engine.tasks


async def test_half_a_request_stops_nobody(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_server, "DEADLINE_S", 1.0)
    url, readers = line.http.base_url, []
    for number in range(MAX_CONNECTIONS):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        head = f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n"
        writer.write(head.encode()[: (0, 30, 200)[number % 3]])
        readers.append(reader)
    async with asyncio.timeout(15):
        for reader in readers:
            with suppress(ConnectionError):
                await reader.read()
    assert await line.post() == 200


async def test_a_port_that_is_taken_is_said_and_the_engine_goes_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with receiving(tmp_path, port=port) as (_receiver, engine, witness):
            await witness.wait_until(lambda w: w.status.notice is not None)
            assert engine.status.notice is not None
            assert engine.status.notice.kind is ProblemKind.CALLBACK_UNUSABLE
