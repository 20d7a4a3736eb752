"""`list`: print the tasks, or their links for `add -f`."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from pan123_tui.bootstrap import ExitCode, print_message
from pan123_tui.cli import output
from pan123_tui.cli.output import print_json, print_link, rfc3339, task_line
from pan123_tui.cli.program import flag
from pan123_tui.cli.selection import Chosen, Known, tasks_command
from pan123_tui.domain.batches import batch_name, is_open
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.query import SortKey, sort_tasks
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.send_queue import places
from pan123_tui.domain.task import Shown, Task, shown_state
from pan123_tui.i18n import _
from pan123_tui.wording.formats import ago, shown_label
from pan123_tui.wording.notes import NoteContext, is_certain, note

_COLORS = {
    Shown.QUEUED: "bright_black",
    Shown.SENDING: "cyan",
    Shown.RUNNING: "blue",
    Shown.DONE: "green",
    Shown.FAILED: "red",
    Shown.UNSURE: "magenta",
}


@tasks_command(
    "list",
    _("Print all tasks, or those chosen by TASKS, oldest first."),
    "pan123-tui list state:failed,unsure host:example.com",
    "pan123-tui list batch:last --json | jq '.[].note'",
    "pan123-tui list state:failed --links > again.txt",
    required=False,
)
@flag("--json", "as_json", help=_("Print a JSON array of objects."))
@flag("--links", help=_("Print only the links, with their names, for “add -f”."))
@click.option(
    "--sort",
    type=click.Choice([str(key) for key in SortKey]),
    metavar="KEY",
    help=_("Sort by name, state, percent, host, size or added."),
)
def list_tasks(selection: Any, *, as_json: bool, links: bool, sort: str | None) -> ExitCode:
    chosen = Chosen(selection, needs_tasks=False)
    known, tasks = chosen.known, chosen.tasks
    if sort is not None:
        order = sort_tasks(tasks, SortKey(sort))
        tasks = [known.tasks[task_id] for task_id in order]
    if links:
        print_links(tasks)
    elif as_json:
        print_json(documents(tasks, known))
    elif not known.tasks and not chosen.failures:
        print_message(_("No tasks."))
    elif sys.stdout.isatty() and tasks:
        print_table(tasks, known.notes)
    else:
        for task in tasks:
            click.echo(task_line(task, note(task, known.notes)))
    if known.status.is_paused and not links:
        from pan123_tui.wording.actions import paused_text

        print_message(paused_text())
    if known.hello is None and known.error is None and any(map(is_open, tasks)) and not as_json:
        print_message(
            _("No engine is running, so nothing is sent or checked: “pan123-tui” starts one.")
        )
    return chosen.exit_code


def print_links(tasks: Sequence[Task]) -> None:
    """Print the links of `tasks` and their names as `add -f` reads them."""
    for task in tasks:
        if task.has_link:
            print_link(task.url, task.name)


def print_table(tasks: Sequence[Task], context: NoteContext) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    is_wide = console.width >= 100
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(_("ID"), justify="right", no_wrap=True)
    table.add_column(_("state"), no_wrap=True)
    table.add_column("%", justify="right", no_wrap=True)
    table.add_column(_("note"), min_width=8)
    table.add_column(_("name"), min_width=8)
    if is_wide:
        table.add_column(_("added"), no_wrap=True)
    for task in tasks:
        shown = shown_state(task)
        name = sanitize(display_name(task.name, task.url))
        table.add_row(
            str(task.id),
            Text(shown_label(shown), _COLORS[shown] if is_certain(task, context) else ""),
            output.percent_text(task),
            Text(sanitize(note(task, context), 300), no_wrap=True, overflow="ellipsis"),
            Text(name, no_wrap=True, overflow="ellipsis"),
            *([ago(context.now - task.created_at)] if is_wide else []),
        )
    console.print(table)


def documents(tasks: Sequence[Task], known: Known) -> list[dict[str, Any]]:
    place = places(known.tasks.unfinished.values())
    return [document(task, place.get(task.id), note(task, known.notes)) for task in tasks]


_AS_THEY_ARE = (
    *("id", "url", "state", "percent", "task_id", "folder_id", "subfolder"),
    *("fail_reason", "file_id", "callback_url", "retries"),
)
_TIMES = "created_at", "sent_at", "finished_at", "checked_at"


def document(task: Task, place: int | None, note_text: str) -> dict[str, Any]:
    """Return `task` as a JSON object with documented, stable fields; `place`: 1 is sent next."""
    problem, seen, retry = task.problem, task.arrival, task.auto_retry
    return {
        **{name: getattr(task, name) for name in _AS_THEY_ARE},
        "name": display_name(task.name, task.url),
        "shown": shown_state(task),
        "needs_you": task.needs_user,
        "note": note_text,
        **{name: rfc3339(getattr(task, name)) for name in _TIMES},
        "problem": problem and problem.kind,
        **_answer(problem),
        "auto_retry": retry
        and {"done": retry.done, "of": retry.of, "due_at": rfc3339(retry.due_at)},
        "batch": batch_name(task),
        "place": place,
        "arrival": seen
        and {
            "verdict": seen.status,
            "at": rfc3339(seen.at),
            "name": seen.name,
            "size": seen.size,
            "problem": seen.problem and seen.problem.kind,
        },
        "history": [
            {
                "at": rfc3339(entry.at),
                "state": entry.state,
                "task_id": entry.task_id,
                "percent": entry.percent,
                "automatic": entry.is_automatic,
                **_answer(entry.problem),
            }
            for entry in task.timeline
        ],
    }


def _answer(problem: Problem | None) -> dict[str, Any]:
    if problem is None:
        return {"message": "", "code": None, "trace_id": ""}
    return {"message": problem.message, "code": problem.code, "trace_id": problem.trace_id}
