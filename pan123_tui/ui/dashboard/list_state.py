"""The query of the list: which tasks are shown, in which order, and why none are."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from msgspec.structs import replace

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.batches import batch_name, count_outcomes, last_batch
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.query import (
    HiddenCounts,
    Query,
    View,
    count_by_view,
    count_hidden,
    predicate_for,
    select,
)
from pan123_tui.domain.send_queue import places
from pan123_tui.domain.sorting import SortKey
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection, TaskHeader
from pan123_tui.i18n import N_, _, ngettext, profile
from pan123_tui.ui.dashboard.columns import TaskColumn
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.wording.formats import batch_label, number
from pan123_tui.wording.outcomes import progress_text

VIEW_LABELS: Mapping[View, str] = {
    View.ALL: N_("all"),
    View.ACTIVE: N_("active"),
    View.TROUBLE: N_("trouble"),
    View.DONE: N_("done"),
}
VIEW_HINTS: Mapping[View, str] = {
    View.ALL: N_("Show all tasks"),
    View.ACTIVE: N_("Show what is queued, being sent, or running"),
    View.TROUBLE: N_("Show what failed, is unsure, or has not changed for long"),
    View.DONE: N_("Show what is done"),
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
    SortKey.BATCH: N_("batch"),
    SortKey.QUEUE: N_("order of sending"),
}
_SORT_KEYS: Mapping[TaskColumn, SortKey] = {
    TaskColumn.STATE: SortKey.STATE,
    TaskColumn.NAME: SortKey.NAME,
    TaskColumn.PACE: SortKey.PERCENT,
    TaskColumn.PROGRESS: SortKey.PERCENT,
    TaskColumn.ETA: SortKey.ETA,
    TaskColumn.FOLDER: SortKey.FOLDER,
    TaskColumn.BATCH: SortKey.BATCH,
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
        is_trouble = query.view is View.TROUBLE
        self._other_order = (SortKey.ADDED if is_trouble else SortKey.HOST, False)
        """The order of what is in trouble, or of the other views while that one is shown."""
        self.folder_names: Mapping[int, str] = {}
        """Folder id → name, of the known folders; searched and sorted by."""

    def change(self, **changes: Any) -> bool:
        """Change fields of the query; return whether it differs.

        What is in trouble has an order of its own: at first by host.
        """
        former, self.query = self.query, replace(self.query, **changes)
        if (former.view is View.TROUBLE) is not (self.query.view is View.TROUBLE):
            sort, reverse = self._other_order
            self._other_order = former.sort, former.reverse
            self.query = replace(self.query, sort=sort, reverse=reverse)
        return self.query != former

    def places(self, tasks: TaskCollection) -> Mapping[int, int]:
        """Return the places in the queue by id, where the view shows them."""
        return places(tasks.unfinished.values()) if self.query.sort is SortKey.QUEUE else {}

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
        chosen = tasks.unfinished.values() if self.query.view is View.ACTIVE else tasks.values()
        last = last_batch(tasks) if self.query.search else ""
        return select(chosen, self.query, now=now, folder_names=self.folder_names, last_batch=last)

    @property
    def searched_words(self) -> tuple[str, ...]:
        """The plain words of the search line."""
        from pan123_tui.domain.filter import parse  # noqa: PLC0415 - nothing is searched at first

        return parse(self.query.search).words if self.query.search else ()

    @property
    def is_of_batches(self) -> bool:
        """Whether the search selects whole batches and nothing else."""
        from pan123_tui.domain.filter import parse  # noqa: PLC0415 - nothing is searched at first

        return bool(self.query.search) and parse(self.query.search).is_of_batches

    def batch_heading(self, tasks: TaskCollection, shown: Sequence[int], *, now: float) -> str:
        """Return how the batch stands that the search selects; empty if it selects others.

        `shown` are the ids of the tasks of the query.
        """
        from pan123_tui.domain.filter import FilterContext, parse  # noqa: PLC0415 - rarely used

        line = parse(self.query.search)
        if not line.is_of_batches:
            return ""
        found: Sequence[Task | TaskHeader]
        if self.query.view is View.ALL:
            found = [tasks[task_id] for task_id in shown]
        else:
            matches = line.predicate(FilterContext(now, {}, last_batch(tasks)))
            found = [header for header in tasks.headers() if matches(cast("Task", header))]
        names = {batch_name(header) for header in found}
        if len(names) != 1:
            return ""
        return progress_text(batch_label(names.pop(), now), count_outcomes(found))

    def tabs(
        self, counts_by_state: Mapping[str, int], *, stalled: int
    ) -> list[tuple[str, str, int]]:
        """Return key, label and count of each view."""
        by_view = count_by_view(counts_by_state, stalled=stalled)
        return [(view, _(label), by_view[view]) for view, label in VIEW_LABELS.items()]

    def is_affected_by(self, change: ModelChange) -> bool:
        """Return whether `change` may affect which tasks are shown, or their order.

        A change of progress alone does not re-sort; the next other change does.
        """
        query = self.query
        if change.archive_loaded or (query.sort is SortKey.QUEUE and change.moved):
            return True
        if query.search or query.view is View.TROUBLE:
            return change.is_more_than_progress or change.stalled_changed
        if query.sort is not SortKey.ADDED or change.removed:
            return change.is_more_than_progress
        is_shown = predicate_for(query.view)
        return any(
            before is None or is_shown(before) is not is_shown(now) for before, now in change.moved
        )

    def empty_reason(
        self, tasks: TaskCollection, status: Status, *, now: float, keys: KeyNames
    ) -> tuple[str, str]:
        """Return why the list is empty as a heading and advice."""
        if not tasks:
            return _("No downloads yet"), _first_steps(status, keys)
        counted = count_hidden(
            tasks.values(),
            self.query,
            now=now,
            folder_names=self.folder_names,
            last_batch=last_batch(tasks),
        )
        return _("Nothing here"), "\n".join(_hidden_lines(counted, keys))


def _first_steps(status: Status, keys: KeyNames) -> str:
    steps = [_("Press {key}, or simply paste links here.").format(key=keys["links.add"])]
    if status.connection is Connection.NO_ACCOUNT:
        other_ways = _("or set PAN123_ACCESS_TOKEN before you start, or press {key} here.")
        if profile():
            other_ways = _("or press {key} here.")
        steps += [
            "",
            _("No account is configured yet: run “pan123-tui login”,"),
            other_ways.format(key=keys["app.settings"]),
            _("What you add before that is kept, and sent afterwards."),
        ]
    return "\n".join(steps)


def _hidden_lines(counted: HiddenCounts, keys: KeyNames) -> list[str]:
    by_view = ngettext(
        "{count} task is in other views: {key} shows all.",
        "{count} tasks are in other views: {key} shows all.",
        counted.by_view,
    )
    by_search = ngettext(
        "The search hides {count} task: {key} clears it.",
        "The search hides {count} tasks: {key} clears it.",
        counted.by_search,
    )
    lines = (
        (by_view, counted.by_view, "view.show_all"),
        (by_search, counted.by_search, "view.back"),
    )
    return [text.format(count=number(count), key=keys[key]) for text, count, key in lines if count]
