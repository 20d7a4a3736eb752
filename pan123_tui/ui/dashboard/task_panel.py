"""The list of tasks with its tabs, filter and details, and the keys that change the query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.domain.batches import batch_labels
from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sorting import SortKey
from pan123_tui.i18n import _
from pan123_tui.ui.dashboard.filter_bar import ActiveFilterLine, FilterBar
from pan123_tui.ui.dashboard.list_state import SORT_LABELS, VIEW_LABELS, ListState
from pan123_tui.ui.dashboard.task_detail import NO_PROBER, DetailKeys, TaskDetail
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dashboard.view_tabs import ViewTabs
from pan123_tui.ui.dialogs.prompts import ChoiceScreen
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.link_probe import LinkProber

MANY_TASKS = 5_000
"""With more, the list is not made anew for each letter of a filter."""
TYPING_PAUSE_S = 0.15


class EmptyState(Static):
    """A heading and a few lines of advice, in place of an empty table."""

    def __init__(self) -> None:
        super().__init__(markup=False, id="empty")
        self.display = False
        self._shown: tuple[str, str] | None = None

    def show(self, heading: str, advice: str = "") -> None:
        """Show `heading` and, below it, `advice`."""
        if self._shown != (heading, advice):
            self._shown = (heading, advice)
            self.update(Content.assemble((heading, "bold $text"), "\n\n", (advice, "$text-muted")))
        self.display = True


class TaskPanel(Container):
    """View tabs, filter bar, the table of tasks and the details of one."""

    tabs = query_one(ViewTabs)
    active_filter = query_one(ActiveFilterLine)
    table = query_one(TaskTable)
    empty = query_one(EmptyState)
    detail = query_one(TaskDetail)

    @dataclass
    class QueryChanged(Message):
        """The rows shown, their order or the state of the details may have changed."""

        query: Query
        is_detail_open: bool

    def __init__(
        self,
        model: TaskModel,
        list_state: ListState,
        *,
        clock: Callable[[], float],
        keys: KeyNames,
        window_rows: int = 150,
        is_detail_open: bool = False,
        checks_arrivals: bool = True,
        prober: LinkProber = NO_PROBER,
    ) -> None:
        super().__init__(classes="-detail" if is_detail_open else "")
        self.list_state = list_state
        self._model = model
        self._clock = clock
        self._keys = keys
        self._window_rows = window_rows
        self._checks_arrivals = checks_arrivals
        self._prober = prober
        self._to_reveal: frozenset[int] = frozenset()

    def compose(self) -> ComposeResult:
        yield ViewTabs()
        yield ActiveFilterLine(back_key=self._keys["view.back"])
        with Container(id="body"):
            with Container(id="list"):
                yield TaskTable(window_rows=self._window_rows, id="tasks")
                yield EmptyState()
            ids = (
                *("tasks.retry", "tasks.edit", "tasks.remove", "queue.pause"),
                *("tasks.poll", "files.link", "tasks.test"),
            )
            keys = DetailKeys(*(self._keys[name] for name in ids))
            yield TaskDetail(keys=keys, checks_arrivals=self._checks_arrivals, prober=self._prober)

    def on_mount(self) -> None:
        self.table.folder_names = self.list_state.folder_names = self._model.folder_names
        self._show_view_and_sort()
        self.table.focus()
        self.show_detail()
        self.show_back_key()

    # What is shown

    @property
    def is_detail_open(self) -> bool:
        """Whether the details are open."""
        return self.has_class("-detail")

    @property
    def held_rows(self) -> tuple[int, int] | None:
        """How many rows the table holds and how many tasks there are; None if all are held."""
        held, total = self.table.held_count, self.table.total
        return (held, total) if held < total else None

    def name_folders(self, names: Mapping[int, str]) -> None:
        """Show folders by `names` (id → name)."""
        self.table.folder_names = self.list_state.folder_names = names
        self._show_order()
        self.show_detail()

    def show_changes(self, change: ModelChange) -> None:
        """Repaint what `change` affects: cells if only progress changed, else the order."""
        if self.list_state.is_affected_by(change) or not self.table.total:
            self._show_order()
        else:
            self.table.patch(change.tasks, now=self._clock())
            if change.is_more_than_progress or change.stalled_changed:
                self._show_tabs()
        self.show_detail()

    def tick(self) -> None:
        """Update ages and times left."""
        self.table.tick(self._clock())
        self.show_detail()

    def update_query(self, **changes: Any) -> None:
        """Change fields of the query and show its result."""
        if self.list_state.change(**changes):
            self._show_query()

    def _show_query(self) -> None:
        self._show_view_and_sort()
        self._show_order()
        self.show_detail()

    def _show_view_and_sort(self) -> None:
        query = self.list_state.query
        self.tabs.chosen = query.view
        self.table.show_failure_columns(query.view is View.TROUBLE)
        self.table.highlight = self.list_state.searched_words
        self.table.show_sort(self.list_state.sorted_column, is_descending=query.is_descending)

    def _show_order(self) -> None:
        tasks, now = self._model.tasks, self._clock()
        self.table.places = self.list_state.places(tasks)
        self.table.show(self.list_state.order(tasks, now=now), tasks, now=now)
        self._reveal()
        self._show_tabs()
        self._show_active_filter()
        is_all_here = self._model.is_loaded and self._model.is_complete
        is_empty = is_all_here and not self.table.total
        self.set_class(is_empty, "-empty")
        if is_empty:
            status = self._model.status
            self.empty.show(*self.list_state.empty_reason(tasks, status, now=now, keys=self._keys))
        else:
            self.empty.display = False
        self._post_query_changed()

    def reveal(self, added: frozenset[int]) -> None:
        """Reveal the tasks `added` last by the user, as soon as the model has them."""
        if added:
            self._to_reveal = added  # former ones may have been removed unseen
            self._show_order()  # the model may have them already, the table not yet

    def _reveal(self) -> None:
        """Reveal what the user added, and show everything where that is hidden."""
        if not self._to_reveal or not self._to_reveal <= self._model.tasks.keys():
            return
        added, self._to_reveal = self._to_reveal, frozenset()
        if added.difference(self.table.order):
            self._show_all_of(added)
        self.table.reveal(added)

    def _show_all_of(self, added: frozenset[int]) -> None:
        """Show all tasks, and end the search where it hides some of `added`."""
        self.update_query(view=View.ALL)
        if added.difference(self.table.order):
            self.update_query(search="")

    def _show_active_filter(self) -> None:
        query = self.list_state.query
        hits, total = self.table.total, len(self._model.tasks)
        tasks, order = self._model.tasks, self.table.order
        batch = self.list_state.batch_heading(tasks, order, now=self._clock())
        self.active_filter.show(query.search, hits=hits, total=total, batch=batch)

    def _show_tabs(self) -> None:
        model = self._model
        self.tabs.views = self.list_state.tabs(model.counts, stalled=len(model.stalled))

    def _post_query_changed(self) -> None:
        self.post_message(
            self.QueryChanged(self.list_state.query, is_detail_open=self.is_detail_open)
        )

    def show_detail(self) -> None:
        """Show the details of the task under the cursor, if they are open."""
        if not self.is_detail_open:
            return
        task = self._model.tasks.get(self.table.cursor_task_id or 0)
        self.detail.show(
            task,
            now=self._clock(),
            folder_names=self.table.folder_names,
            is_paused=self._model.status.is_paused,
        )

    def open_detail(self, is_open: bool = True) -> None:
        """Open the details, or close them."""
        if is_open != self.is_detail_open:
            self.set_class(is_open, "-detail")
            if not is_open:
                self.table.focus()
            self.show_detail()
            self.show_back_key()
            self._post_query_changed()

    @on(TaskTable.MarksChanged)
    def show_back_key(self) -> None:
        """Name the key that shows all tasks while it undoes nothing else before."""
        self.active_filter.shows_back_key = not (self.table.marked or self.is_detail_open)

    # Messages of the widgets

    def on_descendant_blur(self) -> None:
        """Focus the details where they have replaced the list."""
        if self.screen.focused is None and not self.query_one("#list").display:
            self.detail.focus()

    @on(TaskTable.TaskHighlighted)
    def show_cursor_task(self) -> None:
        self.show_detail()

    @on(TaskTable.TaskSelected)
    def choose_task(self) -> None:
        """Open the details; focus them if they are open, and close them if they have the focus."""
        if not self.is_detail_open:
            self.open_detail()
        elif self.detail.has_focus:
            self.open_detail(False)
        else:
            self.detail.focus()

    @on(ViewTabs.ViewChosen)
    def choose_view(self, event: ViewTabs.ViewChosen) -> None:
        self.update_query(view=View(event.key))

    @on(TaskTable.SortRequested)
    def sort_by_heading(self, event: TaskTable.SortRequested) -> None:
        if self.list_state.sort_by_column(event.column_key):
            self._show_query()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self.update_query(search=event.line)

    def on_filter_bar_closed(self) -> None:
        self.table.focus()
        self.show_back_key()

    # Keys

    def action_next_view(self, step: int) -> None:
        self.update_query(view=self.list_state.step_view(step))

    def action_view(self, index: int) -> None:
        self.update_query(view=list(VIEW_LABELS)[index])

    async def action_search(self) -> None:
        self.active_filter.shows_back_key = False  # it closes the bar first
        (await self._filter_bar()).open(self.list_state.query.search)

    async def _filter_bar(self) -> FilterBar:
        """Return the filter bar, mounted on first use: it would cost the first frame 7 ms."""
        if not self.query(FilterBar):
            bar = FilterBar(
                batches=lambda: batch_labels(self._model.tasks),
                pause_s=lambda: TYPING_PAUSE_S if len(self._model.tasks) > MANY_TASKS else 0.0,
            )
            await self.mount(bar, after=self.tabs)
        return self.query_one(FilterBar)

    def back_reason(self) -> str:
        """Return why `action_back` can do nothing; empty if it can."""
        if self.list_state.query.view is View.ALL or self._can_go_back:
            return ""
        return _("Press {key} to see all tasks.").format(key=self._keys["view.show_all"])

    @work(group="dialog", exclusive=True)
    async def action_sort(self) -> None:
        query = self.list_state.query
        current = query.sort.value
        choices = [
            (key.value, _(label), _("reversed") if query.reverse and key == current else "")
            for key, label in SORT_LABELS.items()
        ]
        key = await self.app.push_screen_wait(ChoiceScreen(_("Sort by"), choices, current=current))
        if key is not None:
            self.update_query(sort=SortKey(key), reverse=False)

    def action_reverse(self) -> None:
        self.update_query(reverse=not self.list_state.query.reverse)

    def action_back(self) -> None:
        """Undo one step: the details, then the marks, then the search."""
        if self.is_detail_open and self.detail.has_focus and self.table.is_on_screen:
            self.table.focus()
        elif self.is_detail_open:
            self.open_detail(False)
        elif self.table.marked:
            self.table.clear_marks()
        elif self.list_state.query.search:
            self.update_query(search="")

    @property
    def _can_go_back(self) -> bool:
        """Whether `action_back` has a step to undo."""
        query = self.list_state.query
        return bool(self.table.marked or self.is_detail_open or query.search)
