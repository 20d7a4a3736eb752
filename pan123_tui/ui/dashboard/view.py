"""The rows of the list: plain functions of the tasks, the query and the time."""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from itertools import chain
from math import inf

from msgspec import Struct

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.query import GROUPS, Group, Query, View, predicate_for, sort_tasks
from pan123_tui.domain.task import Shown, Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.wording.notes import NoteContext, next_to_send, searched_note


class Heading(Struct, frozen=True):
    """A row that stands for tasks: above a group of the list or, as its rest, below the first."""

    group: Group | None = None
    """None: the one of a list in another order."""
    is_rest: bool = False


RowKey = int | Heading
"""What a row shows: the task with this id, or a heading."""


class Rows(Struct, frozen=True, eq=False):
    """What the table shows."""

    query: Query = Query()
    keys: tuple[RowKey, ...] = ()
    """The rows of the tasks that the query selects, in its order."""
    members: Mapping[Heading, tuple[int, ...]] = {}
    """The tasks that each heading stands for, also those without a row."""
    tasks: Mapping[int, Task] = {}
    """Read for each line."""
    notes: NoteContext = NoteContext()
    """What the notes depend on besides the tasks, including the time used for ages."""
    max_running: int = 0
    """How many tasks may run at once; 0: no limit."""
    keeps_top: bool = False
    """Whether a cursor in the first row stays there, and not on its task."""
    goes_to: RowKey | None = None

    def heading_of(self, index: int) -> Heading | None:
        """Return the heading above the row `index`, or in it."""
        above = (it for it in reversed(self.keys[: index + 1]) if isinstance(it, Heading))
        return next((it for it in above if not it.is_rest), None)

    def tasks_at(self, key: RowKey | None) -> tuple[int, ...]:
        """Return the tasks that the row `key` stands for."""
        if isinstance(key, Heading):
            return self.members.get(key, ())
        return () if key is None else (key,)

    @property
    def ids(self) -> tuple[int, ...]:
        """All tasks that the query selects, in its order."""
        whole = (ids for heading, ids in self.members.items() if not heading.is_rest)
        return tuple(chain.from_iterable(whole))


_LONG: Mapping[Group, tuple[int, int]] = {Group.NEEDS_YOU: (8, 5), Group.QUEUED: (5, 3)}
"""Groups of more tasks than the first number show as many as the second at first."""


def notes_of(model: TaskModel, now: float) -> NoteContext:
    return NoteContext(
        now=now,
        status=model.status,
        folder_names=model.folder_names,
        running=model.counts[Shown.RUNNING],
        next_id=next_to_send(model.tasks, model.status, now),
        has_keys=True,
        has_columns=True,
    )


def rows_in_order(
    query: Query,
    groups: Mapping[Group, Sequence[Task]],
    tasks: TaskCollection,
    notes: NoteContext,
    folds: Mapping[Group, bool],
    kept: int | None = None,
) -> tuple[tuple[RowKey, ...], Mapping[Heading, tuple[int, ...]]]:
    """Return the rows of what `query` selects, and of the task `kept`, and what headings stand for.

    `folds` says which groups the user has opened (True) or folded.
    """
    is_chosen = selects(query, tasks, notes)
    members: dict[Heading, tuple[int, ...]] = {}
    if not query.is_by_state:
        every = [it for it in tasks.values() if is_chosen(it) or it.id == kept]
        ids = tuple(sort_tasks(every, query.sort, reverse=query.reverse))
        return ((Heading(), *ids), {Heading(): ids}) if ids else ((), {})
    keys: list[RowKey] = []
    for group, its_tasks in groups.items():
        if group in GROUPS[query.view] and not query.search:
            ids = tuple(task.id for task in its_tasks)
        else:
            ids = tuple(task.id for task in its_tasks if is_chosen(task) or task.id == kept)
        if not ids:
            continue
        heading, rest = Heading(group), Heading(group, is_rest=True)
        members[heading] = ids
        keys.append(heading)
        is_whole = query.search or query.view is not View.ALL
        long, few = (inf, 0) if is_whole else _LONG.get(group, (inf, 0))
        if folds.get(group, len(ids) <= long):
            keys += ids
        elif group not in folds:
            keys += (*ids[:few], rest)
            members[rest] = ids[few:]
    return tuple(keys), members


def selects(query: Query, tasks: TaskCollection, notes: NoteContext) -> Callable[[Task], bool]:
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


def row_of(
    added: Set[int], keys: Sequence[RowKey], members: Mapping[Heading, tuple[int, ...]]
) -> RowKey | None:
    """Return the first row that shows one of the tasks `added`, or else that has it in its rest."""
    if not added:
        return None
    shown = (key for key in keys if key in added)
    behind = (it for it, ids in members.items() if it in keys and not added.isdisjoint(ids))
    return next(shown, next(behind, None))
