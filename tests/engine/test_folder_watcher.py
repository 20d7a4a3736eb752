"""What lies in folders after a success, and for a link whose answer was lost, over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast
from unittest.mock import AsyncMock, Mock

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.commands import ConfirmTasks, GetDownloadLinks, LookForFiles
from pan123_tui.domain.credentials import AccessToken
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
from pan123_tui.engine import folder_watcher, poller
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.folder_watcher import FolderWatcher
from pan123_tui.engine.ports import SYSTEM_RUNTIME
from tests.engine_stage import (
    Witness,
    add_links,
    arrival_of,
    client_factory,
    execute,
    open_session,
    problem_of,
    running_engine,
    until,
)
from tests.service.accounts import OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import FOLDER_ID
from tests.unreachable_service import UnreachableService

SERVICE_SPEED = 1e6
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


async def arrived(
    service: SimulatorServer, folder: Path, path: str, folder_id: int | None = None
) -> Task:
    """Return the task of a link to `path` once its file has been looked for."""
    draft = DownloadRequest(f"https://example.com/{path}", folder_id=folder_id)
    async with running_engine(folder, service.base_url, looks_for_files=True) as (engine, witness):
        (task,) = await add_links(engine, [draft])
        await witness.wait_for_state(task.id, TaskState.RUNNING)
        await engine.poll_now()
        await witness.wait_until(lambda w: w.tasks[task.id].arrival is not None)
        return witness.tasks[task.id]


async def test_the_real_name_size_and_id_are_told(service: SimulatorServer, tmp_path: Path) -> None:
    service.world.drive().add_file("a.iso", FOLDER_ID, size=5, at=1.0)
    service.world.faults.add(FaultKind.HTTP_502, "file_list", times=2)  # it looks again
    task = await arrived(service, tmp_path, "700mb/a.iso", FOLDER_ID)
    assert (arrival_of(task).status, arrival_of(task).name) == (V.FOUND, "a(1).iso")
    assert arrival_of(task).size == 700 * 2**20
    assert task.file_id == service.world.tasks()[0].file_id


async def test_without_a_folder_the_services_own_one_is_found_by_its_name(
    service: SimulatorServer, tmp_path: Path
) -> None:
    for number in range(120):  # more than a page before it
        service.world.drive().add_folder(f"folder {number}")
    task = await arrived(service, tmp_path, "fast/电影.mkv")
    assert (arrival_of(task).status, arrival_of(task).name) == (V.FOUND, "电影.mkv")


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("htmlfile", V.ERROR_PAGE),
        ("smallfile", V.TOO_SMALL),
        ("nofile", V.NOT_FOUND),
        ("blockedfile", V.BLOCKED),
    ],
)
async def test_what_is_not_the_file_is_flagged(
    service: SimulatorServer, tmp_path: Path, word: str, verdict: ArrivalStatus
) -> None:
    task = await arrived(service, tmp_path, f"{word}/film.mkv")
    assert arrival_of(task).status is verdict
    assert task.state is TaskState.SUCCEEDED


def sent(number: int = 1) -> Task:
    request = DownloadRequest("https://example.com/film.mkv")
    return replace(new_task(request, task_id=number, at=1e9), sent_at=1e9)


async def list_nothing(_folder_id: int) -> list[FileEntry]:
    return []


async def list_film(_folder_id: int) -> list[FileEntry]:
    return [FileEntry(1, "film.mkv", 1, 10**9)]


async def test_no_file_is_sought_in_another_account(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        (task,) = await add_links(engine, [DownloadRequest("https://example.com/a.iso")])
        await witness.wait_for_state(task.id, TaskState.SUCCEEDED)
    async with running_engine(
        tmp_path,
        service.base_url,
        credentials=AccessToken(OTHER_ACCESS_TOKEN),
        looks_for_files=True,
    ) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        looks: set[float] = set()

        def has_waited() -> bool:
            looks.add(engine.watcher._looks[task.id].due_at)
            return len(looks) > 5

        await until(has_waited)
        assert engine.tasks[task.id].arrival is None
        await engine.reconnect(client_factory(service.base_url))
        await witness.wait_until(lambda w: w.tasks[task.id].arrival is not None)
        assert arrival_of(witness.tasks[task.id]).status is V.FOUND


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


@asynccontextmanager
async def unconfirmed(
    folder: Path,
    service: SimulatorServer,
    *requests: DownloadRequest,
    fault: FaultKind = FaultKind.DROP_AFTER,
) -> AsyncIterator[tuple[Engine, Witness, list[Task]]]:
    """Run an engine that has sent `requests` and got no answer to any."""
    service.world.faults.add(fault, "create", times=len(requests))
    async with running_engine(folder, service.base_url) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        tasks = await add_links(engine, requests)
        lost = []
        for task in tasks:
            await engine.poll_now()
            lost.append(await witness.wait_for_state(task.id, S.UNCONFIRMED))
        yield engine, witness, lost


async def test_the_file_of_a_lost_answer_is_found_by_itself_and_nothing_else_changes(
    service: SimulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.domain.arrival_check.LOOK_AFTER_S", (0.1, 300.0))
    service.world.faults.add(FaultKind.DROP_AFTER, "create")
    running = running_engine(tmp_path, service.base_url, looks_for_files=True)
    async with running as (engine, witness):
        (task,) = await add_links(engine, [FILM])
        await witness.wait_until(lambda w: w.tasks[task.id].arrival)
        found = witness.tasks[task.id]
        assert found.state is S.UNCONFIRMED
        assert (arrival_of(found).status, arrival_of(found).name) == (V.FOUND, "电影.mkv")
        (confirmed,) = await execute(engine, ConfirmTasks((task.id,)))
        assert (confirmed.state, confirmed.percent, confirmed.problem) == (S.SUCCEEDED, 100, None)
        assert confirmed.file_id == service.world.tasks()[0].file_id
        assert await execute(engine, ConfirmTasks((task.id,))) == ()


async def test_an_older_file_does_not_count(service: SimulatorServer, tmp_path: Path) -> None:
    service.world.drive().add_file("电影.mkv", FOLDER_ID, size=10**9, at=time.time() - 300)
    lost = unconfirmed(tmp_path, service, FILM, fault=FaultKind.DROP_BEFORE)
    async with lost as (engine, _witness, (task,)):
        (looked,) = await execute(engine, LookForFiles((task.id,)))
    assert (arrival_of(looked).status, arrival_of(looked).problem) == (V.NOT_FOUND, None)
    assert (looked.state, looked.file_id) == (S.UNCONFIRMED, None)


async def test_a_file_is_found_for_one_task_only(service: SimulatorServer, tmp_path: Path) -> None:
    async with unconfirmed(tmp_path, service, FILM, FILM) as (engine, _witness, tasks):
        ids = tuple(task.id for task in tasks)
        first = await execute(engine, LookForFiles(ids))
        assert len({task.file_id for task in first}) == 2
        drive = service.world.drive()
        drive.move_to_trash(first[1].file_id or 0)
        again = await execute(engine, LookForFiles(ids))
    assert [task.arrival and task.arrival.status for task in again] == [V.FOUND, V.NOT_FOUND]


async def test_why_no_look_is_possible_is_said(service: SimulatorServer, tmp_path: Path) -> None:
    async with unconfirmed(tmp_path, service, FILM) as (engine, witness, (task,)):
        service.world.drive().move_to_trash(FOLDER_ID)
        (gone,) = await execute(engine, LookForFiles((task.id,)))
        assert problem_of(arrival_of(gone)) is ProblemKind.FOLDER_MISSING
        await engine.reconnect(client_factory(service.base_url, AccessToken(OTHER_ACCESS_TOKEN)))
        await witness.wait_until(lambda w: w.status.account and w.status.account.nickname == "阿木")
        (strange,) = await execute(engine, LookForFiles((task.id,)))
    assert problem_of(arrival_of(strange)) is ProblemKind.OTHER_ACCOUNT


async def test_the_file_of_a_task_that_123pan_forgot_is_looked_for_and_the_doubt_is_the_users(
    service: SimulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "RECHECK_INTERVAL_S", 0.05)
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        (task,) = await add_links(engine, [replace(FILM, url="https://example.com/stall/a.mkv")])
        running = await witness.wait_for_state(task.id, S.RUNNING)
        service.world.faults.add(FaultKind.TASK_UNKNOWN, "process", times=None)
        await engine.repository.commit(transition(running, S.MISSING, at=1.0, finished_at=1.0))
        service.world.drive().add_file("a.mkv", FOLDER_ID, size=10**9, at=time.time())
        (found,) = await execute(engine, LookForFiles((task.id,)))
        assert (found.state, arrival_of(found).status) == (S.MISSING, V.FOUND)
        assert found.file_id is not None
        await engine.update_facts(task.id, finished_at=time.time())
        service.world.faults.clear()
        again = await witness.wait_for_state(task.id, S.RUNNING)
        assert (again.arrival, again.file_id) == (None, None), "it was another file"


async def test_the_id_of_an_old_success_becomes_known_when_it_is_asked_for(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [FILM])
        done = await witness.wait_for_state(task.id, S.SUCCEEDED)
        assert done.file_id is None
        service.world.faults.add(FaultKind.REFUSE, "file_list", code=5066)
        assert await execute(engine, LookForFiles((task.id,))) == ()
        (found,) = await execute(engine, LookForFiles((task.id,)))
        assert found.file_id == service.world.tasks()[0].file_id
        assert await execute(engine, LookForFiles((task.id, 99))) == ()


# Links to files that arrived


async def arrive(engine: Engine, witness: Witness, *names: str, looks: bool = True) -> list[int]:
    """Have tasks bring files of these names; return their ids."""
    await witness.wait_until(lambda w: w.status.account)
    tasks = await add_links(
        engine, [DownloadRequest(f"https://example.com/fast/{it}") for it in names]
    )
    ids = [(await witness.wait_for_state(task.id, S.SUCCEEDED)).id for task in tasks]
    if looks:
        await execute(engine, LookForFiles(tuple(ids)))
    return ids


async def test_each_file_gets_a_link_and_one_that_is_deleted_spoils_no_other(
    service: SimulatorServer, tmp_path: Path
) -> None:
    world = service.world
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        ids = await arrive(engine, witness, "a.mkv", "b.mkv", "c.mkv")
        world.faults.add(FaultKind.NUMBERS_AS_TEXT, "download_info")
        world.faults.add(FaultKind.HTTP_429, "download_info", skip=1)
        links = await execute(engine, GetDownloadLinks((*ids, 99)))
        assert [link.name for link in links] == ["a.mkv", "b.mkv", "c.mkv"]
        assert all(link.url.startswith("https://cdn.example.com/") for link in links)
        assert "cdn" not in repr(links)
        world.drive().move_to_trash(engine.tasks[ids[0]].file_id or 0)
        first, second, _third = await execute(engine, GetDownloadLinks(tuple(ids)))
        assert first.problem is not None
        assert (first.problem.code, first.url, bool(second.url)) == (5066, "", True)
        world.configure(has_traffic=False)
        before = world.stats.requests["download_info"]
        refused = await execute(engine, GetDownloadLinks(tuple(ids[1:])))
        assert {link.problem.code for link in refused if link.problem} == {5113}
        assert world.stats.requests["download_info"] == before + 1, "it is asked once"


async def test_without_a_files_id_or_under_another_account_no_link_is_asked_for(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        ids = tuple(await arrive(engine, witness, "a", looks=False))
        (link,) = await execute(engine, GetDownloadLinks(ids))
        assert problem_of(link) is ProblemKind.FILE_UNKNOWN
        await execute(engine, LookForFiles(ids))
        await engine.reconnect(client_factory(service.base_url, AccessToken(OTHER_ACCESS_TOKEN)))
        await witness.wait_until(lambda w: w.status.account and w.status.account.nickname == "阿木")
        (link,) = await execute(engine, GetDownloadLinks(ids))
        assert problem_of(link) is ProblemKind.OTHER_ACCOUNT
        assert not service.world.stats.requests["download_info"]
