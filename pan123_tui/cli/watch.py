"""Run the engine without a UI until a condition holds or a signal arrives (`watch`, `wait`)."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from pan123_tui.bootstrap import (
    AppContext,
    acquire_lock,
    engine_factory,
    is_listening,
    load_context,
    load_tasks,
    open_log,
)
from pan123_tui.cli.background import count_unsent, print_unfinished, start_in_background
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.output import (
    ProgressPrinter,
    WaitPrinter,
    format_task,
    print_data,
    print_ignored_account,
    print_message,
)
from pan123_tui.config import gc_pause
from pan123_tui.config.credentials import load_credentials
from pan123_tui.domain.errors import EngineLost, StoreLocked, StoreUnwritable
from pan123_tui.domain.events import (
    ACCOUNT_CONNECTIONS,
    EngineEvent,
    EventListener,
    FoldersChanged,
    StatusChanged,
)
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.send_queue import waits_for_user
from pan123_tui.domain.task import (
    ACTIVE_STATES,
    FINISHED_STATES,
    UNSENT_STATES,
    Task,
    TaskState,
)
from pan123_tui.i18n import _
from pan123_tui.wording.queue import paused_text

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine
    from pan123_tui.store.lock import StoreLock


IsDone = Callable[[Mapping[int, Task], bool], bool]
"""Takes the tasks, and whether sending is paused."""
BUSY_STATES = ACTIVE_STATES | UNSENT_STATES
ENDED_STATES = FINISHED_STATES | {TaskState.UNCONFIRMED}
"""States that only the user can end."""
SHUTDOWN_TIMEOUT_S = 2.0
"""Time after a signal until the program saves and exits although something hangs."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
POLL_SIGNAL = "SIGUSR1"


