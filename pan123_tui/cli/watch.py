"""`watch`: the engine in the foreground, with a line for each change."""

import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
from msgspec.structs import replace

from pan123_tui.bootstrap import BACKGROUND, AppContext, load_context
from pan123_tui.cli.commands import example
from pan123_tui.cli.output import (
    count_unsent,
    is_bad,
    missing_folder_advice,
    print_data,
    print_ignored_account,
    print_message,
    print_unfinished,
    rfc3339,
    task_line,
)
from pan123_tui.cli.remote import ANSWER_TIMEOUT_S, MAX_TRIES, RemoteEngine, waits_for_holder
from pan123_tui.config.credentials import load_credentials
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.batches import batch_name, is_open
from pan123_tui.domain.commands import SetVisible, StopEngine
from pan123_tui.domain.errors import EngineLost, Problem, StoreLocked
from pan123_tui.domain.events import (
    ACCOUNT_CONNECTIONS,
    EngineEvent,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.programs.engine import EngineProcess, run_until_done
from pan123_tui.programs.errors import ExitCode
from pan123_tui.wording.formats import duration
from pan123_tui.wording.notes import NoteContext, note
from pan123_tui.wording.outcomes import batch_text
from pan123_tui.wording.problems import explain_hold, explain_problem
from pan123_tui.wording.results import paused_text, resumed_text

END_TIMEOUT_S = 10.0
STEP_PERCENT = 10
"""Progress of a task that is worth a line."""
_MIN_PRINTED_WAIT_S = 10.0
"""A shorter wait of the queue is not printed."""


@click.command(
    "watch",
    help=_(
        "Run the engine here, in the foreground, with one line for each change.\n\n"
        "It takes the place of the engine in the background."
    ),
    epilog=example("pan123-tui watch --until-done --quiet"),
)
@click.option(
    "--until-done", is_flag=True, help=_("End when nothing is queued or running any more.")
)
@click.option("--quiet", "-q", is_flag=True, help=_("Print only what went wrong."))
def watch(*, until_done: bool, quiet: bool) -> None:
    """Run the engine until a signal arrives or all tasks are done."""
    context = load_context()
    print_ignored_account(context)
    if load_credentials(context.environ, context.paths.config_dir) is None:
        print_message(_("No account is configured: run “pan123-tui login”."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT)
    printer = ProgressPrinter(
        is_quiet=quiet, ends_on_refusal=until_done, looks=context.settings.arrival.check
    )
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
        is_open(task) and not (is_paused and task.state is TaskState.QUEUED)
        for task in tasks.values()
    )


class _Step(NamedTuple):
    """How far a task is; another one is worth a line, unless only its batch is renamed."""

    shown: Shown
    state: TaskState
    tens: int
    batch: str
    is_open: bool
    """Whether it keeps its batch from being at its end."""


class ProgressPrinter:
    """Prints a line for each change after the tasks were loaded."""

    def __init__(self, *, is_quiet: bool, ends_on_refusal: bool, looks: bool = True) -> None:
        """`is_quiet`: only of tasks that go wrong. `looks`: the files of successes are looked for.

        If it `ends_on_refusal` of the account, no next try is promised then.
        """
        self.failed: set[int] = set()
        """Tasks that have failed or become unsure since then."""
        self._is_quiet = is_quiet
        self._ends_on_refusal = ends_on_refusal
        self._looks = looks
        self._status = Status()
        self._steps: dict[int, _Step] = {}
        self._printed: set[Problem] = set()
        self._hold_until: float | None = None
        self._folder_names: Mapping[int, str] = {}

    def on_event(self, event: EngineEvent) -> None:
        """Print what changed."""
        match event:
            case TasksLoaded(tasks):
                self._steps = {task.id: _step_of(task) for task in tasks.values()}
            case TasksChanged(changed, removed):
                for task_id in removed:
                    self._steps.pop(task_id, None)
                ended = [task for task in changed if self._has_ended(task)]
                for task in changed:
                    self._print_task(task)
                for name in dict.fromkeys(map(batch_name, ended)):
                    self._print_batch(name)
            case FoldersChanged(folders):
                self._folder_names = folders.names
            case StatusChanged(status):
                self._print_status(status)

    def _print_task(self, task: Task) -> None:
        step, before = _step_of(task), self._steps.get(task.id)
        self._steps[task.id] = step
        if before is not None and step[:3] == before[:3]:
            return
        if not is_bad(task):
            self.failed.discard(task.id)
        elif before is None or before[:2] != step[:2]:
            self.failed.add(task.id)
        if is_bad(task) or not self._is_quiet:
            now = time.time()
            context = NoteContext(
                now=now,
                status=self._status,
                folder_names=self._folder_names,
                checks_arrivals=self._looks,
            )
            print_data(f"{rfc3339(now)}  {task_line(task, note(task, context))}")

    def _has_ended(self, task: Task) -> bool:
        """Return whether `task` has ended since it was printed last."""
        before = self._steps.get(task.id)
        return before is not None and before.is_open and not _step_of(task).is_open

    def _print_batch(self, name: str) -> None:
        """Print how a batch of several tasks has ended, unless one goes on."""
        steps = [step for step in self._steps.values() if step.batch == name]
        if self._is_quiet or len(steps) < 2 or any(step.is_open for step in steps):
            return
        now = time.time()
        counts = Counter(step.shown for step in steps)
        print_data(f"{rfc3339(now)}  {batch_text(name, counts, now)}")

    def _print_status(self, status: Status) -> None:
        """Print each new problem once while it lasts, and each longer wait of the queue."""
        before, self._status = self._status, status
        if status.is_paused is not before.is_paused:
            _print_now(paused_text() if status.is_paused else resumed_text())
        is_ending = self._ends_on_refusal and status.connection in ACCOUNT_CONNECTIONS
        if not (status.is_paused or is_ending):
            self._print_hold(status)
        for folder_id in status.missing_folders:
            if folder_id not in before.missing_folders:
                _print_now(missing_folder_advice(folder_id, self._folder_names))
        problems = (status.last_error, status.store_problem, status.notice)
        current = {_key_of(problem): problem for problem in problems if problem}
        held_for = _key_of(status.hold) if status.hold and self._hold_until else None
        for key, problem in current.items():
            if key not in self._printed and key != held_for:
                _print_now(explain_problem(problem, is_repeated=True).text)
        self._printed = set(current)

    def _print_hold(self, status: Status) -> None:
        """Print why the queue waits, since when and until when, and when it goes on."""
        if status.hold is None:
            if self._hold_until is not None:
                _print_now(_("The queue goes on."))
            self._hold_until = None
            return
        now, until = time.time(), status.hold_until
        if until is None or until - max(now, self._hold_until or 0) < _MIN_PRINTED_WAIT_S:
            return
        is_told = self._hold_until is None and _key_of(status.hold) in self._printed
        self._hold_until = until
        text = (
            _("The queue waits since {since}, next try in {time}.")
            if is_told
            else _("The queue waits since {since}, next try in {time}: {what}")
        )
        since = rfc3339(now if status.hold_since is None else status.hold_since)
        what = explain_hold(status.hold).summary
        _print_now(text.format(since=since, time=duration(until - now), what=what))


def _print_now(text: str) -> None:
    print_message(f"{rfc3339(time.time())}  {text}")


def _key_of(problem: Problem) -> Problem:
    """Return `problem` without the trace id, which is another one in each response."""
    return replace(problem, trace_id="")


def _step_of(task: Task) -> _Step:
    """Return the part of `task` that tells whether a line is printed."""
    is_found = task.state is TaskState.UNCONFIRMED and was_found(task)
    tens = is_found or int(task.percent // STEP_PERCENT)
    return _Step(shown_state(task), task.state, tens, batch_name(task), is_open(task))
