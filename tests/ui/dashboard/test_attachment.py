"""A dashboard and its engine: found, lost, ended, started again, of another version."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock, patch

import pytest
from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.bootstrap import engine_client as client_of
from pan123_tui.bootstrap import load_context
from pan123_tui.client import engine_client
from pan123_tui.client.engine_client import AttachmentState
from pan123_tui.client.protocol import Pong, Update
from pan123_tui.client.starter import MAX_STARTS
from pan123_tui.domain.commands import AddTasks, ReloadSettings, RemoveTasks
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import EngineLost, EngineNotStarted
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.engine import engine as engine_module
from pan123_tui.engine.ports import ServiceConfig
from pan123_tui.engine.remote import connection
from pan123_tui.programs.dashboard import build_app
from pan123_tui.ui.add_links.forms import EditLinksScreen
from pan123_tui.ui.app import Exit, Pan123App
from pan123_tui.ui.dialogs.actions import ActionsScreen
from tests.engine.remote.stage import busy_service, serving_engine
from tests.engine.remote.test_screens import ended, store
from tests.engine_stage import FAST_POLLING, change, execute, load_stored
from tests.store.store_samples import plain_task
from tests.ui.dashboard_stage import Story, go_to, story, task
from tests.ui.stage import resize


class EndedProcess:
    """An engine's process that has ended with `code`, or runs."""

    def __init__(self, code: int | None) -> None:
        self._code = code

    def poll(self) -> int | None:
        return self._code


class AttachedStory(Story):
    """A story whose engine is the test's: it counts how often the screen starts one."""

    starts = 0
    exit_code: int | None = None
    """How the process of a started engine ends; None: it runs."""

    def spawn(self, *_paths_and_options: object) -> EndedProcess:
        self.starts += 1
        return EndedProcess(self.exit_code)


@asynccontextmanager
async def attached_story(
    folder: Path,
    *,
    is_loaded: Callable[[Pan123App], bool] = lambda app: app.model.is_loaded,
    exit_code: int | None = None,
    size: tuple[int, int] = (150, 30),
) -> AsyncIterator[AttachedStory]:
    """Open a dashboard on the data of `folder`; what it starts ends with `exit_code`."""
    environ = {"PAN123_CONFIG_DIR": str(folder / "config"), "PAN123_DATA_DIR": str(folder)}
    environ |= {"PAN123_ACCESS_TOKEN": "a-token", "PAN123_BASE_URL": "http://127.0.0.1:9"}
    context = load_context(environ)
    context.paths.ensure_directories()
    told = AttachedStory(cast("Any", None), cast("Any", None))
    told.exit_code = exit_code
    with patch("pan123_tui.client.starter.spawn_engine", told.spawn):
        app = build_app(context, client_of(context))
        app.engine.interval_s = 0.02
        async with app.run_test(size=size, notifications=True) as pilot:
            told.pilot = pilot
            await told.sees(partial(is_loaded, app))
            yield told
            await app.run_action("quit")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SHUTDOWN_GRACE_S", 0.01)
    for name, value in (("SHORTEST_PAUSE_S", 0.005), ("LONGEST_PAUSE_S", 0.02)):
        monkeypatch.setattr(engine_client, name, value)


def link(name: str) -> DownloadRequest:
    return DownloadRequest(f"https://a.example/{name}")


def state_of(told: Story) -> AttachmentState:
    return told.app.model.attachment.state


async def test_what_another_screen_saves_is_used_here_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir()
    async with serving_engine(tmp_path) as (engine, _server), attached_story(tmp_path) as told:
        await told.reads("? help")
        config.write_text(
            '[ui]\ntheme = "pan123-light"\nlanguage = "zh"\n'
            '[keys]\n"app.help" = "f2"\n"tasks.undo" = "z"\n'
        )
        await execute(engine, ReloadSettings())
        await told.sees(lambda: told.app.theme == "pan123-light")
        await told.reads("f2 帮助")
        await told.press("f2")
        await told.sees(lambda: isinstance(told.app.screen, ActionsScreen))
        await told.press("escape")
        await execute(engine, AddTasks((link("one.zip"),)))
        await told.reads("one.zip")
        await told.press("d")
        await told.reads("按 z 撤销")


