"""`list`: print the tasks, or their links for `add -f`."""

import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

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
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.errors import EngineError, ProblemKind, StoreLocked
from pan123_tui.domain.events import Status
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.send_queue import places
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.sorting import SortKey, sort_tasks
from pan123_tui.domain.task import ACTIVE_STATES, Task, TimelineEntry
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, ngettext
from pan123_tui.system.lock_holder import is_listening
from pan123_tui.wording.formats import ago, count_tasks, number, shown_label
from pan123_tui.wording.notes import NoteContext, next_to_send, note
from pan123_tui.wording.results import paused_text

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
    """The tasks, oldest first, and what is known besides."""

    tasks: TaskCollection
    status: Status
    notes: NoteContext


@click.command(
    "list",
    cls=TasksCommand,
    help=_("Print the tasks, oldest first, or those that TASKS choose."),
    epilog=example(
        "pan123-tui list state:failed host:example.com",
        "pan123-tui list batch:last --json | jq '.[].note'",
        "pan123-tui list state:failed --links > again.txt",
    ),
)
@tasks_argument(required=False)
@click.option("--json", "as_json", is_flag=True, help=_("As a JSON array of objects."))
@click.option("--links", is_flag=True, help=_("The links alone, with their names, for “add -f”."))
@click.option(
    "--sort",
    type=click.Choice([str(key) for key in SortKey]),
    metavar="KEY",
    help=_("By {keys} …").format(keys="name, state, percent, host, added"),
)
def list_tasks(selection: Any, *, as_json: bool, links: bool, sort: str | None) -> None:
    """Print the tasks."""
    context = load_context()
    known = load_known(context)
    tasks, missing = chosen_tasks(selection, known.tasks, context)
    if sort is not None:
        names = known.notes.folder_names
        order = sort_tasks(tasks, SortKey(sort), folder_names=names)
        tasks = [known.tasks[task_id] for task_id in order]
    if links:
        _print_links(tasks)
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
    if missing:
        raise click.exceptions.Exit(1)


def _print_links(tasks: Sequence[Task]) -> None:
    linked = [task for task in tasks if task.has_link]
    for task in linked:
        print_link(task.url, task.name)
    if others := len(tasks) - len(linked):
        text = ngettext(
            "{count} task was added by its taskID: its link is not known.",
            "{count} tasks were added by their taskIDs: their links are not known.",
            others,
        )
        print_message(text.format(count=number(others)))


def load_known(context: AppContext) -> Known:
    """Return the tasks of the engine, else those on disk; raises as `load_store` does."""
    tasks, status = _from_engine(context) or _from_disk(context)
    return Known(tasks, status, note_context(context, tasks, status))


def _from_engine(context: AppContext) -> tuple[TaskCollection, Status] | None:
    if not is_listening(context.paths.data_dir):
        return None
    from pan123_tui.cli.remote import RemoteEngine

    try:
        with RemoteEngine(context, may_start=False, wants_updates=True) as engine:
            model = engine.load()
            return model.tasks, model.status
    except (EngineError, StoreLocked):
        print_message(_("The engine does not answer: this is what it has saved."))
        return None


def _from_disk(context: AppContext) -> tuple[TaskCollection, Status]:
    tasks, damaged, is_paused = load_store(context)
    if damaged:
        text = _("Damaged, so the list may be an older one or incomplete: {files}")
        print_message(text.format(files=sanitize(", ".join(damaged), 300)))
    return tasks, Status(is_paused=is_paused)


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
        text = _("“{words}” fits none of {tasks}; “pan123-tui list” shows all.")
        print_message(text.format(words=sanitize(words, 100), tasks=count_tasks(len(tasks))))


def print_table(tasks: Sequence[Task], context: NoteContext) -> None:
    """Print a table, as wide as the terminal at most."""
    columns = [
        _to_the_right([_("ID"), *(str(task.id) for task in tasks)]),
        [_("state"), *(shown_label(shown_state(task)) for task in tasks)],
        _to_the_right(["%", *map(percent_text, tasks)]),
        [_("note"), *(sanitize(note(task, context), 300) for task in tasks)],
        [_("name"), *(sanitize(display_name(task.name, task.url)) for task in tasks)],
    ]
    if (room := shutil.get_terminal_size().columns) >= _WIDE_CELLS:
        columns.append([_("added"), *(ago(context.now - task.created_at) for task in tasks)])
    widths = [max(map(width, texts)) for texts in columns]
    room -= sum(widths[:3] + widths[5:]) + 2 * (len(columns) - 1)
    widths[3] = min(widths[3], max(room * 2 // 5, room - widths[4]))
    widths[4] = min(widths[4], max(room - widths[3], 8))
    has_colors = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    for task, row in zip((None, *tasks), zip(*columns, strict=True), strict=True):
        cells = [pad_or_truncate(*cell) for cell in zip(row, widths, strict=True)]
        if task is not None and has_colors:
            cells[1] = click.style(cells[1], fg=_COLORS[shown_state(task)])
        line = "  ".join(cells).rstrip()
        print_data(click.style(line, dim=True) if task is None and has_colors else line)


def _to_the_right(texts: Sequence[str]) -> list[str]:
    cells = max(map(width, texts))
    return [" " * (cells - width(text)) + text for text in texts]


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
        "message": problem.message if problem else "",
        "code": problem.code if problem else None,
        "trace_id": problem.trace_id if problem else "",
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


def _arrival(task: Task) -> dict[str, Any] | None:
    if task.arrival is None:
        return None
    return {
        "verdict": str(task.arrival.status),
        "at": rfc3339(task.arrival.at),
        "name": task.arrival.name,
        "size": task.arrival.size,
        "problem": str(task.arrival.problem.kind) if task.arrival.problem else None,
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
        "message": entry.problem.message if entry.problem else "",
        "code": entry.problem.code if entry.problem else None,
        "trace_id": entry.problem.trace_id if entry.problem else "",
    }
