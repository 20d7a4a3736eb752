"""`watch`: the engine in the foreground, with a line for each change."""

import time
from collections import Counter
from collections.abc import Mapping
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
from pan123_tui.cli.remote import end_engine, holder_of
from pan123_tui.config.credentials import load_credentials
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.batches import batch_name, is_open
from pan123_tui.domain.errors import Problem, StoreLocked
from pan123_tui.domain.events import (
    ACCOUNT_CONNECTIONS,
    EngineEvent,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.programs.engine import EngineProcess, run_until_done
from pan123_tui.programs.errors import ExitCode
from pan123_tui.wording.formats import duration
from pan123_tui.wording.notes import NoteContext, note
from pan123_tui.wording.outcomes import batch_text
from pan123_tui.wording.problems import explain_problem
from pan123_tui.wording.results import paused_text

MAX_TRIES = 5
"""How often the engine in the background is ended: a screen may start it again."""
STEP_PERCENT = 10
"""Progress of a task that is worth a line."""
_MIN_PRINTED_WAIT_S = 10.0
"""A shorter wait of the queue is not printed."""


@click.command(
    "watch",
    help=_(
        "Run the engine in the foreground, and print a line for each change.\n\nThis"
        " engine replaces the one in the background."
    ),
    epilog=example("pan123-tui watch --until-done --quiet"),
)
@click.option(
    "--until-done", is_flag=True, help=_("End when nothing is queued or running any more.")
)
@click.option("--quiet", "-q", is_flag=True, help=_("Print only what went wrong."))
def watch(*, until_done: bool, quiet: bool) -> ExitCode:
    """Run the engine until a signal arrives or all tasks are done."""
    context = load_context()
    print_ignored_account(context)
    if load_credentials(context.environ, context.paths.config_dir) is None:
        print_message(_("No account is configured: run “pan123-tui login”."))
        return ExitCode.ACCOUNT
    printer = ProgressPrinter(
        is_quiet=quiet, ends_on_refusal=until_done, looks=context.settings.arrival.check
    )
    process = EngineProcess(
        context,
        printer,
        program="watch",
        until=run_until_done if until_done else None,
    )
    code = _run_in_place_of_background(context, process)
    tasks = process.engine.tasks
    print_unfinished(tasks, is_paused=process.engine.status.is_paused)
    if code is ExitCode.DONE and until_done and (printer.failed or count_unsent(tasks)):
        return ExitCode.SOME_FAILED
    return code


def _run_in_place_of_background(context: AppContext, process: EngineProcess) -> ExitCode:
    """Run the engine here, after one in the background has ended.

    Raises `StoreLocked` where another `watch` runs, or an engine that does not answer.
    """
    for _try in range(MAX_TRIES):
        try:
            return process.run()
        except StoreLocked:
            pid, program = holder_of(context)
            if pid is not None and (program != BACKGROUND or not end_engine(context, pid)):
                raise
    return process.run()


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
        self._problems: set[Problem] = set()
        """Those that last, and were told."""
        self._hold: Problem | None = None
        """Why the queue waits, as was told."""
        self._folder_names: Mapping[int, str] = {}

    def on_event(self, event: EngineEvent) -> None:
        """Print what changed."""
        match event:
            case TasksLoaded(tasks):
                self._steps = {task.id: _step_of(task) for task in tasks.values()}
                if not self._is_quiet:
                    print_message(
                        _(
                            "The engine runs in this terminal: “pan123-tui” shows its tasks,"
                            " ctrl+c ends it."
                        )
                    )
            case TasksChanged(changed, removed):
                for task_id in removed:
                    self._steps.pop(task_id, None)
                ended = {batch_name(task): None for task in changed if self._has_ended(task)}
                for task in changed:
                    self._print_task(task)
                for name in ended:
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
            context = NoteContext(
                now=time.time(),
                status=self._status,
                folder_names=self._folder_names,
                checks_arrivals=self._looks,
            )
            print_data(_now(task_line(task, note(task, context))))

    def _has_ended(self, task: Task) -> bool:
        """Return whether `task` has ended since it was printed last."""
        before = self._steps.get(task.id)
        return before is not None and before.is_open and not _step_of(task).is_open

    def _print_batch(self, name: str) -> None:
        """Print how a batch of several tasks has ended, unless one goes on."""
        steps = [step for step in self._steps.values() if step.batch == name]
        if self._is_quiet or len(steps) < 2 or any(step.is_open for step in steps):
            return
        counts = Counter(step.shown for step in steps)
        print_data(_now(batch_text(name, counts, time.time())))

    def _print_status(self, status: Status) -> None:
        """Print each new problem, and each reason why the queue waits, once while it lasts."""
        before, self._status = self._status, status
        if status.is_paused is not before.is_paused:
            print_message(_now(paused_text() if status.is_paused else _("Sending goes on.")))
        is_ending = self._ends_on_refusal and status.connection in ACCOUNT_CONNECTIONS
        if not (status.is_paused or is_ending):
            self._print_hold(status)
        for folder_id in status.missing_folders:
            if folder_id not in before.missing_folders:
                print_message(_now(missing_folder_advice(folder_id, self._folder_names)))
        problems = (status.last_error, status.store_problem, status.notice)
        current = {_key_of(problem): problem for problem in problems if problem}
        for key, problem in current.items():
            if key not in self._problems and key != self._hold:
                print_message(_now(explain_problem(problem, TaskState.RUNNING).text))
        self._problems = set(current)

    def _print_hold(self, status: Status) -> None:
        """Print why the queue waits, since when and until when, and when it goes on."""
        if status.hold is None:
            if self._hold is not None:
                print_message(_now(_("The queue goes on.")))
            self._hold = None
            return
        key, now = _key_of(status.hold), time.time()
        wait_s = (status.hold_until or 0) - now
        if key == self._hold or wait_s < _MIN_PRINTED_WAIT_S:
            return
        self._hold = key
        text = (
            _("The queue has been waiting since {since}, next try in {time}.")
            if key in self._problems
            else _("The queue has been waiting since {since}, next try in {time}: {what}")
        )
        since = rfc3339(now if status.hold_since is None else status.hold_since)
        what = explain_problem(status.hold, TaskState.QUEUED).summary
        print_message(_now(text.format(since=since, time=duration(wait_s), what=what)))


def _now(text: str) -> str:
    return f"{rfc3339(time.time())}  {text}"


def _key_of(problem: Problem) -> Problem:
    """Return `problem` without the trace id, which is another one in each response."""
    return replace(problem, trace_id="")


def _step_of(task: Task) -> _Step:
    """Return the part of `task` that tells whether a line is printed."""
    is_found = task.state is TaskState.UNCONFIRMED and was_found(task)
    tens = is_found or int(task.percent // STEP_PERCENT)
    return _Step(shown_state(task), task.state, tens, batch_name(task), is_open(task))
