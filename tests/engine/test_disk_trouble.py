"""While nothing can be saved the engine goes on from memory, says so, and saves when it can."""

import asyncio
import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind, StoreLost
from pan123_tui.domain.task import TaskState
from pan123_tui.store import atomic_storage
from pan123_tui.system.folder_lock import FolderLock
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, link, load_stored, running_engine
from tests.hold_stage import OpenStage, Stage, on_stage
from tests.paper_service import PaperService
from tests.service.server import SimulatorServer

SERVICE_SPEED = 1000.0
S = TaskState


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


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS])
@on_stage
async def test_while_the_disk_refuses_links_wait_in_memory_and_are_sent_when_it_works_again(
    stage: Stage, tmp_path: Path, disk: Disk, error: int
) -> None:
    await add_links(stage.engine, [link("30s")])
    await asyncio.sleep(1)
    disk.error = error
    await add_links(stage.engine, [link("fast", 2)])
    await asyncio.sleep(60)
    words = f"{tmp_path / 'tasks.json'}: {os.strerror(error)}"
    problem = Problem(ProblemKind.STORE_UNWRITABLE, words)
    assert (stage.engine.status.store_problem, stage.engine.status.hold) == (problem, problem)
    assert [task.state for task in stage.engine.tasks.values()] == [S.SUCCEEDED, S.QUEUED]
    assert len(stage.wire.creates) == 1, "sent without its intent on disk"
    disk.error = None
    await asyncio.sleep(60)
    assert stage.engine.status.store_problem is None
    assert [task.state for task in load_stored(tmp_path).values()] == [S.SUCCEEDED] * 2


async def test_nothing_is_sent_while_the_folder_is_away(
    service: SimulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.engine.gate.backoff_s", lambda *_counts, **_limits: 0.05)
    monkeypatch.setattr("pan123_tui.engine.repository.SAVE_INTERVAL_S", 0.05)
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    with FolderLock(folder) as lock:
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


@on_stage
async def test_it_is_told_if_the_last_changes_are_not_saved_when_the_engine_ends(
    stage: Stage, disk: Disk
) -> None:
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(1)
    disk.error = errno.ENOSPC
    stage.engine.repository.update(replace(stage.engine.tasks[1], percent=50.0))
    stage.engine.stop()
    await asyncio.sleep(5)
    assert stage.engine.status.store_problem is not None
    disk.error = None


@in_virtual_time
async def test_an_unreadable_file_is_told_at_once(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(atomic_storage, "read_regular", refuse)
    async with open_stage(PaperService()) as stage:
        assert stage.engine.status.store_problem is not None
