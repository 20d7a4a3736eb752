"""When the engine's process ends, and what it does with signals."""

import asyncio
import errno
import gc
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import Mock, call

import pytest
from msgspec.structs import replace

from pan123_tui.bootstrap import ExitCode, load_context
from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.events import Connection, Status, TasksChecked
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.status import EventPublisher
from pan123_tui.programs import engine_process
from pan123_tui.programs.engine_process import EngineProcess, is_idle, run_until_done
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.system.log import stop_log
from tests.engine_stage import TIMEOUT_S, execute
from tests.shell import HANDLED_SIGNALS, Shell


@pytest.fixture(autouse=True)
def _without_log() -> Iterator[None]:
    yield
    stop_log()  # which other tests could not read


S = TaskState
QUEUED = new_task(DownloadRequest("https://example.com/a.iso"), task_id=1, at=1.0)


class Engine:
    """The facts that decide."""

    def __init__(self, *tasks: Task, status: Status | None = None) -> None:
        self.tasks = TaskCollection(tasks)
        self.status = status or Status(Connection.ONLINE)
        self.when_idle: Callable[[], object] = lambda: None
        self.has_changed = asyncio.Event()
        self.engine = self

    async def wait_idle(self) -> None:
        self.when_idle()


def test_its_log_says_why_it_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_process, "UNUSED_S", 0.0)
    monkeypatch.setattr(engine_process, "CHECK_INTERVAL_S", 0.01)
    shell = Shell(tmp_path, token="")
    assert shell.call("engine").code == 0
    log = (shell.data / "state" / "pan123-tui.log").read_text("utf-8")
    assert "the engine ends: no screen for 0 s, and nothing left to do" in log
    assert not (shell.data / "tasks.lock.pid").exists()
    assert not (shell.data / "engine.sock").exists()


def test_a_folder_that_is_held_or_cannot_be_written_is_told_in_the_foreground_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise OSError(errno.EROFS, "read-only")

    shell = Shell(tmp_path)
    with FolderLock(shell.data, program="watch"):
        background, foreground = shell.call("engine"), shell.call("watch")
    assert (background.code, background.err) == (ExitCode.LOCKED, "")
    assert (foreground.code, "this data folder" in foreground.err) == (ExitCode.LOCKED, True)
    monkeypatch.setattr("pan123_tui.system.folder_lock.make_private_folder", refuse)
    background, foreground = shell.call("engine"), shell.call("watch", "--until-done")
    assert (background.code, "read-only" in background.err) == (ExitCode.SOME_FAILED, True)
    assert (foreground.code, "read-only" in foreground.err) == (ExitCode.SOME_FAILED, True)


@pytest.mark.parametrize(
    ("state", "is_paused", "is_idle_then"),
    [
        (S.QUEUED, False, False),
        (S.QUEUED, True, True),
        (S.SUBMITTING, True, False),
        (S.RUNNING, True, False),
        (S.UNCONFIRMED, False, True),
        (S.FAILED, False, True),
    ],
)
def test_only_what_the_user_alone_ends_is_not_waited_for(
    state: TaskState, *, is_paused: bool, is_idle_then: bool
) -> None:
    tasks = TaskCollection([replace(QUEUED, state=state)])
    assert is_idle(tasks, is_paused) is is_idle_then


async def test_a_watch_until_done_waits_for_its_workers_and_ends_for_want_of_an_account() -> None:
    engine = Engine(QUEUED)
    process = cast("EngineProcess", engine)
    idle: list[str] = []
    engine.when_idle = lambda: idle.append("waited")
    waiting = asyncio.create_task(run_until_done(process))
    await asyncio.sleep(0)
    assert not waiting.done()
    engine.tasks.pop(1)
    engine.has_changed.set()
    assert (await waiting, idle) == (ExitCode.DONE, ["waited"])
    for connection in (Connection.NO_ACCOUNT, Connection.REFUSED):
        process = cast("EngineProcess", Engine(QUEUED, status=Status(connection)))
        assert await run_until_done(process) is ExitCode.ACCOUNT


