"""`wait`, and the end of `add --wait`: follows tasks until they have ended."""

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.commands import example
from pan123_tui.cli.listing import documents, load_shown, note_context, print_nothing
from pan123_tui.cli.output import print_json, print_message, task_line
from pan123_tui.cli.remote import RemoteEngine
from pan123_tui.cli.selection import TasksCommand, chosen_tasks, tasks_argument
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.arrival_check import is_check_pending
from pan123_tui.domain.errors import EngineLost
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Status
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, begin_sentence, join_list
from pan123_tui.programs.errors import ExitCode
from pan123_tui.wording.engine import program_name
from pan123_tui.wording.formats import number, percent
from pan123_tui.wording.notes import note
from pan123_tui.wording.problems import explain_problem
from pan123_tui.wording.results import paused_text

ENDED = frozenset({Shown.DONE, Shown.FAILED, Shown.UNSURE})
"""What only the user can change."""
LOOK_TIMEOUT_S = 300.0
"""How long the looks for the files of ended tasks may take: a folder may not be readable."""
Show = Callable[[Mapping[int, Task], Status], None]
"""Shows how far the awaited tasks are."""


@click.command(
    "wait",
    cls=TasksCommand,
    help=_("Wait until the tasks have ended; exit code 0: all done, 1: some not."),
    epilog=example("pan123-tui wait batch:last", "pan123-tui wait 12-18 --timeout 3600"),
)
@tasks_argument(required=True)
@click.option(
    "--timeout",
    "timeout_s",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help=_("Give up after this time; what has not ended counts as not done."),
)
@click.option(
    "--json", "as_json", is_flag=True, help=_("Print the tasks as a JSON array at the end.")
)
def wait(selection: Any, *, timeout_s: float | None, as_json: bool) -> ExitCode:
    """Wait for the tasks."""
    context = load_context()
    stored = load_shown(context).tasks
    tasks, missing = chosen_tasks(selection, stored, context)
    if missing:
        return ExitCode.SOME_FAILED
    if not tasks:
        print_nothing(stored)
    ids = [task.id for task in tasks]
    code = wait_for_tasks(context, ids, timeout_s=timeout_s) if ids else ExitCode.DONE
    if as_json:
        known = load_shown(context)
        print_json(documents([known.tasks[i] for i in ids if i in known.tasks], known))
    return code


def wait_for_tasks(
    context: AppContext, ids: Sequence[int], *, timeout_s: float | None = None
) -> ExitCode:
    """Wait until the tasks `ids` have ended and name what went wrong; `DONE` if all succeeded.

    Returns `ACCOUNT` where they wait for a login, `LOCKED` where somebody ends the engine.
    """
    waited = _Wait(ids, looks=context.settings.arrival.check, timeout_s=timeout_s)
    with RemoteEngine(context, wants_updates=True) as engine, _progress(ids) as show:
        code = waited.follow(engine, show)
    return _result(context, ids, waited) if code is None else code


class _Wait:
    """How long tasks are waited for."""

    def __init__(self, ids: Sequence[int], *, looks: bool, timeout_s: float | None) -> None:
        """`looks`: the engine looks for the files of what succeeded."""
        self.model = TaskModel()
        self._ids = ids
        self._looks = looks
        self._until = None if timeout_s is None else time.monotonic() + timeout_s
        self._look_until: float | None = None

    def follow(self, engine: RemoteEngine, show: Show) -> ExitCode | None:
        """Follow the engine until the tasks have ended; return why that cannot be, if it cannot."""
        try:
            for model in engine.changes(self._limit_s):
                self.model = model
                show(model.tasks, model.status)
                if engine.is_complete and self._has_ended():
                    return None
                if model.status.connection in ACCOUNT_CONNECTIONS:
                    return _needs_account(model.status)
                if self._until is not None and time.monotonic() >= self._until:
                    print_message(_("Time is up: not all tasks have ended."))
                    return None
        except EngineLost:
            if not engine.was_ended or engine.hello is None:
                raise
        assert engine.hello is not None  # noqa: S101 - it was there and has ended
        runner = program_name(engine.hello.program, engine.hello.pid)
        print_message(_("{runner} has ended.").format(runner=begin_sentence(runner)))
        return ExitCode.LOCKED

    def _has_ended(self) -> bool:
        if not have_ended(self._ids, self.model.tasks):
            self._look_until = None
            return False
        return not any(self.is_looked_for(i) for i in self._ids) or self._has_looked_long()

    def is_looked_for(self, task_id: int) -> bool:
        """Return whether the engine has still to tell if the file of a task has arrived."""
        task, status = self.model.tasks.get(task_id), self.model.status
        return self._looks and task is not None and is_still_looked_for(task, status)

    def _has_looked_long(self) -> bool:
        if self._look_until is None:
            self._look_until = time.monotonic() + LOOK_TIMEOUT_S
        return time.monotonic() >= self._look_until

    def _limit_s(self) -> float | None:
        """Return after how long without a change the tasks are to be looked at."""
        ends = [it for it in (self._until, self._look_until) if it is not None]
        return max(0.0, min(ends) - time.monotonic()) if ends else None


