"""What the dashboard shows: plain functions of the tasks, the query, the marks and the time."""

from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.query import Query, View, predicate_for, sort_tasks
from pan123_tui.domain.task import Shown, Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.wording.notes import NoteContext, batch_progress_text, next_to_send, searched_note


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


def notes_of(model: TaskModel, now: float) -> NoteContext:
    """Return what the notes depend on."""
    return NoteContext(
        now=now,
        status=model.status,
        folder_names=model.folder_names,
        running=model.counts[Shown.RUNNING],
        next_id=next_to_send(model.tasks, model.status, now),
        has_keys=True,
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


def is_of_batches(query: Query) -> bool:
    """Return whether the search selects whole batches and nothing else."""
    if not query.search:
        return False
    from pan123_tui.domain.filter import parse  # noqa: PLC0415 - as above

    return parse(query.search).is_of_batches


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
