"""While nothing can be saved the engine goes on from memory, says so, and saves when it can."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import ProblemKind, StoreLost
from pan123_tui.domain.task import TaskState
from pan123_tui.store.lock import StoreLock
from tests.engine_stage import add_links, link, load_stored, running_engine
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer

SERVICE_SPEED = 1000.0
S = TaskState
ERRORS = {errno.ENOSPC: "No space left on device", errno.EROFS: "Read-only file system"}


class Disk:
    """Refuses to write below a folder while it is broken."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: int | None = None
        self._folder = str(folder)
        self._open = os.open
        monkeypatch.setattr(os, "open", self._refuse)

    def _refuse(self, path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if self.error and flags & os.O_WRONLY and str(path).startswith(self._folder):
            raise OSError(self.error, os.strerror(self.error))
        return self._open(path, flags, *rest, **named)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pan123_tui.engine.outbox.DISK_PAUSE_S", 0.05)
    monkeypatch.setattr("pan123_tui.engine.repository.SAVE_INTERVAL_S", 0.05)


@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
async def test_while_the_disk_refuses_links_wait_in_memory_and_are_sent_when_it_works_again(
    service: SimulatorServer, tmp_path: Path, disk: Disk, error: int
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (running,) = await add_links(engine, [link("stall")])
        await witness.wait_for_state(running.id, S.RUNNING)
        disk.error = error
        (waiting,) = await add_links(engine, [link("good", 2)])
        await witness.wait_until(lambda w: w.status.hold is not None)
        problem = witness.status.store_problem
        assert problem is not None
        assert problem.kind is ProblemKind.STORE_UNWRITABLE
        assert ERRORS[error] in problem.message
        assert str(tmp_path) in problem.message
        assert engine.tasks[waiting.id].state is S.QUEUED
        assert service.world.stats.requests["create"] == 1, "sent without its intent on disk"
        service.world.finish(engine.tasks[running.id].task_id or 0)
        await witness.wait_for_state(running.id, S.SUCCEEDED)

        disk.error = None
        await witness.wait_for_state(waiting.id, S.SUCCEEDED)
        await witness.wait_until(lambda w: w.status.store_problem is None)
    states = {task.id: task.state for task in load_stored(tmp_path).values()}
    assert states == {running.id: S.SUCCEEDED, waiting.id: S.SUCCEEDED}


async def test_a_task_id_that_cannot_be_saved_lives_in_memory_and_is_saved_later(
    service: SimulatorServer, tmp_path: Path, disk: Disk
) -> None:
    service.world.faults.add(FaultKind.SLOW, "create", seconds=0.2)
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await witness.wait_for_state(task.id, S.SUBMITTING)
        disk.error = errno.ENOSPC
        done = await witness.wait_for_state(task.id, S.SUCCEEDED)
        assert witness.status.store_problem is not None
        assert load_stored(tmp_path)[task.id].state is S.SUBMITTING
        disk.error = None
        await witness.wait_until(lambda w: w.status.store_problem is None)
        assert load_stored(tmp_path)[task.id].task_id == done.task_id
    assert service.world.stats.requests["create"] == 1


async def test_a_data_folder_that_vanishes_is_made_again(
    service: SimulatorServer, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    async with running_engine(folder, service.base_url) as (engine, witness):
        first = await add_links(engine, [link("stall")])
        await witness.wait_for_state(first[0].id, S.RUNNING)
        shutil.rmtree(folder)
        second = await add_links(engine, [link("stall", 2)])
        await witness.wait_for_state(second[0].id, S.RUNNING)
        assert witness.status.store_problem is None
    assert load_stored(folder).keys() == {first[0].id, second[0].id}


async def test_nothing_is_sent_while_the_folder_is_away(
    service: SimulatorServer, tmp_path: Path
) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    with StoreLock(folder) as lock:
        async with running_engine(folder, service.base_url, lock=lock) as (engine, witness):
            shutil.move(folder, elsewhere)
            await witness.wait_until(lambda w: w.status.store_problem is not None)  # at rest
            shutil.move(elsewhere, folder)
            await witness.wait_until(lambda w: w.status.store_problem is None)
            await engine.repository.set_paused(True)
            (task,) = await add_links(engine, [link("good")])
            shutil.move(folder, elsewhere)
            await engine.repository.set_paused(False)
            with pytest.raises(StoreLost):
                await add_links(engine, [link("good", 2)])
            await witness.wait_until(lambda w: w.status.hold is not None)
            assert witness.status.hold == witness.status.store_problem
            assert witness.hold_kind is ProblemKind.STORE_LOST
            assert not service.world.tasks()
            shutil.move(elsewhere, folder)
            await witness.wait_for_state(task.id, S.SUCCEEDED)
            assert witness.status.store_problem is None
    assert load_stored(folder)[task.id].state is S.SUCCEEDED


async def test_it_is_told_if_the_last_changes_are_not_saved_when_the_engine_ends(
    service: SimulatorServer, tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.engine.repository.SAVE_INTERVAL_S", 60)
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("stall")])
        running = await witness.wait_for_state(task.id, S.RUNNING)
        disk.error = errno.ENOSPC
        engine.repository.update(replace(running, percent=50.0))
        engine.stop()
        await witness.wait_until(lambda w: w.status.store_problem is not None)
        disk.error = None


async def test_a_folder_that_cannot_be_used_from_the_start_is_a_standing_warning(
    service: SimulatorServer, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file where the folder should be")
    async with running_engine(in_the_way, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await witness.wait_until(lambda w: w.status.hold is not None)
        assert witness.status.store_problem is not None
        assert engine.tasks[task.id].state is S.QUEUED
        in_the_way.unlink()
        await witness.wait_for_state(task.id, S.SUCCEEDED)
        await witness.wait_until(lambda w: w.status.store_problem is None)
    assert load_stored(in_the_way)[task.id].state is S.SUCCEEDED
