"""Each batch has a folder of its own, made when its first link is sent, in virtual time."""

import asyncio
import time

import pytest
from msgspec.structs import replace

from pan123_tui.domain.commands import AddTasks, SendNext
from pan123_tui.domain.errors import FolderMissing, Pan123Error, ProblemKind, RequestRejected
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.engine.folders import Folders
from tests.api_stage import in_virtual_time
from tests.engine_stage import (
    QUIET,
    change,
    edit_task,
    execute,
    link,
    problem_of,
    retry_tasks,
    settings_of,
)
from tests.hold_stage import EPOCH, OpenStage, Stage, on_stage
from tests.paper_service import PaperService, gaps, or_raise
from tests.service.faults import FaultKind
from tests.service.world import FOLDER_ID

S = TaskState
STAGE = {"settings": settings_of(batch_folders="batch")}
SENT = (S.RUNNING, S.RETRYING, S.SUCCEEDED)
TODAY = time.strftime("%Y-%m-%d", time.localtime(EPOCH))


def links(count: int, folder_id: int | None = FOLDER_ID) -> tuple[DownloadRequest, ...]:
    return tuple(replace(link("good", n), folder_id=folder_id) for n in range(count))


async def add(stage: Stage, *requests: DownloadRequest, batch: str = "") -> None:
    await execute(stage.engine, AddTasks(requests, batch=batch))


def folders(stage: Stage) -> list[tuple[int, str]]:
    """The folders of the drive with the ids of those above them."""
    entries = stage.world.drive().entries.values()
    return [(it.parent_id, it.name) for it in entries if it.is_folder and not it.trashed]


def went_to(stage: Stage) -> list[tuple[int, str]]:
    """The folders that the links were sent to."""
    drive = stage.world.drive()
    places = [drive.entry(task.request.dir_id or 0) for task in stage.world.tasks()]
    return [(it.parent_id, it.name) for it in places]


@on_stage
async def test_a_folder_that_a_busy_service_does_not_make_is_not_to_blame(stage: Stage) -> None:
    stage.world.faults.add(FaultKind.BUSY, "mkdir")
    await add(stage, *links(1), batch="night")
    await asyncio.sleep(15)
    assert went_to(stage) == [(FOLDER_ID, "night")], "it is tried again soon"


@on_stage
async def test_a_link_that_is_moved_first_meanwhile_waits_for_its_folder(stage: Stage) -> None:
    service = stage.serve(PaperService(pages={}))
    service.slot_s = 10.0
    await execute(stage.engine, AddTasks(links(1, None)))
    await stage.engine.repository.commit(
        replace(stage.engine.tasks[1], subfolder="")
    )  # whatever the settings say, its folder is there
    await add(stage, *links(1, None), batch="night")
    await asyncio.sleep(5)
    await execute(stage.engine, SendNext((2,)))
    await asyncio.sleep(60)
    assert [it.folder_id for it in service.requests] == [20, None]


@on_stage
async def test_a_batch_goes_to_a_folder_of_its_name_that_is_made_once(stage: Stage) -> None:
    await stage.engine.repository.set_paused(True)
    await asyncio.gather(add(stage, *links(3), batch="night"), add(stage, *links(2), batch="night"))
    await asyncio.sleep(60)
    assert (FOLDER_ID, "night") not in folders(stage), "it is made when it is needed"
    await stage.engine.repository.set_paused(False)
    await asyncio.sleep(20)
    await add(stage, *links(1), batch="night")
    await asyncio.sleep(20)
    assert went_to(stage) == [(FOLDER_ID, "night")] * 6
    assert folders(stage).count((FOLDER_ID, "night")) == 1
    assert {task.subfolder for task in stage.engine.tasks.values()} == {""}


@in_virtual_time
async def test_by_date_and_without_a_folder_it_is_made_in_the_root(open_stage: OpenStage) -> None:
    async with open_stage(settings=settings_of(batch_folders="date")) as stage:
        await add(stage, *links(2, folder_id=None), batch="night")
        await asyncio.sleep(20)
        assert went_to(stage) == [(ROOT_ID, TODAY)] * 2


@pytest.mark.parametrize("others", [0, 120])  # with so many it is on the second page
@on_stage
async def test_one_that_is_there_already_is_used(stage: Stage, others: int) -> None:
    for number in range(others):
        stage.world.drive().add_folder(f"folder {number}", FOLDER_ID)
    stage.world.drive().add_folder("night", FOLDER_ID)
    await add(stage, *links(1), batch="night")
    await asyncio.sleep(20)
    assert went_to(stage) == [(FOLDER_ID, "night")]
    assert folders(stage).count((FOLDER_ID, "night")) == 1


@on_stage
async def test_links_whose_folder_is_refused_wait_and_the_others_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Folders.make
    refused: list[str] = []

    async def refuse(self: Folders, name: str, parent_id: int) -> Folder:
        if name != "night" or len(refused) == 3:
            return await make(self, name, parent_id)
        refused.append(name)
        raise RequestRejected("no such name", code=1)

    monkeypatch.setattr(Folders, "make", refuse)
    await add(stage, *links(2), batch="night")
    await add(stage, *links(2), batch="day")
    await asyncio.sleep(20)
    assert went_to(stage) == [(FOLDER_ID, "day")] * 2
    waiting = stage.in_state(S.QUEUED)
    problems = {it.problem.kind for it in waiting if it.problem}
    assert (len(waiting), problems) == (2, {ProblemKind.FOLDER_NOT_MADE})
    assert stage.engine.status.hold is None
    stage.world.configure(duration_s=1e5)
    await change(stage.engine, settings=settings_of(max_running=1))
    await asyncio.sleep(900)
    assert went_to(stage)[2:] == [(FOLDER_ID, "night")]
    (other,) = stage.in_state(S.QUEUED)
    assert (other.problem, other.subfolder) == (None, ""), "its folder is there now"


