"""A dashboard beside another program that holds the data: attached, lost, taken over."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from pan123_tui import i18n
from pan123_tui.cli.errors import error_message
from pan123_tui.domain.commands import AddTasks, ReloadSettings
from pan123_tui.domain.errors import StoreLocked
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine import engine as engine_module
from pan123_tui.engine.client import Attachment, AttachmentState, PendingUpdates
from pan123_tui.engine.commands import execute
from pan123_tui.engine.ports import ServiceConfig
from pan123_tui.engine.remote import client as remote_client
from pan123_tui.engine.remote import connection
from pan123_tui.engine.remote import server as server_module
from pan123_tui.engine.remote.protocol import Pong
from pan123_tui.store.lock import StoreLock
from pan123_tui.store.lock_holder import add_socket
from pan123_tui.ui.dashboard.attachment_status import take_over_reason
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dialogs.edit_link import EditScreen
from tests.engine.remote.stage import BusyService, Peer, serving_engine
from tests.engine.remote.test_screens import store
from tests.engine_stage import FAST_POLLING, load_stored
from tests.ui.attached_stage import attached_story
from tests.ui.dashboard_stage import Story, story, task


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SHUTDOWN_GRACE_S", 0.01)
    for name, value in (("SHORTEST_PAUSE_S", 0.005), ("LONGEST_PAUSE_S", 0.02)):
        monkeypatch.setattr(remote_client, name, value)


def link(name: str) -> DownloadRequest:
    return DownloadRequest(f"https://a.example/{name}")


def state_of(told: Story) -> AttachmentState:
    return told.app.model.attachment.state


async def test_beside_a_holder_the_dashboard_shows_and_changes_its_tasks(tmp_path: Path) -> None:
    async with serving_engine(tmp_path) as (engine, _server):
        await execute(engine, AddTasks((link("one.zip"),)))
        async with attached_story(tmp_path, size=(220, 20)) as told:
            await told.reads("one.zip")
            await told.reads(f"attached to pan123-tui watch (pid {os.getpid()}), since ")
            await execute(engine, AddTasks((link("two.zip"),)))
            await told.reads("two.zip")
            await told.press("d", "y")
            await told.sees(lambda: len(engine.tasks) == 1)
            await told.press("u")
            await told.sees(lambda: len(engine.tasks) == 2)
            await told.press("t")
            assert "The engine works" in told.toasts[-1]
        assert len(engine.tasks) == 2  # the screen has left, the engine goes on


async def test_settings_that_another_screen_saves_are_shown_and_applied_here(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir()
    async with serving_engine(tmp_path) as (engine, _server), attached_story(tmp_path) as told:
        await told.press("comma")
        await told.reads("Settings")
        config.write_text(
            '[service]\nprocess_per_s = 3.5\n[notify]\nbell = false\n[ui]\ntheme = "pan123-light"\n'
        )
        await execute(engine, ReloadSettings(connects_again=False))
        await told.reads("3.5")
        assert not told.app.settings.notify.bell
        assert told.app.theme == "pan123-dark"  # the look is each screen's own
        told.app.screen.query_one("#set-notify-toast").focus()
        await told.press("space", "ctrl+s")
        await told.sees(lambda: engine.status.settings_revision == 2)
        assert "bell = false" in config.read_text()
        assert "toast = false" in config.read_text()
        await told.sees(lambda: told.app.model.status.settings_revision == 2)
        await told.pilot.pause()
        assert not any("Another screen" in toast for toast in told.toasts)


async def test_a_holder_that_keeps_the_account_of_its_environment_is_named(tmp_path: Path) -> None:
    variable = "PAN123_ACCESS_TOKEN"
    saved = ServiceConfig(BusyService, FAST_POLLING, login_variable=variable)
    async with serving_engine(tmp_path) as (engine, _server), attached_story(tmp_path) as told:
        engine._session.load_saved = lambda: saved
        assert told.app.settings_controller is not None
        await told.app.settings_controller.forget_account()
        text = f"watch (pid {os.getpid()}) goes on with the account of {variable}, which is set in"
        await told.sees(lambda: any(text in toast for toast in told.toasts))


async def test_when_the_holder_is_gone_the_screen_goes_on_with_its_tasks_cursor_and_marks(
    tmp_path: Path,
) -> None:
    store(tmp_path, queued=5, ended=700)
    async with AsyncExitStack() as holder:
        engine, _server = await holder.enter_async_context(serving_engine(tmp_path))
        async with attached_story(tmp_path) as told:
            table = told.dashboard.table
            await told.sees(lambda: table.total == 705)
            await told.press("2", "1", "d", "y")
            await told.sees(lambda: len(engine.tasks) == 704)
            await told.press("s")  # a dialog, under which the engine is lost
            table.mark_all([3, 702])
            table.move_to(7)
            await holder.aclose()
            await told.sees(lambda: told.app.model.attachment.can_take_over)
            await told.press("escape")
            await told.reads("pan123-tui watch (pid ")
            await told.reads("has ended. t goes on here, with all tasks.")
            assert "engine ended" in told.text.splitlines()[-3]
            assert "t go on here" in told.footer
            assert table.has_class("-lost")
            await told.press("t")
            await told.sees(lambda: state_of(told) is AttachmentState.OWN)
            await told.sees(lambda: table.total == 704)
            assert (table.cursor_task_id, table.marked) == (7, frozenset({3, 702}))
            assert not table.has_class("-lost")
            assert "attached" not in told.text
            await told.press("u")
            await told.sees(lambda: table.total == 705)
    assert len(load_stored(tmp_path)) == 705


async def test_a_restarted_holder_is_found_again_and_the_marks_stay(tmp_path: Path) -> None:
    store(tmp_path, queued=5, ended=700)
    async with AsyncExitStack() as holder:
        await holder.enter_async_context(serving_engine(tmp_path))
        async with attached_story(tmp_path) as told:
            table = told.dashboard.table
            await told.sees(lambda: table.total == 705)
            table.mark_all([3, 702])
            table.move_to(7)
            await holder.aclose()
            await told.sees(lambda: state_of(told) is AttachmentState.LOST)
            engine, _server = await holder.enter_async_context(serving_engine(tmp_path))
            await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)
            await execute(engine, AddTasks((link("new.zip"),)))
            await told.sees(lambda: table.total == 706)
            assert (table.cursor_task_id, table.marked) == (7, frozenset({3, 702}))


async def test_a_command_that_the_lost_engine_did_not_answer_is_said_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as holder:
        engine, _server = await holder.enter_async_context(serving_engine(tmp_path))
        await execute(engine, AddTasks((link("one.zip"), link("two.zip"))))
        async with attached_story(tmp_path) as told:
            await told.reads("one.zip")
            await told.press("d", "y")
            await told.sees(lambda: len(engine.tasks) == 1)
            await holder.aclose()
            await told.reads("has ended. t goes on here")
            monkeypatch.setattr(remote_client, "CALL_TIMEOUT_S", 0.01)
            await told.press("u")
            await told.sees(lambda: "cannot be reached" in told.toasts[-1])
            await told.press("e")
            await told.press("tab", "x", "ctrl+s")
            await told.sees(lambda: isinstance(told.app.screen, EditScreen))
            await told.press("escape", "t")
            await told.sees(lambda: state_of(told) is AttachmentState.OWN)
            await told.press("u")
            await told.sees(lambda: len(told.app.model.tasks) == 2)


@asynccontextmanager
async def holder_of_version_seven(folder: Path) -> AsyncIterator[None]:
    """Hold the data folder as a program of another protocol does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        await peer.read()
        hello = {"type": "hello", "id": "e", "protocol": 7, "version": "7.0", "program": "watch"}
        peer.send(hello | {"pid": 4242})
        await writer.drain()
        writer.close()

    path = folder / "engine.sock"
    with StoreLock(folder, program="watch"):
        async with await asyncio.start_unix_server(serve, path):
            add_socket(folder, path)
            yield


