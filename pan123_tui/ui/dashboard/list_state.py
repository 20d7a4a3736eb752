"""Which tasks a query of the list shows, and in which order."""

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.query import Query, SortKey, View, predicate_for, sort_tasks
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.dashboard.columns import COLUMNS, TaskColumn
from pan123_tui.wording.notes import NoteContext, searched_note


class ListState:
    """What follows from a query: the tasks that it selects, in its order."""

    def __init__(self, first: Query) -> None:
        """`first` is the query that is shown first."""
        is_trouble = first.view is View.TROUBLE
        self.other_order = SortKey.ADDED if is_trouble else SortKey.HOST, False
        """While trouble is shown, the order of the other tabs; otherwise that of trouble."""
        self.notes = NoteContext()
        """The time, and what the notes and the names of folders depend on, for searching."""

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
        candidates = tasks.unfinished if query.view is View.ACTIVE else tasks
        chosen = filter(self.predicate(query, tasks), candidates.values())
        return sort_tasks(chosen, query.sort, reverse=query.reverse)

    def predicate(self, query: Query, tasks: TaskCollection) -> Callable[[Task], bool]:
        """Return a test for whether `query` selects a task."""
        if not query.search:
            return predicate_for(query.view)
        # Nothing is searched at first.
        from pan123_tui.domain.filter import FilterContext, predicate_of  # noqa: PLC0415

        notes, names = partial(searched_note, context=self.notes), self.notes.folder_names
        return predicate_of(query, FilterContext(self.notes.now, names, tasks, notes))


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
