"""Who a request is handed to while another program holds the data folder."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from filelock import FileLock

from pan123_tui import bootstrap
from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli import dispatch as module
from pan123_tui.cli.dispatch import dispatch
from pan123_tui.cli.listing import current_tasks
from pan123_tui.domain.commands import AddTasks, RemoveTasks
from pan123_tui.domain.errors import EngineLost, StoreUnwritable
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.remote import client
from pan123_tui.wording.engine import program_name
from tests.engine.remote.stage import serving_engine
from tests.engine_stage import load_stored
from tests.shell import Shell

REQUEST = AddTasks((DownloadRequest("https://example.com/a.iso"),))


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppContext:
    monkeypatch.setattr(bootstrap, "ONE_SHOT_WAIT_S", 0.1)
    monkeypatch.setattr(client, "PATIENCE_S", 0.1)
    folders = {"PAN123_CONFIG_DIR": str(tmp_path), "PAN123_DATA_DIR": str(tmp_path / "data")}
    context = load_context(folders)
    context.paths.ensure_directories()
    return context


@pytest.fixture
async def engine(context: AppContext) -> AsyncIterator[Engine]:
    async with serving_engine(context.paths.data_dir) as (engine, _server):
        yield engine


def test_a_holder_that_does_not_answer_is_named_and_nothing_is_left_behind(
    context: AppContext, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileLock(context.paths.data_dir / "tasks.lock"), pytest.raises(EngineLost):
        dispatch(context, REQUEST)
    assert "Another pan123-tui (pid ?) does not answer." in capsys.readouterr().err
    assert dict(load_stored(context.paths.data_dir)) == {}


def test_a_holder_that_has_ended_meanwhile_is_not_needed(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = FileLock(context.paths.data_dir / "tasks.lock").acquire()

    def ended(program: str, pid: int | None) -> str:
        lock.lock.release()
        return program_name(program, pid)

    monkeypatch.setattr(module, "program_name", ended)
    result = dispatch(context, REQUEST)
    assert result.runner == ""
    assert [task.id for task in result.tasks] == [1]


def test_a_link_that_another_command_adds_in_the_same_instant_is_named(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(context.paths.data_dir.parent)
    dispatch(context, REQUEST)
    monkeypatch.setattr("pan123_tui.cli.add.current_tasks", lambda _: {})
    ran = shell.call("add", REQUEST.downloads[0].url, "https://example.com/b.iso")
    assert (ran.code, ran.out) == (0, "2\n")
    skipped, queued = ran.err.splitlines()
    assert skipped == "1 link was added meanwhile and is skipped."
    assert queued.startswith("1 link queued: it waits until")
    ran = shell.call("add", REQUEST.downloads[0].url)
    assert (ran.code, ran.out, ran.err) == (0, "", skipped + "\n")
    assert shell.call("add", REQUEST.downloads[0].url, "--again").out == "3\n"


async def test_the_engine_of_another_program_carries_it_out(
    engine: Engine, context: AppContext
) -> None:
    (added,) = (await asyncio.to_thread(dispatch, context, REQUEST)).tasks
    assert engine.tasks[added.id] == added
    assert dict(await asyncio.to_thread(current_tasks, context)) == {added.id: added}
    result = await asyncio.to_thread(dispatch, context, RemoveTasks((added.id, 99)))
    assert [task.id for task in result.tasks] == [added.id]
    assert not engine.tasks
    assert result.is_saved


async def test_a_disk_that_refuses_is_reported_though_the_engine_has_the_link(
    engine: Engine,
    context: AppContext,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def refuse() -> None:
        raise StoreUnwritable("No space left on device")

    monkeypatch.setattr(engine._store, "save", refuse)
    result = await asyncio.to_thread(dispatch, context, REQUEST)
    assert not result.is_saved
    assert "The tasks cannot be saved" in capsys.readouterr().err
    assert dict(await asyncio.to_thread(current_tasks, context)) == dict(engine.tasks) != {}
