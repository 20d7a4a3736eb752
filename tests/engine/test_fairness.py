"""Fairness: whatever answers late, nothing else waits for it. No call is given up meanwhile."""

import asyncio

import pytest
from msgspec.structs import replace

from pan123_tui.domain.folders import ROOT_ID
from pan123_tui.domain.service_facts import POLLS_AT_ONCE
from pan123_tui.domain.task import TaskState
from tests.engine_stage import add_links, link, settings_of
from tests.hold_stage import Stage, on_stage

S = TaskState
STAGE = {"settings": settings_of(looks=True)}


@pytest.mark.parametrize("late", ["file/list", "file/list|file/detail|user/info|file/mkdir"])
@on_stage
async def test_listings_and_checks_without_an_answer_stall_neither_progress_nor_links(
    stage: Stage, late: str
) -> None:
    await asyncio.sleep(1)
    stage.wire.late = late
    folders, drive = stage.engine.folders, stage.world.drive()
    pages = [folders.page(number) for number in range(5)]
    reading = asyncio.gather(*pages, folders.make("new", ROOT_ID), return_exceptions=True)
    await stage.engine.poll_now()  # which asks for the account too
    # Each success has a folder looked at as well, and each folder has its name looked for.
    await add_links(
        stage.engine,
        [replace(link("1s", n), folder_id=drive.add_folder(str(n))) for n in range(12)],
    )
    await asyncio.sleep(20)
    assert len(stage.in_state(S.SUCCEEDED)) == 12
    assert stage.world.stats.requests["file_list"] == 1, "the other listings wait for it alone"
    assert not reading.done()
    stage.wire.may_answer.set()
    await reading


@on_stage
async def test_polls_without_an_answer_stall_nothing_else(stage: Stage) -> None:
    await asyncio.sleep(1)
    stage.wire.late, requests = "process", stage.world.stats.requests
    await add_links(stage.engine, [link("1s", number) for number in range(8)])
    await asyncio.sleep(10)
    before = requests["user_info"]
    await add_links(stage.engine, [link("1s", 99)])
    await stage.engine.folders.page(ROOT_ID)
    await stage.engine.poll_now()
    await asyncio.sleep(5)
    assert len(stage.in_state(S.RUNNING)) == 9
    assert requests["user_info"] > before
    assert requests["process"] == POLLS_AT_ONCE
    stage.wire.may_answer.set()
    await asyncio.sleep(10)
    assert len(stage.in_state(S.SUCCEEDED)) == 9


@on_stage
async def test_a_create_without_an_answer_stalls_no_poll(stage: Stage) -> None:
    await add_links(stage.engine, [link("2h", number) for number in range(5)])
    await asyncio.sleep(10)
    stage.wire.late, requests = "offline/download$", stage.world.stats.requests
    await add_links(stage.engine, [link("good", 99)])
    await asyncio.sleep(1)
    before = requests["process"]
    await stage.engine.poll_now()
    await asyncio.sleep(5)
    assert requests["process"] >= before + 5
    assert stage.in_state(S.SUBMITTING)
    assert requests["create"] == 6


@on_stage
async def test_one_poll_without_an_answer_stalls_no_other_task(stage: Stage) -> None:
    await add_links(stage.engine, [link("20s", number) for number in range(8)])
    await asyncio.sleep(9)
    slow, *others = stage.in_state(S.RUNNING)
    stage.wire.late = f"taskID={slow.task_id}$"
    await asyncio.sleep(30)
    assert len(stage.in_state(S.SUCCEEDED)) == len(others) == 7
    assert stage.in_state(S.RUNNING) == [stage.engine.tasks[slow.id]]
    assert stage.wire.late_requests == 1, "one question at a time"
    stage.wire.may_answer.set()
    await asyncio.sleep(10)
    assert len(stage.in_state(S.SUCCEEDED)) == 8
