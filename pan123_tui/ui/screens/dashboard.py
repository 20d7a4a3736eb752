"""The dashboard: the tasks, what is under the cursor, and the keys that act on them."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.getters import query_one
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Footer

from pan123_tui.domain.query import Query
from pan123_tui.domain.sorting import SortKey
from pan123_tui.domain.task import RETRYABLE_STATES
from pan123_tui.domain.views import View
from pan123_tui.i18n import N_, _
from pan123_tui.ui.desk import Desk
from pan123_tui.ui.filter_check import filter_faults
from pan123_tui.ui.mirror import Change, Mirror
from pan123_tui.ui.screens.add import AddScreen
from pan123_tui.ui.screens.choice import ChoiceScreen
from pan123_tui.ui.viewpoint import SORT_LABELS, VIEW_LABELS, Viewpoint
from pan123_tui.ui.widgets.empty_state import EmptyState
from pan123_tui.ui.widgets.filter_bar import FilterBar, Purpose
from pan123_tui.ui.widgets.status_bar import StatusBar
from pan123_tui.ui.widgets.task_detail import TaskDetail
from pan123_tui.ui.widgets.task_table import TaskTable
from pan123_tui.ui.widgets.view_tabs import ViewTabs

TICK_S = 5.0
"""How often ages and guesses at the time left are brought up to date."""


class DashboardScreen(Screen[None]):
    """Shows the mirror as the query says; each key is one call of the desk or of a widget."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", N_("add links"), id="links.add"),
        Binding("space", "mark", N_("mark"), id="marks.toggle"),
        Binding("v", "mark_range", N_("mark a range"), id="marks.range", show=False),
        Binding("ctrl+a", "mark_all", N_("mark all shown"), id="marks.all", show=False),
        Binding("asterisk", "invert_marks", N_("invert the marks"), id="marks.invert", show=False),
        Binding("r", "retry", N_("retry"), id="tasks.retry"),
        Binding("R", "retry_failed", N_("retry all failed"), id="tasks.retry_failed", show=False),
        Binding("d,delete", "remove", N_("remove"), id="tasks.remove"),
        Binding("u", "undo", N_("undo"), id="tasks.undo"),
        Binding(
            "c", "clear('succeeded')", N_("clear succeeded"), id="tasks.clear_succeeded", show=False
        ),
        Binding(
            "C",
            "clear('finished')",
            N_("clear all finished"),
            id="tasks.clear_finished",
            show=False,
        ),
        Binding("f5", "poll_now", N_("poll now"), id="tasks.poll", show=False),
        Binding("tab", "next_view(1)", N_("next view"), id="view.next", show=False),
        Binding("shift+tab", "next_view(-1)", N_("former view"), id="view.former", show=False),
        *(
            Binding(str(n), f"view({n - 1})", label, id=f"view.show_{view}", show=False)
            for n, (view, label) in enumerate(VIEW_LABELS.items(), 1)
        ),
        Binding("slash", "search", N_("search"), id="view.search", key_display="/"),
        Binding("n", "hit(1)", N_("next hit"), id="view.next_hit", show=False),
        Binding("N", "hit(-1)", N_("former hit"), id="view.former_hit", show=False),
        Binding("f", "filter", N_("filter"), id="view.filter"),
        Binding("s", "sort", N_("sort"), id="view.sort"),
        Binding("S", "reverse", N_("reverse the order"), id="view.reverse", show=False),
        Binding(
            "apostrophe", "toggle_detail", N_("details on or off"), id="view.detail", show=False
        ),
        Binding("escape", "back", N_("back"), id="view.back", show=False),
    ]

    tabs = query_one(ViewTabs)
    filter_bar = query_one(FilterBar)
    table = query_one(TaskTable)
    detail = query_one(TaskDetail)
    status_bar = query_one(StatusBar)
    empty = query_one(EmptyState)

    def __init__(
        self,
        desk: Desk,
        mirror: Mirror,
        changes: Signal[Change],
        *,
        add_screen: Callable[[str], AddScreen],
        clock: Callable[[], float],
        window_rows: int = 500,
        is_ascii: bool = False,
        is_demo: bool = False,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._mirror = mirror
        self._changes = changes
        self._add_screen = add_screen
        self._clock = clock
        self._window_rows = window_rows
        self._is_ascii = is_ascii
        self._is_demo = is_demo
        self._viewpoint = Viewpoint(Query())
        self._order: list[int] = []

    def compose(self) -> ComposeResult:
        yield ViewTabs()
        yield FilterBar(check=filter_faults)
        with Container(id="body"):
            yield TaskTable(window_rows=self._window_rows, is_ascii=self._is_ascii, id="tasks")
            yield EmptyState()
            yield TaskDetail(is_ascii=self._is_ascii)
        yield StatusBar(is_demo=self._is_demo, is_ascii=self._is_ascii)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._changes.subscribe(self, self.show_changes)
        self.set_interval(TICK_S, self._tick, name="tick")
        self.table.focus()
        self._show_status()

    # What the engine tells

    def show_changes(self, change: Change) -> None:
        """Repaint what `change` touches: cells where only progress moved, else the order too."""
        now = self._clock()
        if change.is_order_affected or not self._order:
            self._show_order()
        else:
            self.table.patch(change.tasks, now=now)
        self._show_detail()
        self._show_status()

    def _show_order(self) -> None:
        tasks, now = self._mirror.tasks, self._clock()
        self._order = self._viewpoint.order(tasks, now=now)
        self.table.show(self._order, tasks, now=now)
        self.tabs.show(self._viewpoint.tabs(tasks.values(), now=now))
        self.table.display = bool(self._order)
        if self._order and self.focused is None:
            self.table.focus()
        if self._order or not self._mirror.is_loaded:
            self.empty.hide()
        else:
            why = self._viewpoint.why_empty(tasks.values(), self._mirror.status, now=now)
            self.empty.show(*why)
        shown, total = self.table.shown_count, self.table.total
        self.status_bar.shown = (shown, total) if shown < total else None

    def _show_detail(self) -> None:
        task_id = self.table.cursor_task_id
        task = self._mirror.tasks.get(task_id) if task_id is not None else None
        self.detail.show(task, now=self._clock())

    def _show_status(self) -> None:
        self.status_bar.show(
            self._mirror.status,
            self._mirror.tallies,
            now=self._clock(),
        )

    def _tick(self) -> None:
        now = self._clock()
        self.table.tick(now)
        self._show_detail()
        self._show_status()

    # What the widgets tell

    @on(TaskTable.TaskHighlighted)
    def follow_cursor(self) -> None:
        self._show_detail()
        self.refresh_bindings()
        self._desk.focus(self.table.visible_ids())

    @on(TaskTable.TaskSelected)
    def open_detail(self) -> None:
        self.set_class(True, "-detail")
        self._show_detail()

    @on(TaskTable.MarksChanged)
    def count_marks(self, event: TaskTable.MarksChanged) -> None:
        self.status_bar.marked = len(event.marked)
        self.refresh_bindings()

    @on(ViewTabs.ViewChosen)
    def choose_view(self, event: ViewTabs.ViewChosen) -> None:
        self._look(view=View(event.key))

    @on(TaskTable.SortRequested)
    def sort_by_heading(self, event: TaskTable.SortRequested) -> None:
        if self._viewpoint.sort_by_column(event.column_key):
            self._show_viewpoint()

    @on(FilterBar.SearchChanged)
    def search_for(self, event: FilterBar.SearchChanged) -> None:
        self.table.highlight = event.text
        self._look(search=event.text)

    @on(FilterBar.FilterChanged)
    def filter_by(self, event: FilterBar.FilterChanged) -> None:
        self._look(filter=event.text)

    @on(FilterBar.Closed)
    def go_back_to_table(self) -> None:
        self.table.focus()

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere on the dashboard opens the input screen, filled."""
        event.stop()
        self._open_add_screen(event.text)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        if action == "retry":
            return bool(self._desk.chosen(self._touched(), RETRYABLE_STATES))
        if action == "remove":
            return bool(self._touched())
        if action == "undo":
            return self._desk.can_undo
        return True

    def _touched(self) -> Collection[int]:
        """What an action touches: the marked tasks, else the one under the cursor."""
        if not self.is_mounted:
            return ()
        if self.table.marked:
            return self.table.marked
        cursor = self.table.cursor_task_id
        return () if cursor is None else (cursor,)

    def action_add(self) -> None:
        self._open_add_screen("")

    @work(group="dialog", exclusive=True)
    async def _open_add_screen(self, text: str) -> None:
        await self.app.push_screen_wait(self._add_screen(text))

    @work(group="dialog", exclusive=True)
    async def action_retry(self) -> None:
        await self._desk.retry(self._touched())

    @work(group="dialog", exclusive=True)
    async def action_retry_failed(self) -> None:
        await self._desk.retry_failed()

    @work(group="dialog", exclusive=True)
    async def action_remove(self) -> None:
        await self._desk.remove(self._touched())

    @work(group="dialog", exclusive=True)
    async def action_clear(self, what: str) -> None:
        await self._desk.clear(what)

    @work(group="dialog", exclusive=True)
    async def action_undo(self) -> None:
        await self._desk.undo()

    @work(group="poll now", exclusive=True)
    async def action_poll_now(self) -> None:
        self.notify(_("Asking for everything now."), markup=False)
        await self._desk.poll_now()

    def action_mark(self) -> None:
        self.table.toggle_mark()
        self.table.action_cursor_down()

    def action_mark_range(self) -> None:
        self.table.mark_range()

    def action_mark_all(self) -> None:
        self.table.mark_all(self._order)

    def action_invert_marks(self) -> None:
        self.table.invert()

    def action_next_view(self, step: int) -> None:
        self._look(view=self._viewpoint.step_view(step))

    def action_view(self, index: int) -> None:
        self._look(view=list(VIEW_LABELS)[index])

    def action_search(self) -> None:
        self.filter_bar.open(Purpose.SEARCH, self._viewpoint.query.search)

    def action_filter(self) -> None:
        self.filter_bar.open(Purpose.FILTER, self._viewpoint.query.filter)

    def action_hit(self, step: int) -> None:
        """Go to the next hit: a search leaves only hits in the table."""
        if self._order:
            index = (self.table.cursor_index + step) % len(self._order)
            self.table.move_to(self._order[index])

    @work(group="dialog", exclusive=True)
    async def action_sort(self) -> None:
        choices = [(key.value, _(label), "") for key, label in SORT_LABELS.items()]
        current = self._viewpoint.query.sort.value
        key = await self.app.push_screen_wait(ChoiceScreen(_("Sort by"), choices, current=current))
        if key is not None:
            self._look(sort=SortKey(key), reverse=False)

    def action_reverse(self) -> None:
        self._look(reverse=not self._viewpoint.query.reverse)

    def action_toggle_detail(self) -> None:
        self.toggle_class("-detail")
        self._show_detail()

    def action_back(self) -> None:
        """Undo the latest narrowing: marks, then the details, search and filter, then the view."""
        query = self._viewpoint.query
        if self.table.marked:
            self.table.clear_marks()
        elif self.has_class("-detail"):
            self.remove_class("-detail")
        elif query.search or query.filter:
            self.table.highlight = ""
            self._look(search="", filter="")
        else:
            self._look(view=View.ALL)

    def _look(self, **changes: Any) -> None:
        if self._viewpoint.change(**changes):
            self._show_viewpoint()

    def _show_viewpoint(self) -> None:
        query = self._viewpoint.query
        self.tabs.choose(query.view)
        self.table.show_sort(self._viewpoint.sorted_column, is_reverse=query.reverse)
        self._show_order()
        self._show_detail()