async def test_a_holder_of_another_version_is_named_and_its_list_is_read_only(
    tmp_path: Path,
) -> None:
    store(tmp_path, queued=2, ended=3)
    async with AsyncExitStack() as holder:
        await holder.enter_async_context(holder_of_version_seven(tmp_path))
        async with attached_story(tmp_path) as told:
            await told.reads("pan123-tui watch (pid 4242) is version 7.0, this is")
            assert len(told.app.model.tasks) == 5
            await told.press("d", "y")
            await told.sees(lambda: told.toasts)
            assert "of another version" in told.toasts[-1]
            assert len(told.app.model.tasks) == 5
            await told.press("t")
            await told.reads("End pan123-tui watch (pid 4242) and go on here?")
            await holder.aclose()  # here it ends by itself; that it is asked to is tested elsewhere
            await told.press("y")
            await told.sees(lambda: state_of(told) is AttachmentState.OWN)
            await told.press("d", "y")
            await told.sees(lambda: len(told.app.model.tasks) == 4)


async def test_an_engine_that_says_nothing_is_noticed_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = asyncio.Event()

    write = connection.ScreenConnection._write

    async def stopped(self: connection.ScreenConnection, message: Struct) -> None:
        if isinstance(message, Pong):
            await answers.wait()
        await write(self, message)

    monkeypatch.setattr(connection.ScreenConnection, "_write", stopped)
    monkeypatch.setattr(remote_client, "PING_INTERVAL_S", 0.01)
    async with serving_engine(tmp_path), attached_story(tmp_path) as told:
        await told.reads("The engine does not answer: pan123-tui watch")
        assert told.dashboard.table.has_class("-lost")
        answers.set()
        await told.reads("attached to")
        assert not told.dashboard.table.has_class("-lost")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Too many screens: pan123-tui watch"),
        ("zh", "界面太多：pan123-tui watch"),
    ],
)
async def test_a_screen_that_loses_its_place_says_why_and_takes_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    async with serving_engine(tmp_path) as (_engine, server), attached_story(tmp_path) as told:
        i18n.set_language(language)
        monkeypatch.setattr(server_module, "MAX_SCREENS", 0)
        for served in tuple(server._serving.values()):
            served.close()
        await told.reads(words)
        monkeypatch.setattr(server_module, "MAX_SCREENS", 1)
        await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)


