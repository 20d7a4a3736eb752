"""Which tasks a query of the list shows, and in which order."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.batches import last_batch
from pan123_tui.domain.query import Query, SortKey, View, predicate_for, sort_tasks
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import language
from pan123_tui.ui.dashboard.columns import COLUMNS, TaskColumn
from pan123_tui.wording.notes import NoteContext, searched_note

if TYPE_CHECKING:
    from pan123_tui.domain.filter import Filter

STEP = 100
"""How many tasks are examined before keys are read again: about 2 ms."""
PAUSE_S = 0.001
"""How long the threads that read keys and write to the terminal then run, while keys are typed."""


def _candidates(query: Query, tasks: TaskCollection) -> Mapping[int, Task]:
    return tasks.unfinished if query.view is View.ACTIVE else tasks


class Hits:
    """The ids of the tasks that a query selects; at a change, only what changed is examined."""

    def __init__(self, key: object, fits: Callable[[Task], bool], names: Mapping[int, str]) -> None:
        """`fits` says whether a task is one of them, where folders have these `names`."""
        self.key = key
        """The parts of the query, and the rest, that they depend on."""
        self.fits, self.names = fits, names
        self.ids: set[int] = set()

    def look(self, tasks: Iterable[Task]) -> None:
        """Examine `tasks`, which are new or have changed."""
        for task in tasks:
            (self.ids.add if self.fits(task) else self.ids.discard)(task.id)


class ListState:
    """What follows from a query: the tasks that it selects, in its order."""

    def __init__(self, first: Query) -> None:
        """`first` is the query that is shown first."""
        is_trouble = first.view is View.TROUBLE
        self.other_order = SortKey.ADDED if is_trouble else SortKey.HOST, False
        """While trouble is shown, the order of the other tabs; otherwise that of trouble."""
        self.notes = NoteContext()
        """The time, and what the notes and the names of folders depend on, for searching."""
        self._hits: Hits | None = None
        """What was found in steps; None: each order is made from all tasks."""
        self._sought: Hits | None = None
        """The same while it is looked for."""

    def changed(self, query: Query, **changes: Any) -> Query:
        """Return `query` with other fields.

        The tab *trouble* has an order of its own: at first by host.
        """
        changed = replace(query, **changes)
        if (query.view is View.TROUBLE) is not (changed.view is View.TROUBLE):
            sort, reverse = self.other_order
            self.other_order = query.sort, query.reverse
            changed = replace(changed, sort=sort, reverse=reverse)
        return changed

    def order(self, query: Query, tasks: TaskCollection) -> list[int]:
        """Return the ids of the query's tasks, in its order."""
        if query.shows_all_by_age:
            return sorted(tasks, reverse=not query.reverse)
        if self._hits and self._hits.key == self._key(query):
            self._hits.look(task for task in tasks.unfinished.values() if task.is_active)
            found = filter(tasks.__contains__, self._hits.ids)
            if query.sort is SortKey.ADDED:
                return sorted(found, reverse=not query.reverse)
            chosen: Iterable[Task] = map(tasks.__getitem__, found)
        else:
            self._hits = None
            fits = self.predicate(query, tasks)
            chosen = filter(fits, _candidates(query, tasks).values())
        return sort_tasks(chosen, query.sort, reverse=query.reverse)

    def predicate(self, query: Query, tasks: TaskCollection) -> Callable[[Task], bool]:
        """Return a test for whether `query` selects a task."""
        if not query.search:
            return predicate_for(query.view)
        # Nothing is searched at first.
        from pan123_tui.domain.filter import FilterContext, predicate_of  # noqa: PLC0415

        notes, names = partial(searched_note, context=self.notes), self.notes.folder_names
        return predicate_of(query, FilterContext(self.notes.now, names, last_batch(tasks), notes))

    def must_look(self, query: Query, former: Query) -> bool:
        """Return whether all tasks must be examined for `query` after `former`."""
        is_known = self._key(query) == self._key(former)
        return not is_known and bool(query.search or query.view is not View.ALL)

    async def find(self, query: Query, tasks: TaskCollection, pause_s: float = 0.0) -> None:
        """Examine all `tasks` for what `query` selects; keys are read meanwhile."""
        fits, names = self.predicate(query, tasks), self.notes.folder_names
        sought = self._sought = Hits(self._key(query), fits, names)
        ids = list(_candidates(query, tasks))
        try:
            for start in range(0, len(ids), STEP):
                sought.look(tasks[i] for i in ids[start : start + STEP] if i in tasks)
                await asyncio.sleep(pause_s)
            if self._sought is sought:  # otherwise more tasks have been loaded
                self._hits = sought
        finally:
            if self._sought is sought:
                self._sought = None

    def must_look_again(self, query: Query) -> bool:
        """Whether all tasks must be examined anew for `query`, and are not being examined."""
        names = self._hits and self._hits.names
        return bool(query.search) and self._sought is None and names != self.notes.folder_names

    def follow(self, change: ModelChange, query: Query) -> None:
        """Update what was found in steps for `query` by what has changed."""
        is_new_batch = any(before is None for before, _ in change.moved)
        if change.archive_loaded or (is_new_batch and _line_of(query).follows_new_tasks):
            self._hits = self._sought = None
        for hits in filter(None, (self._hits, self._sought)):
            hits.look(change.tasks)

    def _key(self, query: Query) -> object:
        return query.view, query.search, language()


def is_of_batches(query: Query) -> bool:
    """Return whether the search selects whole batches and nothing else."""
    return bool(query.search) and _line_of(query).is_of_batches


def _line_of(query: Query) -> "Filter":
    from pan123_tui.domain.filter import parse  # noqa: PLC0415 - as above

    return parse(query.search)


def sorted_by_column(query: Query, column: TaskColumn) -> Query:
    """Return `query` sorted by `column`, or reversed if it is already."""
    if (key := COLUMNS[column].sort) is None:
        return query
    return replace(query, sort=key, reverse=key is query.sort and not query.reverse)
