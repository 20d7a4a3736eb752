"""Tasks of former runs, and of earlier in a long one: held encoded, and tasks all the same."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.client.protocol import Update
from pan123_tui.client.task_model import TaskModel
from pan123_tui.client.updates import PendingUpdates
from pan123_tui.domain.commands import (
    AddTasks,
    Command,
    ConfirmTasks,
    EditTask,
    RetryTasks,
    new_request_id,
)
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    DownloadRequest,
    Task,
    TaskState,
)
from pan123_tui.engine.commands import Origin, execute
from pan123_tui.engine.ports import BackgroundWorker
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import generous_world, link, running_engine
from tests.service.server import SimulatorServer
from tests.store.store_samples import plain_task

S = TaskState


class Listener(BackgroundWorker):
    """A worker that keeps all events, and the task model built from them."""

    def __init__(self) -> None:
        self.events: list[EngineEvent] = []
        self.model = TaskModel()
        self._heard = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        news = PendingUpdates(loaded=event.tasks if isinstance(event, TasksLoaded) else None)
        if isinstance(event, TasksChanged):
            news.merge(Update(news=event.tasks, removed=event.removed))
        self.events.append(event)
        self.model.apply(news)
        self._heard.set()

    async def run(self, _engine: object, /) -> None:
        await asyncio.Event().wait()

    async def hears(self, kind: type[EngineEvent], times: int) -> None:
        async with asyncio.timeout(20):
            while sum(isinstance(event, kind) for event in self.events) < times:
                self._heard.clear()
                await self._heard.wait()


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(generous_world()) as server:
        yield server


def ended(number: int, state: TaskState = S.SUCCEEDED, **facts: object) -> Task:
    task = plain_task(number, state)
    arrival = ArrivalCheck(ArrivalStatus.FOUND, at=2.0)
    return replace(task, finished_at=1.0, task_id=number, arrival=arrival, **facts)


def archive(folder: Path, *tasks: Task) -> None:
    """Store `tasks`, the ended ones as after a longer run."""
    store = TaskStore.open(folder)
    store.put(tasks)
    store.save_now()
    store._files.move_ended()
    store.close()


async def test_the_screen_is_told_of_them_in_one_piece(
    service: SimulatorServer, tmp_path: Path
) -> None:
    archive(tmp_path, ended(1), ended(2, S.FAILED), ended(3))
    store = TaskStore.open(tmp_path)
    store.remove([3])
    store.close()
    heard = Listener()
    async with running_engine(tmp_path, service.base_url, workers=[heard]) as (engine, _):
        await heard.hears(TasksLoaded, 1)
        assert len(engine.tasks) == 2
    assert type(heard.events[0]) is TasksLoaded
    assert not any(isinstance(event, TasksChanged) for event in heard.events)
    model = heard.model
    assert list(model.tasks) == [1, 2]
    assert model.tasks.unfinished == {}
    assert (model.counts[S.SUCCEEDED], model.counts[S.FAILED]) == (1, 1)


async def test_a_request_whose_task_has_long_ended_is_not_carried_out_twice(
    service: SimulatorServer, tmp_path: Path
) -> None:
    request_id = new_request_id()
    archive(tmp_path, ended(1, request_id=request_id))
    async with running_engine(tmp_path, service.base_url) as (engine, _):
        again = Origin("screen", request_id, is_repeated=True)
        (task,) = await execute(engine, AddTasks((link("good"),)), again)
        assert task.id == 1
        assert list(engine.tasks) == [1]


@pytest.mark.parametrize(
    "change",
    [
        RetryTasks((1,), unconfirmed_too=True),
        ConfirmTasks((1,)),
        EditTask(1, DownloadRequest("https://example.com/edited")),
    ],
    ids=lambda it: type(it).__name__,
)
async def test_a_request_is_known_although_another_one_has_changed_its_task(
    service: SimulatorServer, tmp_path: Path, change: Command[Any]
) -> None:
    first = new_request_id()
    state = S.FAILED if isinstance(change, EditTask) else S.UNCONFIRMED
    archive(tmp_path, ended(1, state, request_id=first))
    async with running_engine(tmp_path, service.base_url) as (engine, _):
        await execute(engine, change, Origin("another screen", new_request_id()))
        await execute(engine, AddTasks((link("good"),)), Origin("screen", first, is_repeated=True))
        assert list(engine.tasks) == [1]


async def test_a_missing_task_whose_task_id_could_not_be_read_is_asked_for_no_more(
    service: SimulatorServer, tmp_path: Path
) -> None:
    archive(tmp_path, replace(ended(1, S.MISSING), task_id=None, finished_at=None))
    async with running_engine(tmp_path, service.base_url) as (engine, _witness):
        await engine._poller.recheck_missing()
        assert engine.tasks[1].state is S.MISSING
