"""What the engine's parts do together: removals, waiting until all is done, and the end."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.outbox import AutoRetries
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, link, load_stored, problem_of
from tests.hold_stage import OpenStage, Stage, on_stage
from tests.paper_service import PaperService

S = TaskState


@on_stage
async def test_who_waits_for_idle_workers_waits_for_what_is_still_being_saved(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.serve(PaperService())
    (task,) = await add_links(stage.engine, [link("good")])
    disk = asyncio.Event()
    monkeypatch.setattr(stage.engine._store, "save", disk.wait)
    saving = asyncio.create_task(stage.engine.repository.commit(replace(task, name="new")))
    idle = asyncio.create_task(stage.engine.wait_idle())
    await asyncio.sleep(60)
    assert not idle.done()
    disk.set()
    await idle
    assert stage.witness.tasks[task.id].name == "new"
    await saving


@on_stage
async def test_an_error_that_nobody_expects_is_told_and_ends_no_part(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    films = Folder(7, "影视", ROOT_ID)
    service = stage.serve(PaperService(polls=(KeyError("poll"),), pages={ROOT_ID: [[films]]}))
    service.refusals = {7: KeyError("folder")}
    await add_links(stage.engine, [replace(link("good"), folder_id=7), link("good", 2)])
    await asyncio.sleep(20)
    bugs, stage.witness.bugs = stage.witness.bugs, []
    assert sorted(bugs) == ["KeyError: 'folder'", "KeyError: 'poll'"]
    assert caplog.text.count("Traceback") == 2
    assert len(service.polled_at) > 3
    service.refusals = {}
    await asyncio.sleep(60)
    assert stage.engine.folders.tree.names == {7: "影视"}
    assert {task.state for task in stage.engine.tasks.values()} == {S.RUNNING}


@in_virtual_time
async def test_a_hanging_create_holds_no_stop_up(open_stage: OpenStage, tmp_path: Path) -> None:
    service = PaperService()
    service.create_s = 1e6
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(1)
    assert asyncio.get_running_loop().time() < 1 + 2
    task = load_stored(tmp_path)[1]
    assert (task.state, problem_of(task)) == (S.UNCONFIRMED, ProblemKind.INTERRUPTED)


@pytest.mark.parametrize("turns", range(4))
@on_stage
async def test_no_part_that_is_woken_swallows_that_it_is_cancelled(
    stage: Stage, turns: int
) -> None:
    outbox, accounts = stage.engine._outbox, stage.engine._accounts
    retries = next(it for it in stage.engine._parts if isinstance(it, AutoRetries))
    await asyncio.sleep(5)
    for run, wake in (
        (outbox.run, outbox.wake),
        (accounts.run, accounts.wake),
        (retries.run, retries._changed),
    ):
        work = asyncio.create_task(run())
        await asyncio.sleep(5)
        wake.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        work.cancel()
        await asyncio.wait([work], timeout=3600)
        assert work.cancelled()
