"""The table of tasks: what its rows say, and the marks."""

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment, Segments
from rich.style import Style
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.geometry import Size, clamp
from textual.reactive import var
from textual.style import Style as ThemeStyle
from textual.widget import Widget
from textual.widgets import DataTable

from pan123_tui.domain.query import Group
from pan123_tui.domain.task import Shown
from pan123_tui.i18n import N_
from pan123_tui.terminal.textual_private import SteadyTable, WholeLine
from pan123_tui.ui.dashboard.columns import (
    MARK_STYLE,
    Cell,
    HeadingRow,
    PlacedColumn,
    Row,
    heading_line,
    layout_columns,
    render_cells,
)
from pan123_tui.ui.dashboard.marks import Marks
from pan123_tui.ui.dashboard.view import Heading, RowKey, Rows
from pan123_tui.ui.keymap import move
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.wording.dashboard import heading_texts

FEW_ROWS = 20
"""Up to this many rows are removed one by one: `DataTable` renumbers all others each time."""
MANY_ROWS = 1_000
"""Of a longer list, only a window is held."""
LEAST_ROWS = 150
_EDGE = 1
"""The free cells between the last column and the scroll bar."""
_HEADING_STYLES = {
    Group.NEEDS_YOU: "stalled",
    Group.RUNNING: Shown.RUNNING,
    Group.QUEUED: "muted",
    Group.DONE: Shown.DONE,
}


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


