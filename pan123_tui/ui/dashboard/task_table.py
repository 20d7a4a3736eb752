"""The table of tasks: what its rows say, and the marks."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.geometry import Size, clamp
from textual.reactive import var
from textual.style import Style as ThemeStyle
from textual.widget import Widget
from textual.widgets import DataTable
from textual.widgets.data_table import ColumnKey

from pan123_tui.i18n import N_
from pan123_tui.terminal.textual_private import SteadyTable
from pan123_tui.ui.dashboard.columns import (
    COLUMNS,
    MARK_STYLE,
    Cell,
    PlacedColumn,
    Row,
    TaskColumn,
    heading,
    layout_columns,
    needed_cells,
    render_cells,
)
from pan123_tui.ui.dashboard.marks import Marks
from pan123_tui.ui.dashboard.view import Rows
from pan123_tui.ui.keymap import move
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.ui.widgets.styled_text import GAP

FEW_ROWS = 20
"""Up to this many rows are removed one by one: `DataTable` renumbers all others each time."""
MANY_ROWS = 1_000
"""Of a longer list, only a window is held."""
LEAST_ROWS = 150
_EDGE = 1
"""The free cells between the last column and the scroll bar."""
_SLACK = 6
"""The free cells from which a column becomes narrower."""


class RowWindow(NamedTuple):
    """The rows of a list that are held: `size` rows, from the index `first` on."""

    first: int = 0
    size: int = 0

    def around(self, top: int, *, page: int, total: int) -> "RowWindow":
        """Return a window with the `page` rows from `top` well inside; this one, while they are."""
        if total <= MANY_ROWS:
            return RowWindow(0, total)
        size = min(max(LEAST_ROWS, 4 * page), total)
        margin, end = size // 5, self.first + size
        has_room_before = self.first == 0 or top - self.first >= margin
        has_room_after = end == total or (end < total and end - top - page >= margin)
        if has_room_before and has_room_after:
            return RowWindow(self.first, size)
        return RowWindow(min(max(top + (page - size) // 2, 0), total - size), size)


def follow_row(index: int, old: Sequence[int], new: Sequence[int]) -> int:
    """Return the new index of `old[index]` or of its nearest surviving neighbour, if any."""
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index]:
        return index
    remaining = frozenset(new)
    nearest = (*old[index:], *reversed(old[:index]))
    return next((new.index(it) for it in nearest if it in remaining), 0)


class TaskTable(SteadyTable):
    """A table of tasks in a given order; a row is a place, which cursor, marks and scroll outlive.

    So rows, columns, size and scroll bar are set here, not by `DataTable`.
    """

    DEFAULT_CSS = "TaskTable { overflow-x: hidden; scrollbar-gutter: stable; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{MARK_STYLE}"}
    BINDINGS: ClassVar[list[BindingType]] = [
        move("table.down", "j,down", "cursor_down", N_("down")),
        move("table.up", "k,up", "cursor_up", N_("up")),
        move("table.first", "g,home,ctrl+home", "to_row(0)", N_("first")),
        move("table.last", "G,end,ctrl+end", "to_row(-1)", N_("last")),
        move("table.page_down", "pagedown", "page_down", N_("page down")),
        move("table.page_up", "pageup", "page_up", N_("page up")),
    ]

    rows_shown: var[Rows] = var(Rows(), init=False)
    """What is shown: its order is in the headings, and may need another column."""

    def __init__(self, on_choice: Callable[[], object]) -> None:
        """Call `on_choice` when another task is under the cursor, or different ones are marked."""
        super().__init__(
            id="tasks", cell_padding=0, cursor_type="row", cursor_foreground_priority="renderable"
        )
        self.marks = Marks(on_choice)
        self._on_choice = on_choice
        self._columns: tuple[PlacedColumn, ...] = ()
        self._window = RowWindow()
        self._width = 0
        """The width that the columns were laid out for; 0 before that."""
        self._filled: dict[int, Row] = {}
        self._needs: Counter[TaskColumn] = Counter()
        """The cells that rows have needed lately in each column."""

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.fill(anew=True))
        self.lay_out()

    def on_resize(self) -> None:
        self.lay_out()

    # What is shown

    @property
    def order(self) -> tuple[int, ...]:
        return self.rows_shown.ids

    def watch_rows_shown(self, before: Rows, rows: Rows) -> None:
        """Show other rows; the cursor stays on its task and line, or goes to the next task."""
        cursor, top = self.cursor_index, self._top
        if before.ids is rows.ids and rows.goes_to is None:
            self.fill()
            return
        self._set_columns()
        for placed in self._columns:
            self.columns[ColumnKey(placed.column)].label = Text(heading(placed, rows.query))
        self.mutate_reactive(DataTable.header_height)  # clears the cached lines
        if rows.goes_to is not None:
            cursor = rows.ids.index(rows.goes_to)
            is_on_screen = top <= cursor < top + self._page
            top = top if is_on_screen else cursor - self._page // 2
        elif not rows.keeps_top or cursor or top:
            line = cursor - top
            is_gone = not {*before.ids[cursor : cursor + 1]}.intersection(rows.ids)
            is_first = is_gone and rows.query.view is not before.query.view
            cursor = 0 if is_first else follow_row(cursor, before.ids, rows.ids)
            if not 0 <= line < self._page:
                top = follow_row(top, before.ids, rows.ids)
            elif top > 0 or cursor >= self._page:
                top = cursor - line
        self._scroll_to_index(cursor, top)

    def fill(self, *, anew: bool = False) -> None:
        """Fill the rows on the screen whose task, notes or mark have changed; all if `anew`."""
        if anew:
            self._filled.clear()
        rows, has_size = self.rows_shown, any(it.column is TaskColumn.SIZE for it in self._columns)
        seen: dict[int, Row | None] = {}
        for at, task_id in enumerate(self.visible_ids(), self._top - self._window.first):
            task, is_marked = rows.tasks.get(task_id), task_id in self.marks.ids
            seen[at] = Row(task, rows.notes, is_marked, has_size) if task else None
        changed = {at: row for at, row in seen.items() if not row or self._filled.get(at) != row}
        if changed and self._fit([*filter(None, seen.values())]):
            self.lay_out()
            return
        for at, row in changed.items():
            cells: Sequence[Cell] = [()] * len(self._columns)
            self._filled.pop(at, None)
            if row:
                self._filled[at] = row
                cells = render_cells(self._columns, row)
            for column, cell in enumerate(cells):
                place = Coordinate(at, column)
                segments = Segments([Segment(text, self._style(name)) for text, name in cell])
                if segments.segments != self.get_cell_at(place).segments:
                    self.update_cell_at(place, segments)

    def _fit(self, shown: Sequence[Row]) -> bool:
        """Take up what the rows `shown` need, and return whether that asks for other columns.

        None becomes narrower for a few cells: columns that moved with each text could not be read.
        """
        if not shown or not self._columns:
            return False
        needs = needed_cells(shown)
        kept = self._needs | needs
        is_cut = kept[TaskColumn.NOTE] > dict(self._columns)[TaskColumn.NOTE]
        is_loose = any(kept[it] - needs[it] >= _SLACK for it in kept)
        self._needs = needs if is_cut or is_loose else kept
        return self._layout() != self._columns

    def _layout(self) -> tuple[PlacedColumn, ...]:
        sort = self.rows_shown.query.sort
        sorted_by = next((it for it in COLUMNS if COLUMNS[it].sort is sort), None)
        return layout_columns(self._width, self._needs, sorted_by)

    def _style(self, style_class: str) -> Style | None:
        if token := STYLE_TOKENS.get(style_class):
            # Some themes have "auto 60%", others "ansi_green".
            seen = ThemeStyle.parse(f"${token} on $background").rich_style
            return Style(color=seen.color)
        if style_class:
            return self.get_component_rich_style(f"task-table--{style_class}", partial=True)
        return None

    # The list

    @property
    def cursor_index(self) -> int:
        return self._window.first + max(self.cursor_row, 0)  # -1 in an empty DataTable

    @property
    def cursor_id(self) -> int | None:
        """The id under the cursor; None if the table is empty."""
        return self.order[self.cursor_index] if self.cursor_index < len(self.order) else None

    def visible_ids(self) -> tuple[int, ...]:
        held_end = self._window.first + self.row_count
        return self.order[self._top : min(self._top + self._page, held_end)]

    def action_to_row(self, index: int) -> None:
        """Move the cursor to a row; -1 is the last one."""
        row = index % max(len(self.order), 1)
        self._scroll_to_index(row, row)
        self._on_choice()

    # Cursor and marks

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """In an empty table, leave enter to the dashboard, which says that there is no task."""
        return action != "select_cursor" or bool(self.order)

    # The rows that are held

    @property
    def _top(self) -> int:
        return self._window.first + self.scroll_offset.y

    @property
    def _page(self) -> int:
        return max(0, self.scrollable_content_region.height - self.header_height)

    def _scroll_to_index(self, cursor: int, top: int) -> None:
        if not self.columns:  # lay_out does it
            return
        cursor = clamp(cursor, 0, max(len(self.order) - 1, 0))
        top = clamp(top, 0, max(len(self.order) - self._page, 0))
        self._window = self._window.around(top, page=self._page, total=len(self.order))
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))  # as clear() does
        self._set_rows()
        self.virtual_size = Size(self._width + _EDGE, self.row_count + self.header_height)
        # Set here, because a new layout would repaint everything.
        self.show_vertical_scrollbar = self.row_count > self._page
        self.scroll_to(y=top - self._window.first, animate=False, force=True)
        row = clamp(cursor - self._window.first, 0, max(self.row_count - 1, 0))
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self.marks.follow(self.order, self.cursor_id)
        self.fill()
        if self.cursor_index != cursor:  # the window no longer holds its row
            self._on_choice()

    def _set_rows(self) -> None:
        """Have one row for each id in the window; rows off the screen are filled later."""
        if self.row_count - self._window.size > FEW_ROWS:
            self.clear()
        while self.row_count > self._window.size:
            self.remove_row(str(self.row_count - 1))
        blank = [Segments(())] * len(self.columns)  # None would be measured as text
        self._filled = {at: row for at, row in self._filled.items() if at < self.row_count}
        for row in range(self.row_count, self._window.size):
            self.add_row(*blank, key=str(row))

    def _shift_window(self) -> None:
        if self._window.around(self._top, page=self._page, total=len(self.order)) != self._window:
            self._scroll_to_index(self.cursor_index, self._top)

    def _set_columns(self, *, anew: bool = False) -> None:
        # Before the first layout, assume that there is nothing beside the table.
        beside = sum(it.gutter.width for it in self.ancestors_with_self if isinstance(it, Widget))
        width = self.scrollable_content_region.width or max(self.app.size.width - beside, 1)
        if anew:
            self._needs.clear()
        self._width = width - _EDGE
        columns = self._layout()
        if columns == self._columns and not anew:
            return
        self._columns = columns
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))
        self.clear(columns=True)
        self._filled.clear()
        query = self.rows_shown.query
        for placed in self._columns:
            gap = _EDGE if placed is self._columns[-1] else GAP
            label = Text(heading(placed, query))
            self.add_column(label, width=placed.width + gap, key=placed.column)

    def lay_out(self, *, anew: bool = False) -> None:
        """Lay out rows and, in another width or `anew`, columns; the cursor stays in sight."""
        cursor = self.cursor_index
        line = cursor - self._top
        page = max(self._page, 1)  # 0 while hidden
        top = self._top + max(0, line - page + 1) if line >= 0 else self._top
        self._set_columns(anew=anew)
        self._scroll_to_index(cursor, top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fill the rows that scroll into view, then shift the window."""
        super().watch_scroll_y(old_value, new_value)
        self.fill()
        self.call_later(self._shift_window)

    def watch_cursor_coordinate(self, old: Coordinate, new: Coordinate) -> None:
        super().watch_cursor_coordinate(old, new)
        if old != new:
            self.marks.follow(self.order, self.cursor_id)
            self._on_choice()
