"""The real poller at a service that says "429": on the loop's clock, in no time."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from pan123_tui.api.rate_limit import Endpoint, Pacer, pacers_of
from pan123_tui.domain.errors import RateLimited
from pan123_tui.domain.events import Status, TasksLoaded
from pan123_tui.domain.progress import ProcessStatus, Progress
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task, transition
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import Runtime
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker, EventPublisher, StatusPublisher
from pan123_tui.store.task_store import TaskStore
from tests.api_stage import in_no_time
from tests.engine_stage import open_session
from tests.unreachable_service import UnreachableService

USUAL_S = 0.2 * 1.02


class BusyService(UnreachableService):
    """Says "429" to the poll of the given number, and notes when each was made."""

    def __init__(self, refuses: int) -> None:
        self.polls_at: list[float] = []
        self._refuses = refuses
        self._pacer: Pacer = pacers_of({})[Endpoint.PROCESS]

    def poll_wait_s(self) -> float:
        return self._pacer.wait_s

    async def get_progress(self, task_id: int, /) -> Progress:
        await self._pacer.acquire()
        self.polls_at.append(asyncio.get_running_loop().time())
        if len(self.polls_at) == self._refuses:
            self._pacer.back_off()
            raise RateLimited
        return Progress(1.0, ProcessStatus.RUNNING)


def running_tasks(count: int) -> list[Task]:
    tasks = []
    for number in range(1, count + 1):
        task = new_task(DownloadRequest("https://example.com/a"), task_id=number, at=1.0)
        task = transition(task, TaskState.SUBMITTING, at=1.0)
        tasks.append(transition(task, TaskState.RUNNING, at=1.0, task_id=number, sent_at=1.0))
    return tasks


async def polls_of(service: BusyService, store: TaskStore, *, for_s: float) -> list[float]:
    """Return the gaps between the polls within `for_s`, while enough tasks are always due."""
    runtime = Runtime(clock=lambda: 1.0, monotonic=asyncio.get_running_loop().time)
    events = EventPublisher()
    status = StatusPublisher(events, clock=runtime.clock, status=Status())
    poller = Poller(
        TaskRepository(store, events, status=status, clock=runtime.clock),
        open_session(service),
        status=status,
        breaker=CircuitBreaker(status, runtime),
        schedule=Schedule(),
        runtime=runtime,
        plan_retry=lambda task: task,
    )
    poller.on_event(TasksLoaded(store.tasks))
    work = asyncio.create_task(poller.run())
    await asyncio.sleep(for_s)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return [later - before for before, later in pairwise(service.polls_at)]


def test_after_a_refusal_polls_are_rarer_and_come_back_to_the_whole_rate(tmp_path: Path) -> None:
    store = TaskStore.open(tmp_path)
    store.put(running_tasks(400))
    gaps = in_no_time(polls_of(BusyService(refuses=10), store, for_s=60.0))
    store.close()
    assert gaps[:9] == pytest.approx([USUAL_S] * 9, abs=0.001)
    assert gaps[9] >= 0.5, "the endpoint is paused"
    assert gaps[10] == pytest.approx(USUAL_S / 0.7, rel=0.02)
    assert gaps[-1] < gaps[70] < gaps[10]
    assert gaps[-1] == pytest.approx(USUAL_S, abs=0.001)
