"""The queue is the user's: paused, ordered and limited, before and after a restart."""

import asyncio
from typing import Any

import pytest

from pan123_tui.domain.commands import AdoptTasks, Command, PauseSending, PollNow, SendNext
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.send_queue import Adoption
from pan123_tui.domain.task import TaskState
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, change, execute, link, settings_of
from tests.hold_stage import OpenStage, Stage, on_stage
from tests.paper_service import PaperService
from tests.service.accounts import OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind

S = TaskState


async def do(stage: Stage, command: Command[Any]) -> Any:
    return await execute(stage.engine, command)


async def add(stage: Stage, count: int) -> list[int]:
    links = [link("good", number) for number in range(1, count + 1)]
    return [task.id for task in await add_links(stage.engine, links)]


@in_virtual_time
async def test_a_pause_outlasts_restart_and_f5_and_polls_go_on(open_stage: OpenStage) -> None:
    service = PaperService()
    async with open_stage(service) as stage:
        await add(stage, 5)
        await asyncio.sleep(1.5)
        await do(stage, PauseSending(is_paused=True))
        await do(stage, PauseSending(is_paused=True))
        assert stage.witness.status.is_paused
        await asyncio.sleep(60)
        polls = len(service.polled_at)
        await do(stage, PollNow())
        await asyncio.sleep(60)
        assert service.sent == [1, 2]
        assert len(service.polled_at) > polls
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good", 6)])
        await asyncio.sleep(60)
        assert stage.engine.status.is_paused
        assert service.sent == [1, 2]
        await do(stage, PauseSending(is_paused=False))
        await asyncio.sleep(10)
        assert service.sent == [1, 2, 3, 4, 5, 6]
        assert not stage.witness.status.is_paused


@on_stage
async def test_a_quick_resume_stops_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    service = stage.serve(PaperService())
    service.slot_s = 1.0
    save = stage.engine._store.save

    async def save_slowly() -> bool:
        await asyncio.sleep(3)
        return await save()

    await add(stage, 2)
    monkeypatch.setattr(stage.engine._store, "save", save_slowly)
    paused = asyncio.create_task(do(stage, PauseSending(is_paused=True)))
    await asyncio.sleep(2)  # the outbox looks meanwhile
    await do(stage, PauseSending(is_paused=False))
    await paused
    await asyncio.sleep(60)
    assert service.sent == [1, 2]


@on_stage
async def test_at_a_links_turn_a_pause_counts_and_one_moved_to_the_front(stage: Stage) -> None:
    service = stage.serve(PaperService())
    service.slot_s = 20.0
    await add(stage, 3)
    await asyncio.sleep(5)
    await do(stage, PauseSending(is_paused=True))
    await asyncio.sleep(60)
    assert service.sent == []
    assert {task.state for task in stage.engine.tasks.values()} == {S.QUEUED}
    await do(stage, PauseSending(is_paused=False))
    await asyncio.sleep(5)
    await do(stage, SendNext((3,)))
    await asyncio.sleep(90)
    assert service.sent == [3, 1, 2]


# No more downloads run at once than the user allows


async def limit(stage: Stage, max_running: int) -> None:
    """Queue seven links under a limit."""
    await change(stage.engine, settings=settings_of(max_running=max_running))
    stage.world.configure(duration_s=600.0)
    await add(stage, 7)


@on_stage
async def test_the_queue_waits_without_asking_while_as_many_run_as_allowed(stage: Stage) -> None:
    await limit(stage, 3)
    await asyncio.sleep(300)
    assert len(stage.in_state(S.RUNNING)) == len(stage.wire.creates) == 3
    assert stage.witness.hold_kind is ProblemKind.RUNNING_LIMIT
    await change(stage.engine, settings=settings_of(max_running=4))
    await asyncio.sleep(2)
    assert len(stage.in_state(S.RUNNING)) == 4
    await stage.engine.repository.remove([1])
    await asyncio.sleep(2)
    assert [task.id for task in stage.in_state(S.RUNNING)] == [2, 3, 4, 5]
    await asyncio.sleep(2400)
    assert (len(stage.in_state(S.SUCCEEDED)), len(stage.wire.creates)) == (6, 7)
    assert stage.witness.hold_kind is None


@on_stage
async def test_trouble_beside_the_limit_says_when_it_is_tried_again(stage: Stage) -> None:
    await change(stage.engine, settings=settings_of(max_running=1))
    stage.world.configure(duration_s=600.0)
    elsewhere = await stage.connect().create_task(link("good", 9))
    stage.world.faults.add(FaultKind.QUOTA, "create")
    await add(stage, 2)
    await asyncio.sleep(2)
    await do(stage, AdoptTasks((Adoption(elsewhere),)))
    await asyncio.sleep(2)
    said = [stage.witness.hold_kind]
    assert stage.engine.status.hold_until is not None
    await asyncio.sleep(60)
    said.append(stage.witness.hold_kind)
    assert said == [ProblemKind.QUOTA_EXHAUSTED, ProblemKind.RUNNING_LIMIT]
    await asyncio.sleep(600)
    assert len(stage.in_state(S.SUCCEEDED)) == 1
    assert len(stage.in_state(S.RUNNING)) == 1


@on_stage
async def test_the_downloads_of_another_account_take_no_places(stage: Stage) -> None:
    await limit(stage, 2)
    await asyncio.sleep(60)
    await stage.use(OTHER_ACCESS_TOKEN)
    await asyncio.sleep(30)
    assert len(stage.in_state(S.RUNNING)) == len(stage.wire.creates) == 4
    await change(stage.engine, settings=settings_of())
    await asyncio.sleep(10)
    assert len(stage.in_state(S.RUNNING)) == 7
    assert stage.witness.hold_kind is None
