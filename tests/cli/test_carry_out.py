"""What a command prints of an engine that has another disk, or other links, than it thought."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.remote import carry_out
from pan123_tui.cli.selection import Known, load_known
from pan123_tui.domain.commands import AddTasks, RemoveTasks
from pan123_tui.domain.errors import StoreUnwritable
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.programs.errors import ExitCode
from pan123_tui.wording.notes import NoteContext
from tests.engine.remote.stage import serving_engine
from tests.shell import Shell

URL = "https://example.com/a.iso"


async def test_a_disk_that_refuses_is_reported_though_the_engine_has_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refuse() -> bool:
        return False

    folders = {"PAN123_CONFIG_DIR": str(tmp_path), "PAN123_DATA_DIR": str(tmp_path / "data")}
    context = load_context(folders)
    async with serving_engine(context.paths.data_dir) as (engine, _server):
        saved = await asyncio.to_thread(carry_out, context, AddTasks((DownloadRequest(URL),)))
        removed = await asyncio.to_thread(carry_out, context, RemoveTasks((saved.tasks[0].id, 99)))
        assert [task.id for task in removed.tasks] == [saved.tasks[0].id]
        assert saved.is_saved
        assert removed.is_saved
        assert capsys.readouterr().err == ""
        with monkeypatch.context() as full:
            problem = StoreUnwritable("No space left on device").problem
            full.setattr(engine._store, "problem", problem)
            full.setattr(engine._store, "save", refuse)
            kept = await asyncio.to_thread(carry_out, context, AddTasks((DownloadRequest(URL),)))
            assert not kept.is_saved
            assert "The tasks cannot be saved" in capsys.readouterr().err
            assert (
                dict((await asyncio.to_thread(load_known, context)).tasks)
                == dict(engine.tasks)
                != {}
            )


def test_a_link_that_another_command_adds_in_the_same_instant_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(tmp_path)
    assert shell.call("add", URL).out == "1\n"
    empty = Known(TaskCollection(), Status(), NoteContext())
    monkeypatch.setattr("pan123_tui.cli.add.load_shown", lambda _: empty)
    ran = shell.call("add", URL, "https://example.com/b.iso")
    assert (ran.code, ran.out) == (0, "2\n")
    skipped, queued = ran.err.splitlines()
    assert skipped == "1 link was added meanwhile and is skipped."
    assert queued.startswith("1 link queued")
    ran = shell.call("add", URL)
    assert (ran.code, ran.out, ran.err) == (0, "", skipped + "\n")
    assert shell.call("add", URL, "--again").out == "3\n"


def test_a_link_that_another_command_adds_in_the_same_instant_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(_context: AppContext, ids: Sequence[int]) -> ExitCode:
        awaited.extend(ids)
        return ExitCode.DONE

    shell, awaited = Shell(tmp_path), list[int]()
    assert shell.call("add", URL).out == "1\n"
    known = iter([Known(TaskCollection(), Status(), NoteContext())])
    monkeypatch.setattr(
        "pan123_tui.cli.add.load_shown", lambda context: next(known, None) or load_known(context)
    )
    monkeypatch.setattr("pan123_tui.cli.add.wait_for_tasks", wait)
    assert shell.call("add", URL, "https://example.com/b.iso", "--wait").code == 0
    assert awaited == [2, 1]
