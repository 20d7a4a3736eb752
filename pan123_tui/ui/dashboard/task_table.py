"""The table of tasks, with marks and highlighted search hits."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace
from textual.message import Message
from textual.reactive import var
from textual.widgets import DataTable

from pan123_tui.domain.query import Query, View
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _
from pan123_tui.ui.dashboard.columns import (
    SORT_COLUMNS,
    PlacedColumn,
    RowContext,
    TaskColumn,
    column_label,
    layout_columns,
    render_cells,
    render_heading,
)
from pan123_tui.ui.widgets.table_cell import GAP, Cell
from pan123_tui.ui.widgets.virtual_table import Heading, VirtualTable
from pan123_tui.wording.notes import NoteContext


class Selection(Struct, frozen=True):
    """The marked tasks by id, whatever is sorted or filtered."""

    ids: frozenset[int] = frozenset()
    range_from: int | None = None
    """The id where an open range began."""

    def toggled(self, task_id: int) -> "Selection":
        return replace(self, ids=self.ids ^ {task_id})

    def extended(self, task_id: int, order: Sequence[int]) -> "Selection":
        """Begin a range at `task_id`, or mark the open range up to it, as it is in `order`."""
        if self.range_from not in order:
            return Selection(self.ids | {task_id}, range_from=task_id)
        first, last = sorted((order.index(self.range_from), order.index(task_id)))
        return Selection(self.ids | frozenset(order[first : last + 1]))

    def reaching(self, task_id: int | None, order: Sequence[int]) -> frozenset[int]:
        """Return the marked ids, with those of an open range up to `task_id`."""
        if self.range_from is None or task_id is None or self.range_from not in order:
            return self.ids
        return self.extended(task_id, order).ids

    def with_added(self, task_ids: Iterable[int]) -> "Selection":
        return replace(self, ids=self.ids.union(task_ids))

    def inverted(self, order: Iterable[int]) -> "Selection":
        """Swap marked and unmarked ids of `order`."""
        return replace(self, ids=self.ids.symmetric_difference(order))

    def restricted_to(self, task_ids: AbstractSet[int]) -> "Selection":
        """Drop ids that are not in `task_ids`."""
        range_from = self.range_from if self.range_from in task_ids else None
        return Selection(self.ids & task_ids, range_from)


class TaskTable(VirtualTable):
    """A table of tasks in a given order; cursor, marks and scrolling follow tasks."""

    list_query: var[Query] = var(Query(), init=False)
    """What is shown: the view chooses the columns, the order is in their heading."""
    notes: var[NoteContext] = var(NoteContext(), init=False)
    """What the notes depend on besides the tasks, with the time that ages are told by."""

    @dataclass
    class TaskHighlighted(Message):
        """Another task is under the cursor; None in an empty table."""

        task_id: int | None

    @dataclass
    class TaskSelected(Message):
        """The task under the cursor was selected, by enter or a click."""

        task_id: int

    @dataclass
    class MarksChanged(Message):
        """Other tasks are marked."""

        marked: frozenset[int]

    @dataclass
    class SortRequested(Message):
        """The heading of a column was clicked."""

        column_key: TaskColumn

    def __init__(
        self,
        *,
        window_rows: int = 150,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Hold at most `window_rows` rows at a time."""
        super().__init__(window_rows=window_rows, id=id)
        self._tasks: Mapping[int, Task] = {}
        self._columns: tuple[PlacedColumn, ...] = ()
        self._marks = Selection()
        self._marked: frozenset[int] = frozenset()
        self._highlighted: int | None = None

    # What is shown

    def show(self, order: Sequence[int], tasks: Mapping[int, Task]) -> None:
        """Show the tasks of `order`.

        `tasks` is kept and read for each line; call `patch` for what changes in it. The cursor
        stays on its task and its line, or moves to the next task where its own is gone. Marks of
        tasks that are not in `tasks` are dropped.
        """
        self._tasks = tasks
        self.reorder(order)
        self._change_marks(self._marks.restricted_to(self._tasks.keys()))

    def patch(self, tasks: Iterable[Task]) -> None:
        """Fill the rows of `tasks` again."""
        self.paint(frozenset(task.id for task in tasks))

    def watch_list_query(self, before: Query, query: Query) -> None:
        if (before.view is View.TROUBLE) is not (query.view is View.TROUBLE):
            self.table_width = 0
            self.on_resize()
        self.refresh_header()
        self.paint()
        self.paint()

    def watch_notes(self) -> None:
        self.paint()

    def reveal(self, added: AbstractSet[int]) -> None:
        """Move to the first of the tasks `added`, if any is shown."""
        if (first := next((key for key in self.order if key in added), None)) is not None:
            self.move_to(first)

    @property
    def cursor_task_id(self) -> int | None:
        """The task under the cursor."""
        return self.cursor_key

    # Marks

    @property
    def marked(self) -> frozenset[int]:
        """The marked tasks, shown or not, with those of an open range up to the cursor."""
        return self._marked

    @property
    def is_range_open(self) -> bool:
        """Whether the range has begun that the next call of `action_mark_range` marks."""
        begun_at = self._marks.range_from
        return begun_at is not None and begun_at in self.order

    def toggle_mark(self, task_id: int | None = None) -> None:
        """Mark or unmark a task, by default the one under the cursor."""
        if (chosen := task_id or self.cursor_task_id) is not None:
            self._change_marks(Selection(self.marked).toggled(chosen))

    def mark_all(self, task_ids: Iterable[int]) -> None:
        """Mark more tasks."""
        self._change_marks(Selection(self.marked).with_added(task_ids))

    def close_range(self) -> None:
        """Mark an open range up to the cursor."""
        self._change_marks(Selection(self.marked))

    def clear_marks(self) -> None:
        """Remove all marks and an open range."""
        self._change_marks(Selection())

    def unmark_hidden(self, task_ids: AbstractSet[int]) -> None:
        """Unmark those of the tasks that are not shown."""
        marked = self.marked & task_ids
        if marked and (hidden := marked.difference(self.order)):
            self._change_marks(replace(self._marks, ids=self._marks.ids - hidden))

    def action_mark(self) -> None:
        """Mark or unmark the task under the cursor, and move to the next."""
        self.toggle_mark()
        self.action_cursor_down()

    def action_mark_range(self) -> None:
        """Begin a range at the cursor, or mark the open range up to the cursor."""
        if (cursor := self.cursor_task_id) is not None:
            if self._marks.range_from not in (None, *self.order):
                text = _("The first task of the range is no longer shown: it begins here now.")
                self.notify(text, severity="warning", markup=False)
            self._change_marks(self._marks.extended(cursor, self.order))

    def action_mark_all(self) -> None:
        """Mark all tasks of the view."""
        self.mark_all(self.order)

    def action_invert_marks(self) -> None:
        """Swap marked and unmarked tasks of the view; other marks stay."""
        self._change_marks(Selection(self.marked).inverted(self.order))

    def _change_marks(self, marks: Selection) -> None:
        before = self._marks, self._marked
        self._marks, self._marked = marks, marks.reaching(self.cursor_task_id, self.order)
        if before != (self._marks, self._marked):
            self.paint()
            self.post_message(self.MarksChanged(self._marked))

    # Columns, rows and cells

    def headings(self, total: int) -> list[Heading]:
        query, sorted_column = self.list_query, SORT_COLUMNS.get(self.list_query.sort)
        self._columns = layout_columns(total, is_trouble=query.view is View.TROUBLE)
        arrow = "▴▾"[query.is_descending]
        return [
            Heading(
                placed.column,
                render_heading(placed, sign=arrow * (placed.column is sorted_column)),
                placed.width,
            )
            for placed in self._columns
        ]

    def row_cells(self, key: int) -> Sequence[Cell]:
        if (task := self._tasks.get(key)) is None:
            return [()] * len(self._columns)
        is_marked = key in self._marked
        context = RowContext(self.notes, self.list_query.words)
        return render_cells(self._columns, task, context, is_marked=is_marked)

    # Events

    def cursor_changed(self) -> None:
        if self._highlighted != self.cursor_task_id:
            self._highlighted = self.cursor_task_id
            self.post_message(self.TaskHighlighted(self._highlighted))
        if self._marks.range_from is not None:
            self._change_marks(self._marks)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if (task_id := self.cursor_task_id) is not None:
            self.post_message(self.TaskSelected(task_id))

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        if column_label(column := TaskColumn(event.column_key.value or "")):
            self.post_message(self.SortRequested(column))

    def row_clicked(self, key: int, x: int) -> None:
        """Toggle the mark in the first column, select the row under the cursor, or move there."""
        if x < self._columns[0].width + GAP:
            self.toggle_mark(key)
        elif key == self.cursor_task_id:
            self.post_message(self.TaskSelected(key))
        else:
            self.move_to(key)
