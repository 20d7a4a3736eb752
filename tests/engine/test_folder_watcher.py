"""What lies in folders after a success, and for a link whose answer was lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast
from unittest.mock import AsyncMock, Mock

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.commands import ConfirmTasks, GetDownloadLinks, LookForFiles
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Status, StatusChanged, TasksChanged
from pan123_tui.domain.folders import ROOT_ID, FileEntry, Folder, FolderPage
from pan123_tui.domain.task import (
    ArrivalStatus,
    DownloadRequest,
    Task,
    TaskState,
    new_task,
    transition,
)
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine import folder_watcher
from pan123_tui.engine.folder_watcher import FolderWatcher
from pan123_tui.engine.ports import SYSTEM_RUNTIME
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, arrival_of, execute, open_session, problem_of, until
from tests.hold_stage import EPOCH, OpenStage, Stage, on_stage, virtual_engine
from tests.service.accounts import ACCESS_TOKEN, OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.world import FOLDER_ID
from tests.unreachable_service import UnreachableService

S, V = TaskState, ArrivalStatus
Files = Callable[[int], Awaitable[list[FileEntry]]]


class Drive(UnreachableService):
    """A drive whose listings a test answers."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def list_folder(
        self, parent_id: int, /, last_id: int = 0, limit: int = 100
    ) -> FolderPage:
        if parent_id == ROOT_ID:
            return FolderPage(folders=(Folder(9, DEFAULT_FOLDER, ROOT_ID),))
        return FolderPage(files=tuple(await self._files(parent_id)))


def watcher_on(files: Files) -> FolderWatcher:
    """Return a watcher without an engine, whose repository is a mock."""
    return FolderWatcher(
        Mock(commit=AsyncMock(), tasks=TaskCollection()),
        open_session(Drive(files)),
        looks_by_itself=True,
        runtime=SYSTEM_RUNTIME,
    )


@pytest.fixture
def open_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenStage:
    return partial(virtual_engine, tmp_path, monkeypatch, looks_for_files=True)


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


def sent(number: int = 1) -> Task:
    request = DownloadRequest("https://example.com/film.mkv")
    return replace(new_task(request, task_id=number, at=1e9), sent_at=1e9)


async def list_nothing(_folder_id: int) -> list[FileEntry]:
    return []


async def list_film(_folder_id: int) -> list[FileEntry]:
    return [FileEntry(1, "film.mkv", 1, 10**9)]


@on_stage
async def test_no_file_is_sought_in_another_account(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
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


OWN, OTHER = Account(1, "own", 0, 0), Account(2, "other", 0, 0)


@asynccontextmanager
async def working(watcher: FolderWatcher, *tasks: Task) -> AsyncIterator[Mock]:
    """Run `watcher` on `tasks`, with what it records of them in a mock."""
    repository = cast("Mock", watcher._repository)
    for task in tasks:
        repository.tasks.put(task)
    watcher.on_event(StatusChanged(Status(account=OWN)))
    watcher.on_event(TasksChanged(tasks))
    run = asyncio.create_task(watcher.run())
    async with asyncio.timeout(30):
        yield repository
    run.cancel()


def arrived_now(**facts: object) -> Task:
    """Return a success of the own account."""
    done = {"state": S.SUCCEEDED, "finished_at": time.time(), "task_id": 7, "account_uid": 1}
    return replace(sent(), **done | facts)


async def test_an_account_that_changes_between_two_folders_tells_nothing_of_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folder_watcher, "ARRIVAL_DELAYS_S", (0.0, 60.0))
    listed: list[int] = []

    async def list_and_log_in(folder_id: int) -> list[FileEntry]:
        listed.append(folder_id)
        watcher.on_event(StatusChanged(Status(account=OTHER)))
        return await list_film(folder_id)

    watcher = watcher_on(list_and_log_in)
    other_folder = replace(arrived_now(folder_id=5), id=2)
    async with working(watcher, arrived_now(), other_folder) as tasks:
        await watcher.wait_idle()
    assert len(listed) == 1
    tasks.commit.assert_not_called()


async def test_looks_count_anew_once_the_account_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watcher, "ARRIVAL_DELAYS_S", (0.0, 60.0, 60.0))
    listed: list[int] = []

    async def list_noted(folder_id: int) -> list[FileEntry]:
        listed.append(folder_id)
        return []

    def has_looked() -> bool:
        return all(look.due_at > time.monotonic() for look in watcher._looks.values())

    watcher = watcher_on(list_noted)
    async with working(watcher, arrived_now()) as tasks:
        await until(has_looked)
        for account in (OTHER, OWN):
            watcher.on_event(StatusChanged(Status(account=account)))
            await until(has_looked)
    assert len(listed) == 2
    tasks.commit.assert_not_called()


async def test_it_is_busy_until_a_find_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watcher, "ARRIVAL_DELAYS_S", (0.0, 60.0))
    is_saved = asyncio.Event()

    async def save(*_arguments: object, **_facts: object) -> None:
        await is_saved.wait()

    watcher = watcher_on(list_film)
    async with working(watcher, arrived_now()) as tasks:
        tasks.commit.side_effect = save
        await until(lambda: tasks.commit.called)
        idle = asyncio.create_task(watcher.wait_idle())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not idle.done()
        is_saved.set()
        await idle


@pytest.mark.parametrize("becomes", [None, S.QUEUED])
async def test_of_a_task_that_is_removed_or_retried_meanwhile_nothing_is_recorded(
    becomes: TaskState | None,
) -> None:
    listed = asyncio.Event()
    task = arrived_now()

    async def list_late(folder_id: int) -> list[FileEntry]:
        tasks.tasks.pop(1)
        if becomes is not None:
            tasks.tasks.put(replace(task, state=becomes))
        changed = TasksChanged((), (1,)) if becomes is None else TasksChanged((tasks.tasks[1],))
        watcher.on_event(changed)
        listed.set()
        return await list_film(folder_id)

    watcher = watcher_on(list_late)
    async with working(watcher, task) as tasks:
        await listed.wait()
        await watcher.wait_idle()
        await asyncio.sleep(0)
    tasks.commit.assert_not_called()
    assert watcher._looks == {}


