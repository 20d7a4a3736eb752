"""The table of tasks: a `DataTable` whose rows are filled when they come onto the screen."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from msgspec.structs import replace
from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Click, MouseMove
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.reactive import var
from textual.widgets import DataTable

from pan123_tui.domain.query import Query, View
from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dashboard.columns import (
    EMPHASES,
    GAP,
    PlacedColumn,
    RowContext,
    TaskColumn,
    column_at,
    heading,
    layout_columns,
    render_cells,
)
from pan123_tui.ui.dashboard.marks import Selection
from pan123_tui.ui.dashboard.row_window import follow_row, window_size, window_start
from pan123_tui.ui.keymap import MOVES
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.wording.notes import NoteContext

_BETWEEN = Segment(" " * GAP)
_FEW_ROWS = 20
"""So many rows are removed one by one: `DataTable` numbers all others again for each."""


def _move(keys: str, action: str, name: str, words: str) -> Binding:
    return Binding(keys, action, words, id=f"table.{name}", show=False, group=MOVES)


class TaskTable(DataTable[Segments]):
    """A table of tasks in a given order; cursor, marks and scrolling follow tasks.

    A row is a place: another order changes what is in the rows on the screen, and no row itself.
    It is one cell, which holds all columns: a `DataTable` renders every cell again for each change.
    Only a very long list has fewer rows than tasks: a window that moves with the screen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{name}" for name in EMPHASES}
    BINDINGS: ClassVar[list[BindingType]] = [
        _move("j,down", "cursor_down", "down", N_("down")),
        _move("k,up", "cursor_up", "up", N_("up")),
        _move("g,home,ctrl+home", "first", "first", N_("first")),
        _move("G,end,ctrl+end", "last", "last", N_("last")),
        _move("pagedown", "page_down", "page_down", N_("page down")),
        _move("pageup", "page_up", "page_up", N_("page up")),
        _move("ctrl+d", "half_page(1)", "half_down", N_("half a page down")),
        _move("ctrl+u", "half_page(-1)", "half_up", N_("half a page up")),
    ]

    list_query: var[Query] = var(Query(), init=False)
    """What is shown: the view chooses the columns, the order is in their heading."""
    notes: var[NoteContext] = var(NoteContext(), init=False)
    """What the notes depend on besides the tasks, with the time that ages are told by."""

    class TaskHighlighted(Message):
        """Another task is under the cursor, or none in an empty table."""

    class TaskSelected(Message):
        """The task under the cursor was selected, by enter or a click."""

    class MarksChanged(Message):
        """Other tasks are marked."""

    class SortRequested(Message):
        """The heading of a column was clicked."""

        def __init__(self, column: TaskColumn) -> None:
            super().__init__()
            self.column = column

    def __init__(self, **options: Any) -> None:
        super().__init__(
            cursor_type="row", cell_padding=0, cursor_foreground_priority="renderable", **options
        )
        self.order: tuple[int, ...] = ()
        """The ids of all tasks, in the order shown."""
        self.first_held = 0
        """The index in `order` of the first row that is held."""
        self._width = 0
        """The cells that the columns were laid out for; 0 before that."""
        self._columns: tuple[PlacedColumn, ...] = ()
        self._tasks: Mapping[int, Task] = {}
        self._marks = Selection()
        self._marked: frozenset[int] = frozenset()
        self._highlighted: int | None = None

    # What is shown

    def show(
        self, order: Sequence[int], tasks: Mapping[int, Task], *, keeps_top: bool = False
    ) -> None:
        """Show the tasks of `order`.

        `tasks` is kept and read for each line; call `patch` for what changes in it. The cursor
        stays on its task and its line, or moves to the next task where its own is gone. Marks of
        tasks that are not in `tasks` are dropped. With `keeps_top` a cursor in the first row stays
        there.
        """
        self._tasks = tasks
        old, cursor, top = self.order, self.cursor_index, self._top
        self.order = tuple(order)
        line, moved = cursor - top, 0
        if not keeps_top or cursor or top:
            moved = follow_row(cursor, old, self.order)
            if not 0 <= line < self._page:
                top = follow_row(top, old, self.order)
            elif top > 0 or moved >= self._page:
                top = moved - line
        self._scroll_to_index(moved, top)
        self._change_marks(self._marks.restricted_to(tasks.keys()))

    def patch(self, tasks: Iterable[Task]) -> None:
        """Fill the rows of `tasks` again."""
        self._fill(frozenset(task.id for task in tasks))

    def watch_list_query(self, before: Query, query: Query) -> None:
        if (before.view is View.TROUBLE) is not (query.view is View.TROUBLE):
            self._width = 0
            self.on_resize()
        self._refresh_header()
        self._fill()

    def watch_notes(self) -> None:
        self._fill()

    def notify_style_update(self) -> None:
        """Fill the rows again: the theme or the focus changed their styles."""
        super().notify_style_update()
        # Textual replaces the styles of the parts only after this call.
        self.call_next(self._fill)

    def _fill(self, task_ids: AbstractSet[int] | None = None) -> None:
        """Fill the rows on the screen, those of the tasks `task_ids` or all."""
        for row, task_id in enumerate(self.visible_ids(), self._top - self.first_held):
            if task_ids is None or task_id in task_ids:
                line, place = self._line(task_id), Coordinate(row, 0)
                # Another value of one cell has the table render every line again.
                if line != self.get_cell_at(place).segments:
                    self.update_cell_at(place, Segments(line))

    def _line(self, task_id: int) -> list[Segment]:
        """Return the row of a task; nothing for one that is gone."""
        line: list[Segment] = []
        if (task := self._tasks.get(task_id)) is not None:
            context = RowContext(self.notes, self.list_query.words)
            is_marked = task_id in self._marked
            for cell in render_cells(self._columns, task, context, is_marked=is_marked):
                line += [Segment(text, self._style(name)) for text, name in cell]
                line.append(_BETWEEN)
        return line

    def _style(self, style_class: str) -> Style | None:
        if token := STYLE_TOKENS.get(style_class):
            return Style.parse(self.app.theme_variables[token])
        if style_class:
            return self.get_component_rich_style(f"task-table--{style_class}", partial=True)
        return None

    # The list

    @property
    def total(self) -> int:
        """The number of ids."""
        return len(self.order)

    @property
    def cursor_index(self) -> int:
        """The index of the cursor in `order`."""
        return self.first_held + max(self.cursor_row, 0)  # -1 in an empty DataTable

    @property
    def cursor_task_id(self) -> int | None:
        """The task under the cursor."""
        return self.order[self.cursor_index] if self.cursor_index < self.total else None

    def visible_ids(self) -> tuple[int, ...]:
        """Return the ids on the screen, from the top."""
        held_end = self.first_held + self.row_count
        return self.order[self._top : min(self._top + self._page, held_end)]

    def move_to(self, task_id: int) -> bool:
        """Move the cursor to a task; return whether it is in the list."""
        if task_id not in self.order:
            return False
        index = self.order.index(task_id)
        is_on_screen = self._top <= index < self._top + self._page
        self._scroll_to_index(index, self._top if is_on_screen else index - self._page // 2)
        return True

    def action_first(self) -> None:
        self._scroll_to_index(0, 0)

    def action_last(self) -> None:
        self._scroll_to_index(self.total - 1, self.total)

    def action_half_page(self, step: int) -> None:
        rows = step * max(self._page // 2, 1)
        self._scroll_to_index(self.cursor_index + rows, self._top + rows)

    def reveal(self, added: AbstractSet[int]) -> None:
        """Move to the first of the tasks `added`, if any is shown."""
        if (first := next((it for it in self.order if it in added), None)) is not None:
            self.move_to(first)

    # The rows that are held

    @property
    def _top(self) -> int:
        """The index in `order` of the first row on the screen."""
        return self.first_held + self.scroll_offset.y

    @property
    def _page(self) -> int:
        """The number of rows on the screen; 0 before the first layout."""
        return max(0, self.scrollable_content_region.height - self.header_height)

    @property
    def _capacity(self) -> int:
        """The number of rows that are held."""
        return window_size(self._page, self.total)

    def _start_for(self, cursor: int, top: int) -> int:
        page, size = self._page, self._capacity
        return window_start(
            self.first_held, cursor=cursor, top=top, page=page, total=self.total, size=size
        )

    def _scroll_to_index(self, cursor: int, top: int) -> None:
        """Move the cursor and the top of the screen to these indexes in `order`."""
        if not self.columns:  # on_resize does it
            return
        cursor = clamp(cursor, 0, max(self.total - 1, 0))
        top = clamp(top, 0, max(self.total - self._page, 0))
        self.first_held = self._start_for(cursor, top)
        with self.prevent(DataTable.RowHighlighted):
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))  # as clear() does
            self._set_rows()
            self.virtual_size = Size(self._width, self.row_count + self.header_height)
            # Set here, because another layout would repaint everything.
            self.show_vertical_scrollbar = self.row_count > self._page
            self.scroll_to(y=top - self.first_held, animate=False, force=True)
            row = clamp(cursor - self.first_held, 0, max(self.row_count - 1, 0))
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self._fill()
        self._follow_cursor()

    def _set_rows(self) -> None:
        """Have a row for each id of the window; those off the screen are filled later."""
        if self.row_count - self._capacity > _FEW_ROWS:
            self.clear()
        while self.row_count > self._capacity:
            self.remove_row(str(self.row_count - 1))
        for row in range(self.row_count, self._capacity):
            self.add_row(Segments(()), key=str(row))  # None would be measured as text

    def _shift_window(self) -> None:
        """Hold other rows if the screen or the cursor is near the end of those held."""
        if self._start_for(self.cursor_index, self._top) != self.first_held:
            self._scroll_to_index(self.cursor_index, self._top)

    def _set_columns(self) -> None:
        """Lay out the columns again if the width changed."""
        # Before the first layout, assume that nothing is beside the table.
        beside = self.gutter.width + self.styles.scrollbar_size_vertical
        width = self.scrollable_content_region.width or max(self.app.size.width - beside, 1)
        if width == self._width:
            return
        self._width = width
        self._columns = layout_columns(width, is_trouble=self.list_query.view is View.TROUBLE)
        with self.prevent(DataTable.RowHighlighted):
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))
            self.clear(columns=True)
            self.add_column(Text(heading(self._columns, self.list_query)), width=width)

    def _refresh_header(self) -> None:
        """Update the heading and repaint it."""
        for column in self.columns.values():
            column.label = Text(heading(self._columns, self.list_query))
        self.mutate_reactive(DataTable.header_height)  # clears the cached lines
        self.refresh(Region(0, 0, self.size.width, self.header_height))

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

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Leave enter in an empty table to the dashboard, which says that there is no task."""
        return action != "select_cursor" or bool(self.total)

    def action_mark(self) -> None:
        """Mark or unmark the task under the cursor, and move to the next."""
        self.toggle_mark()
        self.action_cursor_down()

    def action_mark_range(self) -> None:
        """Begin a range at the cursor, or mark the open range up to the cursor."""
        if (cursor := self.cursor_task_id) is not None:
            if self._marks.range_from not in (None, *self.order):
                text = _(
                    "The first task of the range is no longer shown: the range now begins at the"
                    " cursor."
                )
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
            self._fill()
            self.post_message(self.MarksChanged())

    # Events

    def on_mount(self) -> None:
        self._set_columns()
        self._scroll_to_index(0, 0)

    def on_resize(self) -> None:
        cursor = self.cursor_index
        line = cursor - self._top
        page = max(self._page, 1)  # 0 while hidden
        top = self._top + max(0, line - page + 1) if line >= 0 else self._top
        self._set_columns()
        self._scroll_to_index(cursor, top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fill the rows that come onto the screen, and shift the window after that."""
        super().watch_scroll_y(old_value, new_value)
        self._fill()
        self.call_later(self._shift_window)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._shift_window()
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        """Tell of another task under the cursor, up to which an open range reaches."""
        if self._highlighted != self.cursor_task_id:
            self._highlighted = self.cursor_task_id
            self.post_message(self.TaskHighlighted())
        if self._marks.range_from is not None:
            self._change_marks(self._marks)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if self.total:
            self.post_message(self.TaskSelected())

    def on_mouse_move(self, event: MouseMove) -> None:
        """Repaint nothing under a moving mouse."""
        event.prevent_default()

    def on_click(self, event: Click) -> None:
        """Act on a row, or on the heading of a column."""
        event.stop()
        event.prevent_default()
        if (offset := event.get_content_offset(self)) is None:
            return
        visible, line = self.visible_ids(), offset.y - self.header_height
        if line < 0:
            if column := column_at(self._columns, offset.x):
                self.post_message(self.SortRequested(column))
        elif line < len(visible):
            self._click(visible[line], offset.x)

    def _click(self, task_id: int, x: int) -> None:
        """Toggle the mark in the first column, select the row under the cursor, or move there."""
        if column_at(self._columns, x) is TaskColumn.MARK:
            self.toggle_mark(task_id)
        elif task_id == self.cursor_task_id:
            self.post_message(self.TaskSelected())
        else:
            self.move_to(task_id)
