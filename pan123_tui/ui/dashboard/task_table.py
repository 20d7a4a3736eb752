"""The table of tasks: a `DataTable` whose rows are filled when they come onto the screen."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Click
from textual.geometry import Size, clamp
from textual.message import Message
from textual.reactive import var
from textual.widgets import DataTable
from textual.widgets.data_table import ColumnKey

from pan123_tui.domain.query import Query, View
from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_
from pan123_tui.ui.dashboard.columns import (
    EMPHASES,
    GAP,
    Cell,
    PlacedColumn,
    Row,
    heading,
    layout_columns,
    render_cells,
)
from pan123_tui.ui.dashboard.marks import Marks
from pan123_tui.ui.dashboard.row_window import RowWindow, follow_row
from pan123_tui.ui.keymap import MOVES
from pan123_tui.ui.textual_private import SteadyTable
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.wording.notes import NoteContext

_FEW_ROWS = 20
"""So many rows are removed one by one: `DataTable` numbers all others again for each."""


def _move(keys: str, action: str, name: str, words: str) -> Binding:
    return Binding(keys, action, words, id=f"table.{name}", show=False, group=MOVES)


class TaskTable(SteadyTable):
    """A table of tasks in a given order; cursor, marks and scrolling follow tasks.

    A row is a place: another order changes what is in the rows on the screen, and no row itself.
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
    """What is shown: the view chooses the columns, the order is in their headings."""
    notes: var[NoteContext] = var(NoteContext(), init=False)
    """What the notes depend on besides the tasks, with the time that ages are told by."""

    class TaskHighlighted(Message):
        """Another task is under the cursor, or none in an empty table."""

    class MarksChanged(Message):
        """Other tasks are marked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            cursor_type="row", cell_padding=0, cursor_foreground_priority="renderable", **options
        )
        self.order: tuple[int, ...] = ()
        """The ids of all tasks, in the order shown."""
        self.marks = Marks(self, self._show_marks)
        self._window = RowWindow()
        self._width = 0
        """The cells that the columns were laid out for; 0 before that."""
        self._columns: tuple[PlacedColumn, ...] = ()
        self._tasks: Mapping[int, Task] = {}
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
        self.marks.restrict(tasks.keys())

    def patch(self, tasks: Iterable[Task]) -> None:
        """Fill the rows of `tasks` again."""
        self._fill({task.id for task in tasks})

    def watch_list_query(self, before: Query, query: Query) -> None:
        if (before.view is View.TROUBLE) is not (query.view is View.TROUBLE):
            self._width = 0
            self.on_resize()
        for placed in self._columns:
            self.columns[ColumnKey(placed.column)].label = Text(heading(placed, query))
        self.mutate_reactive(DataTable.header_height)  # clears the cached lines
        self._fill()

    def watch_notes(self) -> None:
        self._fill()

    def _fill(self, task_ids: AbstractSet[int] | None = None) -> None:
        """Fill the rows on the screen, those of the tasks `task_ids` or all."""
        words = self.list_query.words
        for row, task_id in enumerate(self.visible_ids(), self._top - self._window.first):
            if task_ids is not None and task_id not in task_ids:
                continue
            cells: Sequence[Cell] = [()] * len(self._columns)
            if task := self._tasks.get(task_id):
                is_marked = task_id in self.marks.ids
                cells = render_cells(self._columns, Row(task, self.notes, words, is_marked))
            for column, cell in enumerate(cells):
                place = Coordinate(row, column)
                segments = [Segment(text, self._style(name)) for text, name in cell]
                if segments != self.get_cell_at(place).segments:
                    self.update_cell_at(place, Segments(segments))

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
        return self._window.first + max(self.cursor_row, 0)  # -1 in an empty DataTable

    @property
    def cursor_task_id(self) -> int | None:
        """The task under the cursor."""
        return self.order[self.cursor_index] if self.cursor_index < self.total else None

    def visible_ids(self) -> tuple[int, ...]:
        """Return the ids on the screen, from the top."""
        held_end = self._window.first + self.row_count
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

    # The rows that are held

    @property
    def _top(self) -> int:
        """The index in `order` of the first row on the screen."""
        return self._window.first + self.scroll_offset.y

    @property
    def _page(self) -> int:
        """The number of rows on the screen; 0 before the first layout."""
        return max(0, self.scrollable_content_region.height - self.header_height)

    def _scroll_to_index(self, cursor: int, top: int) -> None:
        """Move the cursor and the top of the screen to these indexes in `order`."""
        if not self.columns:  # on_resize does it
            return
        cursor = clamp(cursor, 0, max(self.total - 1, 0))
        top = clamp(top, 0, max(self.total - self._page, 0))
        self._window = self._window.around(cursor, top, page=self._page, total=self.total)
        with self.prevent(DataTable.RowHighlighted):
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))  # as clear() does
            self._set_rows()
            self.virtual_size = Size(self._width, self.row_count + self.header_height)
            # Set here, because another layout would repaint everything.
            self.show_vertical_scrollbar = self.row_count > self._page
            self.scroll_to(y=top - self._window.first, animate=False, force=True)
            row = clamp(cursor - self._window.first, 0, max(self.row_count - 1, 0))
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self._fill()
        self._follow_cursor()

    def _set_rows(self) -> None:
        """Have a row for each id of the window; those off the screen are filled later."""
        if self.row_count - self._window.size > _FEW_ROWS:
            self.clear()
        while self.row_count > self._window.size:
            self.remove_row(str(self.row_count - 1))
        blank = [Segments(())] * len(self.columns)  # None would be measured as text
        for row in range(self.row_count, self._window.size):
            self.add_row(*blank, key=str(row))

    def _shift_window(self) -> None:
        """Hold other rows if the screen or the cursor is near the end of those held."""
        cursor, top = self.cursor_index, self._top
        if self._window.around(cursor, top, page=self._page, total=self.total) != self._window:
            self._scroll_to_index(cursor, top)

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
            for placed in self._columns:
                gap = 0 if placed is self._columns[-1] else GAP
                label = Text(heading(placed, self.list_query))
                self.add_column(label, width=placed.width + gap, key=placed.column)

    # Events

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._fill())
        self.on_resize()

    def on_resize(self) -> None:
        """Lay out columns and rows; the cursor stays on the screen."""
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
        self.marks.follow_cursor()

    def _show_marks(self) -> None:
        self._fill()
        self.post_message(self.MarksChanged())

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Leave enter in an empty table to the dashboard, which says that there is no task."""
        return action != "select_cursor" or bool(self.total)

    def on_click(self, event: Click) -> None:
        """Toggle the mark of a row in the first column; a `DataTable` does the rest."""
        row, column = (event.style.meta.get(name, -1) for name in ("row", "column"))
        if column == 0 and 0 <= row < self.row_count:
            event.stop()
            event.prevent_default()
            self.marks.toggle(self.order[self._window.first + row])
