"""A missing folder holds its own links only, until there is another one, made anew or chosen."""

import asyncio

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from tests.engine_stage import add_links, link, retry_tasks
from tests.hold_stage import Stage, on_stage
from tests.service.accounts import OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.world import FOLDER_ID

S = TaskState
SENT = (S.RUNNING, S.RETRYING, S.SUCCEEDED)


def into_folder(word: str, number: int) -> DownloadRequest:
    return replace(link(word, number), folder_id=FOLDER_ID)


async def _lose_the_folder(stage: Stage) -> None:
    """Queue three links for a folder that goes away with the first, and a fourth for another."""
    await asyncio.sleep(2)
    words = ("foldergone", "good", "good")
    links = [into_folder(word, number) for number, word in enumerate(words, 1)]
    await add_links(stage.engine, [*links, link("good")])
    await asyncio.sleep(10)


async def _redirect(stage: Stage, to: int) -> tuple[Task, ...]:
    """Send the links that wait, and those that were refused, to the folder `to`."""
    unsent = stage.in_state(S.QUEUED, S.REJECTED)
    ids = [task.id for task in unsent if task.folder_id == FOLDER_ID]
    return await retry_tasks(stage.engine, ids, to=to)


@on_stage
async def test_the_links_for_a_missing_folder_wait_and_the_others_go_on(stage: Stage) -> None:
    await _lose_the_folder(stage)
    assert len(stage.in_state(*SENT)) == 1
    waiting = stage.in_state(S.QUEUED)
    assert len(waiting) == 3
    assert {task.problem.kind for task in waiting if task.problem} == {ProblemKind.FOLDER_MISSING}
    assert stage.missing_folders() == (FOLDER_ID,)
    assert stage.engine.folders.tree.gone == {FOLDER_ID}
    assert stage.engine.status.hold is None
    assert stage.engine.status.last_error is None
    await add_links(stage.engine, [into_folder("good", 4)])
    await asyncio.sleep(3600)
    assert len(stage.in_state(S.QUEUED)) == 4
    assert len(stage.wire.creates) <= 15


@pytest.mark.parametrize("is_default", [False, True])
@on_stage
async def test_another_folder_takes_all_the_links(stage: Stage, is_default: bool) -> None:
    stage.world.faults.add(FaultKind.REFUSE, "create", code=777, message="不支持")
    await add_links(stage.engine, [into_folder("good", 0)])
    await _lose_the_folder(stage)
    assert len(stage.in_state(S.REJECTED)) == 1
    other = 0 if is_default else stage.world.drive().add_folder("别处")
    moved = await _redirect(stage, other)
    assert [task.folder_id for task in moved] == [other or None] * 4
    assert not any(task.problem for task in moved)
    await asyncio.sleep(20)
    assert not stage.missing_folders()
    assert len(stage.in_state(*SENT)) == 5
    assert {task.request.dir_id for task in stage.world.tasks()} == {other, 0}


@on_stage
async def test_the_links_go_on_by_themselves_when_the_folder_is_back(stage: Stage) -> None:
    await asyncio.sleep(2)
    stage.world.drive().entry(FOLDER_ID).trashed = True
    await add_links(stage.engine, [into_folder("good", n) for n in range(3)])
    await asyncio.sleep(10)
    assert stage.missing_folders() == (FOLDER_ID,)
    stage.world.drive().entry(FOLDER_ID).trashed = False
    await stage.engine.poll_now()
    async with asyncio.timeout(3):  # by itself only after half a minute
        while not stage.in_state(*SENT):  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(0.1)
    assert [task.problem for task in stage.in_state(S.QUEUED)] == [None, None]
    await asyncio.sleep(10)
    assert len(stage.in_state(*SENT)) == 3
    assert not stage.missing_folders()
    assert not stage.engine.folders.tree.gone
    assert not any(task.problem for task in stage.engine.tasks.values())


@on_stage
async def test_a_folder_is_no_longer_missing_once_its_links_are_removed(stage: Stage) -> None:
    await _lose_the_folder(stage)
    await stage.engine.repository.remove([t.id for t in stage.in_state(S.QUEUED)])
    await asyncio.sleep(40)
    assert not stage.missing_folders()
    assert stage.engine.folders.tree.gone == {FOLDER_ID}


@on_stage
async def test_another_account_has_other_folders(stage: Stage) -> None:
    await _lose_the_folder(stage)
    other = stage.world.drive().add_folder("别处")
    await _redirect(stage, other)
    await asyncio.sleep(20)
    await stage.use(OTHER_ACCESS_TOKEN)
    await add_links(stage.engine, [into_folder("good", 9)])
    await asyncio.sleep(20)
    (waiting,) = stage.in_state(S.QUEUED)
    assert waiting.folder_id == FOLDER_ID
