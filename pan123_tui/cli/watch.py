"""`watch`: the engine in the foreground; also waits for tasks as a client of the engine."""

import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

import click
from msgspec.structs import replace

from pan123_tui.bootstrap import BACKGROUND, AppContext, load_context
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.engine_process import EngineProcess, run_until_done
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.output import (
    ProgressPrinter,
    WaitPrinter,
    count_unsent,
    format_task,
    print_data,
    print_ignored_account,
    print_message,
    print_unfinished,
)
from pan123_tui.cli.remote import (
    ANSWER_TIMEOUT_S,
    RemoteEngine,
    waits_for_holder,
)
from pan123_tui.config.credentials import load_credentials
from pan123_tui.domain.arrival_check import is_check_pending
from pan123_tui.domain.commands import SetVisible, StopEngine
from pan123_tui.domain.errors import EngineLost, EngineNotStarted, StoreLocked
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, FoldersChanged, StatusChanged
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import (
    ACTIVE_STATES,
    FINISHED_STATES,
    UNSENT_STATES,
    Task,
    TaskState,
)
from pan123_tui.i18n import _, begin_sentence
from pan123_tui.wording.engine import program_name

BUSY_STATES = ACTIVE_STATES | UNSENT_STATES
ENDED_STATES = FINISHED_STATES | {TaskState.UNCONFIRMED}
"""States that only the user can end."""
END_TIMEOUT_S = 10.0
LOOK_TIMEOUT_S = 10.0
"""How long an end of tasks waits for the first look for their files, which tells if it is one."""
MAX_TRIES = 5
"""How often the place of a background engine is taken, which a screen may start again."""


