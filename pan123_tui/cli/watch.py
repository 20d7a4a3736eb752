"""`watch`: the engine in the foreground, with a line for each change."""

import time
from collections.abc import Iterator

import click
from msgspec.structs import replace

from pan123_tui.bootstrap import ExitCode, load_context, print_message
from pan123_tui.cli.output import rfc3339, task_line
from pan123_tui.cli.program import command, flag
from pan123_tui.cli.remote import end_engine, print_unfinished
from pan123_tui.config.credentials import load_credentials
from pan123_tui.domain import events
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.errors import AccountMissing, StoreLocked
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, EngineEvent, Status
from pan123_tui.domain.task import UNSENT_STATES, Shown, Task, TaskState, shown_state
from pan123_tui.i18n import _, join_sentences
from pan123_tui.programs.engine_process import BACKGROUND, EngineProcess, run_until_done
from pan123_tui.system.folder_lock import find_holder
from pan123_tui.wording.actions import paused_text
from pan123_tui.wording.formats import duration, missing_folders_text
from pan123_tui.wording.notes import NoteContext, note
from pan123_tui.wording.problems import explain_problem, refused_names_text

STEP_PERCENT = 10
"""Progress of a task that is worth a line."""
_MIN_PRINTED_WAIT_S = 10.0
"""A shorter wait of the queue is not printed."""


@command(
    "watch",
    _(
        "Run the engine in the foreground, and print a line for each change.\n\nIt "
        "takes the place of the background engine."
    ),
    "pan123-tui watch --until-done --quiet",
)
@flag("--until-done", help=_("End when nothing is queued or running any more."))
@flag("--wait-for-login", help=_("Without an account, wait for one instead of ending."))
@flag("--quiet", "-q", help=_("Print only what goes wrong."))
def watch(*, until_done: bool, wait_for_login: bool, quiet: bool) -> ExitCode:
    context = load_context()
    if not wait_for_login and load_credentials(context.environ, context.paths.config_dir) is None:
        raise AccountMissing
    printer = ProgressPrinter(is_quiet=quiet)
    process = EngineProcess(
        context, printer, program="watch", until=run_until_done if until_done else None
    )
    while True:  # a screen may start the engine in the background again
        try:
            code = process.run()
            break
        except StoreLocked:
            holder = find_holder(context.paths.data_dir)
            is_other = holder.program != BACKGROUND
            if holder.pid is not None and (is_other or not end_engine(context, holder.pid)):
                raise
    tasks = process.engine.tasks
    print_unfinished(tasks, process.engine.status)
    is_unsent = any(task.state in UNSENT_STATES for task in tasks.unfinished.values())
    is_bad = until_done and (bool(printer.failed) or is_unsent)
    return ExitCode.SOME_FAILED if code is ExitCode.DONE and is_bad else code


class ProgressPrinter:
    """Prints a line for each change, once the tasks have been loaded."""

    def __init__(self, *, is_quiet: bool) -> None:
        """`is_quiet`: print only what goes wrong."""
        self.failed: set[int] = set()
        """Tasks that have failed or become unsure since then."""
        self._is_quiet = is_quiet
        self._notes = NoteContext()
        self._steps: dict[int, object] = {}
        """Task id → how far it was when it was printed."""
        self._told: set[object] = set()
        """The lasting parts of the status that were printed."""

    def on_event(self, event: EngineEvent) -> None:
        match event:
            case events.TasksLoaded(tasks):
                self._steps = {task.id: _step_of(task) for task in tasks}
                if not self._is_quiet:
                    print_message(
                        _(
                            "The engine is running in this terminal: “pan123-tui” shows its "
                            "tasks, ctrl+c ends it."
                        )
                    )
            case events.TasksChanged(changed):
                for task in changed:
                    self._print_task(task)
            case events.FoldersChanged(folders):
                self._notes = replace(self._notes, folder_names=folders.names)
            case events.StatusChanged(status):
                self._print_status(status)

    def _print_task(self, task: Task) -> None:
        step, before = _step_of(task), self._steps.get(task.id)
        self._steps[task.id] = step
        if step == before:
            return
        is_bad = shown_state(task) in (Shown.FAILED, Shown.UNSURE)
        if is_bad:
            self.failed.add(task.id)
        else:
            self.failed.discard(task.id)
        if task.needs_user or not self._is_quiet:
            notes = replace(self._notes, now=time.time())
            click.echo(_now(task_line(task, note(task, notes))))

    def _print_status(self, status: Status) -> None:
        """Print each lasting condition once while it lasts."""
        self._notes = replace(self._notes, status=status)
        current = dict(self._lasting(status))
        for key, text in current.items():
            if key not in self._told:
                print_message(_now(text))
        self._told = set(current)

    def _lasting(self, status: Status) -> Iterator[tuple[object, str]]:
        """Yield each lasting condition, and the text that is printed once for it."""
        if status.is_paused:
            yield "paused", paused_text()
        for folder_id in status.missing_folders:
            gone = missing_folders_text([folder_id], self._notes.folder_names)
            advice = _("“pan123-tui retry folder:{id} --dir PATH” sends them to another folder.")
            yield folder_id, join_sentences(gone, advice.format(id=folder_id))
        if status.refuses_names:
            yield "names", refused_names_text().text
        for problem in (status.last_error, status.store_problem, status.notice):
            if problem is not None:
                yield problem.kind, explain_problem(problem, TaskState.RUNNING).text
        is_stopped = status.is_paused or status.connection in ACCOUNT_CONNECTIONS
        hold = None if is_stopped else status.hold
        wait_s = (status.hold_until or 0) - time.time()
        if hold is not None and (wait_s >= _MIN_PRINTED_WAIT_S or hold.kind in self._told):
            text = _("The queue waits, next try in {time}: {what}")
            what = explain_problem(hold, TaskState.QUEUED).summary
            yield hold.kind, text.format(time=duration(wait_s), what=what)


def _now(text: str) -> str:
    return f"{rfc3339(time.time())}  {text}"


def _step_of(task: Task) -> object:
    """Return how far `task` is, in steps that are worth a line each."""
    is_found = task.is_unsure and was_found(task)
    return task.needs_user, task.state, is_found, int(task.percent // STEP_PERCENT)
