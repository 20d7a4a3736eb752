"""Links, names and folders of files that arrived: real client and simulator, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from pan123_tui.domain.commands import GetDownloadLinks, LookForFiles, MoveFiles, RenameFile
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import ProblemKind, RequestRejected
from pan123_tui.domain.files import MOVED_AT_ONCE
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine import files as files_module
from pan123_tui.engine.commands import execute
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.files import Files
from pan123_tui.engine.ports import CloudApi, Session
from pan123_tui.simulator.accounts import OTHER_ACCESS_TOKEN
from pan123_tui.simulator.faults import FaultKind
from pan123_tui.simulator.server import SimulatorServer
from pan123_tui.simulator.world import FOLDER_ID, World
from tests.engine_stage import client_factory, generous_world, running_engine


@asynccontextmanager
async def arrived(
    folder: Path, *names: str, looks: bool = True
) -> AsyncIterator[tuple[Engine, World, tuple[int, ...]]]:
    """Run an engine whose tasks have brought files of these names."""
    with SimulatorServer(generous_world(speed=1000)) as server:
        async with running_engine(folder, server.base_url) as (engine, witness):
            await witness.wait_until(lambda w: w.status.account)
            requests = [DownloadRequest(f"https://example.com/fast/{it}") for it in names]
            tasks = await engine.task_service.add(requests)
            for task in tasks:
                await witness.wait_for_state(task.id, TaskState.SUCCEEDED)
            ids = tuple(task.id for task in tasks)
            if looks:
                await execute(engine, LookForFiles(ids))
            yield engine, server.world, ids


async def test_each_file_gets_a_link_under_its_real_name(tmp_path: Path) -> None:
    async with arrived(tmp_path, "a.mkv", "b.mkv") as (engine, world, ids):
        world.faults.add(FaultKind.NUMBERS_AS_TEXT, "download_info")
        world.faults.add(FaultKind.HTTP_429, "download_info", skip=1)
        links = await execute(engine, GetDownloadLinks((*ids, 99)))
    assert [link.name for link in links] == ["a.mkv", "b.mkv"]
    assert all(link.url.startswith("https://cdn.example.com/") for link in links)
    assert "cdn" not in repr(links)


async def test_a_deleted_file_spoils_no_other_link_and_used_up_traffic_is_asked_once(
    tmp_path: Path,
) -> None:
    async with arrived(tmp_path, "a.mkv", "b.mkv", "c.mkv") as (engine, world, ids):
        world.drive().move_to_trash(engine.tasks[ids[0]].file_id or 0)
        first, second, _third = await execute(engine, GetDownloadLinks(ids))
        assert first.problem is not None
        assert (first.problem.code, first.url, bool(second.url)) == (5066, "", True)
        world.configure(has_traffic=False)
        before = world.stats.requests["download_info"]
        refused = await execute(engine, GetDownloadLinks(ids[1:]))
        assert {link.problem.code for link in refused if link.problem} == {5113}
        assert world.stats.requests["download_info"] == before + 1


async def test_a_file_is_renamed_once_whatever_the_answer(tmp_path: Path) -> None:
    async with arrived(tmp_path, "a.mkv") as (engine, world, (task_id,)):
        for number, fault in enumerate((None, FaultKind.DROP_AFTER, FaultKind.HTTP_502_AFTER)):
            if fault:
                world.faults.add(fault, "file_name")
            name = f"电影 ({number}).mkv"
            change = await execute(engine, RenameFile(task_id, name))
            assert (change.is_done, change.problem) == (True, None)
            task = engine.tasks[task_id]
            assert world.drive().entry(task.file_id or 0).name == name
            assert (task.name, task.arrival and task.arrival.name) == (name, name)
        assert world.stats.requests["file_name"] == 3
        world.faults.add(FaultKind.HTTP_429, "file_name")  # a refusal for sure: it may be repeated
        assert (await execute(engine, RenameFile(task_id, "b.mkv"))).is_done
        assert world.stats.requests["file_name"] == 5


async def test_a_rename_that_did_not_arrive_is_not_claimed_and_not_repeated(
    tmp_path: Path,
) -> None:
    async with arrived(tmp_path, "a.mkv") as (engine, world, (task_id,)):
        world.faults.add(FaultKind.DROP_BEFORE, "file_name", times=2)
        change = await execute(engine, RenameFile(task_id, "b.mkv"))
        assert (change.is_done, change.file and change.file.name) == (False, "a.mkv")
        assert change.problem is not None
        world.faults.add(FaultKind.DROP_BEFORE, "file_detail")
        change = await execute(engine, RenameFile(task_id, "b.mkv"))
        assert (change.is_done, change.file) == (None, None)
        assert (world.stats.requests["file_name"], engine.tasks[task_id].name) == (2, "")


async def test_a_refused_or_impossible_name_changes_nothing(tmp_path: Path) -> None:
    async with arrived(tmp_path, "a.mkv", "b.mkv") as (engine, world, (task_id, _other)):
        change = await execute(engine, RenameFile(task_id, "b.mkv"))
        assert (change.is_done, change.problem and change.problem.code) == (False, 1)
        for name in ("", "a/b.mkv", "x" * 256):
            with pytest.raises(RequestRejected):
                await execute(engine, RenameFile(task_id, name))
        assert world.stats.requests["file_name"] == 1


async def test_many_files_are_moved_in_few_calls_and_each_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOVED_AT_ONCE == 100
    monkeypatch.setattr(files_module, "MOVED_AT_ONCE", 3)
    with SimulatorServer(generous_world()) as server:
        drive = server.world.drive()
        files = [drive.add_file(f"{n}.mkv", drive.default_folder(), size=1) for n in range(5)]
        tasks = [
            Task(
                id=number,
                url="https://example.com/a",
                created_at=1.0,
                state=TaskState.SUCCEEDED,
                file_id=file.id,
            )
            for number, file in enumerate(files, 1)
        ]
        async with running_engine(tmp_path, server.base_url) as (engine, _witness):
            await engine.task_service.restore(tasks)
            server.world.faults.add(FaultKind.DROP_AFTER, "file_move")
            changes = await execute(engine, MoveFiles(tuple(range(1, 6)), FOLDER_ID))
            assert all(change.is_done and change.problem is None for change in changes)
            assert {task.folder_id for task in engine.tasks.values()} == {FOLDER_ID}
    assert {file.parent_id for file in files} == {FOLDER_ID}
    assert server.world.stats.requests["file_move"] == 2
    assert server.world.stats.requests["file_detail"] == 5


async def test_a_move_to_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    async with arrived(tmp_path, "a.mkv") as (engine, world, ids):
        world.drive().move_to_trash(FOLDER_ID)
        (change,) = await execute(engine, MoveFiles(ids, FOLDER_ID))
        assert change.problem is not None
        assert change.problem.kind is ProblemKind.FOLDER_MISSING
        assert engine.tasks[ids[0]].folder_id is None


async def test_without_a_files_id_or_under_another_account_nothing_is_asked(
    tmp_path: Path,
) -> None:
    with SimulatorServer(generous_world(speed=1000)) as server:
        async with running_engine(tmp_path, server.base_url) as (engine, witness):
            await witness.wait_until(lambda w: w.status.account)
            (task,) = await engine.task_service.add([DownloadRequest("https://example.com/fast/a")])
            await witness.wait_for_state(task.id, TaskState.SUCCEEDED)
            (link,) = await execute(engine, GetDownloadLinks((task.id,)))
            (change,) = await execute(engine, MoveFiles((task.id,), FOLDER_ID))
            for problem in (link.problem, change.problem):
                assert problem is not None
                assert problem.kind is ProblemKind.FILE_UNKNOWN
            await execute(engine, LookForFiles((task.id,)))
            other = client_factory(server.base_url, AccessToken(OTHER_ACCESS_TOKEN))
            await engine.reconnect(other)
            await witness.wait_until(
                lambda w: w.status.account and w.status.account.nickname == "阿木"
            )
            (link,) = await execute(engine, GetDownloadLinks((task.id,)))
            assert link.problem is not None
            assert link.problem.kind is ProblemKind.OTHER_ACCOUNT
            assert not server.world.stats.requests["download_info"]


async def test_moved_files_are_checked_side_by_side() -> None:
    both = asyncio.Barrier(2)

    class Service:
        async def move_files(self, _ids: object, _to: int, /) -> None:
            pass

        async def file_detail(self, file_id: int, /) -> FileEntry:
            await both.wait()
            return FileEntry(file_id, "a", 9, 1)

    class Tasks:
        tasks = TaskCollection(
            Task(id=n, url="https://example.com/a", created_at=1.0, file_id=n) for n in (1, 2)
        )

        async def update_facts(self, task_id: int, **facts: object) -> None:
            pass

    session = Session(lambda: cast("CloudApi", Service()))
    await session.open()
    async with asyncio.timeout(5):
        changes = await Files(session, Tasks()).move((1, 2), 9)
    assert all(change.is_done for change in changes)
