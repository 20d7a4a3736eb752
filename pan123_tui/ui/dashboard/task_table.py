"""The table of tasks: their cells by the width there is, marks by task, and searches lit up."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var
from textual.widgets import DataTable

from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_
from pan123_tui.ui.dashboard.columns import (
    Place,
    RowContext,
    TaskColumn,
    cells_of,
    heading,
    label,
    places,
)
from pan123_tui.ui.widgets.table_line import GAP, Cell
from pan123_tui.ui.widgets.virtual_table import Heading, VirtualTable


class Selection(Struct, frozen=True):
    """The ids of chosen tasks; sorting and filtering leave them alone."""

    ids: frozenset[int] = frozenset()
    range_from: int | None = None
    """Where a range that waits for its other end began."""

    def toggled(self, task_id: int) -> "Selection":
        return replace(self, ids=self.ids ^ {task_id})

    def extended(self, task_id: int, order: Sequence[int]) -> "Selection":
        """Begin a range at `task_id`, or end the one begun: all between in `order` are marked."""
        if self.range_from not in order:
            return Selection(self.ids | {task_id}, range_from=task_id)
        first, last = sorted((order.index(self.range_from), order.index(task_id)))
        return Selection(self.ids | frozenset(order[first : last + 1]))

    def joined(self, task_ids: Iterable[int]) -> "Selection":
        return replace(self, ids=self.ids.union(task_ids))

    def inverted(self, order: Iterable[int]) -> "Selection":
        """Swap marked and unmarked in `order`; marks outside it stay."""
        return replace(self, ids=self.ids.symmetric_difference(order))

    def kept(self, task_ids: AbstractSet[int]) -> "Selection":
        """Drop the marks of tasks that are gone."""
        begun = self.range_from if self.range_from in task_ids else None
        return Selection(self.ids & task_ids, begun)


class TaskTable(VirtualTable):
    """Shows tasks in the order given; cursor, marks and scrolling follow tasks, not row numbers."""

    ACTIONS: ClassVar[tuple[Binding, ...]] = (
        Binding("enter,l", "select_cursor", N_("details"), id="table.select"),
        Binding("space", "mark", N_("mark"), id="marks.toggle"),
        Binding("v", "mark_range", N_("mark a range"), id="marks.range", show=False),
        Binding("ctrl+a", "mark_all", N_("mark all shown"), id="marks.all", show=False),
        Binding("asterisk", "invert_marks", N_("invert the marks"), id="marks.invert", show=False),
    )
    """What is done to tasks; greyed out where there is none."""
    BINDINGS: ClassVar[list[BindingType]] = [*ACTIONS]

    highlight: var[str] = var("", init=False)
    """What is searched for: lit up in names and folders."""
    folder_names: var[Mapping[int, str]] = var[Mapping[int, str]](dict, init=False)
    """Folder id → name, as far as known."""

    @dataclass
    class TaskHighlighted(Message):
        """Another task is under the cursor; None: none is any more."""

        task_id: int | None

    @dataclass
    class TaskSelected(Message):
        """The task under the cursor was chosen, by enter or a click on its row."""

        task_id: int

    @dataclass
    class MarksChanged(Message):
        """Other tasks are marked than before."""

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
        """Hold at most `window_rows` rows of a view."""
        super().__init__(window_rows=window_rows, id=id)
        self._tasks: Mapping[int, Task] = {}
        self._look = RowContext()
        self._places: tuple[Place, ...] = ()
        self._marks = Selection()
        self._sorted_by: TaskColumn | None = None
        self._is_reverse = False
        self._highlighted: int | None = None

    # What is shown

    def show(self, order: Sequence[int], tasks: Mapping[int, Task], *, now: float) -> None:
        """Show the tasks that `order` names, of `tasks`, at `now` (Unix seconds).

        `tasks` is kept and read whenever a line is drawn: say with `patch` what changes in it. The
        cursor stays on its task and on its line, or goes on to the next task where its own is
        gone. Marks of tasks that are in `tasks` no more are dropped.
        """
        self._tasks = tasks
        self._look = replace(self._look, now=now)
        self.reorder(order)
        self._change_marks(self._marks.kept(self._tasks.keys()))

    def patch(self, tasks: Iterable[Task], *, now: float) -> None:
        """Paint the cells on the screen that differ, now that `tasks` have new values."""
        self._look = replace(self._look, now=now)
        self.paint(frozenset(task.id for task in tasks))

    def tick(self, now: float) -> None:
        """Let the time be `now`; ages and times left that read differently are painted."""
        self._look = replace(self._look, now=now)
        self.paint()

    def show_sort(self, column: TaskColumn | None, *, is_reverse: bool = False) -> None:
        """Say in the headings which column the order comes from."""
        self._sorted_by, self._is_reverse = column, is_reverse
        self.refresh_header()

    def watch_highlight(self, needle: str) -> None:
        self._look = replace(self._look, needle=needle)
        self.paint()

    def watch_folder_names(self, names: Mapping[int, str]) -> None:
        self._look = replace(self._look, folder_names=dict(names))
        self.paint()

    @property
    def cursor_task_id(self) -> int | None:
        """The task under the cursor."""
        return self.cursor_key

    # Marks

    @property
    def marked(self) -> frozenset[int]:
        """The marked tasks, shown or not."""
        return self._marks.ids

    @property
    def has_open_range(self) -> bool:
        """Whether a range was begun and waits for its other end."""
        return self._marks.range_from is not None

    def toggle_mark(self, task_id: int | None = None) -> None:
        """Mark a task or take its mark away; the one under the cursor if none is named."""
        if (chosen := task_id or self.cursor_task_id) is not None:
            self._change_marks(self._marks.toggled(chosen))

    def mark_range(self) -> None:
        """Begin a range at the cursor; called again, mark all from there to the cursor."""
        if (cursor := self.cursor_task_id) is not None:
            self._change_marks(self._marks.extended(cursor, self.order))

    def mark_all(self, task_ids: Iterable[int]) -> None:
        """Mark tasks, besides those that are marked."""
        self._change_marks(self._marks.joined(task_ids))

    def invert(self) -> None:
        """Swap marked and unmarked in the view; marks outside it stay."""
        self._change_marks(self._marks.inverted(self.order))

    def clear_marks(self) -> None:
        """Take all marks away, and forget a range begun."""
        self._change_marks(Selection())

    def can_do(self, action: str) -> bool:
        """Tell whether `action` has a task to be done to; those of others always can."""
        return bool(self.total) or all(action != binding.action for binding in self.ACTIONS)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return self.can_do(action) or None

    def action_mark(self) -> None:
        """Mark the task under the cursor, or take its mark away, and go on to the next."""
        self.toggle_mark()
        self.action_cursor_down()

    def action_mark_range(self) -> None:
        self.mark_range()

    def action_mark_all(self) -> None:
        self.mark_all(self.order)

    def action_invert_marks(self) -> None:
        self.invert()

    def _change_marks(self, marks: Selection) -> None:
        before, self._marks = self._marks, marks
        if before != marks:
            self.paint()
            self.post_message(self.MarksChanged(marks.ids))

    # Columns, rows and cells

    def headings(self, total: int) -> list[Heading]:
        self._places = places(total)
        return [
            Heading(
                place.column,
                heading(place, sign="▴▾"[self._is_reverse] * (place.column is self._sorted_by)),
                place.width,
            )
            for place in self._places
        ]

    def row_cells(self, key: int) -> Sequence[Cell]:
        if (task := self._tasks.get(key)) is None:
            return [()] * len(self._places)
        is_marked = key in self._marks.ids
        return cells_of(self._places, task, self._look, is_marked=is_marked)

    # What Textual tells

    def cursor_changed(self) -> None:
        if self._highlighted != self.cursor_task_id:
            self._highlighted = self.cursor_task_id
            self.post_message(self.TaskHighlighted(self._highlighted))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if (task_id := self.cursor_task_id) is not None:
            self.post_message(self.TaskSelected(task_id))

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        if label(column := TaskColumn(event.column_key.value or "")):
            self.post_message(self.SortRequested(column))

    def row_clicked(self, key: int, x: int) -> None:
        """Mark in the column of marks, choose the row under the cursor, or move there."""
        if x < self._places[0].width + GAP:
            self.toggle_mark(key)
        elif key == self.cursor_task_id:
            self.post_message(self.TaskSelected(key))
        else:
            self.move_to(key)
