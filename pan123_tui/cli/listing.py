"""`list`: print the tasks, or their links for `add -f`."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from pan123_tui.bootstrap import AppContext, load_context, load_store
from pan123_tui.cli.commands import example
from pan123_tui.cli.output import (
    percent_text,
    print_data,
    print_json,
    print_link,
    print_message,
    rfc3339,
    task_line,
)
from pan123_tui.cli.selection import WORDS, TasksCommand, chosen_tasks, tasks_argument
from pan123_tui.domain.batches import batch_name, is_open
from pan123_tui.domain.errors import EngineError, Pan123Error, Problem, ProblemKind, StoreLocked
from pan123_tui.domain.events import Status
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.query import SortKey, sort_tasks
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.send_queue import places
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import ACTIVE_STATES, Task, TimelineEntry
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, join_choices, ngettext
from pan123_tui.programs.errors import ExitCode
from pan123_tui.system.lock_holder import is_listening
from pan123_tui.wording.formats import ago, count_tasks, shown_label
from pan123_tui.wording.notes import NoteContext, next_to_send, note
from pan123_tui.wording.results import paused_text

if TYPE_CHECKING:
    from pan123_tui.client.protocol import Hello

_WIDE_CELLS = 100
"""From this width on the time of adding is shown."""
_COLORS: Mapping[Shown, str] = {
    Shown.QUEUED: "bright_black",
    Shown.SENDING: "cyan",
    Shown.RUNNING: "blue",
    Shown.DONE: "green",
    Shown.FAILED: "red",
    Shown.UNSURE: "magenta",
}


class Known(Struct, frozen=True):
    """What the engine tells, else what is on disk."""

    tasks: TaskCollection
    """Oldest first."""
    status: Status
    notes: NoteContext
    hello: "Hello | None" = None
    """Who has told it; None: nobody."""
    error: Pan123Error | None = None
    """Why the engine, which is there, has not told it."""
    damaged: tuple[str, ...] = ()
    """The files that cannot be read."""


@click.command(
    "list",
    cls=TasksCommand,
    help=_("Print all tasks, or those that TASKS choose, oldest first."),
    epilog=example(
        "pan123-tui list state:failed host:example.com",
        "pan123-tui list batch:last --json | jq '.[].note'",
        "pan123-tui list state:failed --links > again.txt",
    ),
)
@tasks_argument(required=False)
@click.option("--json", "as_json", is_flag=True, help=_("Print a JSON array of objects."))
@click.option(
    "--links", is_flag=True, help=_("Print only the links, with their names, for “add -f”.")
)
@click.option(
    "--sort",
    type=click.Choice([str(key) for key in SortKey]),
    metavar="KEY",
    help=_("Sort by {keys} …").format(
        keys=join_choices(("name", "state", "percent", "host", "added"))
    ),
)
def list_tasks(selection: Any, *, as_json: bool, links: bool, sort: str | None) -> ExitCode:
    """Print the tasks."""
    context = load_context()
    known = load_shown(context)
    tasks, missing = chosen_tasks(selection, known.tasks, context)
    if sort is not None:
        names = known.notes.folder_names
        order = sort_tasks(tasks, SortKey(sort), folder_names=names)
        tasks = [known.tasks[task_id] for task_id in order]
    if links:
        print_links(tasks)
    elif as_json:
        print_json(documents(tasks, known))
    elif not tasks:
        print_nothing(known.tasks, missing)
    elif sys.stdout.isatty():
        print_table(tasks, known.notes)
    else:
        for task in tasks:
            print_data(task_line(task, note(task, known.notes)))
    if known.status.is_paused and not links:
        print_message(paused_text())
    if known.hello is None and known.error is None and any(map(is_open, tasks)) and not as_json:
        print_message(_("No engine runs, so nothing is sent or checked: “pan123-tui” starts one."))
    return ExitCode.SOME_FAILED if missing else ExitCode.DONE


def print_links(tasks: Sequence[Task]) -> None:
    """Print the links of `tasks` and their names as `add -f` reads them."""
    linked = [task for task in tasks if task.has_link]
    for task in linked:
        print_link(task.url, task.name)
    if others := len(tasks) - len(linked):
        text = ngettext(
            "{count} task was added by its taskID: its link is not known.",
            "{count} tasks were added by their taskIDs: their links are not known.",
            others,
        )
        print_message(text)


def load_known(context: AppContext) -> Known:
    """Return the tasks of the engine, else those on disk; raises as `load_store` does."""
    error: Pan123Error | None = None
    if is_listening(context.paths.data_dir):
        from pan123_tui.cli.remote import RemoteEngine

        try:
            with RemoteEngine(context, may_start=False, wants_updates=True) as engine:
                model = engine.load()
            notes = note_context(context, model.tasks, model.status)
            return Known(model.tasks, model.status, notes, engine.hello)
        except (EngineError, StoreLocked) as reason:
            error = reason
    tasks, damaged, is_paused = load_store(context)
    status = Status(is_paused=is_paused)
    return Known(tasks, status, note_context(context, tasks, status), None, error, damaged)


def load_shown(context: AppContext) -> Known:
    """Return the same, and say where it may not be the whole truth."""
    known = load_known(context)
    if known.error is not None:
        print_message(_("The engine does not answer: this is what it saved last."))
    if known.damaged:
        text = _("Damaged files, so the list may be out of date or incomplete: {files}")
        print_message(text.format(files=sanitize(", ".join(known.damaged), 300)))
    return known


def note_context(context: AppContext, tasks: TaskCollection, status: Status) -> NoteContext:
    """Return what the notes of `tasks` depend on."""
    unfinished = tasks.unfinished.values()
    waits = (
        it for it in unfinished if it.problem and it.problem.kind is ProblemKind.FOLDER_MISSING
    )
    names: Mapping[int, str] = {}
    if status.missing_folders or any(waits):
        from pan123_tui.engine.folders import load_folders

        names = load_folders(context.paths.folder_cache).names
    return NoteContext(
        now=time.time(),
        status=status,
        folder_names=names,
        running=sum(task.state in ACTIVE_STATES for task in unfinished),
        next_id=next_to_send(tasks),
        checks_arrivals=context.settings.arrival.check,
    )


def print_nothing(tasks: TaskCollection, missing: Sequence[int] = ()) -> None:
    """Print that no task is chosen; of `missing` ids that is said already."""
    if missing:
        return
    if not tasks:
        print_message(_("No tasks."))
    else:
        words = click.get_current_context().meta[WORDS]
        text = _("“{words}” matches none of {tasks}; “pan123-tui list” shows all.")
        print_message(text.format(words=sanitize(words, 100), tasks=count_tasks(len(tasks))))


def print_table(tasks: Sequence[Task], context: NoteContext) -> None:
    """Print a table, as wide as the terminal at most.

    It is one row, whose cells have a line for each task: of 300 tasks rich draws that in 17 ms of
    processor time, and 300 rows in 65.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    def lines(texts: Iterable[str]) -> Text:
        return Text("\n".join(texts), no_wrap=True, overflow="ellipsis")

    console = Console(highlight=False)
    shown = [shown_state(task) for task in tasks]
    states = (Text(shown_label(state), style=_COLORS[state]) for state in shown)
    heading = "" if console.no_color else "dim"
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=heading)
    table.add_column(_("ID"), justify="right", no_wrap=True)
    table.add_column(_("state"), no_wrap=True)
    table.add_column("%", justify="right", no_wrap=True)
    table.add_column(_("note"), min_width=8)
    table.add_column(_("name"), min_width=8)
    cells = [
        lines(str(task.id) for task in tasks),
        Text("\n").join(states),
        lines(map(percent_text, tasks)),
        lines(sanitize(note(task, context), 300) for task in tasks),
        lines(sanitize(display_name(task.name, task.url)) for task in tasks),
    ]
    if console.width >= _WIDE_CELLS:
        table.add_column(_("added"), no_wrap=True)
        cells.append(lines(ago(context.now - task.created_at) for task in tasks))
    table.add_row(*cells)
    console.print(table)


