"""`watch`: the engine without a screen, for services, cron jobs and logs."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import click

from pan123_tui.bootstrap import (
    AppContext,
    acquire_lock,
    engine_factory,
    ensure_directories,
    load_context,
    load_tasks,
    open_log,
)
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.exit_code import ExitCode
from pan123_tui.cli.output import ProgressPrinter, line_of, print_data, print_message
from pan123_tui.config import gc_pause
from pan123_tui.config.credentials import load_credentials
from pan123_tui.domain.errors import Problem, StoreLocked, StoreUnwritable
from pan123_tui.domain.events import Connection, EngineEvent, EventListener
from pan123_tui.domain.task import ACTIVE_STATES, FINISHED_STATES, Task, TaskState
from pan123_tui.i18n import _

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine


IsDone = Callable[[Mapping[int, Task]], bool]
NO_ACCOUNT = frozenset({Connection.NO_ACCOUNT, Connection.REFUSED})
LONGEST_FAREWELL_S = 2.0
"""After a signal; then the program saves and goes, whatever hangs."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class HeadlessRunner:
    """Runs the engine on the household's data; `tasks` are as they were when it ended."""

    def __init__(
        self,
        context: AppContext,
        listener: EventListener,
        *,
        program: str,
        is_done: IsDone | None = None,
    ) -> None:
        """`is_done` tells when to end by itself; None: only by a signal."""
        self.tasks: Mapping[int, Task] = {}
        self._household = context
        self._listener = listener
        self._program = program
        self._is_done = is_done
        self._changed = asyncio.Event()
        self._code = ExitCode.DONE
        self._is_leaving = False
        self._signal = 0
        self._leave: Callable[[], object] = lambda: None
        self._save: Callable[[], object] = lambda: None

    def run(self) -> ExitCode:
        """Run until it is done; raises `StoreLocked` while another process holds the data.

        Gives `ACCOUNT` where it would wait for ever, since the service refuses the account.
        """
        gc_pause.resume()  # it may run for months
        ensure_directories(self._household)
        with acquire_lock(self._household, program=self._program) as held:
            self._leave_on_signals()
            open_log(self._household)
            asyncio.run(self._run(held.warning))
        return self._code

    async def _run(self, warning: Problem | None) -> None:
        engine = engine_factory(self._household, warning=warning)(self)
        self.tasks = engine.tasks
        self._leave = partial(asyncio.get_running_loop().call_soon_threadsafe, engine.stop)
        self._save = engine.save_now
        if self._is_leaving:
            return
        work = asyncio.create_task(engine.run())
        watch = asyncio.create_task(self._end_when_done(engine))
        try:
            await work
        finally:
            watch.cancel()

    def on_event(self, event: EngineEvent, /) -> None:
        """Pass `event` on, and check whether the run is done."""
        self._changed.set()
        self._listener.on_event(event)

    async def _end_when_done(self, engine: "Engine") -> None:
        if self._is_done is None:
            return
        while True:
            self._changed.clear()
            if engine.status.connection in NO_ACCOUNT and not self._is_done(engine.tasks):
                self._code = ExitCode.ACCOUNT
                break
            if self._is_done(engine.tasks):
                await engine.wait_idle()
                if self._is_done(engine.tasks):
                    break
                continue
            await self._changed.wait()
        engine.stop()

    def _leave_on_signals(self) -> None:
        """From now on a signal ends it in good order, before the engine is there too."""
        for name in _SIGNALS:
            if (number := getattr(signal, name, None)) is not None:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        if not self._is_leaving:
            self._is_leaving = True
            last_resort = threading.Timer(LONGEST_FAREWELL_S, self._go)
            last_resort.daemon = True
            last_resort.start()
        with suppress(RuntimeError):  # the loop has ended already
            self._leave()

    def _go(self) -> None:
        """Save from this thread and end at once: something hangs that should have ended."""
        with suppress(StoreUnwritable):
            self._save()
        os._exit(128 + self._signal)


LOOK_INTERVAL_S = 1.0
ENDS = FINISHED_STATES | {TaskState.UNCONFIRMED}
"""Nothing more happens without the user's word."""


def wait_for_tasks(context: AppContext, ids: Collection[int]) -> ExitCode:
    """Wait until each of the tasks `ids` has ended, print how, and say if all succeeded."""
    while True:
        runner = HeadlessRunner(
            context,
            ProgressPrinter(is_quiet=True, ids=frozenset()),
            program="watch",
            is_done=lambda tasks: have_ended(ids, tasks),
        )
        try:
            code = runner.run()
            tasks = runner.tasks
        except StoreLocked:
            if not _look_on(context, ids):
                continue  # the other program has gone
            code, tasks = ExitCode.DONE, load_tasks(context)
        return _told(ids, tasks) if code is ExitCode.DONE else code


def have_ended(ids: Collection[int], tasks: Mapping[int, Task]) -> bool:
    """Tell whether each of `ids` has ended, or was removed."""
    return all(i not in tasks or tasks[i].state in ENDS for i in ids)


def _look_on(context: AppContext, ids: Collection[int]) -> bool:
    """Read while another program writes, until all have ended; False: that program has gone."""
    from pan123_tui.store.lock import holder

    while not have_ended(ids, load_tasks(context)):
        if holder(context.paths.data_dir) is None:
            return False
        time.sleep(LOOK_INTERVAL_S)
    return True


def _told(ids: Collection[int], tasks: Mapping[int, Task]) -> ExitCode:
    for task_id in ids:
        if task_id in tasks:
            print_data(line_of(tasks[task_id]))
        else:
            print_message(_("Task {number} was removed.").format(number=task_id))
    all_well = all(i in tasks and tasks[i].state is TaskState.SUCCEEDED for i in ids)
    return ExitCode.DONE if all_well else ExitCode.SOME_FAILED


BUSY_STATES = ACTIVE_STATES | {TaskState.QUEUED, TaskState.SUBMITTING}


@click.command(
    "watch",
    help=_("Send and poll without a screen, one line for each change."),
    epilog=example("pan123-tui watch --until-done --quiet"),
)
@click.option(
    "--until-done", is_flag=True, help=_("End when nothing is queued or running any more.")
)
@click.option("--quiet", "-q", is_flag=True, help=_("Tell only what went wrong."))
@language_option
def watch(*, until_done: bool, quiet: bool) -> None:
    """Run until a signal comes, or until all is done."""
    context = load_context()
    if load_credentials(context.environ, context.paths.config_dir) is None:
        print_message(_("No account is configured: run “pan123-tui login”."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT)
    reporter = ProgressPrinter(is_quiet=quiet)
    runner = HeadlessRunner(
        context, reporter, program="watch", is_done=is_done if until_done else None
    )
    code = runner.run()
    if code is ExitCode.DONE and until_done and reporter.failed:
        code = ExitCode.SOME_FAILED
    raise click.exceptions.Exit(code)


def is_done(tasks: Mapping[int, Task]) -> bool:
    """Tell whether nothing moves any more."""
    return not any(task.state in BUSY_STATES for task in tasks.values())
