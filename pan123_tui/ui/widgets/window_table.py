"""A `DataTable` over a view of any length: it holds a window of it and paints only what differs."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import ClassVar, Self

from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Resize
from textual.geometry import Region, Size, clamp
from textual.strip import Strip
from textual.widgets import DataTable

from pan123_tui.i18n import N_
from pan123_tui.ui.widgets.lines import BLANK, Line, changed_spans
from pan123_tui.ui.widgets.view_window import followed, window_start

_GROWTH = 100
"""A window that fills adds so many rows at a time: a tenth of a millisecond each."""
_CLEAR_FROM = 30
"""Removing so many rows one by one costs more than beginning anew."""


class WindowTable(DataTable[str]):
    """Shows the lines of ids in an order; cursor and scrolling follow ids, never row numbers.

    `DataTable` keeps rows, cursor, keys and scrolling. Its rows are but places in the window: what
    stands in one is looked up when its line is drawn, as one strip. So a new order moves no rows,
    a change off the screen sends nothing, and the window slides along however long the view is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", N_("down"), id="table.down", show=False),
        Binding("k,up", "cursor_up", N_("up"), id="table.up", show=False),
        Binding("g,home,ctrl+home", "first", N_("first"), id="table.first", show=False),
        Binding("G,end,ctrl+end", "last", N_("last"), id="table.last", show=False),
        Binding("pagedown", "page_down", N_("page down"), id="table.page_down", show=False),
        Binding("pageup", "page_up", N_("page up"), id="table.page_up", show=False),
    ]

    def __init__(self, *, window_rows: int, id: str | None = None) -> None:  # noqa: A002 - Textual's
        """Hold at most `window_rows` rows at a time, or four screens where that is more."""
        self._is_placing = False
        self._is_growing = False
        super().__init__(id=id, cursor_type="row", cell_padding=0)
        self.window_rows = window_rows
        self._order: tuple[int, ...] = ()
        self._start = 0
        self._painted: dict[int, Line] = {}

    # What a subclass says

    def line_of(self, key: int, *, has_cursor: bool) -> Line:
        """Draw the line of `key`."""
        raise NotImplementedError

    def strip_of(self, line: Line) -> Strip:
        """Colour `line`, as wide as the table."""
        raise NotImplementedError

    def header_strip(self) -> Strip:
        """Draw the headings, as wide as the table."""
        raise NotImplementedError

    def note_cursor(self) -> None:
        """Notice that another id may be under the cursor."""

    # The view

    @property
    def order(self) -> tuple[int, ...]:
        """The ids of the view."""
        return self._order

    @property
    def total(self) -> int:
        """How many ids the view has."""
        return len(self._order)

    @property
    def shown_count(self) -> int:
        """How many of them the window holds, once it is filled."""
        return min(self._capacity, self.total)

    @property
    def first_shown(self) -> int:
        """Where in the view the window begins; 0 is the first."""
        return self._start

    @property
    def cursor_index(self) -> int:
        """Where in the view the cursor is."""
        return self._start + max(self.cursor_row, 0)  # an empty DataTable says -1

    @property
    def cursor_key(self) -> int | None:
        """The id under the cursor."""
        return self._order[self.cursor_index] if self.cursor_index < self.total else None

    def visible_ids(self) -> tuple[int, ...]:
        """Give the ids on the screen, from above."""
        return self._order[self._top : self._top + self._page]

    def key_at(self, line: int) -> int | None:
        """Give the id on line `line` of the screen, without the headings."""
        index = self._top + line
        end = min(self._start + self.row_count, self.total)
        return self._order[index] if index < end else None

    def reorder(self, order: Sequence[int]) -> None:
        """Show `order`: the cursor stays on its id and its line, or goes on to the next id."""
        old, cursor, top = self._order, self.cursor_index, self._top
        self._order = tuple(order)
        moved = followed(cursor, old, self._order)
        line = cursor - top
        if not 0 <= line < self._page:
            self._place(moved, followed(top, old, self._order))
        elif top == 0 and moved < self._page:
            self._place(moved, 0)
        else:
            self._place(moved, moved - line)

    def move_to(self, key: int) -> bool:
        """Put the cursor on `key`, anywhere in the view; tells whether it is there."""
        if key not in self._order:
            return False
        index = self._order.index(key)
        is_on_screen = self._top <= index < self._top + self._page
        self._place(index, self._top if is_on_screen else index - self._page // 2)
        return True

    def action_first(self) -> None:
        """Move to the first id of the view."""
        self._place(0, 0)

    def action_last(self) -> None:
        """Move to the last id of the view."""
        self._place(self.total - 1, self.total)

    # Painting

    def paint(self, keys: AbstractSet[int] | None = None) -> None:
        """Paint what on the screen is no longer as it was painted, of `keys` or of all."""
        if keys is None:
            lines = list(range(self._page))
        else:
            lines = [line for line, key in enumerate(self.visible_ids()) if key in keys]
        for line in lines:
            self._paint_line(line)

    def refresh_header(self) -> None:
        """Paint the headings."""
        self.refresh(Region(0, 0, self.size.width, self.header_height))

    def refresh_row(self, row_index: int) -> Self:
        """Paint a row, unless it looks as it was painted."""
        line = row_index - self.scroll_offset.y
        if not self._is_placing and 0 <= line < self._page:
            self._paint_line(line)
        return self

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Refresh; while rows come and go only their number counts, for lines are compared."""
        is_known = self._is_placing and not regions
        return super().refresh(
            *regions, repaint=repaint and not is_known, layout=layout, recompose=recompose
        )

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of the screen and remember how it looks."""
        if y < self.header_height:
            return self.header_strip()
        line = self._line_at(y - self.header_height)
        self._painted[y - self.header_height] = line
        return self.strip_of(line)

    def _line_at(self, line: int) -> Line:
        key = self.key_at(line)
        if key is None:
            return BLANK
        return self.line_of(key, has_cursor=self._top + line == self.cursor_index)

    def _paint_line(self, line: int) -> None:
        was, now = self._painted.get(line), self._line_at(line)
        if was == now:
            return
        spans = None if was is None else changed_spans(was, now)
        y = line + self.header_height
        for x, cells in spans or ((0, self.scrollable_content_region.width),):
            self.refresh(Region(x, y, cells, 1))

    # The window

    @property
    def _top(self) -> int:
        """Where in the view the screen begins."""
        return self._start + self.scroll_offset.y

    @property
    def _page(self) -> int:
        """How many rows the screen has; none before the first layout."""
        if not self.is_mounted:
            return 0
        return max(0, self.scrollable_content_region.height - self.header_height)

    @property
    def _capacity(self) -> int:
        """How many rows the window has at most."""
        return max(self.window_rows, 4 * self._page)

    def _start_for(self, cursor: int, top: int) -> int:
        return window_start(
            self._start,
            cursor=cursor,
            top=top,
            page=self._page,
            total=self.total,
            size=self._capacity,
        )

    def _place(self, cursor: int, top: int) -> None:
        """Put the cursor and the first line of the screen at these indexes of the view."""
        if not self.is_mounted:  # the first layout does it
            return
        cursor = clamp(cursor, 0, max(self.total - 1, 0))
        top = clamp(top, 0, max(self.total - self._page, 0))
        self._start = self._start_for(cursor, top)
        wanted = min(self.total - self._start, self._capacity)
        # What is on the screen and some pages more at once, the rest when that is drawn.
        near = max(cursor, top) - self._start + 4 * max(self._page, 1)
        rows = min(wanted, max(near, self.row_count + _GROWTH))
        with self._placing():
            self._set_row_count(rows)
            self.virtual_size = Size(1, rows + self.header_height)
            # In the same layout: one that comes after it has everything painted twice.
            self.show_vertical_scrollbar = rows > self._page
            self.scroll_to(y=top - self._start, animate=False, force=True)
            row = clamp(cursor - self._start, 0, max(rows - 1, 0))
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self.paint()
        self.note_cursor()
        if rows < wanted and not self._is_growing:
            self._is_growing = True
            self.call_after_refresh(self._grow)

    def _grow(self) -> None:
        """Go on filling the window."""
        self._is_growing = False
        self._place(self.cursor_index, self._top)

    @contextmanager
    def _placing(self) -> Iterator[None]:
        """Let rows come and go without a repaint of all, a scroll, or word of the cursor."""
        self._is_placing = True
        try:
            with self.prevent(DataTable.RowHighlighted):
                self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))
                yield
        finally:
            self._is_placing = False

    def _set_row_count(self, count: int) -> None:
        if self.row_count - count >= _CLEAR_FROM:
            self.clear()
        for row in range(self.row_count - 1, count - 1, -1):
            self.remove_row(str(row))
        for row in range(self.row_count, count):
            self.add_row(key=str(row))

    def _slide(self) -> None:
        """Slide the window on where the screen or the cursor comes near its end."""
        start = self._start_for(self.cursor_index, self._top)
        if start != self._start:
            self._place(self.cursor_index, self._top)

    # What Textual tells

    def on_mount(self) -> None:
        self.add_column("", width=1)

    def on_resize(self, _event: Resize) -> None:
        self._painted.clear()
        line = self.cursor_index - self._top
        top = self._top + max(0, line - self._page + 1) if line >= 0 else self._top
        self._place(self.cursor_index, top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll, and slide the window once that is done."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_placing:
            self.call_later(self._slide)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._slide()
        self.note_cursor()