async def test_a_screen_too_many_ends_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "MAX_SCREENS", 0)
    async with (
        serving_engine(tmp_path),
        attached_story(tmp_path, is_loaded=lambda app: app.failure is not None) as told,
    ):
        assert told.app.failure is not None
        assert "too many screens" in (error_message(told.app.failure) or "")


async def test_a_holder_that_nobody_can_speak_with_is_named_before_a_screen_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.cli.dashboard.SOCKET_WAIT_S", 0.01)
    with StoreLock(tmp_path, program="watch"), pytest.raises(StoreLocked) as refusal:
        async with attached_story(tmp_path):
            pass
    assert refusal.value.pid == os.getpid()


async def test_the_first_rows_are_shown_while_the_others_are_still_to_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path, queued=3, ended=3000)
    sizes: list[int] = []
    show = TaskTable.show

    def record(table: TaskTable, order: list[int], *args: Any, **kwargs: Any) -> None:
        sizes.append(len(order))
        show(table, order, *args, **kwargs)

    monkeypatch.setattr(TaskTable, "show", record)
    async with serving_engine(tmp_path), attached_story(tmp_path) as told:
        await told.sees(lambda: told.dashboard.table.total == 3003)
        assert 3 < next(filter(None, sizes)) < 1000


def test_of_a_host_it_is_said_that_the_connection_is_cut() -> None:
    lost = Attachment(AttachmentState.LOST)
    assert take_over_reason(lost).startswith("Another program holds the tasks")
    assert take_over_reason(lost, host="me@server").startswith("The connection to me@server is cut")


async def test_while_tasks_are_still_to_come_the_counts_are_said_to_be_those_so_far() -> None:
    async with story() as told:

        def take(updates: PendingUpdates) -> None:
            told.dashboard.show_changes(told.app.model.apply(updates))

        take(PendingUpdates(loaded=TaskCollection([task(1), task(2)]), is_complete=False))
        await told.reads("loading, 2 tasks so far…")
        await told.press("3")
        assert "Nothing here" not in told.text
        take(PendingUpdates(backlog=TaskCollection([task(3)]), is_complete=True))
        await told.reads("3 tasks are in other views")
        assert "loading" not in told.text
