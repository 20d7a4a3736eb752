"""Whatever the network does, tasks keep what was last known, and the engine recovers by itself."""

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from pan123_tui.domain.errors import ProblemKind, RequestNotSent
from pan123_tui.domain.events import Account, Connection
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import Runtime, Session
from pan123_tui.store.task_store import TaskStore
from tests.api_stage import in_no_time
from tests.engine_stage import (
    EventRecorder,
    add_links,
    generous_world,
    link,
    load_stored,
    running_engine,
)
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.unreachable_service import UnreachableService

T = TypeVar("T")
S = TaskState
SELF_SIGNED = Path(__file__).with_name("self_signed.pem")
HALF_AN_HOUR_S = 1800.0


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(generous_world(speed=1000)) as server:
        yield server


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pan123_tui.api.rate_limit.FIRST_PAUSE_S", 0.05)


async def assert_waits(folder: Path, base_url: str, words: str) -> None:
    """A link is queued at `base_url`; surely nothing was sent, and the user is told why."""
    async with running_engine(folder, base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await witness.wait_until(lambda w: w.status.hold is not None)
        assert witness.status.connection is Connection.OFFLINE
        assert witness.status.hold is not None
        assert witness.status.hold.kind is ProblemKind.REQUEST_NOT_SENT
        assert words in witness.status.hold.message
        await witness.wait_for_state(task.id, S.QUEUED)
    assert load_stored(folder)[task.id].state is S.QUEUED


async def test_a_poll_that_is_not_answered_in_time_is_tried_again(
    service: SimulatorServer,
    tmp_path: Path,
    short_pauses: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pan123_tui.api.connection.READ_S", 0.2)
    service.world.faults.add(FaultKind.HANG, "process", times=2)
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await witness.wait_until(lambda w: w.status.last_error is not None)
        assert witness.tasks[task.id].state is S.RUNNING
        await witness.wait_for_state(task.id, S.SUCCEEDED)


@pytest.mark.parametrize("jump_s", [86_400.0, -86_400.0])
async def test_a_clock_that_jumps_stops_nothing_and_fails_nothing(
    service: SimulatorServer, tmp_path: Path, jump_s: float
) -> None:
    ahead_s = 0.0
    around = Runtime(clock=lambda: time.time() + ahead_s)
    async with running_engine(tmp_path, service.base_url, runtime=around) as (
        engine,
        witness,
    ):
        running, later = await add_links(engine, [link("stall"), link("good", 2)])
        task = await witness.wait_for_state(running.id, S.RUNNING)
        ahead_s = jump_s
        await witness.wait_for_state(later.id, S.SUCCEEDED)
        service.world.finish(task.task_id or 0)
        done = await witness.wait_for_state(running.id, S.SUCCEEDED)
    assert witness.states_of(done.id) == [S.QUEUED, S.SUBMITTING, S.RUNNING, S.SUCCEEDED]
    assert load_stored(tmp_path)[done.id] == done


class Flaky(UnreachableService):
    """A service that may be offline; `calls` are the times of all tries."""

    def __init__(self) -> None:
        self.is_down = False
        self.calls: list[float] = []
        self.created = 0

    def _try(self) -> None:
        self.calls.append(asyncio.get_running_loop().time())
        if self.is_down:
            raise RequestNotSent("the line is down")

    async def create_task(self, draft: DownloadRequest, /) -> int:
        self._try()
        self.created += 1
        return self.created

    async def get_progress(self, task_id: int, /) -> Progress:
        self._try()
        return Progress(percent=40.0, status=0)

    async def user_info(self) -> Account:
        self._try()
        return Account(1, "小鱼", 0, 0)


def at_once(loop: asyncio.AbstractEventLoop) -> Callable[..., asyncio.Future[T]]:
    """Do a thread's work on the loop: time that passes at once would run away from a thread."""

    def run(_executor: object, function: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        outcome: asyncio.Future[T] = loop.create_future()
        outcome.set_result(function(*arguments))
        return outcome

    return run


def test_half_an_hour_offline_is_one_message_few_requests_and_mends_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_no_time(_half_an_hour_offline(tmp_path, monkeypatch))


async def _half_an_hour_offline(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "run_in_executor", at_once(loop))
    line, recorder = Flaky(), EventRecorder()
    around = Runtime(clock=lambda: 1e9 + loop.time(), monotonic=loop.time, random=Random(1).random)
    store = TaskStore.open(folder)
    engine = Engine(store, Session(lambda: line), recorder, runtime=around)
    work = asyncio.create_task(engine.run())
    drafts = [link("good", number) for number in range(20)]
    tasks = await add_links(engine, drafts)
    await asyncio.sleep(120)
    (waiting,) = await add_links(engine, [link("good", 99)])
    line.is_down, before = True, dict(engine.tasks)
    line.calls.clear()
    went_down = loop.time()
    await asyncio.sleep(HALF_AN_HOUR_S)

    assert recorder.connections[-1] is Connection.OFFLINE
    assert {t.id: engine.tasks[t.id] for t in tasks} == {t.id: before[t.id] for t in tasks}
    ages = [1e9 + loop.time() - (engine.tasks[t.id].checked_at or 0) for t in tasks]
    assert min(ages) > HALF_AN_HOUR_S - 1, "an age that stands still hides the outage"
    assert [step.state for step in engine.tasks[waiting.id].timeline] == [S.QUEUED, S.QUEUED]
    late = [at for at in line.calls if at > went_down + 120]
    pauses = [b - a for a, b in pairwise(late) if b - a > 1]
    assert len(line.calls) < 400
    assert sum(pauses) / len(pauses) > 15, "polling does not slow down"
    assert max(pauses) <= 31, "polling slows down without a cap"

    line.is_down = False
    await asyncio.sleep(60)
    assert recorder.connections == [
        Connection.UNKNOWN,
        Connection.ONLINE,
        Connection.OFFLINE,
        Connection.ONLINE,
    ]
    assert engine.status.last_error is None
    assert engine.status.hold is None
    assert engine.tasks[waiting.id].state is S.RUNNING
    engine.stop()
    await work
    store.close()
