"""What the service answers late, as text, or not yet ends no task and is never sent twice."""

import asyncio

import pytest

from pan123_tui.domain.commands import ConfirmTasks
from pan123_tui.domain.task import DownloadRequest, TaskState
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, edit_task, execute, link, retry_tasks
from tests.hold_stage import OpenStage, Stage, on_stage
from tests.service.accounts import ACCESS_TOKEN, CLIENT_ID, OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind

S = TaskState


@on_stage
async def test_of_a_missing_task_the_users_word_decides_for_good(stage: Stage) -> None:
    await add_links(stage.engine, [link("good"), link("good/2")])
    await asyncio.sleep(2.5)
    stage.world.faults.add(FaultKind.TASK_UNKNOWN, "process", times=None)
    await asyncio.sleep(700)
    ids = [task.id for task in stage.in_state(S.MISSING)]
    assert len(ids) == 2
    assert not await retry_tasks(stage.engine, ids)
    (done,) = await execute(stage.engine, ConfirmTasks(tuple(ids[:1])))
    (again,) = await retry_tasks(stage.engine, ids[1:], unsure_too=True)
    assert (done.state, again.state) == (S.SUCCEEDED, S.QUEUED)
    await asyncio.sleep(4000)
    assert stage.engine.tasks[done.id] == done


@pytest.mark.parametrize(("look_s", "looks"), [(180, 3), (20, 8)])
@in_virtual_time
async def test_who_looks_in_for_moments_sees_in_the_end_that_a_task_is_missing(
    open_stage: OpenStage, look_s: float, looks: int
) -> None:
    async with open_stage() as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(1.5)
    for look in range(1, looks + 1):
        await asyncio.sleep(3600)
        async with open_stage() as stage:  # knows none of its tasks
            await asyncio.sleep(look_s)
            assert look > 1 or stage.in_state(S.RUNNING)
    (missing,) = stage.in_state(S.MISSING)
    assert missing.misses is None


@on_stage
async def test_a_task_of_an_account_never_known_comes_back_with_its_account(stage: Stage) -> None:
    stage.world.faults.add(FaultKind.REFUSE, "user_info", times=None, code=9)
    stage.world.faults.add(FaultKind.DROP_BEFORE, "process", times=None)
    await add_links(stage.engine, [link("2h")])
    await asyncio.sleep(60)
    (sent,) = stage.in_state(S.RUNNING)
    assert sent.account_uid is None
    await stage.use(OTHER_ACCESS_TOKEN)
    stage.world.faults.clear()
    await asyncio.sleep(200)
    assert stage.in_state(S.RUNNING)
    await asyncio.sleep(300)
    assert stage.in_state(S.MISSING)
    await stage.use(ACCESS_TOKEN)
    await asyncio.sleep(700)
    (found,) = stage.in_state(S.RUNNING)
    assert found.problem is None
    assert found.account_uid == stage.world.tokens.accounts[CLIENT_ID].uid


@on_stage
async def test_a_create_that_is_answered_late_is_awaited(stage: Stage) -> None:
    stage.wire.create_delay_s = 110.0
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(100)
    assert stage.in_state(S.SUBMITTING)
    await asyncio.sleep(60)
    assert stage.in_state(S.RUNNING, S.SUCCEEDED)
    assert stage.wire.read_timeouts["/api/v1/offline/download"] == 120
    assert stage.wire.read_timeouts["/api/v1/user/info"] == 30


@on_stage
async def test_a_link_that_is_edited_after_it_was_not_parsed_is_sent_at_once(stage: Stage) -> None:
    await add_links(stage.engine, [link("reject")])
    await asyncio.sleep(3)
    (waiting,) = stage.in_state(S.QUEUED)
    edited = DownloadRequest("https://a.example/雪.iso")
    await edit_task(stage.engine, waiting.id, edited)
    await asyncio.sleep(3)
    assert [task.request.url for task in stage.world.tasks()] == [edited.url]


@on_stage
async def test_a_link_that_is_never_parsed_is_rejected_after_two_retries(stage: Stage) -> None:
    url = "https://a.example/reject/雪.iso"
    await add_links(stage.engine, [DownloadRequest(url)])
    await asyncio.sleep(10)
    assert stage.in_state(S.QUEUED)
    for _ in range(2):
        await stage.engine.poll_now()
        await asyncio.sleep(5)
    assert stage.in_state(S.REJECTED)
    assert [attempt.isascii() for attempt in stage.world.stats.attempts] == [False, True]
    assert stage.world.stats.attempts[url] == 2
