"""The query of the list: which tasks are shown, in which order, and why none are."""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.query import (
    UNFINISHED_VIEWS,
    HiddenCounts,
    Query,
    View,
    count_by_view,
    count_hidden,
    predicate_for,
    select,
)
from pan123_tui.domain.sorting import SortKey
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.dashboard.columns import TaskColumn
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.task_model import ModelChange

VIEW_LABELS: Mapping[View, str] = {
    View.ALL: N_("all"),
    View.ACTIVE: N_("active"),
    View.FAILED: N_("failed"),
    View.WAITING: N_("waiting"),
    View.SUCCEEDED: N_("succeeded"),
    View.STALLED: N_("stalled"),
}
VIEW_HINTS: Mapping[View, str] = {
    View.ALL: N_("Show all tasks"),
    View.ACTIVE: N_("Show what runs on the service"),
    View.FAILED: N_("Show what failed, was rejected or is missing"),
    View.WAITING: N_("Show what is queued or unconfirmed"),
    View.SUCCEEDED: N_("Show what has succeeded"),
    View.STALLED: N_("Show what runs but has stood still for long"),
}
SORT_LABELS: Mapping[SortKey, str] = {
    SortKey.ADDED: N_("added"),
    SortKey.NAME: N_("name"),
    SortKey.STATE: N_("state"),
    SortKey.PERCENT: N_("progress"),
    SortKey.ETA: N_("time left"),
    SortKey.FINISHED: N_("finished"),
    SortKey.CHECKED: N_("checked"),
    SortKey.FOLDER: N_("folder"),
    SortKey.HOST: N_("host"),
}
_SORT_KEYS: Mapping[TaskColumn, SortKey] = {
    TaskColumn.STATE: SortKey.STATE,
    TaskColumn.NAME: SortKey.NAME,
    TaskColumn.PACE: SortKey.PERCENT,
    TaskColumn.PROGRESS: SortKey.PERCENT,
    TaskColumn.ETA: SortKey.ETA,
    TaskColumn.FOLDER: SortKey.FOLDER,
    TaskColumn.TASK_ID: SortKey.ADDED,
    TaskColumn.AGE: SortKey.ADDED,
    TaskColumn.CHECKED: SortKey.CHECKED,
    TaskColumn.HOST: SortKey.HOST,
}
_SORT_COLUMNS = {key: column for column, key in _SORT_KEYS.items()}
"""The last column of a key shows that it is sorted by."""


class ListState:
    """The current query and what follows from it."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.folder_names: Mapping[int, str] = {}
        """Folder id → name, of the known folders; searched and sorted by."""

    def change(self, **changes: Any) -> bool:
        """Change fields of the query; return whether it differs."""
        former, self.query = self.query, replace(self.query, **changes)
        return self.query != former

    def step_view(self, step: int) -> View:
        """Return the view `step` tabs further on, cyclically."""
        views = list(VIEW_LABELS)
        return views[(views.index(self.query.view) + step) % len(views)]

    def sort_by_column(self, column: TaskColumn) -> bool:
        """Sort by `column`, or reverse the order if it is sorted by that; return as `change`."""
        if (key := _SORT_KEYS.get(column)) is None:  # a reason
            return False
        query = self.query
        return self.change(sort=key, reverse=key is query.sort and not query.reverse)

    @property
    def sorted_column(self) -> TaskColumn | None:
        """The column that is sorted by, if there is one."""
        return _SORT_COLUMNS.get(self.query.sort)

    def order(self, tasks: TaskCollection, *, now: float) -> list[int]:
        """Return the ids of the tasks of the query, in its order, at `now` (Unix seconds)."""
        if self.query.shows_all_by_age:
            return sorted(tasks, reverse=not self.query.reverse)
        chosen = (
            tasks.unfinished.values() if self.query.view in UNFINISHED_VIEWS else tasks.values()
        )
        return select(chosen, self.query, now=now, folder_names=self.folder_names)

    def tabs(
        self, counts_by_state: Mapping[TaskState, int], *, stalled: int, doubtful: int
    ) -> list[tuple[str, str, int]]:
        """Return key, label and count of each view."""
        by_view = count_by_view(counts_by_state, stalled=stalled, doubtful=doubtful)
        return [(view, _(label), by_view[view]) for view, label in VIEW_LABELS.items()]

    def is_affected_by(self, change: ModelChange) -> bool:
        """Return whether `change` may affect which tasks are shown, or their order.

        A change of progress alone does not re-sort; the next other change does.
        """
        query = self.query
        if change.archive_loaded:
            return True
        if query.filter or query.view is View.STALLED:
            return change.is_more_than_progress or change.stalled_changed
        if query.search or query.sort is not SortKey.ADDED or change.removed:
            return change.is_more_than_progress
        is_shown = predicate_for(query.view)
        return any(
            before is None or is_shown(before) is not is_shown(now) for before, now in change.moved
        )

    def empty_reason(
        self, tasks: Collection[Task], status: Status, *, now: float, keys: KeyNames
    ) -> tuple[str, str]:
        """Return why the list is empty as a heading and advice."""
        if not tasks:
            return _("No downloads yet"), _first_steps(status, keys)
        counted = count_hidden(tasks, self.query, now=now, folder_names=self.folder_names)
        return _("Nothing here"), "\n".join(_hidden_lines(counted, keys))


def _first_steps(status: Status, keys: KeyNames) -> str:
    steps = [_("Press {key}, or simply paste links here.").format(key=keys["links.add"])]
    if status.connection is Connection.NO_ACCOUNT:
        steps += [
            "",
            _("No account is configured yet: run “pan123-tui login”,"),
            _("or set PAN123_ACCESS_TOKEN before you start, or press {key} here.").format(
                key=keys["app.settings"]
            ),
            _("What you add before that is kept, and sent afterwards."),
        ]
    return "\n".join(steps)


def _hidden_lines(counted: HiddenCounts, keys: KeyNames) -> list[str]:
    by_view = ngettext(
        "{count} task is in other views: {key} shows all.",
        "{count} tasks are in other views: {key} shows all.",
        counted.by_view,
    )
    by_filter = ngettext(
        "The filter hides {count} task: {key} clears it.",
        "The filter hides {count} tasks: {key} clears it.",
        counted.by_filter,
    )
    by_search = ngettext(
        "The search hides {count} task: {key} clears it.",
        "The search hides {count} tasks: {key} clears it.",
        counted.by_search,
    )
    lines = (
        (by_view, counted.by_view, "view.show_all"),
        (by_filter, counted.by_filter, "view.back"),
        (by_search, counted.by_search, "view.back"),
    )
    return [text.format(count=count, key=keys[key]) for text, count, key in lines if count]
