"""The viewpoint: what of the tasks is looked at, in which order, and how that is said."""

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
_KEYS_OF_COLUMNS: Mapping[TaskColumn, SortKey] = {
    TaskColumn.STATE: SortKey.STATE,
    TaskColumn.NAME: SortKey.NAME,
    TaskColumn.PROGRESS: SortKey.PERCENT,
    TaskColumn.ETA: SortKey.ETA,
    TaskColumn.PACE: SortKey.PERCENT,
    TaskColumn.FOLDER: SortKey.FOLDER,
    TaskColumn.TASK_ID: SortKey.ADDED,
    TaskColumn.AGE: SortKey.ADDED,
    TaskColumn.CHECKED: SortKey.CHECKED,
}
_COLUMNS_OF_KEYS: Mapping[SortKey, TaskColumn] = {
    SortKey.ADDED: TaskColumn.AGE,
    SortKey.NAME: TaskColumn.NAME,
    SortKey.STATE: TaskColumn.STATE,
    SortKey.PERCENT: TaskColumn.PROGRESS,
    SortKey.ETA: TaskColumn.ETA,
    SortKey.FOLDER: TaskColumn.FOLDER,
    SortKey.CHECKED: TaskColumn.CHECKED,
}


class ListState:
    """Holds the query; every change tells whether the order has to be made anew."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.folder_names: Mapping[int, str] = {}
        """The names of the folders that are known, by id: searches and orders go by them."""

    def change(self, **changes: Any) -> bool:
        """Change the query; tell whether it is another one now."""
        former, self.query = self.query, replace(self.query, **changes)
        return self.query != former

    def step_view(self, step: int) -> View:
        """Give the view `step` tabs further on, round and round."""
        views = list(VIEW_LABELS)
        return views[(views.index(self.query.view) + step) % len(views)]

    def sort_by_column(self, column: TaskColumn) -> bool:
        """Sort by what a heading stands for; by the same again: the other way round."""
        key = _KEYS_OF_COLUMNS[column]
        is_again = key is self.query.sort
        return self.change(sort=key, reverse=is_again and not self.query.reverse)

    @property
    def sorted_column(self) -> TaskColumn | None:
        """The column that the order comes from, if there is one."""
        return _COLUMNS_OF_KEYS.get(self.query.sort)

    def order(self, tasks: TaskCollection, *, now: float) -> list[int]:
        """Give the ids of the tasks that are looked at, in their order."""
        if self.query.shows_all_by_age:
            return sorted(tasks, reverse=not self.query.reverse)
        chosen = (
            tasks.unfinished.values() if self.query.view in UNFINISHED_VIEWS else tasks.values()
        )
        return select(chosen, self.query, now=now, folder_names=self.folder_names)

    def tabs(self, tallies: Mapping[TaskState, int], *, stalled: int) -> list[tuple[str, str, int]]:
        """Give key, label and count of each view."""
        numbers = count_by_view(tallies, stalled=stalled)
        return [(view, _(label), numbers[view]) for view, label in VIEW_LABELS.items()]

    def is_affected_by(self, change: ModelChange) -> bool:
        """Tell whether `change` may show other tasks here, or show them in another order.

        What a mere percentage does to the order waits for the next change that is more.
        """
        query = self.query
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
        """Say why there is nothing to see, and what to do: a heading and the advice."""
        if not tasks:
            return _("No downloads yet"), _first_steps(status, keys)
        return _("Nothing here"), "\n".join(_hiding(self._hidden(tasks, now), keys))

    def _hidden(self, tasks: Collection[Task], now: float) -> HiddenCounts:
        return count_hidden(tasks, self.query, now=now, folder_names=self.folder_names)


def _first_steps(status: Status, keys: KeyNames) -> str:
    steps = [_("Press {key}, or simply paste links here.").format(key=keys["links.add"])]
    if status.connection is Connection.NO_ACCOUNT:
        steps += [
            "",
            _("No account is configured yet: run “pan123-tui login”,"),
            _("or set PAN123_ACCESS_TOKEN before you start, or press “{key}” here.").format(
                key=keys["app.settings"]
            ),
            _("What you add before that is kept, and sent afterwards."),
        ]
    return "\n".join(steps)


def _hiding(hiding: HiddenCounts, keys: KeyNames) -> list[str]:
    lines = []
    back = keys["view.back"]
    if hiding.by_view:
        text = ngettext(
            "{count} task is in other views: {key} shows all.",
            "{count} tasks are in other views: {key} shows all.",
            hiding.by_view,
        )
        lines.append(text.format(count=hiding.by_view, key=keys["view.show_all"]))
    if hiding.by_filter:
        text = ngettext(
            "The filter hides {count} task: {key} clears it.",
            "The filter hides {count} tasks: {key} clears it.",
            hiding.by_filter,
        )
        lines.append(text.format(count=hiding.by_filter, key=back))
    if hiding.by_search:
        text = ngettext(
            "The search hides {count} task: {key} clears it.",
            "The search hides {count} tasks: {key} clears it.",
            hiding.by_search,
        )
        lines.append(text.format(count=hiding.by_search, key=back))
    return lines
