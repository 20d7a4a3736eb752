"""The callback receiver over real HTTP: true reports, and hostile posts."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task, transition
from pan123_tui.engine import http_server
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.http_server import (
    MAX_BODY_BYTES,
    MAX_CONNECTIONS,
    MAX_UNREAD,
    CallbackReceiver,
    HttpServer,
)
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import TIMEOUT_S, Witness, config_of, retry_tasks
from tests.paper_service import unreachable

S = TaskState
SECRET = "its-own-secret"
HOSTILE = "[/red]\x1b[2J"
Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]
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


@asynccontextmanager
async def receiving(
    folder: Path, *tasks: Task, address: str = "127.0.0.1:0"
) -> AsyncIterator[tuple[asyncio.Future[str], Engine, Witness]]:
    """Run an engine on `tasks` whose receiver listens at `address`, if it can."""

    class Receiver(CallbackReceiver):
        def note_bound(self, host: str, port: int) -> None:
            bound.set_result(f"http://{host}:{port}")

    bound: asyncio.Future[str] = asyncio.Future()
    store = TaskStore(folder)
    store.put(tasks)
    witness = Witness()
    engine = Engine(
        store,
        config_of(unreachable),
        witness,
        entrances=lambda it: [HttpServer(Receiver(it, address))],
    )
    work = asyncio.create_task(engine.run())
    try:
        yield bound, engine, witness
        assert not work.done()
    finally:
        engine.stop()
        await work
        store.close()


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    ended = transition(running_task(2, "ended"), S.FAILED, at=2.0, finished_at=2.0)
    async with receiving(tmp_path, running_task(), ended) as (bound, engine, _witness):
        async with asyncio.timeout(TIMEOUT_S):
            url = await bound
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
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


HEAD = f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n".encode()


async def begin_request(line: Line, number: int, *, host: int = 1) -> Peer:
    """Send nothing, half a head, or a head without a body."""
    url, ours = line.http.base_url, (f"127.0.0.{host}", 0)
    peer = await asyncio.open_connection(url.host, url.port, local_addr=ours)
    peer[1].write(HEAD[: (0, 30, 200)[number % 3]])
    return peer


async def are_ended(peers: Iterable[Peer]) -> bool:
    """Wait until the server has ended the connections of all `peers`."""
    async with asyncio.timeout(15):
        for reader, _writer in peers:
            with suppress(ConnectionError):
                assert await reader.read() == b""
    return True


async def test_half_a_request_is_ended_in_time(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "DEADLINE_S", 0.05)
    assert await are_ended([await begin_request(line, number) for number in range(3)])
    assert await line.post() == 200


@pytest.mark.parametrize(
    ("hosts", "left"), [([1] * 300, MAX_UNREAD - 1), ([*range(2, 252)] * 2, MAX_CONNECTIONS - 1)]
)
async def test_where_many_send_slowly_the_oldest_are_ended_and_a_callback_is_taken(
    line: Line, monkeypatch: pytest.MonkeyPatch, hosts: list[int], left: int
) -> None:
    monkeypatch.setattr(http_server, "DEADLINE_S", 1e6)
    slow = [await begin_request(line, number, host=host) for number, host in enumerate(hosts)]
    assert await line.post() == 200
    assert await are_ended(slow[:-left])


async def test_a_port_that_is_taken_is_said_and_the_engine_goes_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = receiving(tmp_path, address=f"127.0.0.1:{port}")
        async with busy as (_bound, engine, witness):
            await witness.wait_until(lambda w: w.status.notice is not None)
            assert engine.status.notice is not None
            assert engine.status.notice.kind is ProblemKind.CALLBACK_UNUSABLE