def _needs_account(status: Status) -> ExitCode:
    if status.last_error is not None:
        print_message(explain_problem(status.last_error, TaskState.RUNNING).text)
    else:
        print_message(_("No account is configured: run “pan123-tui login”."))
    return ExitCode.ACCOUNT


def is_still_looked_for(task: Task, status: Status) -> bool:
    """Return whether a look for the file of `task` is to come in a folder that can be read."""
    uid = status.account.uid if status.account else None
    is_ours = task.account_uid is None or uid in (None, task.account_uid)
    is_folder_there = task.folder_id not in status.missing_folders
    return is_ours and is_folder_there and is_check_pending(task, now=time.time())


def have_ended(ids: Collection[int], tasks: Mapping[int, Task]) -> bool:
    """Return whether each of `ids` has ended, and is not retried by itself, or was removed."""
    known = [tasks[i] for i in ids if i in tasks]
    return all(shown_state(task) in ENDED and task.retry_at is None for task in known)


def _result(context: AppContext, ids: Sequence[int], waited: _Wait) -> ExitCode:
    """Name what went wrong or has not ended; `DONE` if all are done."""
    model, failed = waited.model, 0
    notes = note_context(context, model.tasks, model.status)
    for task_id in ids:
        task, is_open = model.tasks.get(task_id), waited.is_looked_for(task_id)
        if task is None:
            print_message(_("Task {number} was removed.").format(number=task_id))
        elif is_open or shown_state(task) is not Shown.DONE:
            print_message(task_line(task, note(task, notes)))
        failed += is_open or task is None or shown_state(task) is not Shown.DONE
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


@contextmanager
def _progress(ids: Sequence[int]) -> Iterator[Show]:
    """Yield what shows the progress of the tasks `ids` in a line, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _tasks, _status: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    text = TextColumn("{task.description}", markup=False)
    console = Console(stderr=True, highlight=False)
    with Progress(SpinnerColumn(), BarColumn(20), text, console=console, transient=True) as bar:
        line = bar.add_task(_("Connecting to the engine …"), total=100)

        def show(tasks: Mapping[int, Task], status: Status) -> None:
            known = [tasks[i] for i in ids if i in tasks]
            shares = [100.0 if shown_state(it) in ENDED else it.percent for it in known]
            mean = sum(shares) / max(len(shares), 1)
            text = progress_text(known, mean, status)
            bar.update(line, completed=min(mean, 99.9), description=text)  # it moves to the end

        yield show


def progress_text(tasks: Sequence[Task], mean: float, status: Status) -> str:
    """Return how far `tasks` are, and why they wait if they do."""
    ended = [shown_state(task) for task in tasks if shown_state(task) in ENDED]
    text = _("{count} of {total} ended, {percent}")
    counts = text.format(count=number(len(ended)), total=number(len(tasks)), percent=percent(mean))
    bad = len(ended) - ended.count(Shown.DONE)
    trouble = _("{count} not done").format(count=number(bad)) if bad else ""
    waits = any(shown_state(task) is Shown.QUEUED for task in tasks)
    why = ""
    if len(ended) == len(tasks):
        why = _("looking for the file")
    elif waits and status.is_paused:
        why = paused_text()
    elif waits and status.hold is not None:
        why = explain_problem(status.hold, TaskState.QUEUED).summary
    return join_list((counts, trouble, why))
