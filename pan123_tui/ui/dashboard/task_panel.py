"""The browser: the tasks as the viewpoint says, and the keys that change what is looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sorting import SortKey
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dashboard.filter_bar import ActiveFilterLine, FilterBar
from pan123_tui.ui.dashboard.list_state import SORT_LABELS, VIEW_HINTS, VIEW_LABELS, ListState
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dashboard.view_tabs import ViewTabs
from pan123_tui.ui.dialogs.choice import ChoiceScreen
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.task_actions import no_task_reason
from pan123_tui.ui.task_model import ModelChange, TaskModel
from pan123_tui.wording.links import filter_faults


class EmptyState(Static):
    """A heading and a few lines of advice; invisible while there is something to show."""

    def __init__(self) -> None:
        super().__init__(markup=False, id="empty")
        self.display = False
        self._shown: tuple[str, str] | None = None

    def show(self, heading: str, advice: str = "") -> None:
        """Say `heading`, and under it `advice`, one thought a line."""
        if self._shown != (heading, advice):
            self._shown = (heading, advice)
            self.update(
                Content("\n\n").join(
                    [Content.styled(heading, "bold $text"), Content.styled(advice, "$text-muted")]
                )
            )
        self.display = True

    def hide(self) -> None:
        """Make room for the table."""
        self.display = False


class TaskPanel(Container):
    """Tabs, the line for search and filter, the table and the details of one task."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", N_("search"), id="view.search"),
        Binding("f", "filter", N_("filter"), id="view.filter"),
        Binding("s", "sort", N_("sort"), id="view.sort"),
        Binding("S", "reverse", N_("reverse the order"), id="view.reverse", show=False),
        Binding("n", "hit(1)", N_("next hit"), id="view.next_hit", show=False),
        Binding("N", "hit(-1)", N_("former hit"), id="view.former_hit", show=False),
        Binding("tab", "next_view(1)", N_("next view"), id="view.next", show=False),
        Binding("shift+tab", "next_view(-1)", N_("former view"), id="view.former", show=False),
        *(
            Binding(
                str(n),
                f"view({n - 1})",
                label,
                id=f"view.show_{view}",
                tooltip=VIEW_HINTS[view],
                show=False,
            )
            for n, (view, label) in enumerate(VIEW_LABELS.items(), 1)
        ),
        Binding(
            "apostrophe", "toggle_detail", N_("details on or off"), id="view.detail", show=False
        ),
        Binding("escape", "back", N_("back"), id="view.back", show=False),
    ]

    tabs = query_one(ViewTabs)
    filter_bar = query_one(FilterBar)
    narrowing = query_one(ActiveFilterLine)
    table = query_one(TaskTable)
    empty = query_one(EmptyState)
    detail = query_one(TaskDetail)

    @dataclass
    class QueryChanged(Message):
        """Other tasks are shown, or in another order, or the details came or went."""

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
    ) -> None:
        super().__init__(classes="-detail" if is_detail_open else "")
        self.list_state = list_state
        self._model = model
        self._clock = clock
        self._keys = keys
        self._window_rows = window_rows

    def compose(self) -> ComposeResult:
        yield ViewTabs()
        yield FilterBar(check=filter_faults)
        yield ActiveFilterLine(back_key=self._keys["view.back"])
        with Container(id="body"):
            with Container(id="list"):
                yield TaskTable(window_rows=self._window_rows, id="tasks")
                yield EmptyState()
            yield TaskDetail(
                retry_key=self._keys["tasks.retry"],
                forget_key=self._keys["tasks.remove"],
            )

    def on_mount(self) -> None:
        query = self.list_state.query
        self.table.folder_names = self.list_state.folder_names = self._model.folder_names
        self.table.highlight = query.search
        self.tabs.chosen = query.view
        self.table.show_sort(self.list_state.sorted_column, is_reverse=query.reverse)
        self.table.focus()
        self._show_detail()

    # What is shown

    @property
    def is_detail_open(self) -> bool:
        """Whether the details are shown."""
        return self.has_class("-detail")

    @property
    def window(self) -> tuple[int, int] | None:
        """How many rows of how many the table has; None: all."""
        shown, total = self.table.shown_count, self.table.total
        return (shown, total) if shown < total else None

    def name_folders(self, names: Mapping[int, str]) -> None:
        """Say the folders of `names` (id → name) by their names."""
        self.table.folder_names = self.list_state.folder_names = names
        self._show_order()
        self._show_detail()

    def show_changes(self, change: ModelChange) -> None:
        """Repaint what `change` touches: cells where only progress moved, else the order too."""
        if self.list_state.is_affected_by(change) or not self.table.total:
            self._show_order()
        else:
            self.table.patch(change.tasks, now=self._clock())
            if change.is_more_than_progress or change.stalled_changed:
                self._show_tabs()
        self._show_detail()

    def tick(self) -> None:
        """Bring ages and guesses at the time left up to date."""
        self.table.tick(self._clock())
        self._show_detail()

    def update_query(self, **changes: Any) -> None:
        """Change the query and show what it says."""
        if self.list_state.change(**changes):
            self._show_viewpoint()

    def _show_viewpoint(self) -> None:
        query = self.list_state.query
        self.tabs.chosen = query.view
        self.table.show_sort(self.list_state.sorted_column, is_reverse=query.reverse)
        self._show_order()
        self._show_detail()

    def _show_order(self) -> None:
        tasks, now = self._model.tasks, self._clock()
        self.table.show(self.list_state.order(tasks, now=now), tasks, now=now)
        self._show_tabs()
        self._show_narrowing()
        is_empty = self._model.is_loaded and not self.table.total
        self.set_class(is_empty, "-empty")
        if is_empty:
            why = self.list_state.empty_reason(
                tasks.values(), self._model.status, now=now, keys=self._keys
            )
            self.empty.show(*why)
        else:
            self.empty.hide()
        self._tell_look()

    def _show_narrowing(self) -> None:
        query = self.list_state.query
        hits, total = self.table.total, len(self._model.tasks)
        self.narrowing.show(query.search, query.filter, hits=hits, total=total)

    def _show_tabs(self) -> None:
        tallies, stalled = self._model.counts, self._model.stalled
        self.tabs.entries = self.list_state.tabs(tallies, stalled=len(stalled))

    def _tell_look(self) -> None:
        looked = self.QueryChanged(self.list_state.query, is_detail_open=self.is_detail_open)
        self.post_message(looked)

    def _show_detail(self) -> None:
        if not self.is_detail_open:
            return
        task_id = self.table.cursor_task_id
        task = self._model.tasks.get(task_id) if task_id is not None else None
        self.detail.show(task, now=self._clock(), folder_names=self.table.folder_names)

    def open_detail(self, is_open: bool = True) -> None:
        """Show the details, or hide them."""
        if is_open != self.is_detail_open:
            self.set_class(is_open, "-detail")
            if not is_open:
                self.table.focus()
            self._show_detail()
            self._tell_look()

    # What the widgets tell

    def on_descendant_blur(self) -> None:
        """Give the keys to the details where they have taken the list's place."""
        if self.screen.focused is None and not self.query_one("#list").display:
            self.detail.focus()

    @on(TaskTable.TaskHighlighted)
    def follow_cursor(self) -> None:
        self._show_detail()

    @on(TaskTable.TaskSelected)
    def choose_task(self) -> None:
        """Open the details; where they are open, go into them, to scroll."""
        if self.is_detail_open:
            self.detail.focus()
        else:
            self.open_detail()

    @on(ViewTabs.ViewChosen)
    def choose_view(self, event: ViewTabs.ViewChosen) -> None:
        self.update_query(view=View(event.key))

    @on(TaskTable.SortRequested)
    def sort_by_heading(self, event: TaskTable.SortRequested) -> None:
        if self.list_state.sort_by_column(event.column_key):
            self._show_viewpoint()

    def on_filter_bar_search_changed(self, event: FilterBar.SearchChanged) -> None:
        self.table.highlight = event.text
        self.update_query(search=event.text)

    def on_filter_bar_filter_changed(self, event: FilterBar.FilterChanged) -> None:
        self.update_query(filter=event.text)

    def on_filter_bar_closed(self) -> None:
        self.table.focus()

    # Keys

    def action_next_view(self, step: int) -> None:
        self.update_query(view=self.list_state.step_view(step))

    def action_view(self, index: int) -> None:
        self.update_query(view=list(VIEW_LABELS)[index])

    def action_search(self) -> None:
        self.filter_bar.open_search(self.list_state.query.search)

    def action_filter(self) -> None:
        self.filter_bar.open_filter(self.list_state.query.filter)

    def action_hit(self, step: int) -> None:
        """Go to the next hit: a search leaves only hits in the table."""
        if not (order := self.table.order):
            self.notify(no_task_reason(), markup=False)
        else:
            self.table.move_to(order[(self.table.cursor_index + step) % len(order)])

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

    def action_switch_row_detail(self) -> None:
        self.open_detail(not self.is_detail_open)

    def action_back(self) -> None:
        """Undo the latest narrowing: marks, then the details, search and filter, then the view."""
        query = self.list_state.query
        if self.is_detail_open and self.detail.has_focus and self.table.is_on_screen:
            self.table.focus()
        elif self.table.marked:
            self.table.clear_marks()
        elif self.is_detail_open:
            self.open_detail(False)
        elif query.search or query.filter:
            self.table.highlight = ""
            self.update_query(search="", filter="")
        else:
            self.update_query(view=View.ALL)