async def test_what_is_removed_elsewhere_is_said_with_the_key_that_brings_it_back(
    tmp_path: Path,
) -> None:
    async with serving_engine(tmp_path) as (engine, _server), attached_story(tmp_path) as told:
        tasks = await execute(engine, AddTasks((link("one.zip"), link("two.zip"))))
        await told.reads("one.zip")
        await execute(engine, RemoveTasks(tuple(task.id for task in tasks)))
        await told.hears("2 tasks removed. u undoes this.")
        await told.press("u")
        await told.hears("2 tasks are back.")


async def test_an_engine_with_another_account_is_said_at_once(tmp_path: Path) -> None:
    text = (
        "The running engine's account is not the one that PAN123_ACCESS_TOKEN names in this shell."
    )
    async with serving_engine(tmp_path) as (_engine, server):
        server._login = lambda _engine_id: "another one"
        async with attached_story(tmp_path, size=(220, 30)) as told:
            await told.sees(lambda: text in told.toasts[-1])
            assert text in told.text.splitlines()[-2]
            assert (
                "“pan123-tui stop” ends the engine; the next one uses"
                " this shell's account." in told.toasts[-1]
            )


async def test_a_holder_that_keeps_the_account_of_its_environment_is_named(tmp_path: Path) -> None:
    variable = "PAN123_ACCESS_TOKEN"
    saved = ServiceConfig(busy_service, FAST_POLLING, login_variable=variable)
    async with serving_engine(tmp_path) as (engine, _server), attached_story(tmp_path) as told:
        engine.load_saved = lambda: saved
        await told.app.live_settings.use_account(None)
        text = f"watch (pid {os.getpid()}) still uses the account of {variable}, which is set in"
        await told.sees(lambda: any(text in toast for toast in told.toasts))


LOST = "The background process was lost and is being restarted. The rows show the last known state."
ENDED = "The engine was ended, so nothing is sent or checked. f5 or any change starts it."


async def test_a_lost_engine_is_started_and_cursor_and_marks_stay(tmp_path: Path) -> None:
    queued = (plain_task(n, TaskState.QUEUED) for n in range(701, 706))
    store(tmp_path, *map(ended, range(1, 701)), *queued)
    async with AsyncExitStack() as holder:
        engine, server = await holder.enter_async_context(serving_engine(tmp_path))
        async with attached_story(tmp_path) as told:
            table = told.dashboard.table
            await told.sees(lambda: len(table.order) == 705)
            await told.press("2", "1", "d")
            await told.sees(lambda: len(engine.tasks) == 704)
            await told.press("s")  # a dialog, under which the engine is lost
            table.marks.add([3, 702])
            go_to(table, 7)
            server.end_silently()
            await holder.aclose()
            await told.sees(lambda: told.starts == 1)
            await told.press("escape")
            await told.reads(LOST)
            assert table.has_class("-lost")
            await holder.enter_async_context(serving_engine(tmp_path))
            await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)
            await told.sees(lambda: len(table.order) == 704)
            assert (table.cursor_id, table.marks.ids) == (7, frozenset({3, 702}))
            assert not table.has_class("-lost")
            assert LOST not in told.text
            await told.press("u")
            await told.sees(lambda: len(table.order) == 705)
        assert told.starts == 1
    assert len(load_stored(tmp_path)) == 705