async def test_an_unconfirmed_task_is_looked_for_when_its_account_is_back() -> None:
    listed = asyncio.Event()

    async def list_files(_folder_id: int) -> list[FileEntry]:
        listed.set()
        return []

    now = time.time()
    watcher = watcher_on(list_files)
    sending = transition(new_task(FILM, task_id=1, at=now - 100), S.SUBMITTING, at=now - 90)
    lost = replace(transition(sending, S.UNCONFIRMED, at=now - 80), account_uid=2)
    async with working(watcher, lost) as tasks:
        await until(lambda: tasks.commit.called)
        (check,) = [call.args[0].arrival for call in tasks.commit.call_args_list]
        assert check.problem == Problem(ProblemKind.OTHER_ACCOUNT)
        tasks.tasks.put(replace(lost, arrival=check))
        watcher.on_event(TasksChanged((tasks.tasks[1],)))
        watcher.on_event(StatusChanged(Status(account=None)))
        await until(lambda: watcher._looks[1].due_at > watcher._runtime.monotonic() + 100)
        assert not listed.is_set()
        watcher.on_event(StatusChanged(Status(account=OTHER)))
        await listed.wait()


async def test_what_is_removed_while_others_are_recorded_stays_away() -> None:
    async def record_and_remove_the_other(task: Task) -> None:
        recorded.append(task.id)
        for other in {1, 2} & repository.tasks.keys() - {task.id}:
            repository.tasks.pop(other)

    recorded: list[int] = []
    watcher = watcher_on(list_nothing)
    repository = cast("Mock", watcher._repository)
    repository.commit.side_effect = record_and_remove_the_other
    for number in (1, 2):
        task = replace(sent(number), state=S.UNCONFIRMED, account_uid=2)
        repository.tasks.put(task)
    watcher.on_event(StatusChanged(Status(account=OWN)))
    assert [task.id for task in await watcher.look_now((1, 2))] == recorded == [1]


# Links whose create had no answer

FILM = DownloadRequest("https://example.com/fast/%E7%94%B5%E5%BD%B1.mkv", folder_id=FOLDER_ID)


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
async def test_the_file_of_a_lost_answer_is_found_by_itself_and_nothing_else_changes(
    stage: Stage,
) -> None:
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
    stage.world.drive().move_to_trash(first[1].file_id or 0)
    again = await execute(stage.engine, LookForFiles(ids))
    assert [arrival_of(task).status for task in again] == [V.FOUND, V.NOT_FOUND]


@on_stage
async def test_why_no_look_is_possible_is_said(stage: Stage) -> None:
    ids = await lose(stage, FILM)
    stage.world.drive().move_to_trash(FOLDER_ID)
    (gone,) = await execute(stage.engine, LookForFiles(ids))
    assert problem_of(arrival_of(gone)) is ProblemKind.FOLDER_MISSING
    await stage.use(OTHER_ACCESS_TOKEN)
    await asyncio.sleep(1)
    (strange,) = await execute(stage.engine, LookForFiles(ids))
    assert problem_of(arrival_of(strange)) is ProblemKind.OTHER_ACCOUNT


@on_stage
async def test_the_file_of_a_task_that_123pan_forgot_is_looked_for_and_the_doubt_is_the_users(
    stage: Stage,
) -> None:
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
async def test_the_id_of_an_old_success_becomes_known_when_it_is_asked_for(
    open_stage: OpenStage,
) -> None:
    async with open_stage(looks_for_files=False) as stage:
        (done,) = await arrived(stage, "a.mkv")
        assert (done.state, done.file_id) == (S.SUCCEEDED, None)
        stage.world.faults.add(FaultKind.REFUSE, "file_list", code=5066)
        assert await execute(stage.engine, LookForFiles((done.id,))) == ()
        (found,) = await execute(stage.engine, LookForFiles((done.id,)))
        assert found.file_id == stage.world.tasks()[0].file_id
        assert await execute(stage.engine, LookForFiles((done.id, 99))) == ()


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
    world.drive().move_to_trash(tasks[0].file_id or 0)
    first, second, _third = await execute(stage.engine, GetDownloadLinks(ids))
    assert first.problem is not None
    assert (first.problem.code, first.url, bool(second.url)) == (5066, "", True)
    world.configure(has_traffic=False)
    before = world.stats.requests["download_info"]
    refused = await execute(stage.engine, GetDownloadLinks(ids[1:]))
    assert {link.problem.code for link in refused if link.problem} == {5113}
    assert world.stats.requests["download_info"] == before + 1, "it is asked once"


@in_virtual_time
async def test_without_a_files_id_or_under_another_account_no_link_is_asked_for(
    open_stage: OpenStage,
) -> None:
    async with open_stage(looks_for_files=False) as stage:
        ids = tuple(task.id for task in await arrived(stage, "a"))
        (link,) = await execute(stage.engine, GetDownloadLinks(ids))
        assert problem_of(link) is ProblemKind.FILE_UNKNOWN
        await execute(stage.engine, LookForFiles(ids))
        await stage.use(OTHER_ACCESS_TOKEN)
        await asyncio.sleep(1)
        (link,) = await execute(stage.engine, GetDownloadLinks(ids))
        assert problem_of(link) is ProblemKind.OTHER_ACCOUNT
        assert not stage.world.stats.requests["download_info"]