async def test_a_watch_until_done_goes_on_with_a_link_that_came_during_its_last_command() -> None:
    engine = Engine()
    idle: list[str] = []

    def add_once() -> None:
        if not idle:
            engine.tasks.put(QUEUED)
        idle.append("waited")

    engine.when_idle = add_once
    waiting = asyncio.create_task(run_until_done(cast("EngineProcess", engine)))
    await asyncio.sleep(0)
    assert (waiting.done(), idle) == (False, ["waited"])
    engine.tasks.pop(1)
    engine.has_changed.set()
    assert (await waiting, len(idle)) == (ExitCode.DONE, 2)


async def wait_for_stop(_process: EngineProcess) -> ExitCode:
    await asyncio.Event().wait()
    return ExitCode.DONE


async def be_done(_process: EngineProcess) -> ExitCode:
    return ExitCode.SOME_FAILED


async def be_asked(process: EngineProcess) -> ExitCode:
    await execute(process.engine, StopEngine())
    return await wait_for_stop(process)


async def be_signalled(process: EngineProcess) -> ExitCode:
    signal.raise_signal(signal.SIGTERM)
    return await wait_for_stop(process)


@pytest.mark.parametrize(("until", "code"), [(be_done, 1), (be_asked, 0), (be_signalled, 0)])
def test_however_it_is_stopped_it_saves_and_exits_although_a_name_look_up_hangs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    until: Callable[[EngineProcess], Awaitable[ExitCode]],
    code: int,
) -> None:
    said: list[object] = []
    has_exited = threading.Event()

    async def hang_and_stop(process: EngineProcess) -> ExitCode:
        looking_up = asyncio.get_running_loop().run_in_executor(None, has_exited.wait, TIMEOUT_S)
        said.append(looking_up.done())
        monkeypatch.setattr(process.engine._store, "save_now", lambda: said.append("saved"))
        return await until(process)

    def leave(number: int) -> None:
        said.append(number)
        has_exited.set()

    monkeypatch.setattr(engine_process, "SHUTDOWN_TIMEOUT_S", 0.01)
    monkeypatch.setattr(os, "_exit", leave)
    context = load_context(Shell(tmp_path, token="").environ)
    former = {number: signal.getsignal(number) for number in HANDLED_SIGNALS}
    try:
        EngineProcess(context, EventPublisher(), program="watch", until=hang_and_stop).run()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    assert said == [False, "saved", code]


def test_its_events_reach_the_listener_and_a_crash_is_raised_without_a_goodbye(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, order = list[object](), Mock()

    async def look_and_crash(process: EngineProcess) -> ExitCode:
        heard.clear()
        process.on_event(TasksChecked({}))
        heard.append(gc.isenabled())
        monkeypatch.setattr(process.server, "end_silently", order.end_silently)
        order.stop.side_effect = process.engine.stop
        monkeypatch.setattr(process.engine, "stop", order.stop)
        raise RuntimeError("broken")

    gc.disable()  # as `main` does
    context = load_context(Shell(tmp_path, token="").environ)
    listener = cast("EventPublisher", SimpleNamespace(on_event=heard.append))
    with pytest.raises(RuntimeError, match="broken"):
        EngineProcess(context, listener, program="watch", until=look_and_crash).run()
    gc.unfreeze()
    assert order.mock_calls[:2] == [call.end_silently(), call.stop()]  # so screens start another
    assert heard[:2] == [TasksChecked({}), True]


async def be_hung_up(process: EngineProcess, **_options: bool) -> ExitCode:
    """Return another code than `DONE` if the engine goes on."""
    signal.raise_signal(signal.SIGHUP)
    for _ in range(10):  # a handler of the loop is called a few turns later
        await asyncio.sleep(0)
    goes_on = not process.engine.is_stopping
    return ExitCode.SOME_FAILED if goes_on else await wait_for_stop(process)


def test_an_engine_in_the_background_outlives_the_terminal_that_has_started_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_process, "run_until_unused", be_hung_up)
    assert Shell(tmp_path, token="").call("engine").code == 1


@pytest.mark.parametrize("is_ignored", [False, True])
def test_only_a_hang_up_that_is_not_ignored_ends_it(tmp_path: Path, is_ignored: bool) -> None:
    former = signal.getsignal(signal.SIGHUP)
    context = load_context(Shell(tmp_path, token="").environ)
    process = EngineProcess(context, EventPublisher(), program="watch", until=be_hung_up)
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN if is_ignored else signal.SIG_DFL)
        assert process.run() is (ExitCode.SOME_FAILED if is_ignored else ExitCode.DONE)
    finally:
        signal.signal(signal.SIGHUP, former)