@click.command(
    "watch",
    help=_(
        "Send and check without a screen, one line for each change.\n\n"
        "The signal USR1 ends each wait and tries now."
    ),
    epilog=example("pan123-tui watch --until-done --quiet"),
)
@click.option(
    "--until-done", is_flag=True, help=_("End when nothing is queued or running any more.")
)
@click.option("--quiet", "-q", is_flag=True, help=_("Print only what went wrong."))
@click.option("--detach", is_flag=True, help=_("Go on in the background, without this terminal."))
@language_option
def watch(*, until_done: bool, quiet: bool, detach: bool) -> None:
    """Run the engine until a signal arrives or all tasks are done."""
    if detach and until_done:
        raise click.UsageError(_("Use either --detach or --until-done."))
    context = load_context()
    print_ignored_account(context)
    if load_credentials(context.environ, context.paths.config_dir) is None:
        print_message(_("No account is configured: run “pan123-tui login”."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT)
    if detach:
        raise click.exceptions.Exit(start_in_background(context))
    printer = ProgressPrinter(is_quiet=quiet, ends_on_refusal=until_done)
    runner = HeadlessRunner(
        context,
        printer,
        program="watch",
        is_done=is_idle if until_done else None,
        on_listening=None if quiet else _print_socket,
    )
    try:
        code = runner.run()
    except StoreLocked as error:
        raise _with_silence(context, error) from error
    print_unfinished(runner.tasks, is_paused=runner.is_paused)
    if code is ExitCode.DONE and until_done and (printer.failed or count_unsent(runner.tasks)):
        code = ExitCode.SOME_FAILED
    raise click.exceptions.Exit(code)


def _with_silence(context: AppContext, error: StoreLocked) -> StoreLocked:
    """Return the error, with whether the holder has a socket but does not answer."""
    from pan123_tui.cli.remote import RemoteEngine

    if not is_listening(context):
        return error
    with RemoteEngine(context) as engine:
        return StoreLocked(str(error), pid=error.pid, is_silent=not engine.answers())


def _print_socket(socket: Path) -> None:
    text = _("Listening at {socket}. “pan123-tui” opens the dashboard on it.")
    print_message(text.format(socket=sanitize(str(socket))))


def is_idle(tasks: Mapping[int, Task], is_paused: bool) -> bool:
    """Return whether no task is queued, being sent or running, but for what only the user ends."""
    return not any(
        task.state in BUSY_STATES and not waits_for_user(task, is_paused=is_paused)
        for task in tasks.values()
    )


def wait_for_tasks(
    context: AppContext, ids: Collection[int], *, show: Callable[[str], None] = print_data
) -> ExitCode:
    """Wait until the tasks `ids` have ended and `show` each; `DONE` if all succeeded."""
    printer = WaitPrinter(ids)
    while True:
        runner = HeadlessRunner(
            context,
            printer,
            program="watch",
            is_done=lambda tasks, _is_paused: have_ended(ids, tasks),
        )
        try:
            code = runner.run()
            tasks = runner.tasks
        except StoreLocked:
            if (ended := _wait_for_holder(context, ids, printer)) is None:
                continue
            code, tasks = ExitCode.DONE, ended
        return _print_results(ids, tasks, show) if code is ExitCode.DONE else code


def have_ended(ids: Collection[int], tasks: Mapping[int, Task]) -> bool:
    """Return whether each of `ids` has ended or was removed."""
    return all(i not in tasks or tasks[i].state in ENDED_STATES for i in ids)


def _wait_for_holder(
    context: AppContext, ids: Collection[int], printer: WaitPrinter
) -> Mapping[int, Task] | None:
    """Return the tasks once another program has ended all `ids`, None if it cannot be reached."""
    from pan123_tui.cli.remote import RemoteEngine

    is_paused = False
    try:
        with RemoteEngine(context, wants_updates=True) as engine:
            no_folders = engine.model.folders
            for model in engine.changes():
                if model.status.is_paused and not is_paused:
                    print_message(paused_text())
                is_paused = model.status.is_paused
                printer.print_delays(model.tasks)
                if model.folders is not no_folders:  # their names come later than the status
                    printer.on_event(FoldersChanged(model.folders))
                    printer.print_missing_folders(model.status.missing_folders)
                if engine.is_complete and have_ended(ids, model.tasks):
                    return model.tasks
    except EngineLost:
        stored = load_tasks(context)
        return stored if have_ended(ids, stored) else None
    return None


def _print_results(
    ids: Collection[int], tasks: Mapping[int, Task], show: Callable[[str], None]
) -> ExitCode:
    for task_id in ids:
        if task_id in tasks:
            show(format_task(tasks[task_id]))
        else:
            print_message(_("Task {number} was removed.").format(number=task_id))
    has_all = all(
        i in tasks and tasks[i].state is TaskState.SUCCEEDED and not tasks[i].is_doubtful
        for i in ids
    )
    return ExitCode.DONE if has_all else ExitCode.SOME_FAILED


class HeadlessRunner:
    """Runs the engine without a UI; `tasks` are those at its end."""

    def __init__(
        self,
        context: AppContext,
        listener: EventListener,
        *,
        program: str,
        is_done: IsDone | None = None,
        on_listening: Callable[[Path], object] | None = None,
    ) -> None:
        """`is_done` is the condition to stop; None: only a signal stops it.

        `on_listening` is called on another thread with the engine's socket.
        """
        self.tasks: Mapping[int, Task] = {}
        self.is_paused = False
        """Whether sending is paused."""
        self._context = context
        self._listener = listener
        self._program = program
        self._is_done = is_done
        self._on_listening = on_listening
        self._changed = asyncio.Event()
        self._code = ExitCode.DONE
        self._is_stopping = False
        self._polls: set[asyncio.Task[None]] = set()
        self._signal = 0
        self._wants_poll = False
        self._poll_now: Callable[[], object] = lambda: None
        self._stop: Callable[[], object] = lambda: None
        self._save: Callable[[], object] = lambda: None

    def run(self) -> ExitCode:
        """Run to the end; raises `StoreLocked` if another process holds the data folder.

        Returns `ACCOUNT` if tasks are left that wait for an account that the service accepts.
        """
        gc_pause.resume()  # it may run for months
        self._context.paths.ensure_directories()
        former_handlers = self._handle_signals()  # first, or a signal would leave the lock's file
        try:
            with acquire_lock(self._context, program=self._program) as lock:
                open_log(self._context)
                asyncio.run(self._run(lock))
        except StoreLocked:
            for number, handler in former_handlers.items():
                signal.signal(number, handler)
            raise
        return self._code

    async def _run(self, lock: "StoreLock") -> None:
        open_engine = engine_factory(self._context, lock=lock, on_listening=self._on_listening)
        engine = open_engine(self)
        self.tasks, self.is_paused = engine.tasks, engine.status.is_paused
        self._stop = partial(asyncio.get_running_loop().call_soon_threadsafe, engine.stop)
        self._save = engine.save_now
        self._poll_now = partial(
            asyncio.get_running_loop().call_soon_threadsafe, self._start_poll, engine
        )
        if self._wants_poll:
            self._poll_now()
        if self._is_stopping:
            return
        work = asyncio.create_task(engine.run())
        watch = asyncio.create_task(self._stop_when_done(engine))
        try:
            await work
        finally:
            watch.cancel()

    def on_event(self, event: EngineEvent, /) -> None:
        """Pass `event` on, and check whether the run is done."""
        if isinstance(event, StatusChanged):
            self.is_paused = event.status.is_paused
        self._changed.set()
        self._listener.on_event(event)

    async def _stop_when_done(self, engine: "Engine") -> None:
        if self._is_done is None:
            return
        while True:
            self._changed.clear()
            if self._is_done(engine.tasks, self.is_paused):
                await engine.wait_idle()
                if self._is_done(engine.tasks, self.is_paused):
                    break
                continue
            if engine.status.connection in ACCOUNT_CONNECTIONS:
                self._code = ExitCode.ACCOUNT
                break
            await self._changed.wait()
        engine.stop()

    def _start_poll(self, engine: "Engine") -> None:
        work = asyncio.get_running_loop().create_task(engine.poll_now())
        self._polls.add(work)  # keeps it from being collected
        work.add_done_callback(self._polls.discard)

    def _handle_signals(self) -> dict[int, Any]:
        """Handle signals, also before the engine exists; return the former handlers."""
        handlers = dict.fromkeys(_SIGNALS, self._on_signal) | {POLL_SIGNAL: self._on_poll_signal}
        return {
            number: signal.signal(number, handler)
            for name, handler in handlers.items()
            if (number := getattr(signal, name, None)) is not None
        }

    def _on_poll_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Ask the service again at once, whatever the engine waits for, or when it starts."""
        self._wants_poll = True
        with suppress(RuntimeError):  # the loop has ended already
            self._poll_now()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        if not self._is_stopping:
            self._is_stopping = True
            timer = threading.Timer(SHUTDOWN_TIMEOUT_S, self._exit_now)
            timer.daemon = True
            timer.start()
        with suppress(RuntimeError):  # the loop has ended already
            self._stop()

    def _exit_now(self) -> None:
        """Save from this thread and exit: the engine has not stopped in time."""
        with suppress(StoreUnwritable):
            self._save()
        os._exit(128 + self._signal)
