"""The list of tasks with its tabs, search, details and status, and what is chosen in it."""

import asyncio
from collections.abc import Mapping, Set
from typing import Any

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.getters import app, query_one
from textual.reactive import var
from textual.widgets import Static

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.batches import BatchResult, batch_term
from pan123_tui.domain.commands import RestoreTasks, SetVisible
from pan123_tui.domain.events import Status
from pan123_tui.domain.forecast import latest_batches
from pan123_tui.domain.query import Query, View
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, language
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.dashboard import view
from pan123_tui.ui.dashboard.batch_bars import BatchBars, BatchLine, batch_line
from pan123_tui.ui.dashboard.columns import COLUMNS, TaskColumn
from pan123_tui.ui.dashboard.status_bar import EndedSince, StatusBar, StatusFacts
from pan123_tui.ui.dashboard.task_detail import Detail, TaskDetail
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dashboard.view import Rows, ViewTabs
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.actions import removal_text
from pan123_tui.wording.dashboard import empty_texts, search_text
from pan123_tui.wording.notes import NoteContext


class TaskPanel(Container):
    """Tabs, search line, the table of tasks, the details of one, and the status.

    Whatever changes asks for one pass (`request`), which computes what is shown (`_show`).
    """

    app = app(Pan123App)

    list_query: var[Query] = var(Query(), init=False)
    """What is shown, and in which order."""
    is_detail_open = var(False, init=False, bindings=True, toggle_class="-detail")

    counts: var[Mapping[View, int]] = var[Mapping[View, int]]({}, init=False)
    """The number of tasks in each view; empty until they are known."""
    rows_shown: var[Rows] = var(Rows(), init=False)
    shown_detail: var[Detail | None] = var[Detail | None](None, init=False)
    """The task under the cursor, if there is one and its details are open."""
    batches: var[tuple[BatchLine, ...]] = var[tuple[BatchLine, ...]]((), init=False)
    facts: var[StatusFacts] = var(StatusFacts(), init=False, bindings=True)
    """What the status bar shows; whatever changes it may enable a key, or disable it."""
    choice: var[tuple[int | None, frozenset[int], bool]] = var(
        (None, frozenset(), False), init=False, bindings=True
    )
    """The task under the cursor, the marked ones, and whether a range is open."""
    search_text = var("", init=False)
    """The present search, and what it finds; empty without one."""
    empty_text: var[Content | None] = var[Content | None](None, init=False)
    """Why the list is empty, if it is."""

    tabs = query_one(ViewTabs)
    search_line = query_one("#search-line", Static)
    table = query_one(TaskTable)
    empty = query_one("#empty", Static)
    detail = query_one(TaskDetail)

    def __init__(self) -> None:
        super().__init__()
        state = self.app.memory.state
        self.set_reactive(TaskPanel.list_query, state.query)
        self.set_reactive(TaskPanel.is_detail_open, state.is_detail_open)
        self.set_class(state.is_detail_open, "-detail")
        self.since = EndedSince(state.seen_at)
        self._looked_at = state.seen_at or self.app.clock()
        """When a key was last pressed, or a screen looked at (Unix seconds)."""
        self._batches: list[BatchResult] | None = None
        """Those that are open or have ended since then; None: to be found anew."""
        self.removals: list[RestoreTasks] = []
        """What undo brings back, by whomever it was removed, the latest first."""
        self.removing = asyncio.Lock()
        """Held while a removal or its undo is in progress."""
        self.offer_to_undo = ""
        """The text of the latest one."""
        self.is_seen = True
        """Whether no other screen hides this one."""
        self._is_requested = True  # the first pass is that of `on_mount`
        self._now = 0.0
        """The time used for ages, in Unix seconds."""
        self._status = Status()
        self._keeps_top = False
        self._notes: NoteContext | None = None
        self._ids: tuple[int, ...] | None = None
        """The ids in order; None, as for the notes: to be found anew."""
        self._visible_ids: tuple[int, ...] = ()
        self._to_reveal: frozenset[int] = frozenset()

    def compose(self) -> ComposeResult:
        yield ViewTabs().data_bind(TaskPanel.list_query, TaskPanel.counts)
        yield Static(id="search-line", markup=False)
        with Container(id="body"):
            with Container(id="list"):
                yield TaskTable(self.request).data_bind(TaskPanel.rows_shown)
                yield Static(id="empty", markup=False)
            yield TaskDetail().data_bind(TaskPanel.shown_detail)
        yield BatchBars(self.show_batch).data_bind(lines=TaskPanel.batches)
        yield StatusBar().data_bind(TaskPanel.facts)

    def on_mount(self) -> None:
        self.app.engine.changes.subscribe(self, self.take_change)
        self.app.settings_changed.subscribe(self, self.take_settings)
        self.app.clipboards.on_change = self.request
        self.watch(self.app, "drafted", self.request, init=False)
        self.search_line.display = False
        self._now = self.app.clock()
        self._show()
        self.table.focus()

    # What changes

    def take_change(self, change: ModelChange) -> None:
        """Show what `change` affects; where nothing is seen of it, this waits."""
        status = replace(self.app.model.status, settings_revision=0)
        if change.is_more_than_progress:
            if change.removed.tasks and not self.removing.locked():  # by a client, or elsewhere
                self.app.engine.say(removal_text(change.removed.tasks, sending=0))
            known = self.app.model.tasks.keys()
            self.removals = [
                replace(it, tasks=left)
                for it in (*self.removals, change.removed)
                if (left := tuple(task for task in it.tasks if task.id not in known))
            ]
        if change.is_more_than_progress or change.folders_changed or status != self._status:
            self._status = status
            if change.is_more_than_progress or self.list_query.search:
                self._ids = self._batches = None
            self.refresh_bindings()
            self.tick()
        is_chosen = self.table.marks.ids or self.detail.has_focus
        self._keeps_top = change.rest_loaded and not is_chosen
        self.request()

    def take_settings(self, changed: Set[str]) -> None:
        if not changed & {"ui.language", "keys"}:
            return
        self._ids = self._notes = None
        self.request()
        if "ui.language" in changed:
            self.query("FilterBar").remove()
            self.detail.border_title = _("details")
            self.table.lay_out(anew=True)
            self.mutate_reactive(TaskPanel.counts)
            self.mutate_reactive(TaskPanel.facts)
            self.mutate_reactive(TaskPanel.batches)

    def tick(self) -> None:
        """Update ages and times left."""
        self._now, self._notes = self.app.clock(), None
        self.request()

    def on_resize(self) -> None:
        self.request()

    def begin_to_read(self) -> None:
        """Say what has ended for a minute more, and batches no more: the user is here."""
        self._looked_at = self.app.clock()
        self.since.begin_to_read(self._looked_at)
        if not all(batch.is_open for batch in self._batches or ()):
            self._batches = None
            self.request()

    def watch_list_query(self) -> None:
        self._ids = None
        self.app.memory.save(query=self.list_query)
        self.request()

    def watch_is_detail_open(self, is_open: bool) -> None:
        self.app.memory.save(is_detail_open=is_open)
        if not is_open:
            self.table.focus()
        self.request()

    def update_query(self, **changes: Any) -> None:
        self.list_query = self.list_query.changed(**changes)
        if not self.is_typing:
            self.table.marks.kept = frozenset()
            self.request()  # the search line may have closed with the search as it was

    def show_batch(self, name: str) -> None:
        term = batch_term(name, language())
        self.update_query(search="" if term == self.list_query.search else term)

    @property
    def is_typing(self) -> bool:
        return bool(self.query("FilterBar.-open"))

    # What is shown

    def request(self) -> None:
        """Have what is shown computed again, once for all that changes meanwhile."""
        if not self._is_requested:
            self._is_requested = self.call_later(self._show)

    def _show(self) -> None:
        """Compute what is shown, and give it to the widgets that are bound to it."""
        if self.is_seen:
            model = self.app.model
            notes = self._notes = self._notes or view.notes_of(model, self._now)
            added = self._reveal(notes)
            if self._ids is None:
                is_read = self.is_detail_open and self.rows_shown.query == self.list_query
                kept = self.table.cursor_id if is_read else None
                self._ids = view.ids_in_order(self.list_query, model.tasks, notes, kept)
            goes_to = next(filter(added.__contains__, self._ids), None) if added else None
            self.counts = model.views if model.is_loaded else {}
            self.rows_shown = Rows(
                self.list_query, self._ids, model.tasks, notes, self._keeps_top, goes_to
            )
            self.table.set_class(not model.attachment.is_reachable, "-lost")
            marks = self.table.marks
            self.choice = self.table.cursor_id, marks.ids, marks.is_range_open
            if self._batches is None and model.is_complete:
                self._batches = latest_batches(model.tasks, self._looked_at)
            most = (self.app.size.height >= 15) + (self.app.size.height >= 20) * 2
            lines = (batch_line(it, model, self._now) for it in (self._batches or ())[:most])
            self.batches = tuple(lines)
            self.facts = self._status_facts()
            self.set_class(self.is_typing, "-typing")
            self.search_text = self._search_text()
            self.empty_text = self._empty_text(notes)
            self._show_detail(notes)
        self._keeps_top = self._is_requested = False

    def _reveal(self, notes: NoteContext) -> frozenset[int]:
        """Return what the user added last, once all of it is there; the query then shows it."""
        engine, tasks = self.app.engine, self.app.model.tasks
        self._to_reveal, engine.added = engine.added or self._to_reveal, frozenset()
        added = self._to_reveal
        if not added or not added <= tasks.keys():
            return frozenset()
        self._to_reveal = frozenset()
        query, revealed = self.list_query, [tasks[it] for it in added]
        for hides_nothing in ({"view": View.ALL}, {"search": ""}):
            if not all(map(view.selects(query, tasks, notes), revealed)):
                query = query.changed(**hides_nothing)
        self.list_query = query
        return added

    def _status_facts(self) -> StatusFacts:
        model, clipboards = self.app.model, self.app.clipboards
        return StatusFacts(
            status=model.status,
            counts=dict(model.counts),
            now=self._now,
            attachment=model.attachment,
            is_complete=model.is_complete,
            folder_names=model.folder_names if model.status.missing_folders else {},
            draft=self.app.drafted,
            since=self.since.texts(model, self._now),
            marked=len(self.choice[1]),
            is_covered=not self.screen.is_active,
            is_watching=clipboards.is_watching,
            collected=clipboards.watcher.collected,
            invocation=self.app.invocation,
        )

    def _search_text(self) -> str:
        query = self.list_query
        if not query.search or not self.counts:
            return ""
        return search_text(
            query.search,
            hits=len(self.table.order),
            total=self.counts[query.view],
            is_cleared_next=not (self.table.marks.ids or self.is_detail_open),
            is_typing=self.is_typing,
        )

    def _empty_text(self, notes: NoteContext) -> Content | None:
        model, query = self.app.model, self.list_query
        if self.table.order or not (model.is_loaded and model.is_complete):
            return None
        matches = 0
        if query.search and query.view is not View.ALL:
            everywhere = query.changed(view=View.ALL)
            matches = sum(map(view.selects(everywhere, model.tasks, notes), model.tasks.values()))
        heading, text = empty_texts(
            len(model.tasks),
            model.status,
            query=query,
            in_view=self.counts[query.view],
            matches=matches,
            is_typing=self.is_typing,
        )
        return Content.assemble((heading, "bold $text"), "\n\n", (text, "$text-muted"))

    def watch_search_text(self, text: str) -> None:
        self.search_line.display = bool(text)
        self.search_line.update(plain_content(text))

    def watch_empty_text(self) -> None:
        self.set_class(self.empty_text is not None, "-empty")
        self.empty.update(self.empty_text or "")

    def _show_detail(self, notes: NoteContext) -> None:
        task = self.cursor_task if self.is_detail_open else None
        tests, tests_from = self.app.link_tests, self.app.invocation.tests_from
        self.shown_detail = Detail(task, notes, tests, tests_from) if task else None
        visible = self.table.visible_ids()
        if visible != self._visible_ids:  # these are polled first
            self._visible_ids = visible
            self.app.client.send(SetVisible(visible))

    # What is chosen

    @property
    def cursor_task(self) -> Task | None:
        return self.app.model.tasks.get(self.table.cursor_id or 0)

    @property
    def chosen(self) -> tuple[Task, ...]:
        """The marked tasks in order, or the one under the cursor."""
        order, marked, cursor = self.table.order, self.table.marks.ids, self.table.cursor_index
        ids = filter(marked.__contains__, order) if marked else order[cursor : cursor + 1]
        return tuple(self.app.engine.select(ids))

    def take(self) -> tuple[Task, ...]:
        """Return the chosen tasks for a command; an open range ends at the cursor."""
        self.table.marks.close_range()
        return self.chosen

    # Messages of the widgets

    def on_descendant_blur(self) -> None:
        """Focus the details if they have replaced the list."""
        if self.screen.focused is None and not self.query_one("#list").display:
            self.detail.focus()

    @on(TaskTable.RowSelected)
    def choose_task(self) -> None:
        """Open the details; if they are open, focus them; if they have the focus, close them."""
        if self.is_detail_open and not self.detail.has_focus:
            self.detail.focus()
        else:
            self.is_detail_open = not self.is_detail_open

    @on(TaskTable.HeaderSelected)
    def sort_by_heading(self, event: TaskTable.HeaderSelected) -> None:
        query, key = self.list_query, COLUMNS[TaskColumn(event.column_key.value or "")].sort
        if key is not None:  # another click reverses it
            is_reversed = key is query.sort and not query.reverse
            self.list_query = replace(query, sort=key, reverse=is_reversed)

    # Keys

    async def open_search(self) -> None:
        """Open the search line; mounted on first use, as it would cost the first frame 7 ms."""
        from pan123_tui.ui.dashboard.filter_bar import FilterBar  # noqa: PLC0415 - not for the start

        if not self.query(FilterBar):
            search = lambda line: self.update_query(search=line)  # noqa: E731 - named
            bar = FilterBar(self.app.model, search, self.table.focus)
            await self.mount(bar, after=self.tabs)
        self.table.marks.close_range()
        self.table.marks.kept = self.table.marks.ids
        self.query_one(FilterBar).open(self.list_query.search)
        self.request()

    def go_back(self) -> None:
        """Undo one step: the details, then the marks, then the search."""
        if self.is_detail_open:
            self.is_detail_open = False
        elif self.table.marks.ids:
            self.table.marks.clear()
        else:
            self.update_query(search="")