def documents(tasks: Sequence[Task], known: Known) -> list[dict[str, Any]]:
    """Return `tasks` as the JSON objects of `list --json`."""
    place = places(known.tasks.unfinished.values())
    return [document(task, place.get(task.id), note(task, known.notes)) for task in tasks]


def document(task: Task, place: int | None, note_text: str) -> dict[str, Any]:
    """Return `task` as a JSON object; its fields are documented and stable.

    `place` is that in the queue, 1 for what is sent next.
    """
    problem = task.problem
    return {
        "id": task.id,
        "url": task.url,
        "name": task.name,
        "shown": str(shown_state(task)),
        "note": note_text,
        "state": str(task.state),
        "percent": task.percent,
        "task_id": task.task_id,
        "folder_id": task.folder_id,
        "subfolder": task.subfolder,
        "created_at": rfc3339(task.created_at),
        "sent_at": rfc3339(task.sent_at),
        "finished_at": rfc3339(task.finished_at),
        "checked_at": rfc3339(task.checked_at),
        "problem": str(problem.kind) if problem else None,
        **_answer(problem),
        "fail_reason": task.fail_reason,
        "file_id": task.file_id,
        "callback_url": task.callback_url,
        "retries": task.retries,
        "auto_retry": _auto_retry(task),
        "batch": batch_name(task),
        "place": place,
        "arrival": _arrival(task),
        "history": [_history_entry(entry) for entry in task.timeline],
    }


def _answer(problem: Problem | None) -> dict[str, Any]:
    """Return what the service has said."""
    if problem is None:
        return {"message": "", "code": None, "trace_id": ""}
    return {"message": problem.message, "code": problem.code, "trace_id": problem.trace_id}


def _arrival(task: Task) -> dict[str, Any] | None:
    if (seen := task.arrival) is None:
        return None
    return {
        "verdict": str(seen.status),
        "at": rfc3339(seen.at),
        "name": seen.name,
        "size": seen.size,
        "problem": str(seen.problem.kind) if seen.problem else None,
    }


def _auto_retry(task: Task) -> dict[str, Any] | None:
    if (retry := task.auto_retry) is None:
        return None
    return {"done": retry.done, "of": retry.of, "due_at": rfc3339(retry.due_at)}


def _history_entry(entry: TimelineEntry) -> dict[str, Any]:
    return {
        "at": rfc3339(entry.at),
        "state": str(entry.state),
        "task_id": entry.task_id,
        "percent": entry.percent,
        "automatic": entry.is_automatic,
        **_answer(entry.problem),
    }
