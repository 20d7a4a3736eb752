"""While a link waits for a token or its turn it is only queued: nothing of it was sent."""

import asyncio
from pathlib import Path

from pan123_tui.domain.task import DownloadRequest, TaskState
from tests.engine_stage import link, running_engine, stored
from tests.unreachable_service import UnreachableService

S = TaskState
NOWHERE = "http://127.0.0.1:9"


class Busy(UnreachableService):
    """Gives no turn until a test says so; keeps what it was handed."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.turn = asyncio.Event()
        self.taken: list[str] = []

    async def ready_to_create(self) -> None:
        self.asked.set()
        await self.turn.wait()

    async def create_task(self, draft: DownloadRequest, /) -> int:
        self.taken.append(draft.url)
        return len(self.taken)


async def test_a_link_that_waits_for_its_turn_is_queued_on_disk_too(tmp_path: Path) -> None:
    service = Busy()
    async with running_engine(tmp_path, NOWHERE, connect=lambda: service) as (engine, witness):
        (task,) = await engine.task_service.add([link("good")])
        await service.asked.wait()
        assert stored(tmp_path)[task.id].state is S.QUEUED, "a crash would leave it unconfirmed"
        service.turn.set()
        await witness.sees_state(task.id, S.RUNNING)
    assert witness.states_of(task.id) == [S.QUEUED, S.SUBMITTING, S.RUNNING]


async def test_what_is_edited_or_removed_while_it_waits_is_not_sent_as_it_was(
    tmp_path: Path,
) -> None:
    service = Busy()
    async with running_engine(tmp_path, NOWHERE, connect=lambda: service) as (engine, witness):
        first, second = await engine.task_service.add([link("good", 1), link("good", 2)])
        await service.asked.wait()
        await engine.task_service.remove([first.id])
        service.asked.clear()
        service.turn.set()
        await witness.sees_state(second.id, S.RUNNING)
        service.turn.clear()
        service.asked.clear()
        (third,) = await engine.task_service.add([link("good", 3)])
        await service.asked.wait()
        await engine.task_service.edit(third.id, link("good", 4))
        service.turn.set()
        await witness.sees_state(third.id, S.RUNNING)
    assert service.taken == [link("good", 2).url, link("good", 4).url]