def follow_row(
    index: int,
    old: Sequence[RowKey],
    new: Sequence[RowKey],
    staying: frozenset[RowKey] | None = None,
) -> int:
    """Return the new index of `old[index]` or of its nearest surviving neighbour, if any.

    If it is not `staying`, it counts as gone.
    """
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index] and staying is None:
        return index
    remaining = frozenset(new) if staying is None else staying.intersection(new)
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
            id="tasks",
            show_header=False,
            cell_padding=0,
            cursor_type="row",
            cursor_foreground_priority="renderable",
        )
        self.marks = Marks(on_choice)
        self._on_choice = on_choice
        self._columns: tuple[PlacedColumn, ...] = ()
        self._window = RowWindow()
        self._width = 0
        """The width that the columns were laid out for; 0 before that."""
        self._filled: dict[int, Row | HeadingRow] = {}
        self.follows_tasks = False
        """Whether the cursor follows its task into another group, as its details are read."""

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.fill(anew=True))
        self.lay_out()

    def on_resize(self) -> None:
        self.lay_out()

    # What is shown

    @property
    def order(self) -> tuple[RowKey, ...]:
        return self.rows_shown.keys

    def watch_rows_shown(self, before: Rows, rows: Rows) -> None:
        """Show other rows; the cursor stays on its task and line, or goes to the next task."""
        cursor, top = self.cursor_index, self._top
        if before.keys is rows.keys and rows.goes_to is None:
            self.fill()
            return
        if rows.goes_to is not None:
            cursor = rows.keys.index(rows.goes_to)
            is_on_screen = top <= cursor < top + self._page
            top = top if is_on_screen else cursor - self._page // 2
        elif rows.query.view is not before.query.view or not before.keys:
            cursor, top = min(1, len(rows.keys) - 1), 0  # the first task, below its heading
        elif not rows.keeps_top or cursor > 1 or top:
            line = cursor - top
            cursor = follow_row(cursor, before.keys, rows.keys, self._staying(before, rows))
            if not 0 <= line < self._page:
                top = follow_row(top, before.keys, rows.keys)
            elif top > 0 or cursor >= self._page:
                top = cursor - line
        self._scroll_to_index(cursor, top)

    def _staying(self, before: Rows, rows: Rows) -> frozenset[RowKey] | None:
        """Return the rows that the cursor may be on: those of its group and all headings.

        So it stays in its place when its task goes on to another group; None: it follows.
        """
        heading = before.heading_of(self.cursor_index)
        if self.follows_tasks or heading is None or not rows.query.is_by_state:
            return None
        headings = (it for it in rows.keys if isinstance(it, Heading))
        return frozenset((*rows.members.get(heading, ()), *headings))

    def fill(self, *, anew: bool = False) -> None:
        """Fill the rows on the screen whose task, notes or mark have changed; all if `anew`."""
        if anew:
            self._filled.clear()
        for at, key in enumerate(self._visible_keys(), self._top - self._window.first):
            row = self._row(key)
            if row is None:
                self._filled.pop(at, None)
                self._set_cells(at, [Segments(())] * len(self._columns))
            elif self._filled.get(at) != row:
                self._filled[at] = row
                self._set_cells(at, self._cells(row))

    def _row(self, key: RowKey) -> Row | HeadingRow | None:
        rows = self.rows_shown
        if isinstance(key, Heading):
            title, hint = heading_texts(
                key.group,
                len(rows.tasks_at(key)),
                rows.query,
                rows.max_running,
                is_rest=key.is_rest,
            )
            style = _HEADING_STYLES[key.group] if key.group else ""
            return HeadingRow(title, hint, style, key.is_rest)
        task = rows.tasks.get(key)
        return Row(task, rows.notes, key in self.marks.ids) if task else None

    def _cells(self, row: Row | HeadingRow) -> Sequence[Segments]:
        if isinstance(row, Row):
            return [Segments(self._segments(cell)) for cell in render_cells(self._columns, row)]
        line = WholeLine(self._segments(heading_line(row, self._width)))
        return [line, *[Segments(())] * (len(self._columns) - 1)]

    def _segments(self, cell: Cell) -> list[Segment]:
        return [Segment(text, self._style(name)) for text, name in cell]

    def _set_cells(self, row: int, cells: Sequence[Segments]) -> None:
        for column, cell in enumerate(cells):
            place = Coordinate(row, column)
            before = self.get_cell_at(place)
            if cell.segments != before.segments or type(cell) is not type(before):
                self.update_cell_at(place, cell)

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
    def cursor_key(self) -> RowKey | None:
        """What is under the cursor; None if the table is empty."""
        return self.order[self.cursor_index] if self.cursor_index < len(self.order) else None

    @property
    def cursor_id(self) -> int | None:
        """The id of the task under the cursor, if there is one."""
        key = self.cursor_key
        return key if isinstance(key, int) else None

    def _visible_keys(self) -> tuple[RowKey, ...]:
        held_end = self._window.first + self.row_count
        return self.order[self._top : min(self._top + self._page, held_end)]

    def visible_ids(self) -> tuple[int, ...]:
        return tuple(key for key in self._visible_keys() if isinstance(key, int))

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
        return self.scrollable_content_region.height

    def _scroll_to_index(self, cursor: int, top: int) -> None:
        if not self.columns:  # lay_out does it
            return
        cursor = clamp(cursor, 0, max(len(self.order) - 1, 0))
        top = clamp(top, 0, max(len(self.order) - self._page, 0))
        self._window = self._window.around(top, page=self._page, total=len(self.order))
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))  # as clear() does
        self._set_rows()
        self.virtual_size = Size(self._width + _EDGE, self.row_count)
        # Set here, because a new layout would repaint everything.
        self.show_vertical_scrollbar = self.row_count > self._page
        self.scroll_to(y=top - self._window.first, animate=False, force=True)
        row = clamp(cursor - self._window.first, 0, max(self.row_count - 1, 0))
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self.marks.follow(self.rows_shown, self.cursor_index)
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
        self._width = width - _EDGE
        columns = layout_columns(self.app.size.width, self._width)
        if columns == self._columns and not anew:
            return
        self._columns = columns
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))
        self.clear(columns=True)
        self._filled.clear()
        for placed in columns:
            self.add_column("", width=placed.width + placed.gap, key=placed.column)

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
            self.marks.follow(self.rows_shown, self.cursor_index)
            self._on_choice()
