"""What the dashboard shows: plain functions of the tasks, the query, the marks and the time."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from textual.content import Content

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.query import Query, View, predicate_for, sort_tasks
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, ngettext
from pan123_tui.ui.dashboard.columns import COLUMNS, TaskColumn
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.wording.formats import number
from pan123_tui.wording.notes import (
    NoteContext,
    batch_progress_text,
    next_to_send,
    searched_note,
)


class Rows(Struct, frozen=True, eq=False):
    """What the table shows."""

    query: Query = Query()
    ids: tuple[int, ...] = ()
    """The tasks that the query selects, in its order."""
    tasks: Mapping[int, Task] = {}
    """Read for each line."""
    notes: NoteContext = NoteContext()
    """What the notes depend on besides the tasks, including the time used for ages."""
    keeps_top: bool = False
    """Whether a cursor in the first row stays there, and not on its task."""
    goes_to: int | None = None
    """The task that the cursor goes to."""


def notes_of(model: TaskModel, now: float, *, checks: bool, confirm_key: str) -> NoteContext:
    """Return what the notes depend on; `checks`: files are looked for after a success."""
    return NoteContext(
        now=now,
        status=model.status,
        folder_names=model.folder_names,
        running=model.counts[Shown.RUNNING],
        next_id=next_to_send(model.tasks, model.status, now),
        checks_arrivals=checks,
        confirm_key=confirm_key,
    )


def ids_in_order(query: Query, tasks: TaskCollection, notes: NoteContext) -> tuple[int, ...]:
    """Return the ids of the tasks that `query` selects, in its order."""
    if query.shows_all_by_age:
        return tuple(sorted(tasks, reverse=not query.reverse))
    candidates = tasks.unfinished if query.view is View.ACTIVE else tasks
    chosen = filter(selects(query, tasks, notes), candidates.values())
    return tuple(sort_tasks(chosen, query.sort, reverse=query.reverse))


def selects(query: Query, tasks: TaskCollection, notes: NoteContext) -> Callable[[Task], bool]:
    """Return a test for whether `query` selects a task."""
    if not query.search:
        return predicate_for(query.view)
    # Nothing is searched at first.
    from pan123_tui.domain.filter import FilterContext, predicate_of  # noqa: PLC0415

    note = partial(searched_note, context=notes)
    context = FilterContext(notes.now, notes.folder_names, tasks, note)
    return predicate_of(query, context)


def query_showing(
    query: Query, added: Collection[Task], tasks: TaskCollection, notes: NoteContext
) -> Query:
    """Return `query`, or one that shows more, so that it selects all that was `added`."""
    for hides_nothing in ({"view": View.ALL}, {"search": ""}):
        if not all(map(selects(query, tasks, notes), added)):
            query = query.changed(**hides_nothing)
    return query


def is_of_batches(query: Query) -> bool:
    """Return whether the search selects whole batches and nothing else."""
    if not query.search:
        return False
    from pan123_tui.domain.filter import parse  # noqa: PLC0415 - as above

    return parse(query.search).is_of_batches


def sorted_by_column(query: Query, column: TaskColumn) -> Query:
    """Return `query` sorted by `column`, or reversed if it is already."""
    if (key := COLUMNS[column].sort) is None:
        return query
    return replace(query, sort=key, reverse=key is query.sort and not query.reverse)


def batch_texts(model: TaskModel, now: float) -> tuple[str, ...]:
    """Return how far the newest batch is, then shorter; nothing if it is no batch of several."""
    batch, status = model.newest_batch, model.status
    if batch.counts.total() < 2:
        return ()
    is_sending = not status.is_paused and status.hold is None
    left_s = batch.left_s(model.tasks, now) if is_sending else None
    return tuple(
        batch_progress_text(batch.name, batch.counts, now, left_s=left_s, is_short=is_short)
        for is_short in (False, True)
    )


def search_text(search: str, *, hits: int, total: int, clear_key: str, is_typing: bool) -> str:
    """Return what a search finds of `total` tasks; with `clear_key`, how to clear it at once."""
    parts = [_("{hits} of {total}").format(hits=number(hits), total=number(total))]
    if not is_typing:
        parts += [_("{key} clears it").format(key=clear_key)] if clear_key else []
        parts.append(f"/ {search}")
    return "  ·  ".join(parts)


def empty_text(
    total: int,
    status: Status,
    *,
    query: Query,
    in_view: int,
    matches: int = 0,
    is_typing: bool = False,
    keys: KeyNames,
) -> Content:
    """Return why the list is empty, and what to do; of `total` tasks `in_view` may be shown.

    In other tabs, the search has `matches`.
    """
    lines: list[str] = []
    if not total:
        lines.append(_("Press {key}, or simply paste links here.").format(key=keys["links.add"]))
        if status.connection is Connection.NO_ACCOUNT:
            kept = _("Links that you add before you log in are kept, and sent afterwards.")
            lines += ["", kept]
    if matches:
        text = ngettext(
            "{count} task in another tab matches: {key} shows it.",
            "{count} tasks in other tabs match: {key} shows them.",
            matches,
        )
        key = keys["view.show_all"]
        key = _("enter, then {key}").format(key=key) if is_typing else key
        lines.append(text.format(key=key))
    elif host_of(query.search):
        text = _("To add this link, press {key}, then paste it again.")
        lines.append(text.format(key=keys["view.back"]))
    elif query.search and in_view:
        text = ngettext(
            "The search hides {count} task: {key} clears it.",
            "The search hides {count} tasks: {key} clears it.",
            in_view,
        )
        lines.append(text.format(key=keys["view.back"]))
    elif query.search and total:
        text = ngettext(
            "{count} task is in another tab: {key} clears the search, then {all} shows all.",
            "{count} tasks are in other tabs: {key} clears the search, then {all} shows all.",
            total,
        )
        lines.append(text.format(key=keys["view.back"], all=keys["view.show_all"]))
    elif others := total - in_view:
        text = ngettext(
            "{count} task is in another tab: {key} shows all.",
            "{count} tasks are in other tabs: {key} shows all.",
            others,
        )
        lines.append(text.format(key=keys["view.show_all"]))
    heading = _("Nothing here") if total else _("No downloads yet")
    return Content.assemble((heading, "bold $text"), "\n\n", ("\n".join(lines), "$text-muted"))
