"""`list` and `export`: print the tasks, or their links for `add -f`."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from pan123_tui.bootstrap import AppContext, is_listening, load_context, load_store
from pan123_tui.cli.batch import batch_option, select_batch
from pan123_tui.cli.commands import example, fitting_words, language_option
from pan123_tui.cli.output import (
    format_task,
    print_data,
    print_json,
    print_link,
    print_message,
    rfc3339,
)
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.errors import EngineError, StoreLocked
from pan123_tui.domain.filter import FilterContext, FilterSyntaxError, parse_term
from pan123_tui.domain.filter_words import STATE_WORDS, split_list, words_in
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.send_queue import places
from pan123_tui.domain.task import Task, TimelineEntry
from pan123_tui.i18n import _, join_choices, language
from pan123_tui.wording.formats import count_links
from pan123_tui.wording.queue import paused_text


class StateChoice(click.Choice[str]):
    """Words for how a task stands, in either language, with commas between them."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the words as they are; raises `click.BadParameter`."""
        for word in split_list(value):
            try:
                parse_term(f'state:"{word}"')
            except FilterSyntaxError:
                text = _("there is no state “{word}”; there are {states}")
                facts = {"word": sanitize(word, 40), "states": _state_choices()}
                self.fail(text.format(**facts), param, ctx)
        return value


def _complete_state(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the words of the current language that begin so, else the English ones."""
    before = incomplete.removesuffix(split_list(incomplete)[-1])
    fitting = (
        fitting_words((f"{before}{word}" for word in offered), incomplete)
        for offered in (_state_words(), STATE_WORDS)
    )
    return next(filter(None, fitting), [])


def _state_words() -> Iterable[str]:
    return words_in(STATE_WORDS, language())


def _state_choices() -> str:
    """Return the words as they are typed."""
    return join_choices(_state_words())


@click.command(
    "list",
    help=_("Show the tasks, whether the engine runs or not."),
    epilog=example(
        "pan123-tui list --state failed",
        "pan123-tui list --batch last --json | jq '.[].url'",
    ),
)
@click.option(
    "--state",
    "states",
    metavar="STATE",
    type=StateChoice(STATE_WORDS),
    shell_complete=_complete_state,
    multiple=True,
    help=_("Only tasks in these states, several with commas between them: {states}.").format(
        states=_state_choices()
    ),
)
@batch_option(_("Only this batch; “last” is the newest one."))
@click.option("--json", "output_format", flag_value="json", help=_("As a JSON array of objects."))
@click.option("--tsv", "output_format", flag_value="tsv", help=_("As tab-separated lines."))
@language_option
def list_tasks(states: tuple[str, ...], batch: str | None, output_format: str | None) -> None:
    """Print the tasks, oldest first."""
    current, is_paused = current_queue(load_context())
    found = select_batch(current, batch).values()
    words = [word for value in states for word in split_list(value)]
    terms = [parse_term(f'state:"{word}"') for word in words]
    context = FilterContext(time.time(), {})
    chosen = [it for it in found if not terms or any(term.matches(it, context) for term in terms)]
    _FORMATS.get(output_format, _print_lines)(chosen, places(current.values()))
    if is_paused:
        print_message(paused_text())


def current_tasks(context: AppContext) -> Mapping[int, Task]:
    """Return the tasks, oldest first; raises as `load_store` does."""
    return current_queue(context)[0]


def current_queue(context: AppContext) -> tuple[Mapping[int, Task], bool]:
    """Return the tasks, oldest first, and whether sending is paused.

    They are those of the engine, else those on disk. Raises as `load_store` does.
    """
    if is_listening(context):
        from pan123_tui.cli.remote import RemoteEngine

        try:
            with RemoteEngine(context, may_start=False, wants_updates=True) as engine:
                model = engine.load()
                return dict(sorted(model.tasks.items())), model.status.is_paused
        except (EngineError, StoreLocked):
            text = _("The engine does not answer: this is what it has saved.")
            print_message(text)
    stored, damaged, is_paused = load_store(context)
    if damaged:
        text = _("Damaged, so the list may be an older one or incomplete: {files}")
        print_message(text.format(files=sanitize(", ".join(damaged), 300)))
    return stored, is_paused


def document(task: Task, place: int | None = None) -> dict[str, Any]:
    """Return `task` as a JSON object of `list --json`; its fields are documented and stable.

    `place` is that in the queue, 1 for what is sent next.
    """
    problem = task.problem
    return {
        "id": task.id,
        "url": task.url,
        "name": task.name,
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


def _print_lines(tasks: list[Task], _places: Mapping[int, int]) -> None:
    """Print a table in a terminal, and elsewhere a line for each task, as it always was."""
    if not tasks:
        print_message(_("No tasks."))
    elif sys.stdout.isatty():
        from pan123_tui.cli.task_table import format_table, may_color, terminal_columns

        cells, has_colors = terminal_columns(), may_color(os.environ)
        for line in format_table(tasks, cells=cells, now=time.time(), has_colors=has_colors):
            print_data(line)
    else:
        for task in tasks:
            print_data(format_task(task))


def _print_json(tasks: list[Task], places: Mapping[int, int]) -> None:
    print_json([document(task, places.get(task.id)) for task in tasks])


def _print_tsv(tasks: list[Task], places: Mapping[int, int]) -> None:
    fields = [
        name
        for name in document(Task(id=0, url="", created_at=0))
        if name not in ("history", "arrival", "auto_retry")
    ]
    print_data("\t".join(fields))
    for task in tasks:
        values = document(task, places.get(task.id))
        cells = ["" if values[name] is None else str(values[name]) for name in fields]
        print_data("\t".join(map(sanitize, cells)))


_FORMATS: Mapping[str | None, Callable[[list[Task], Mapping[int, int]], None]] = {
    "json": _print_json,
    "tsv": _print_tsv,
}


@click.command(
    "export",
    help=_("Write the links, with the names that were asked for, for “add -f”."),
    epilog=example("pan123-tui export --failed > again.txt", "pan123-tui add -f again.txt --again"),
)
@click.option(
    "--failed",
    "only_failed",
    is_flag=True,
    help=_("Only failed, rejected, missing and doubtful ones."),
)
@batch_option(_("Only this batch; “last” is the newest one."))
@language_option
def export(*, only_failed: bool, batch: str | None) -> None:
    """Print the links, oldest first, in the form of an aria2 input file."""
    tasks = select_batch(current_tasks(load_context()), batch).values()
    chosen = [task for task in tasks if task.has_link and (task.has_failed or not only_failed)]
    for task in chosen:
        print_link(task.url, task.name)
    print_message(count_links(len(chosen)))
