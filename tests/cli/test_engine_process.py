"""When the engine's process ends, and what it does with signals."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from pan123_tui.bootstrap import load_context
from pan123_tui.cli import engine_process
from pan123_tui.cli.engine_process import EngineProcess, run_until_done
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.watch import is_idle
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import DownloadRequest, Task, new_task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.status import EventPublisher
from tests.shell import HANDLED_SIGNALS, Shell

QUEUED = new_task(DownloadRequest("https://example.com/a.iso"), task_id=1, at=1.0)


class Engine:
    """The facts that decide."""

    def __init__(self, *tasks: Task, status: Status | None = None) -> None:
        self.tasks = TaskCollection(tasks)
        self.status = status or Status(Connection.ONLINE)
        self.when_idle: Callable[[], object] = lambda: None
        self.has_changed = asyncio.Event()
        self.is_paused = False
        self.engine = self

    async def wait_idle(self) -> None:
        self.when_idle()


def test_it_says_in_its_log_why_it_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_process, "UNUSED_S", 0.0)
    monkeypatch.setattr(engine_process, "CHECK_INTERVAL_S", 0.01)
    shell = Shell(tmp_path, token="")
    assert shell.call("engine").code == 0
    log = (shell.data / "state" / "pan123-tui.log").read_text("utf-8")
    assert "the engine ends: no screen for a minute, and nothing left to do" in log
    assert not (shell.data / "tasks.lock.pid").exists()
    assert not (shell.data / "engine.sock").exists()


async def test_a_watch_until_done_waits_for_its_workers_and_ends_for_want_of_an_account() -> None:
    engine = Engine(QUEUED)
    process = cast("EngineProcess", engine)
    idle: list[str] = []
    engine.when_idle = lambda: idle.append("waited")
    waiting = asyncio.create_task(run_until_done(process, is_done=is_idle))
    await asyncio.sleep(0)
    assert not waiting.done()
    engine.tasks.pop(1)
    engine.has_changed.set()
    assert (await waiting, idle) == (ExitCode.DONE, ["waited"])
    for connection in (Connection.NO_ACCOUNT, Connection.REFUSED):
        process = cast("EngineProcess", Engine(QUEUED, status=Status(connection)))
        assert await run_until_done(process, is_done=is_idle) is ExitCode.ACCOUNT


def test_a_hang_up_that_is_ignored_stays_so_and_ends_the_engine_otherwise(tmp_path: Path) -> None:
    former = {number: signal.getsignal(number) for number in HANDLED_SIGNALS}
    process = EngineProcess(
        load_context(Shell(tmp_path).environ), EventPublisher(), program="watch"
    )
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert signal.SIGHUP not in process._handle_signals()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        assert process._handle_signals()[signal.SIGHUP] is signal.SIG_DFL
        assert signal.getsignal(signal.SIGHUP) == process._on_signal
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