async def test_an_engine_that_begins_anew_keeps_its_screens_which_say_nothing(
    tmp_path: Path,
) -> None:
    store(tmp_path, *map(ended, range(1, 9)))
    async with serving_engine(tmp_path) as (engine, server), attached_story(tmp_path) as told:
        table = told.dashboard.table
        await told.sees(lambda: len(table.order) == 8)
        table.marks.add([3, 5])
        go_to(table, 7)
        connections, toasts = set(server._connections), list(told.toasts)
        for number in range(3):
            await change(engine, credentials=AccessToken(f"token-{number}"))
            await execute(engine, AddTasks((link(f"{number}.zip"),)))
            await told.reads(f"{number}.zip")
        await told.press("d")
        await told.sees(lambda: len(engine.tasks) == 9)
        assert (table.cursor_id, set(server._connections)) == (7, connections)
        assert [it for it in told.toasts if it not in toasts] == ["2 tasks removed. u undoes this."]


async def test_an_engine_that_was_ended_is_started_by_f5_alone(tmp_path: Path) -> None:
    found = [replace(ended(n), file_id=n) for n in (1, 2)]
    store(tmp_path, *found)  # nothing to ask for: f5 is of use all the same
    async with AsyncExitStack() as holder:
        await holder.enter_async_context(serving_engine(tmp_path))
        async with attached_story(tmp_path) as told:
            await told.sees(lambda: len(told.dashboard.table.order) == 2)
            await holder.aclose()
            await told.reads(ENDED)
            await told.pilot.pause(0.1)  # many tries
            assert told.starts == 0
            await told.press("f5")
            await told.sees(lambda: told.starts == 1)
            await holder.enter_async_context(serving_engine(tmp_path))
            await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)
            await told.sees(lambda: not told.app.client._calls)  # f5 is answered
            await holder.aclose()
            await told.reads(ENDED)
            await told.press("Q")
            await told.sees(lambda: told.app.return_value is Exit.LEFT)
            assert told.starts == 1


async def test_a_command_to_a_silent_engine_says_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async with story([task(1, TaskState.FAILED)]) as told:
        silent = replace(told.app.model.attachment, state=AttachmentState.SILENT)
        kept = property(lambda _: silent, lambda *_: None)  # whatever the next ping says
        monkeypatch.setattr(type(told.app.model), "attachment", kept, raising=False)
        monkeypatch.setattr(told.app.client, "call", AsyncMock(side_effect=EngineLost("late")))
        await told.press("d")
        text = "The engine does not answer: this will be done once it does."
        await told.sees(lambda: told.toasts[:1] == [text])


async def test_an_engine_that_cannot_start_is_said_with_its_last_words(tmp_path: Path) -> None:
    async with AsyncExitStack() as holder:
        engine, server = await holder.enter_async_context(serving_engine(tmp_path))
        await execute(engine, AddTasks((link("one.zip"),)))
        async with attached_story(tmp_path, exit_code=1, size=(220, 30)) as told:
            await told.reads("one.zip")
            (tmp_path / "state" / "engine.err").write_text("No module named pan123_tui\n")
            server.end_silently()
            await holder.aclose()
            await told.reads("The engine, which sends the links, could not be started.")
            assert "one.zip" in told.text
            await told.sees(lambda: told.starts == MAX_STARTS)
            await told.pilot.pause(0.1)  # many tries
            assert told.starts == MAX_STARTS
            await resize(told.pilot, 140, 30)
            await told.reads("The engine cannot be started: No module named pan123_tui")
            told.app.clear_notifications()
            await told.press("f5")
            await told.sees(lambda: told.toasts)
            assert "could not be started" in told.toasts[0]
            assert not any("Checking" in toast for toast in told.toasts)
            await holder.enter_async_context(serving_engine(tmp_path))  # which an `add` started
            await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)
            await told.sees(lambda: "cannot be started" not in told.text)


async def test_a_command_that_the_lost_engine_did_not_answer_is_said_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as holder:
        engine, server = await holder.enter_async_context(serving_engine(tmp_path))
        await execute(engine, AddTasks((link("one.zip"), link("two.zip"))))
        async with attached_story(tmp_path) as told:
            await told.reads("one.zip")
            await told.press("d")
            await told.sees(lambda: len(engine.tasks) == 1)
            server.end_silently()
            await holder.aclose()
            await told.reads(LOST)
            with monkeypatch.context() as patched:
                patched.setattr(engine_client, "CALL_TIMEOUT_S", 0.01)
                await told.press("u")
                await told.sees(lambda: "cannot be reached" in told.toasts[-1])
                await told.press("e", "tab", "x", "ctrl+s")
                await told.sees(lambda: told.toasts[-1].count("cannot be reached"))
                await told.sees(lambda: typed_name(told) == "x")
                await told.press("escape")
            await holder.enter_async_context(serving_engine(tmp_path))
            await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)
            await told.press("u")
            await told.sees(lambda: len(told.app.model.tasks) == 2)


