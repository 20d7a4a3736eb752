"""`wait`, and the end of `add --wait`: follows tasks until they have ended."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from pan123_tui.bootstrap import AppContext, ExitCode, print_message
from pan123_tui.cli.listing import documents
from pan123_tui.cli.output import print_first, print_json, task_line
from pan123_tui.cli.program import flag
from pan123_tui.cli.remote import RemoteEngine
from pan123_tui.cli.selection import Chosen, load_shown, note_context, tasks_command
from pan123_tui.client.engine_client import AttachmentState
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.arrival_check import is_check_pending
from pan123_tui.domain.errors import EngineLost, Problem, ProblemKind
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Status
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state
from pan123_tui.i18n import _, join_list
from pan123_tui.system.processes import resume_collection
from pan123_tui.wording.engine import program_name
from pan123_tui.wording.formats import number, percent
from pan123_tui.wording.notes import NoteContext, note, shown_counts
from pan123_tui.wording.problems import explain_problem

if TYPE_CHECKING:
    from rich.progress import Progress

_SECONDS = click.FloatRange(min=0, min_open=True)
_SECONDS.name = _("number")  # so it is called where something else is given
ENDED = (Shown.DONE, Shown.FAILED, Shown.UNSURE)
"""States that only the user can change."""
LOOK_TIMEOUT_S = 300.0
"""How long after a task's end its file is waited for: its folder may not be readable."""


@tasks_command(
    "wait",
    _("Wait until the tasks have ended; exit with 0 if all are done, else 1."),
    "pan123-tui wait batch:last",
    "pan123-tui wait 12-18 --timeout 3600",
)
@click.option(
    "--timeout",
    "timeout_s",
    metavar="SECONDS",
    type=_SECONDS,
    help=_("Give up after this time; unfinished tasks count as not done."),
)
@flag("--json", "as_json", help=_("Print the tasks as a JSON array at the end."))
def wait(selection: Any, *, timeout_s: float | None, as_json: bool) -> ExitCode:
    chosen = Chosen(selection)
    code = wait_for_tasks(chosen.context, chosen.ids, timeout_s=timeout_s)
    if as_json:
        known = load_shown(chosen.context)
        print_json(documents([known.tasks[i] for i in chosen.ids if i in known.tasks], known))
    return max(code, chosen.exit_code)


def wait_for_tasks(
    context: AppContext, ids: Sequence[int], *, timeout_s: float | None = None
) -> ExitCode:
    """Wait until the tasks `ids` have ended and name what went wrong; `DONE` if all succeeded."""
    until = None if timeout_s is None else time.monotonic() + timeout_s
    with RemoteEngine(context, wants_updates=True) as engine, _progress() as bar:
        try:
            for model in engine.changes():
                if not engine.is_complete:  # a task that has not come yet is not one that has gone
                    continue
                resume_collection()
                tasks = [model.tasks[i] for i in ids if i in model.tasks]
                if all(has_ended(task, model.status) for task in tasks):
                    break
                _show(bar, tasks, note_context(context, model.tasks, model.status))
                if model.status.connection in ACCOUNT_CONNECTIONS:
                    why = model.status.last_error or Problem(ProblemKind.ACCOUNT_MISSING)
                    bar.stop()
                    print_message(explain_problem(why, TaskState.RUNNING).text)
                    return ExitCode.ACCOUNT
                if until is not None and not time.monotonic() < until:  # also after nan
                    bar.stop()
                    print_message(_("Time is up: not all tasks have ended."))
                    break
        except EngineLost:
            former = engine.model.attachment
            if former.state is not AttachmentState.ENDED:
                raise
            runner = program_name(former.program, former.pid)
            bar.stop()
            print_message(_("{runner} has ended.").format(runner=runner))
            return ExitCode.LOCKED
    return _result(context, ids, engine.model)


def has_ended(task: Task, status: Status) -> bool:
    """Return whether `task` has ended, awaits no automatic retry, and its file was looked for."""
    now = time.time()
    is_recent = now - (task.finished_at or 0.0) < LOOK_TIMEOUT_S
    is_over = shown_state(task) in ENDED and task.retry_at is None
    is_looked_for = status.looks_for_files and is_recent and is_check_pending(task, now=now)
    return is_over and not is_looked_for


def _result(context: AppContext, ids: Sequence[int], model: TaskModel) -> ExitCode:
    """Name what went wrong, what has not ended, and doubts; `DONE` if all are done."""
    notes = note_context(context, model.tasks, model.status)
    gone = [_("Task {number} was removed.").format(number=i) for i in ids if i not in model.tasks]
    tasks = [model.tasks[i] for i in ids if i in model.tasks]
    ended = {it.id for it in tasks if has_ended(it, model.status)}
    bad = [it for it in tasks if it.id not in ended or shown_state(it) is not Shown.DONE]
    bad.sort(key=lambda task: task.id not in ended)
    if len(tasks) > 1 or (tasks and not bad):
        counts = Counter(map(shown_state, tasks))
        print_message(join_list(shown_counts(counts, *dict.fromkeys((*ENDED, *Shown)))))
    doubts = [it for it in tasks if it.has_suspect_file and it not in bad]
    print_first([*gone, *(task_line(it, note(it, notes)) for it in (*bad, *doubts))])
    return ExitCode.SOME_FAILED if gone or bad else ExitCode.DONE


def _progress() -> "Progress":
    """Return the line that shows how far the tasks are, if the output is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = SpinnerColumn(), BarColumn(20), TextColumn("{task.description}", markup=False)
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, transient=True, refresh_per_second=2)  # for ssh
    bar.disable = not sys.stderr.isatty()
    bar.add_task(_("Connecting to the engine…"), total=100)
    return bar


def _show(bar: "Progress", tasks: Sequence[Task], notes: NoteContext) -> None:
    ended = Counter(shown for task in tasks if (shown := shown_state(task)) in ENDED)
    mean = sum(100.0 if shown_state(it) in ENDED else it.percent for it in tasks) / len(tasks)
    waits = {*ENDED, Shown.QUEUED}
    waiting = [it for it in tasks if not has_ended(it, notes.status) and shown_state(it) in waits]
    counts = _("{count} of {total} ended, {percent}").format(
        count=number(ended.total()), total=number(len(tasks)), percent=percent(mean)
    )
    why = note(waiting[0], notes) if waiting else ""
    text = join_list((counts, *shown_counts(ended, Shown.FAILED, Shown.UNSURE), why))
    bar.update(bar.task_ids[0], completed=min(mean, 99.9), description=text)
