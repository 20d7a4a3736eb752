"""The arrival check against the simulator: what lies in the folder after a success."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import assess_arrival, find_file
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.events import Account, Status, StatusChanged, TasksChanged
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.task import ArrivalStatus, DownloadRequest, Task, TaskState, new_task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine import folder_watcher
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.folder_watcher import FolderWatcher
from pan123_tui.engine.ports import SYSTEM_RUNTIME, Session
from tests.engine_stage import Witness, client_factory, generous_world, running_engine, until
from tests.service.accounts import OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import FOLDER_ID
from tests.unreachable_service import UnreachableService

V = ArrivalStatus


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(generous_world(speed=1000)) as server:
        yield server


def idle_watcher() -> FolderWatcher:
    """Return a watcher without an engine."""
    session = Session(UnreachableService)
    return FolderWatcher(session, looks_by_itself=True, runtime=SYSTEM_RUNTIME)


@asynccontextmanager
async def checking_engine(
    folder: Path, service: SimulatorServer
) -> AsyncIterator[tuple[Engine, Witness]]:
    async with running_engine(folder, service.base_url, looks_for_files=True) as line:
        yield line


async def arrived(engine: Engine, witness: Witness, draft: DownloadRequest) -> Task:
    (task,) = await engine.task_service.add([draft])
    await witness.wait_for_state(task.id, TaskState.RUNNING)
    await engine.poll_now()
    await witness.wait_until(lambda w: w.tasks[task.id].arrival is not None)
    return witness.tasks[task.id]


async def test_the_real_name_size_and_id_are_told(service: SimulatorServer, tmp_path: Path) -> None:
    service.world.drive().add_file("a.iso", FOLDER_ID, size=5, at=1.0)
    async with checking_engine(tmp_path, service) as (engine, witness):
        task = await arrived(
            engine, witness, DownloadRequest("https://example.com/700mb/a.iso", folder_id=FOLDER_ID)
        )
    assert task.arrival is not None
    assert (task.arrival.status, task.arrival.name) == (V.FOUND, "a(1).iso")
    assert task.arrival.size == 700 * 2**20
    assert task.file_id == service.world.tasks()[0].file_id


async def test_without_a_folder_the_services_own_one_is_found_by_its_name(
    service: SimulatorServer, tmp_path: Path
) -> None:
    for number in range(120):  # more than a page before it
        service.world.drive().add_folder(f"folder {number}")
    async with checking_engine(tmp_path, service) as (engine, witness):
        task = await arrived(engine, witness, DownloadRequest("https://example.com/fast/电影.mkv"))
    assert task.arrival is not None
    assert (task.arrival.status, task.arrival.name) == (V.FOUND, "电影.mkv")


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
    async with checking_engine(tmp_path, service) as (engine, witness):
        task = await arrived(
            engine, witness, DownloadRequest(f"https://example.com/{word}/film.mkv")
        )
    assert task.arrival is not None
    assert task.arrival.status is verdict
    assert task.state is TaskState.SUCCEEDED


async def test_a_file_in_the_trash_has_not_arrived(
    service: SimulatorServer, tmp_path: Path
) -> None:
    service.world.drive().add_file("film.mkv", FOLDER_ID, size=10**9, trashed=True)
    async with checking_engine(tmp_path, service) as (engine, witness):
        draft = DownloadRequest("https://example.com/nofile/film.mkv", folder_id=FOLDER_ID)
        task = await arrived(engine, witness, draft)
    assert task.arrival is not None
    assert task.arrival.status is V.NOT_FOUND


async def test_a_folder_that_cannot_be_read_now_is_read_later(
    service: SimulatorServer, tmp_path: Path
) -> None:
    service.world.faults.add(FaultKind.HTTP_500, "file_list", times=2)
    async with checking_engine(tmp_path, service) as (engine, witness):
        draft = DownloadRequest("https://example.com/fast/film.mkv", folder_id=FOLDER_ID)
        task = await arrived(engine, witness, draft)
    assert task.arrival is not None
    assert task.arrival.status is V.FOUND


def entry(number: int, name: str, *, size: int = 10**9, at: float | None = None) -> FileEntry:
    return FileEntry(number, name, 1, size, created_at=at)


def sent(url: str = "https://example.com/film.mkv", name: str = "") -> Task:
    return replace(new_task(DownloadRequest(url, name), task_id=1, at=1e9), sent_at=1e9)


async def test_a_file_is_not_looked_for_on_the_drive_of_another_account(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        (task,) = await engine.task_service.add([DownloadRequest("https://example.com/a.iso")])
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
        arrival = witness.tasks[task.id].arrival
        assert arrival is not None
        assert arrival.status is V.FOUND


async def test_a_folder_that_is_listed_while_the_account_changes_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folder_watcher, "ARRIVAL_DELAYS_S", (0.0, 60.0))
    checker = idle_watcher()
    tasks = Mock(update_facts=AsyncMock())

    async def list_and_log_in(_folder_id: object) -> list[FileEntry]:
        checker.on_event(StatusChanged(Status(account=Account(2, "other", 0, 0))))
        return [entry(1, "film.mkv")]

    monkeypatch.setattr(checker._files, "files", list_and_log_in)
    done = {"state": TaskState.SUCCEEDED, "finished_at": time.time(), "task_id": 7}
    task = replace(sent(), account_uid=1, **done)
    tasks.tasks = TaskCollection([task])
    checker.on_event(StatusChanged(Status(account=Account(1, "own", 0, 0))))
    checker.on_event(TasksChanged((task,)))
    run = asyncio.create_task(checker.run(tasks))
    async with asyncio.timeout(30):
        await checker.wait_idle()
    run.cancel()
    assert checker._looks[task.id].tries == 1
    tasks.update_facts.assert_not_called()


def test_the_newest_file_of_the_name_is_taken() -> None:
    files = [entry(1, "film.mkv"), entry(3, "FILM(2).mkv"), entry(2, "film (1).mkv")]
    found = find_file(sent(), files)
    assert found is not None
    assert found.id == 3


def test_a_file_from_before_the_submission_is_another_one() -> None:
    assert find_file(sent(), [entry(1, "film.mkv", at=1e9 - 3600)]) is None


def test_the_id_from_the_callback_goes_before_any_name() -> None:
    task = replace(sent(), file_id=9)
    found = find_file(task, [entry(1, "film.mkv"), entry(9, "renamed.bin")])
    assert found is not None
    assert found.name == "renamed.bin"


def test_a_page_that_was_asked_for_is_no_error_page() -> None:
    task = sent("https://example.com/index.html")
    assert assess_arrival(task, entry(1, "index.html", size=10), at=1.0).status is V.FOUND


def test_a_small_text_file_is_not_suspicious() -> None:
    task = sent("https://example.com/notes.txt")
    assert assess_arrival(task, entry(1, "notes.txt", size=10), at=1.0).status is V.FOUND


async def test_an_old_success_is_not_looked_for_after_a_restart() -> None:
    arrivals = idle_watcher()
    old = replace(sent(), state=TaskState.SUCCEEDED, finished_at=1e9)
    arrivals.on_event(TasksChanged((old,)))
    async with asyncio.timeout(5):
        await arrivals.wait_idle()
