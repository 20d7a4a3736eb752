"""The list of tasks with its tabs, search and details."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.getters import query_one
from textual.reactive import var
from textual.timer import Timer
from textual.widgets import Static

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.batches import batch_labels
from pan123_tui.domain.commands import SetVisible
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.query import Query, View, count_by_view
from pan123_tui.domain.shown import Shown
from pan123_tui.i18n import _, ngettext
from pan123_tui.ui.dashboard.columns import TaskColumn
from pan123_tui.ui.dashboard.detail_text import Detail
from pan123_tui.ui.dashboard.list_state import ListState, sorted_by_column
from pan123_tui.ui.dashboard.parts import Parts
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dashboard.view_tabs import ViewTabs
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.formats import number
from pan123_tui.wording.notes import NoteContext, next_to_send

if TYPE_CHECKING:
    from pan123_tui.ui.dashboard.filter_bar import FilterBar

MANY_TASKS = 2_000
"""With more tasks, a search that is being typed waits until nothing has been typed for a moment."""
TYPING_PAUSE_S = 0.15


class TaskPanel(Container):
    """Tabs, search line, the table of tasks and the details of one."""

    list_query: var[Query] = var(Query(), init=False)
    """What is shown, and in which order."""
    counts: var[Mapping[View, int]] = var[Mapping[View, int]]({}, init=False)
    """The number of tasks in each view; empty until they are known."""
    notes: var[NoteContext] = var(NoteContext(), init=False)
    """What the tasks' notes depend on, including the time used for ages."""
    shown_detail: var[Detail | None] = var[Detail | None](None, init=False)
    """The task under the cursor, if there is one and its details are open."""

    tabs = query_one(ViewTabs)
    search_line = query_one("#search-line", Static)
    table = query_one(TaskTable)
    empty = query_one("#empty", Static)
    detail = query_one(TaskDetail)

    def __init__(self, parts: Parts) -> None:
        """Show what was shown last, in the former run or in another language."""
        super().__init__()
        self._parts = parts
        state = parts.memory.state
        self.set_class(state.is_detail_open, "-detail")
        self.set_reactive(TaskPanel.list_query, state.query)
        self.list_state = ListState(state.query)
        self._model = parts.model
        self._keys = parts.engine.keys
        self._waits_for: object = None
        """The parts of the engine's status that the notes depend on."""
        self._visible_ids: tuple[int, ...] = ()
        self._to_reveal: frozenset[int] = frozenset()
        self._typed = ""
        """The search as it is being typed."""
        self._typing: Timer | None = None
        """Applies it after a pause."""

    def compose(self) -> ComposeResult:
        yield ViewTabs().data_bind(TaskPanel.list_query, TaskPanel.counts)
        yield Static(id="search-line", markup=False)
        with Container(id="body"):
            with Container(id="list"):
                yield TaskTable().data_bind(TaskPanel.list_query, TaskPanel.notes)
                yield Static(id="empty", markup=False)
            yield TaskDetail().data_bind(TaskPanel.shown_detail)

    def on_mount(self) -> None:
        self.tick()
        self.table.focus()
        self.show_search()

    # What is shown

    @property
    def is_detail_open(self) -> bool:
        """Whether the details are open."""
        return self.has_class("-detail")

    @property
    def is_typing(self) -> bool:
        """Whether a search is being typed."""
        return bool(self.query("FilterBar.-open"))

    def show_changes(self, change: ModelChange) -> None:
        """Show what `change` affects: single rows if only progress changed, otherwise the order."""
        status = self._model.status
        sending = status.is_paused, status.hold, status.hold_until, status.connection
        waits_for = sending, status.missing_folders, status.refused_links
        if change.is_more_than_progress or change.folders_changed or waits_for != self._waits_for:
            self._waits_for = waits_for
            self.tick()
        is_named_anew = change.folders_changed and bool(self.list_query.search)
        if change.is_more_than_progress or is_named_anew or not self.table.total:
            chosen = self.table.marks.ids or self.detail.has_focus
            self._show_order(keeps_top=change.rest_loaded and not chosen)
        else:
            self.table.fill({task.id for task in change.tasks})
            self._count_views()
            self._poll_visible()  # the list may have been scrolled without its cursor
            self.show_detail()

    def refresh_all(self) -> None:
        """Show the model as it is now."""
        self.tick()
        self._show_order()

    def watch_list_query(self) -> None:
        self._show_order()

    def tick(self) -> None:
        """Update ages, times left, and what the notes say about the queue."""
        model, now = self._model, self._parts.clock()
        self.notes = NoteContext(
            now=now,
            status=model.status,
            folder_names=model.folder_names,
            running=model.counts[Shown.RUNNING],
            next_id=next_to_send(model.tasks, model.status, now),
            checks_arrivals=self._parts.live_settings.current.arrival.check,
            confirm_key=self._keys["tasks.retry"],
        )
        self.list_state.notes = self.notes
        self.show_detail()

    def update_query(self, **changes: Any) -> None:
        """Change fields of the query and show its result."""
        self.list_query = self.list_state.changed(self.list_query, **changes)
        if not self.is_typing:
            self.table.marks.kept = frozenset()

    def _search(self) -> None:
        """Show what the typed search finds."""
        if self._typing is not None:
            self._typing.stop()
            self._typing = None
            self.update_query(search=self._typed)

    def _show_order(self, *, keeps_top: bool = False) -> None:
        tasks, query = self._model.tasks, self.list_query
        self.table.show(self.list_state.order(query, tasks), tasks, keeps_top=keeps_top)
        self._count_views()
        self._reveal()
        self.show_search()
        self._show_empty()
        self._remember()
        self._poll_visible()
        self.show_detail()

    def _show_empty(self) -> None:
        """If the list is empty, say why."""
        model, query = self._model, self.list_query
        is_empty = model.is_loaded and model.is_complete and not self.table.total
        self.set_class(is_empty, "-empty")
        if not is_empty:
            return
        matches = 0
        if query.search and query.view is not View.ALL:
            fits = self.list_state.predicate(replace(query, view=View.ALL), model.tasks)
            matches = sum(map(fits, model.tasks.values()))
        text = empty_text(
            len(model.tasks),
            model.status,
            query=query,
            in_view=self.counts[query.view],
            matches=matches,
            is_typing=self.is_typing,
            keys=self._keys,
        )
        self.empty.update(text)

    def reveal_added(self) -> None:
        """Reveal the tasks that the user added last, as soon as the model has them."""
        if added := self._parts.engine.take_added():
            self._to_reveal = added  # earlier ones may have been removed unseen
            self._show_order()  # the model may have them already, the table not yet

    def _reveal(self) -> None:
        """Reveal what the user added; if that is hidden, show everything."""
        if not self._to_reveal or not self._to_reveal <= self._model.tasks.keys():
            return
        added, self._to_reveal = self._to_reveal, frozenset()
        if added.difference(self.table.order):
            self.update_query(view=View.ALL)
        if added.difference(self.table.order):
            self.update_query(search="")
        self.table.move_to(next((it for it in self.table.order if it in added), 0))

    def _count_views(self) -> None:
        if self._model.is_loaded:
            self.counts = count_by_view(self._model.counts)

    @on(TaskTable.MarksChanged)
    def show_search(self) -> None:
        """Show the current search with what it finds, and the key that clears it at once."""
        query = self.list_query
        self.search_line.display = bool(query.search)
        if not query.search or not self.counts:
            return
        hits, total = number(self.table.total), number(self.counts[query.view])
        parts = [_("{hits} of {total}").format(hits=hits, total=total)]
        if not self.is_typing:
            if not self.table.marks.ids and not self.is_detail_open:
                parts.append(_("{key} clears it").format(key=self._keys["view.back"]))
            parts.append(f"/ {query.search}")
        self.search_line.update(plain_content("  ·  ".join(parts)))

    def _remember(self) -> None:
        """Save, for the next run, what the list shows."""
        self._parts.memory.save(query=self.list_query, is_detail_open=self.is_detail_open)

    @on(TaskTable.TaskHighlighted)
    def _poll_visible(self) -> None:
        """Have the tasks on the screen polled first."""
        visible = self.table.visible_ids()
        if visible != self._visible_ids:
            self._visible_ids = visible
            self._parts.client.send(SetVisible(visible))

    @on(TaskTable.TaskHighlighted)
    def show_detail(self) -> None:
        """Show the details of the task under the cursor, if they are open."""
        cursor = self.table.cursor_id if self.is_detail_open else None
        task = self._model.tasks.get(cursor or 0)
        prober = self._parts.link_prober
        self.shown_detail = Detail(task, self.notes, self._keys, prober) if task else None

    def open_detail(self, is_open: bool = True) -> None:
        """Open the details, or close them."""
        if is_open != self.is_detail_open:
            self.set_class(is_open, "-detail")
            if not is_open:
                self.table.focus()
            self.show_detail()
            self.show_search()
            self.screen.refresh_bindings()  # for what enter does
            self._remember()

    # Messages of the widgets

    def on_descendant_blur(self) -> None:
        """Focus the details if they have replaced the list."""
        if self.screen.focused is None and not self.query_one("#list").display:
            self.detail.focus()

    @on(TaskTable.RowSelected)
    def choose_task(self) -> None:
        """Open the details; if they are open, focus them; if they have the focus, close them."""
        if not self.is_detail_open:
            self.open_detail()
        elif self.detail.has_focus:
            self.open_detail(False)
        else:
            self.detail.focus()

    @on(TaskTable.HeaderSelected)
    def sort_by_heading(self, event: TaskTable.HeaderSelected) -> None:
        column = TaskColumn(event.column_key.value or "")
        self.list_query = sorted_by_column(self.list_query, column)

    # Named, not `@on`: the class of the search line is not loaded at the start.
    def on_filter_bar_changed(self, event: "FilterBar.Changed") -> None:
        self._typed = event.line
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_PAUSE_S, self._search)
        if len(self._model.tasks) <= MANY_TASKS:
            self._search()

    def on_filter_bar_closed(self) -> None:
        self._search()
        self.table.focus()
        self.show_search()
        self._show_empty()

    # Keys

    async def open_search(self) -> None:
        """Open the search line; mounted on first use, as it would cost the first frame 7 ms."""
        from pan123_tui.ui.dashboard.filter_bar import FilterBar  # noqa: PLC0415 - not for the start

        if not self.query(FilterBar):
            bar = FilterBar(batches=lambda: batch_labels(self._model.tasks))
            await self.mount(bar, after=self.tabs)
        self.table.marks.close_range()
        self.table.marks.kept = self.table.marks.ids
        self.query_one(FilterBar).open(self.list_query.search)
        self.show_search()
        self._show_empty()

    def go_back(self) -> None:
        """Undo one step: the details, then the marks, then the search."""
        if self.is_detail_open:
            self.open_detail(False)
        elif self.table.marks.ids:
            self.table.marks.clear()
        else:
            self.update_query(search="")


