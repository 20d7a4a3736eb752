"""A link that left the list is not sent again unless somebody wants that."""

import asyncio

from pan123_tui.domain.commands import (
    AddTasks,
    FindSent,
    ForgetSent,
    RemoveTasks,
    RestoreTasks,
)
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.task import DownloadRequest, SentLink, Task, TaskState
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, execute, link
from tests.hold_stage import OpenStage, Stage
from tests.paper_service import PaperService

LINK = link("good", 1).url
KEY = duplicate_key(LINK)


async def add(stage: Stage, *again: str, newest_known: int | None = 99) -> tuple[Task, ...]:
    command = AddTasks((DownloadRequest(LINK),), "", newest_known, frozenset(again))
    return await execute(stage.engine, command)


@in_virtual_time
async def test_a_link_that_was_sent_and_removed_is_sent_again_only_if_wanted(
    open_stage: OpenStage,
) -> None:
    service = PaperService()
    async with open_stage(service) as stage:
        (task,) = await add_links(stage.engine, [link("good", 1)])
        await asyncio.sleep(30)
        assert service.sent == [1]
        removed = await execute(stage.engine, RemoveTasks((task.id,)))
        assert await execute(stage.engine, RestoreTasks(removed)) == removed
        await execute(stage.engine, RemoveTasks((task.id,)))
    async with open_stage(service) as stage:
        assert await add(stage) == ()
        found = await execute(stage.engine, FindSent((KEY, f"{KEY}x")))
        assert found == {KEY: SentLink(int(removed[0].timeline[-1].at), removed[0].state)}
        await asyncio.sleep(30)
        assert service.sent == [1]
        assert len(await add(stage, LINK)) == 1
        assert len(await add(stage, newest_known=None)) == 1
        assert await execute(stage.engine, ForgetSent()) == 1
        assert await execute(stage.engine, FindSent((KEY,))) == {}


@in_virtual_time
async def test_a_link_that_was_never_sent_is_not_remembered(open_stage: OpenStage) -> None:
    async with open_stage(PaperService()) as stage:
        await stage.engine.repository.set_paused(True)
        (task,) = await add(stage)
        assert task.state is TaskState.QUEUED
        await execute(stage.engine, RemoveTasks((task.id,)))
        assert len(await add(stage)) == 1
