"""While a link waits for a token or its turn it is only queued: nothing of it was sent."""

import asyncio
from pathlib import Path

from pan123_tui.domain.task import DownloadRequest, TaskState
from tests.engine_stage import add_links, edit_task, link, load_stored, running_engine
from tests.unreachable_service import UnreachableService

S = TaskState
NOWHERE = "http://127.0.0.1:9"


class BusyService(UnreachableService):
    """Grants no slot until a test does; keeps the links that were sent."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.slot = asyncio.Event()
        self.sent: list[str] = []

    async def wait_for_create_slot(self) -> None:
        self.asked.set()
        await self.slot.wait()

    async def create_task(self, request: DownloadRequest, /) -> int:
        self.sent.append(request.url)
        return len(self.sent)


async def test_a_link_that_waits_for_its_turn_is_queued_on_disk_too(tmp_path: Path) -> None:
    service = BusyService()
    async with running_engine(tmp_path, NOWHERE, connect=lambda: service) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await service.asked.wait()
        assert load_stored(tmp_path)[task.id].state is S.QUEUED, (
            "a crash would leave it unconfirmed"
        )
        service.slot.set()
        await witness.wait_for_state(task.id, S.RUNNING)
    assert witness.states_of(task.id) == [S.QUEUED, S.SUBMITTING, S.RUNNING]


async def test_what_is_edited_or_removed_while_it_waits_is_not_sent_as_it_was(
    tmp_path: Path,
) -> None:
    service = BusyService()
    async with running_engine(tmp_path, NOWHERE, connect=lambda: service) as (engine, witness):
        first, second = await add_links(engine, [link("good", 1), link("good", 2)])
        await service.asked.wait()
        await engine.repository.remove([first.id])
        service.asked.clear()
        service.slot.set()
        await witness.wait_for_state(second.id, S.RUNNING)
        service.slot.clear()
        service.asked.clear()
        (third,) = await add_links(engine, [link("good", 3)])
        await service.asked.wait()
        await edit_task(engine, third.id, link("good", 4))
        service.slot.set()
        await witness.wait_for_state(third.id, S.RUNNING)
    assert service.sent == [link("good", 2).url, link("good", 4).url]