def empty_text(
    total: int,
    status: Status,
    *,
    query: Query,
    in_view: int,
    matches: int = 0,
    is_typing: bool = False,
    keys: KeyNames,
) -> Content:
    """Return why the list is empty, and what to do; of `total` tasks `in_view` may be shown.

    In other tabs, the search has `matches`.
    """
    lines: list[str] = []
    if not total:
        lines.append(_("Press {key}, or simply paste links here.").format(key=keys["links.add"]))
        if status.connection is Connection.NO_ACCOUNT:
            kept = _("Links that you add before you log in are kept, and sent afterwards.")
            lines += ["", kept]
    if matches:
        text = ngettext(
            "{count} task in another tab matches: {key} shows it.",
            "{count} tasks in other tabs match: {key} shows them.",
            matches,
        )
        key = keys["view.show_all"]
        key = _("enter, then {key}").format(key=key) if is_typing else key
        lines.append(text.format(key=key))
    elif host_of(query.search):
        text = _("To add this link, press {key}, then paste it again.")
        lines.append(text.format(key=keys["view.back"]))
    elif query.search and in_view:
        text = ngettext(
            "The search hides {count} task: {key} clears it.",
            "The search hides {count} tasks: {key} clears it.",
            in_view,
        )
        lines.append(text.format(key=keys["view.back"]))
    elif query.search and total:
        text = ngettext(
            "{count} task is in another tab: {key} clears the search, then {all} shows all.",
            "{count} tasks are in other tabs: {key} clears the search, then {all} shows all.",
            total,
        )
        lines.append(text.format(key=keys["view.back"], all=keys["view.show_all"]))
    elif others := total - in_view:
        text = ngettext(
            "{count} task is in another tab: {key} shows all.",
            "{count} tasks are in other tabs: {key} shows all.",
            others,
        )
        lines.append(text.format(key=keys["view.show_all"]))
    heading = _("Nothing here") if total else _("No downloads yet")
    return Content.assemble((heading, "bold $text"), "\n\n", ("\n".join(lines), "$text-muted"))