@in_virtual_time
async def test_a_link_waits_for_its_folder_over_a_restart(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await stage.engine.repository.set_paused(True)
        await add(stage, *links(1), batch="night")
    async with open_stage(settings=QUIET) as stage:
        await stage.engine.repository.set_paused(False)
        await asyncio.sleep(20)
        assert went_to(stage) == [(FOLDER_ID, "night")]


class MakesFolders(PaperService):
    """Makes each folder with one id, and tells its account late."""

    def __init__(self, uid: int, folder_id: int, trouble: Pan123Error | None = None) -> None:
        super().__init__()
        self.uid, self._made = uid, trouble or folder_id
        self.account_after_s, self.make_after_s = 1.0, 0.0
        self.made_at: list[float] = []

    async def create_folder(self, _name: str, _parent_id: int, /) -> int:
        self.made_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.make_after_s)
        return or_raise(self._made)


@on_stage
async def test_another_account_gets_no_folder_of_the_former_one(stage: Stage) -> None:
    former, other = stage.serve(MakesFolders(1, 11)), MakesFolders(2, 22)
    await asyncio.sleep(5)
    await add(stage, *links(1), batch="night")
    await asyncio.sleep(5)
    await stage.engine.repository.set_paused(True)
    await add(stage, *links(1), batch="night")
    await stage.use_service(other)
    await stage.engine.repository.set_paused(False)
    await asyncio.sleep(5)
    assert [it.folder_id for it in (*former.requests, *other.requests)] == [11, 22]


@pytest.mark.parametrize("trouble", [None, FolderMissing("父级文件ID不存在", code=1)])
@on_stage
async def test_another_account_gets_nothing_of_a_folder_that_the_former_one_is_making(
    stage: Stage, trouble: Pan123Error | None
) -> None:
    former, other = stage.serve(MakesFolders(1, 11, trouble)), MakesFolders(2, 22)
    former.make_after_s = 20.0
    await asyncio.sleep(5)
    await add(stage, *links(1), batch="night")
    await asyncio.sleep(5)
    await stage.use_service(other)
    await asyncio.sleep(20)
    assert [it.folder_id for it in other.requests] == [22]
    assert 11 not in stage.engine.folders.tree.folders


@on_stage
async def test_without_a_folder_above_they_wait_longer_and_longer_and_say_why(stage: Stage) -> None:
    service = stage.serve(MakesFolders(1, 11, FolderMissing("父级文件ID不存在", code=1)))
    await add(stage, *links(2, folder_id=None), batch="night")
    await asyncio.sleep(600)
    waits = gaps(service.made_at)
    assert (len(waits), waits) == (4, sorted(waits))
    assert {problem_of(it) for it in stage.in_state(S.QUEUED)} == {ProblemKind.FOLDER_NOT_MADE}


@pytest.mark.parametrize("is_edited", [False, True])
@on_stage
async def test_where_the_folder_above_is_gone_they_wait_for_another_one(
    stage: Stage, is_edited: bool
) -> None:
    await asyncio.sleep(2)
    stage.world.drive().entry(FOLDER_ID).trashed = True
    await add(stage, *links(2), batch="night")
    await asyncio.sleep(20)
    assert stage.missing_folders() == (FOLDER_ID,)
    assert not stage.world.tasks()
    other = stage.world.drive().add_folder("别处")
    waiting = {task.id: task.request for task in stage.in_state(S.QUEUED)}
    if is_edited:
        edits = {i: replace(it, folder_id=other) for i, it in waiting.items()}
        await asyncio.gather(*(edit_task(stage.engine, i, it) for i, it in edits.items()))
    else:
        await retry_tasks(stage.engine, list(waiting), to=other)
    await asyncio.sleep(20)
    assert went_to(stage) == [(other, "night")] * 2


@on_stage
async def test_an_edited_link_keeps_its_batchs_folder_or_goes_elsewhere(stage: Stage) -> None:
    await stage.engine.repository.set_paused(True)
    await add(stage, *links(2), batch="night")
    edits = {1: links(3)[2], 2: link("good", 9)}
    edited = [await edit_task(stage.engine, number, it) for number, it in edits.items()]
    assert [task.subfolder for task in edited if task] == ["night", ""]


@on_stage
async def test_each_folder_of_a_path_is_made_once_with_that_of_the_batch_in_it(
    stage: Stage,
) -> None:
    command = AddTasks(links(2, None), batch="night", subfolder="films/new")
    await execute(stage.engine, command)
    await asyncio.sleep(20)
    above = {name: parent for parent, name in folders(stage)}
    ids = {it.name: it.id for it in stage.world.drive().entries.values() if it.is_folder}
    assert above["films"] == ROOT_ID
    assert (above["new"], above["night"]) == (ids["films"], ids["new"])
    assert went_to(stage) == [(ids["new"], "night")] * 2
    assert len(folders(stage)) == len(above), "each is there once"