@click.command(
    "watch",
    help=_(
        "Run the engine here, in the foreground, with one line for each change.\n\n"
        "It takes the place of the engine in the background. The signal USR1 ends"
        " every wait, so that it tries again at once."
    ),
    epilog=example("pan123-tui watch --until-done --quiet"),
)
@click.option(
    "--until-done", is_flag=True, help=_("End when nothing is queued or running any more.")
)
@click.option("--quiet", "-q", is_flag=True, help=_("Print only what went wrong."))
@language_option
def watch(*, until_done: bool, quiet: bool) -> None:
    """Run the engine until a signal arrives or all tasks are done."""
    context = load_context()
    print_ignored_account(context)
    if load_credentials(context.environ, context.paths.config_dir) is None:
        print_message(_("No account is configured: run “pan123-tui login”."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT)
    printer = ProgressPrinter(is_quiet=quiet, ends_on_refusal=until_done)
    process = EngineProcess(
        context,
        printer,
        program="watch",
        until=partial(run_until_done, is_done=is_idle) if until_done else None,
        on_listening=(lambda _path: None) if quiet else _print_socket,
    )
    code = _run_in_place_of_background(context, process)
    print_unfinished(process.tasks, is_paused=process.is_paused)
    if code is ExitCode.DONE and until_done and (printer.failed or count_unsent(process.tasks)):
        code = ExitCode.SOME_FAILED
    raise click.exceptions.Exit(code)


def _run_in_place_of_background(context: AppContext, process: EngineProcess) -> ExitCode:
    """Run the engine here, after one in the background has ended.

    Raises `StoreLocked` where another `watch` runs, or an engine that does not answer.
    """
    for _try in range(MAX_TRIES):
        try:
            return process.run()
        except StoreLocked:
            if waits_for_holder(context) and not _ends_background(context):
                raise
    return process.run()


def _ends_background(context: AppContext) -> bool:
    """End the engine that listens; return False where it is not one in the background.

    Raises `StoreLocked` where it does not answer.
    """
    from pan123_tui.store.lock import waits_for_end

    with RemoteEngine(context, may_start=False) as engine:
        try:
            engine.call(SetVisible(), timeout_s=ANSWER_TIMEOUT_S)  # so that it is known who answers
            if engine.hello is None or engine.hello.program != BACKGROUND:
                return False
            engine.call(StopEngine(), timeout_s=ANSWER_TIMEOUT_S)
        except EngineLost as error:
            if type(error) is not EngineLost:  # else it has ended meanwhile
                raise
            return True
        except StoreLocked:
            if waits_for_holder(context):
                raise
            return True
    waits_for_end(context.paths.data_dir, engine.hello.pid, END_TIMEOUT_S)
    return True


def _print_socket(socket: Path) -> None:
    text = _("Listening at {socket}. “pan123-tui” opens the dashboard on it.")
    print_message(text.format(socket=sanitize(str(socket))))


def is_idle(tasks: Mapping[int, Task], is_paused: bool) -> bool:
    """Return whether no task is queued, being sent or running, but for what only the user ends."""
    return not any(
        (task.state in BUSY_STATES and not (is_paused and task.state is TaskState.QUEUED))
        or task.retry_at is not None
        for task in tasks.values()
    )


def wait_for_tasks(
    context: AppContext, ids: Collection[int], *, show: Callable[[str], None] = print_data
) -> ExitCode:
    """Wait until the tasks `ids` have ended and `show` each; `DONE` if all succeeded.

    Returns `ACCOUNT` where they wait for a log-in, `LOCKED` where somebody ends the engine.
    """
    printer, waited = WaitPrinter(ids), _Wait(ids, looks=context.settings.arrival.check)
    while not waited.is_over:
        try:
            with RemoteEngine(context, wants_updates=True) as engine:
                waited.follow(engine, printer)
        except EngineNotStarted:
            raise
        except EngineLost:
            if engine.was_ended and engine.hello is not None:
                runner = program_name(engine.hello.program, engine.hello.pid)
                print_message(_("{runner} has ended.").format(runner=begin_sentence(runner)))
                return ExitCode.LOCKED
            if waited.failures >= MAX_TRIES:
                raise
            waited.failures += 1
    if waited.needs_account:
        return ExitCode.ACCOUNT
    return _print_results(ids, waited.tasks, show)


class _Wait:
    """Waits for tasks, over the end of an engine and the start of the next one."""

    def __init__(self, ids: Collection[int], *, looks: bool) -> None:
        """`looks`: the engine looks for the files of what succeeded."""
        self.tasks: Mapping[int, Task] = {}
        self.is_over = False
        self.needs_account = False
        self.failures = 0
        """How often the engine was lost in a row."""
        self._ids = ids
        self._looks = looks
        self._look_until: float | None = None

    def follow(self, engine: RemoteEngine, printer: WaitPrinter) -> None:
        """Follow the updates of `engine` until the tasks have ended; raises `EngineLost`."""
        no_folders = engine.model.folders
        for model in engine.changes(self._seconds_to_look):
            self.failures, status = 0, model.status
            if model.folders is no_folders:  # their names come after the first status
                status = replace(status, missing_folders=())
            printer.on_event(FoldersChanged(model.folders))
            printer.on_event(StatusChanged(status))
            printer.print_delays(model.tasks)
            self.tasks = model.tasks
            is_done = engine.is_complete and have_ended(self._ids, model.tasks)
            is_done = is_done and not self._is_looked_for()
            self.needs_account = not is_done and model.status.connection in ACCOUNT_CONNECTIONS
            self.is_over = is_done or self.needs_account
            if self.is_over:
                return

    def _is_looked_for(self) -> bool:
        """Return whether the first look for a file is still to come, and begin to wait for it."""
        now, known = time.time(), filter(None, map(self.tasks.get, self._ids))
        if not self._looks or not any(is_check_pending(task, now=now) for task in known):
            return False
        if self._look_until is None:
            self._look_until = time.monotonic() + LOOK_TIMEOUT_S
        return time.monotonic() < self._look_until

    def _seconds_to_look(self) -> float | None:
        """Return how long the first look is waited for yet, None if it is not waited for."""
        return None if self._look_until is None else max(0.0, self._look_until - time.monotonic())


def have_ended(ids: Collection[int], tasks: Mapping[int, Task]) -> bool:
    """Return whether each of `ids` has ended or was removed."""
    return all(i not in tasks or tasks[i].state in ENDED_STATES for i in ids)


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
