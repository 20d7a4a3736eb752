"""What lies in folders after a success, and for a link whose answer was lost."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from pan123_tui.domain import arrival_check
from pan123_tui.domain.commands import ConfirmTasks, GetDownloadLinks, LookForFiles
from pan123_tui.domain.errors import ProblemKind, RateLimited
from pan123_tui.domain.folders import FileEntry, FolderPage
from pan123_tui.domain.progress import ProcessStatus
from pan123_tui.domain.task import ArrivalStatus, DownloadRequest, Task, TaskState
from pan123_tui.engine import folder_watcher
from tests.api_stage import in_virtual_time
from tests.engine_stage import (
    QUIET,
    add_links,
    arrival_of,
    change,
    execute,
    problem_of,
    settings_of,
)
from tests.hold_stage import EPOCH, OpenStage, Stage, on_stage
from tests.paper_service import PaperService, nothing
from tests.service.accounts import ACCESS_TOKEN, OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.world import FOLDER_ID

S, V = TaskState, ArrivalStatus
STAGE = {"settings": settings_of(looks=True)}
FILM = DownloadRequest("https://example.com/fast/%E7%94%B5%E5%BD%B1.mkv", folder_id=FOLDER_ID)


class Drive(PaperService):
    """Every link arrives at once; a folder has `files`."""

    def __init__(self, *files: FileEntry) -> None:
        super().__init__()
        self.files, self.on_list = files, nothing
        self.status = ProcessStatus.SUCCEEDED

    async def list_folder(
        self, parent_id: int, /, last_id: int = 0, limit: int = 100
    ) -> FolderPage:
        self.listed.append((parent_id, last_id))
        await self.on_list()
        return FolderPage(files=self.files)

    async def change_account(self, stage: Stage, uid: int) -> None:
        self.uid = uid
        await stage.engine.poll_now()
        await asyncio.sleep(0.1)


async def arrived(stage: Stage, *paths: str, folder_id: int | None = None) -> list[Task]:
    """Return the tasks of links to `paths` once their files have been looked for."""
    links = [DownloadRequest(f"https://example.com/{it}", folder_id=folder_id) for it in paths]
    tasks = await add_links(stage.engine, links)
    await asyncio.sleep(600)
    return [stage.engine.tasks[task.id] for task in tasks]


@on_stage
async def test_the_real_name_size_and_id_are_told(stage: Stage) -> None:
    stage.world.drive().add_file("a.iso", FOLDER_ID, size=5, at=1.0)
    stage.world.faults.add(FaultKind.HTTP_502, "file_list", times=2)  # it looks again
    (task,) = await arrived(stage, "700mb/a.iso", folder_id=FOLDER_ID)
    assert (arrival_of(task).status, arrival_of(task).name) == (V.FOUND, "a(1).iso")
    assert arrival_of(task).size == 700 * 2**20
    assert task.file_id == stage.world.tasks()[0].file_id


@on_stage
async def test_only_a_folder_that_was_read_uses_up_a_look(stage: Stage) -> None:
    service = stage.serve(Drive())

    async def refuse() -> None:
        raise RateLimited("请求太频繁", code=429)

    service.on_list = refuse
    (task,) = await arrived(stage, "fast/电影.mkv", folder_id=FOLDER_ID)
    service.on_list = nothing
    await asyncio.sleep(130)
    assert stage.engine.tasks[task.id].arrival is None
    service.files = (FileEntry(1, "电影.mkv", FOLDER_ID, 10**9),)
    await asyncio.sleep(130)
    assert arrival_of(stage.engine.tasks[task.id]).status is V.FOUND


@on_stage
async def test_without_a_folder_the_services_own_one_is_found_by_its_name(stage: Stage) -> None:
    drive = stage.world.drive()
    for number in range(120):  # more than a page before it
        drive.add_file(f"{number}.mkv", drive.default_folder(), size=5, at=1.0)
    (task,) = await arrived(stage, "fast/电影.mkv")
    assert (arrival_of(task).status, arrival_of(task).name) == (V.FOUND, "电影.mkv")


@on_stage
async def test_what_is_not_the_file_is_flagged(stage: Stage) -> None:
    words = {
        "htmlfile": V.ERROR_PAGE,
        "smallfile": V.TOO_SMALL,
        "nofile": V.NOT_FOUND,
        "blockedfile": V.BLOCKED,
    }
    tasks = await arrived(stage, *(f"{word}/{word}.mkv" for word in words))
    assert [arrival_of(task).status for task in tasks] == list(words.values())
    assert {task.state for task in tasks} == {S.SUCCEEDED}


@on_stage
async def test_a_file_that_comes_late_is_found_within_a_day_and_one_sought_in_vain_is_said(
    stage: Stage,
) -> None:
    late, never = await arrived(stage, "nofile/late.mkv", "nofile/never.mkv", folder_id=FOLDER_ID)
    assert not any(task.needs_user for task in (late, never))
    await asyncio.sleep(3600)
    stage.world.drive().add_file("late.mkv", FOLDER_ID, size=10**9, at=EPOCH + 4000)
    await asyncio.sleep(86_400)
    late, never = (stage.engine.tasks[task.id] for task in (late, never))
    assert (arrival_of(late).status, late.needs_user) == (V.FOUND, False)
    assert (arrival_of(never).status, never.needs_user) == (V.NOT_FOUND, True)
    listed = stage.world.stats.requests["file_list"]
    await asyncio.sleep(5 * 86_400)
    assert stage.world.stats.requests["file_list"] == listed


@on_stage
async def test_a_file_whose_folder_has_gone_is_sought_in_vain(stage: Stage) -> None:
    (task,) = await arrived(stage, "nofile/never.mkv", folder_id=FOLDER_ID)
    await asyncio.sleep(3600)
    stage.world.drive().entry(FOLDER_ID).trashed = True
    await asyncio.sleep(86_400)
    assert stage.engine.tasks[task.id].needs_user
    listed = stage.world.stats.requests["file_list"]
    await asyncio.sleep(5 * 86_400)
    assert stage.world.stats.requests["file_list"] == listed


@on_stage
async def test_no_file_is_another_accounts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watcher, "ARRIVAL_DELAYS_S", (60.0,) * 3)
    await asyncio.sleep(1)  # its account is known
    (task,) = await add_links(stage.engine, [DownloadRequest("https://example.com/a.iso")])
    await asyncio.sleep(40)
    assert stage.in_state(S.SUCCEEDED)
    await stage.use(OTHER_ACCESS_TOKEN)
    await asyncio.sleep(3600)
    assert stage.engine.tasks[task.id].arrival is None
    await stage.use(ACCESS_TOKEN)
    await asyncio.sleep(70)
    assert arrival_of(stage.engine.tasks[task.id]).status is V.FOUND


@on_stage
async def test_it_is_busy_until_a_find_is_recorded(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, disk = stage.serve(Drive(FileEntry(1, "电影.mkv", FOLDER_ID, 10**9))), asyncio.Event()

    async def block_the_disk() -> None:
        monkeypatch.setattr(stage.engine._store, "save", disk.wait)

    service.on_list = block_the_disk
    await add_links(stage.engine, [FILM])
    await asyncio.sleep(60)
    assert service.listed
    idle = asyncio.create_task(stage.engine.watcher.wait_idle())
    await asyncio.sleep(60)
    assert not idle.done()
    disk.set()
    await idle
    assert arrival_of(stage.witness.tasks[1]).status is V.FOUND


@on_stage
async def test_an_error_that_nobody_expects_puts_only_its_folder_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_file(task: Task, files: Sequence[FileEntry]) -> FileEntry | None:
        if "strange" in task.url:
            raise KeyError(task.url)
        return arrival_check.find_file(task, files)

    monkeypatch.setattr(folder_watcher, "find_file", find_file)
    links = [DownloadRequest("https://example.com/fast/strange.mkv"), FILM]
    strange, usual = await add_links(stage.engine, links)
    await asyncio.sleep(60)
    await asyncio.wait_for(stage.engine.wait_idle(), 600)
    assert arrival_of(stage.engine.tasks[usual.id]).status is V.FOUND
    assert stage.witness.bugs
    stage.witness.bugs.clear()
    monkeypatch.setattr(folder_watcher, "find_file", arrival_check.find_file)
    await asyncio.sleep(200)
    assert arrival_of(stage.engine.tasks[strange.id]).status is V.FOUND


@on_stage
async def test_an_unconfirmed_task_is_looked_for_when_its_account_is_back(stage: Stage) -> None:
    (lost,) = await lose(stage, FILM)
    await stage.use(OTHER_ACCESS_TOKEN)
    await asyncio.sleep(600)
    assert problem_of(arrival_of(stage.engine.tasks[lost])) is ProblemKind.OTHER_ACCOUNT
    assert not stage.world.stats.requests["file_list"]
    await stage.use(ACCESS_TOKEN)
    await asyncio.sleep(5)
    assert arrival_of(stage.engine.tasks[lost]).status is V.FOUND


# Links whose create had no answer


async def lose(
    stage: Stage, *requests: DownloadRequest, fault: FaultKind = FaultKind.DROP_AFTER
) -> tuple[int, ...]:
    """Send `requests`, get no answer to any, and return the ids of their tasks."""
    await asyncio.sleep(1)  # the account is known
    stage.world.faults.add(fault, "create", times=len(requests))
    tasks = await add_links(stage.engine, requests)
    for _ in tasks:
        await stage.engine.poll_now()
        await asyncio.sleep(5)
    assert stage.in_state(S.UNCONFIRMED) == [stage.engine.tasks[task.id] for task in tasks]
    return tuple(task.id for task in tasks)


@on_stage
async def test_the_file_of_a_lost_answer_is_found_and_nothing_else_changes(stage: Stage) -> None:
    await lose(stage, FILM)
    await asyncio.sleep(120)
    (found,) = stage.in_state(S.UNCONFIRMED)
    assert (arrival_of(found).status, arrival_of(found).name) == (V.FOUND, "电影.mkv")
    (confirmed,) = await execute(stage.engine, ConfirmTasks((found.id,)))
    assert (confirmed.state, confirmed.percent, confirmed.problem) == (S.SUCCEEDED, 100, None)
    assert confirmed.file_id == stage.world.tasks()[0].file_id
    assert await execute(stage.engine, ConfirmTasks((found.id,))) == ()


@on_stage
async def test_an_older_file_does_not_count(stage: Stage) -> None:
    stage.world.drive().add_file("电影.mkv", FOLDER_ID, size=10**9, at=EPOCH - 300)
    ids = await lose(stage, FILM, fault=FaultKind.DROP_BEFORE)
    (looked,) = await execute(stage.engine, LookForFiles(ids))
    assert (arrival_of(looked).status, arrival_of(looked).problem) == (V.NOT_FOUND, None)
    assert (looked.state, looked.file_id) == (S.UNCONFIRMED, None)


@on_stage
async def test_a_file_is_found_for_one_task_only(stage: Stage) -> None:
    ids = await lose(stage, FILM, FILM)
    first = await execute(stage.engine, LookForFiles(ids))
    assert len({task.file_id for task in first}) == 2
    stage.world.drive().entry(first[1].file_id or 0).trashed = True
    again = await execute(stage.engine, LookForFiles(ids))
    assert [arrival_of(task).status for task in again] == [V.FOUND, V.NOT_FOUND]


@on_stage
async def test_why_no_look_is_possible_is_said(stage: Stage) -> None:
    ids = await lose(stage, FILM)
    stage.world.drive().entry(FOLDER_ID).trashed = True
    (gone,) = await execute(stage.engine, LookForFiles(ids))
    assert problem_of(arrival_of(gone)) is ProblemKind.FOLDER_MISSING
    await stage.use(OTHER_ACCESS_TOKEN)
    await asyncio.sleep(1)
    (strange,) = await execute(stage.engine, LookForFiles(ids))
    assert problem_of(arrival_of(strange)) is ProblemKind.OTHER_ACCOUNT


@on_stage
async def test_the_file_of_a_forgotten_task_is_looked_for_and_the_doubt_stays(stage: Stage) -> None:
    await asyncio.sleep(1)  # the account is known
    await add_links(stage.engine, [replace(FILM, url="https://example.com/stall/a.mkv")])
    await asyncio.sleep(1)
    stage.world.faults.add(FaultKind.TASK_UNKNOWN, "process", times=None)
    await asyncio.sleep(400)
    (missing,) = stage.in_state(S.MISSING)
    stage.world.drive().add_file("a.mkv", FOLDER_ID, size=10**9, at=EPOCH + 300)
    (found,) = await execute(stage.engine, LookForFiles((missing.id,)))
    assert (found.state, arrival_of(found).status) == (S.MISSING, V.FOUND)
    assert found.file_id is not None
    stage.world.faults.clear()
    await asyncio.sleep(1200)
    (again,) = stage.in_state(S.RUNNING)
    assert (again.arrival, again.file_id) == (None, None), "it was another file"


@in_virtual_time
async def test_the_id_of_an_old_success_is_known_once_asked_for(open_stage: OpenStage) -> None:
    async with open_stage(settings=QUIET) as stage:
        (done,) = await arrived(stage, "a.mkv")
        assert (done.state, done.file_id) == (S.SUCCEEDED, None)
        stage.world.faults.add(FaultKind.REFUSE, "file_list", code=5066)
        assert await execute(stage.engine, LookForFiles((done.id,))) == ()
        (found,) = await execute(stage.engine, LookForFiles((done.id,)))
        assert found.file_id == stage.world.tasks()[0].file_id
        assert await execute(stage.engine, LookForFiles((done.id, 99))) == ()


@in_virtual_time
async def test_a_changed_setting_has_files_looked_for_or_not_from_then_on(
    open_stage: OpenStage,
) -> None:
    async with open_stage(settings=QUIET) as stage:
        (before,) = await arrived(stage, "a.mkv")
        await change(stage.engine, settings=settings_of(looks=True))
        await asyncio.sleep(600)
        assert arrival_of(stage.engine.tasks[before.id]).status is V.FOUND
        await change(stage.engine, settings=QUIET)
        (after,) = await arrived(stage, "b.mkv")
        assert after.arrival is None


# Links to files that arrived


@on_stage
async def test_each_file_gets_a_link_and_one_that_is_deleted_spoils_no_other(stage: Stage) -> None:
    world = stage.world
    tasks = await arrived(stage, "a.mkv", "b.mkv", "c.mkv")
    ids = tuple(task.id for task in tasks)
    world.faults.add(FaultKind.NUMBERS_AS_TEXT, "download_info")
    world.faults.add(FaultKind.HTTP_429, "download_info", skip=1)
    links = await execute(stage.engine, GetDownloadLinks((*ids, 99)))
    assert [link.name for link in links] == ["a.mkv", "b.mkv", "c.mkv"]
    assert all(link.url.startswith("https://cdn.example.com/") for link in links)
    assert "cdn" not in repr(links)
    world.drive().entry(tasks[0].file_id or 0).trashed = True
    first, second, _third = await execute(stage.engine, GetDownloadLinks(ids))
    assert first.problem is not None
    assert (first.problem.code, first.url, bool(second.url)) == (5066, "", True)
    world.configure(has_traffic=False)
    before = world.stats.requests["download_info"]
    refused = await execute(stage.engine, GetDownloadLinks(ids[1:]))
    assert {link.problem.code for link in refused if link.problem} == {5113}
    assert world.stats.requests["download_info"] == before + 1, "it is asked once"


@in_virtual_time
async def test_without_an_id_or_under_another_account_no_link_is_got(open_stage: OpenStage) -> None:
    async with open_stage(settings=QUIET) as stage:
        ids = tuple(task.id for task in await arrived(stage, "a"))
        (link,) = await execute(stage.engine, GetDownloadLinks(ids))
        assert problem_of(link) is ProblemKind.FILE_UNKNOWN
        await execute(stage.engine, LookForFiles(ids))
        await stage.use(OTHER_ACCESS_TOKEN)
        await asyncio.sleep(1)
        (link,) = await execute(stage.engine, GetDownloadLinks(ids))
        assert problem_of(link) is ProblemKind.OTHER_ACCOUNT
        assert not stage.world.stats.requests["download_info"]
