"""The queue is the user's: paused and ordered, before and after a restart."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pan123_tui.domain.commands import (
    Command,
    PauseSending,
    PollNow,
    SendNext,
)
from pan123_tui.domain.events import Account
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.engine.commands import execute
from pan123_tui.store.task_store import TaskStore
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, link
from tests.hold_stage import OpenStage, Stage, virtual_engine
from tests.unreachable_service import UnreachableService

S = TaskState


class Recording(UnreachableService):
    """Accepts each link, after the errors of `creates`, and keeps their order."""

    def __init__(self, *creates: Exception) -> None:
        self.sent: list[int] = []
        self.polls = 0
        self.create_s = self.slot_s = self.account_s = 0.0
        self._creates = list(creates)

    async def wait_for_create_slot(self) -> None:
        await asyncio.sleep(self.slot_s)
        await super().wait_for_create_slot()

    async def create_task(self, request: DownloadRequest, /) -> int:
        await asyncio.sleep(self.create_s)
        if self._creates:
            raise self._creates.pop(0)
        self.sent.append(int(request.url.rpartition("/")[2].removesuffix(".bin")))
        return 1000 + len(self.sent)

    async def get_progress(self, task_id: int, /) -> Progress:
        self.polls += 1
        return Progress(1.0, 0)

    async def user_info(self) -> Account:
        await asyncio.sleep(self.account_s)
        return Account(1, "小鱼", 0, 0)


@pytest.fixture
def open_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenStage:
    return partial(virtual_engine, tmp_path, monkeypatch)


async def do(stage: Stage, command: Command[Any]) -> Any:
    return await execute(stage.engine, command)


async def add(stage: Stage, count: int) -> list[int]:
    links = [link("good", number) for number in range(1, count + 1)]
    return [task.id for task in await add_links(stage.engine, links)]


@in_virtual_time
async def test_a_pause_lasts_through_restart_and_f5_while_what_runs_is_polled(
    open_stage: OpenStage,
) -> None:
    service = Recording()
    async with open_stage(service) as stage:
        await add(stage, 5)
        await asyncio.sleep(1.5)
        await do(stage, PauseSending(is_paused=True))
        await do(stage, PauseSending(is_paused=True))
        assert stage.witness.status.is_paused
        await asyncio.sleep(60)
        polls = service.polls
        await do(stage, PollNow())
        await asyncio.sleep(60)
        assert service.sent == [1, 2]
        assert service.polls > polls
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good", 6)])
        await asyncio.sleep(60)
        assert stage.engine.status.is_paused
        assert service.sent == [1, 2]
        await do(stage, PauseSending(is_paused=False))
        await asyncio.sleep(10)
        assert service.sent == [1, 2, 3, 4, 5, 6]
        assert not stage.witness.status.is_paused


@in_virtual_time
async def test_a_pause_that_ends_before_it_is_saved_stops_nothing(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Recording()
    service.slot_s = 1.0
    async with open_stage(service) as stage:
        save = stage.engine.repository.save

        async def save_slowly(*arguments: Any) -> bool:
            await asyncio.sleep(3)
            return await save(*arguments)

        await add(stage, 2)
        monkeypatch.setattr(stage.engine.repository, "save", save_slowly)
        paused = asyncio.create_task(do(stage, PauseSending(is_paused=True)))
        await asyncio.sleep(2)  # the outbox looks meanwhile
        await do(stage, PauseSending(is_paused=False))
        await paused
        await asyncio.sleep(60)
        assert service.sent == [1, 2]


@in_virtual_time
async def test_a_pause_during_a_post_lets_it_finish(open_stage: OpenStage) -> None:
    service = Recording()
    service.create_s = 30.0
    async with open_stage(service) as stage:
        await add(stage, 2)
        await asyncio.sleep(5)
        await do(stage, PauseSending(is_paused=True))
        await asyncio.sleep(120)
        assert service.sent == [1]
        assert [task.id for task in stage.in_state(S.RUNNING)] == [1]
        assert [task.id for task in stage.in_state(S.QUEUED)] == [2]


@in_virtual_time
async def test_a_link_that_waits_for_its_turn_is_not_sent_after_a_pause(
    open_stage: OpenStage,
) -> None:
    service = Recording()
    service.slot_s = 20.0
    async with open_stage(service) as stage:
        await add(stage, 1)
        await asyncio.sleep(5)
        await do(stage, PauseSending(is_paused=True))
        await asyncio.sleep(60)
        assert service.sent == []
        assert [task.state for task in stage.engine.tasks.values()] == [S.QUEUED]


@in_virtual_time
async def test_a_link_moved_to_the_front_goes_before_one_that_waits_for_its_turn(
    open_stage: OpenStage,
) -> None:
    service = Recording()
    service.slot_s = 20.0
    async with open_stage(service) as stage:
        await add(stage, 3)
        await asyncio.sleep(5)
        await do(stage, SendNext((3,)))
        await asyncio.sleep(90)
        assert service.sent == [3, 1, 2]


@in_virtual_time
async def test_a_move_is_published_when_it_is_saved_and_not_with_the_save_before(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(Recording()) as stage:
        await do(stage, PauseSending(is_paused=True))
        save = TaskStore.save

        async def save_slowly(store: TaskStore) -> None:
            await asyncio.sleep(1.0)
            await save(store)

        monkeypatch.setattr(TaskStore, "save", save_slowly)
        adding = asyncio.create_task(add(stage, 2))
        await asyncio.sleep(0.5)
        moving = asyncio.create_task(do(stage, SendNext((2,))))
        await adding
        assert stage.witness.tasks[2].rank == 0
        await moving
        assert stage.witness.tasks[2].rank == -1


@in_virtual_time
async def test_the_order_survives_a_restart(open_stage: OpenStage) -> None:
    service = Recording()
    async with open_stage(service) as stage:
        await do(stage, PauseSending(is_paused=True))
        await add(stage, 6)
        await do(stage, SendNext((5, 4)))
        await do(stage, SendNext((2,)))
        assert await do(stage, SendNext((2,))) == ()
        await do(stage, SendNext((1,)))
    async with open_stage(service) as stage:
        await do(stage, PauseSending(is_paused=False))
        await add_links(stage.engine, [link("good", 7)])
        await asyncio.sleep(20)
        assert service.sent == [1, 2, 4, 5, 3, 6, 7]
