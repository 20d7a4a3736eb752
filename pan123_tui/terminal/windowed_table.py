"""A `DataTable` for long lists that change often: it holds and fills only what is seen."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from rich.segment import Segments
from rich.text import Text
from textual.coordinate import Coordinate
from textual.geometry import Size, clamp
from textual.widgets import DataTable
from textual.widgets.data_table import ColumnKey

from pan123_tui.terminal.textual_private import SteadyTable

Id = TypeVar("Id", bound=Hashable)
"""What the rows' contents are told apart by."""
MANY_ROWS = 1_000
"""Of a longer list, only a window is held."""
LEAST_ROWS = 150
FEW_ROWS = 20
"""Up to this many rows are removed one by one: `DataTable` renumbers all others each time."""


class RowWindow(NamedTuple):
    """The rows of a list that are held: `size` rows, from the index `first` on."""

    first: int = 0
    size: int = 0

    def around(self, top: int, *, page: int, total: int) -> "RowWindow":
        """Return the window for a list of `total` ids, with the screen well inside.

        `top` is the first of the `page` rows on the screen. The window stays until one of its ends
        comes near.
        """
        if total <= MANY_ROWS:
            return RowWindow(0, total)
        size = min(max(LEAST_ROWS, 4 * page), total)
        margin, end = size // 5, self.first + size
        has_room_before = self.first == 0 or top - self.first >= margin
        has_room_after = end == total or (end < total and end - top - page >= margin)
        if has_room_before and has_room_after:
            return RowWindow(self.first, size)
        return RowWindow(min(max(top + (page - size) // 2, 0), total - size), size)


def follow_row(index: int, old: Sequence[Id], new: Sequence[Id]) -> int:
    """Return the new index of `old[index]` or of its nearest surviving neighbour, if any."""
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index]:
        return index
    remaining = frozenset(new)
    nearest = (*old[index:], *reversed(old[:index]))
    return next((new.index(it) for it in nearest if it in remaining), 0)


class WindowedTable(SteadyTable, Generic[Id]):
    """A table of the ids in `order`, whose cursor and scrolling follow them.

    A subclass has `place_columns` and `render_row`; `show_order` and `fill` say what has changed.
    A row is a place: another order changes what is in the rows on the screen, not the rows
    themselves. Only a very long list has fewer rows than ids: a window that moves with the
    screen. So rows, columns, size and scroll bar are set here, not by `DataTable`.
    """

    DEFAULT_CSS = "WindowedTable { overflow-x: hidden; scrollbar-gutter: stable; }"

    def __init__(self, **options: Any) -> None:
        super().__init__(cursor_type="row", **options)
        self.order: tuple[Id, ...] = ()
        """All ids in the order shown."""
        self._window = RowWindow()
        self._width = 0
        """The width that the columns were laid out for; 0 before that."""

    # What a subclass has

    def place_columns(self, width: int) -> None:
        """Add the columns for a table of `width` cells; it has none."""
        raise NotImplementedError

    def render_row(self, row_id: Id) -> Sequence[Segments]:
        """Return the cells of a row, one for each column."""
        raise NotImplementedError

    def follow_cursor(self) -> None:
        """Notice that the order or what is under the cursor may have changed."""

    # What is shown

    def show_order(self, order: Sequence[Id], *, keeps_top: bool = False) -> None:
        """Show the rows of `order`.

        The cursor stays on its row and its line, or moves to the next row if its own is gone. With
        `keeps_top`, a cursor in the first row stays there.
        """
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

    def fill(self, ids: Collection[Id] | None = None) -> None:
        """Fill the rows of `ids` anew; None: all on the screen."""
        for row, row_id in enumerate(self.visible_ids(), self._top - self._window.first):
            if ids is not None and row_id not in ids:
                continue
            for column, cell in enumerate(self.render_row(row_id)):
                place = Coordinate(row, column)
                if cell.segments != self.get_cell_at(place).segments:
                    self.update_cell_at(place, cell)

    def relabel(self, labels: Mapping[str, str]) -> None:
        """Change the labels of columns, by their keys."""
        for key, label in labels.items():
            self.columns[ColumnKey(key)].label = Text(label)
        self.mutate_reactive(DataTable.header_height)  # clears the cached lines

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
    def cursor_id(self) -> Id | None:
        """The id under the cursor; None if the table is empty."""
        return self.order[self.cursor_index] if self.cursor_index < self.total else None

    def visible_ids(self) -> tuple[Id, ...]:
        """Return the ids on the screen, from top to bottom."""
        held_end = self._window.first + self.row_count
        return self.order[self._top : min(self._top + self._page, held_end)]

    def move_to(self, row_id: Id | None) -> None:
        """Move the cursor to an id if it is in the list."""
        if row_id in self.order:
            index = self.order.index(row_id)
            is_on_screen = self._top <= index < self._top + self._page
            self._scroll_to_index(index, self._top if is_on_screen else index - self._page // 2)

    def action_to_row(self, index: int) -> None:
        """Move the cursor to a row; -1 is the last one."""
        row = index % max(self.total, 1)
        self._scroll_to_index(row, row)

    # The rows that are held

    @property
    def _top(self) -> int:
        """The index in `order` of the topmost row on the screen."""
        return self._window.first + self.scroll_offset.y

    @property
    def _page(self) -> int:
        return max(0, self.scrollable_content_region.height - self.header_height)

    def _scroll_to_index(self, cursor: int, top: int) -> None:
        if not self.columns:  # lay_out does it
            return
        cursor = clamp(cursor, 0, max(self.total - 1, 0))
        top = clamp(top, 0, max(self.total - self._page, 0))
        self._window = self._window.around(top, page=self._page, total=self.total)
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))  # as clear() does
        self._set_rows()
        self.virtual_size = Size(self._width, self.row_count + self.header_height)
        # Set here, because a new layout would repaint everything.
        self.show_vertical_scrollbar = self.row_count > self._page
        self.scroll_to(y=top - self._window.first, animate=False, force=True)
        row = clamp(cursor - self._window.first, 0, max(self.row_count - 1, 0))
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self.follow_cursor()
        self.fill()

    def _set_rows(self) -> None:
        """Have one row for each id in the window; rows off the screen are filled later."""
        if self.row_count - self._window.size > FEW_ROWS:
            self.clear()
        while self.row_count > self._window.size:
            self.remove_row(str(self.row_count - 1))
        blank = [Segments(())] * len(self.columns)  # None would be measured as text
        for row in range(self.row_count, self._window.size):
            self.add_row(*blank, key=str(row))

    def _shift_window(self) -> None:
        if self._window.around(self._top, page=self._page, total=self.total) != self._window:
            self._scroll_to_index(self.cursor_index, self._top)

    def _set_columns(self, *, anew: bool) -> None:
        # Before the first layout, assume that there is nothing beside the table.
        beside = self.gutter.width + self.styles.scrollbar_size_vertical
        width = self.scrollable_content_region.width or max(self.app.size.width - beside, 1)
        if width == self._width and not anew:
            return
        self._width = width
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))
        self.clear(columns=True)
        self.place_columns(width)

    # Events

    def on_mount(self) -> None:
        self.lay_out()

    def on_resize(self) -> None:
        self.lay_out()

    def lay_out(self, *, anew: bool = False) -> None:
        """Lay out columns and rows; the cursor stays on the screen.

        The columns stay if the width does, unless `anew`.
        """
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
            self.follow_cursor()