def typed_name(told: Story) -> str:
    """Return what is in the name of the form, if that is open."""
    form = told.app.screen
    return form.fields.name_field.input.value if isinstance(form, EditLinksScreen) else ""


def has_failed(app: Pan123App) -> bool:
    return app.failure is not None


async def test_a_screen_whose_engine_does_not_start_ends_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "engine.err").write_text("No module named pan123_tui\n")
    async with attached_story(tmp_path, exit_code=1, is_loaded=has_failed) as told:
        assert isinstance(told.app.failure, EngineNotStarted)
        assert str(told.app.failure) == "No module named pan123_tui"


async def test_while_the_engine_starts_the_screen_says_so(tmp_path: Path) -> None:
    async with (
        AsyncExitStack() as holder,
        attached_story(tmp_path, is_loaded=lambda _app: True) as told,
    ):
        await told.reads("Connecting to the engine…")
        assert "1:all  2:active  3:trouble  4:done" in told.text, "no count is known"
        await told.sees(lambda: told.starts == 1)
        await holder.enter_async_context(serving_engine(tmp_path))
        await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)
        await told.sees(lambda: "Connecting" not in told.text)


async def test_an_engine_that_says_nothing_is_noticed_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = asyncio.Event()
    write = connection.ScreenConnection._write

    def stopped(self: connection.ScreenConnection, message: Struct) -> None:
        if answers.is_set() or not isinstance(message, Pong):
            write(self, message)

    monkeypatch.setattr(connection.ScreenConnection, "_write", stopped)
    monkeypatch.setattr(engine_client, "PING_INTERVAL_S", 0.01)
    async with serving_engine(tmp_path), attached_story(tmp_path) as told:
        await told.reads("pan123-tui watch (pid")
        assert told.dashboard.table.has_class("-lost")
        answers.set()
        await told.sees(lambda: state_of(told) is AttachmentState.ATTACHED)
        assert "does not answer" not in told.text
        assert not told.dashboard.table.has_class("-lost")


FIRST = task(1), task(2)


async def take(told: Story, update: Update) -> None:
    """Have `update` come, and from now on nothing from the stage's own engine."""
    told.app.engine.client.drain = list  # type: ignore[method-assign]
    told.dashboard.panel.take_change(told.app.model.apply(update))
    await told.pilot.pause()


async def test_while_tasks_are_still_to_come_the_counts_are_said_to_be_those_so_far() -> None:
    async with story() as told:
        await take(told, Update(is_first=True, snapshot=FIRST, remaining=1))
        await told.reads("loading, 2 tasks so far…")
        await told.press("3")
        assert "No tasks in this view" not in told.text
        await take(told, Update(snapshot=(task(3),)))
        await told.reads("3 tasks are in other tabs")
        assert "loading" not in told.text


@pytest.mark.parametrize("keys", ["", "j", "space k", "enter enter"])
async def test_while_tasks_come_only_an_unmoved_cursor_stays_on_the_top(keys: str) -> None:
    done = [task(n, state=TaskState.SUCCEEDED) for n in range(3, 90)]
    async with story() as told:
        table = told.dashboard.table
        await take(told, Update(is_first=True, snapshot=FIRST, remaining=1))
        await told.press(*keys.split())
        chosen = table.cursor_id
        await take(told, Update(snapshot=tuple(done)))
        assert table.cursor_id == (chosen if keys else 89)
        await take(told, Update(news=(task(90),)))
        assert table.cursor_id == (chosen if keys else 89), "what is new moves no cursor"
