"""A `DataTable` of a long list of ids, whose rows are filled when they come onto the screen."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar, NamedTuple

from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Click, MouseMove
from textual.geometry import Region, Size, clamp
from textual.widgets import DataTable
from textual.widgets.data_table import ColumnKey

from pan123_tui.i18n import N_
from pan123_tui.ui.keymap import MOVES
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.ui.widgets.table_cell import GAP, Cell

MANY_ROWS = 1_000
"""A longer list is shown through a window of fewer rows."""
_FEW_ROWS = 20
"""So many rows are removed one by one: `DataTable` numbers all others again for each."""
EMPHASES = ("hit", "mark")
"""Style classes beside `STYLE_TOKENS`; `styles.tcss` has a `task-table--…` for both."""


class Heading(NamedTuple):
    """A column: its key, its label, and the cells that its texts fill."""

    key: str
    label: str
    width: int


class VirtualTable(DataTable[Segments]):
    """A table of ids in a given order; cursor and scrolling follow ids, not row numbers.

    A row is a place: another order changes what is in the rows on the screen, and no row itself.
    Only a list of more than `MANY_ROWS` has fewer rows than ids: a window that moves with the
    screen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"task-table--{name}" for name in (*STYLE_TOKENS.values(), *EMPHASES)
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", N_("down"), id="table.down", show=False, group=MOVES),
        Binding("k,up", "cursor_up", N_("up"), id="table.up", show=False, group=MOVES),
        Binding(
            "g,home,ctrl+home", "first", N_("first"), id="table.first", show=False, group=MOVES
        ),
        Binding("G,end,ctrl+end", "last", N_("last"), id="table.last", show=False, group=MOVES),
        Binding(
            "pagedown", "page_down", N_("page down"), id="table.page_down", show=False, group=MOVES
        ),
        Binding("pageup", "page_up", N_("page up"), id="table.page_up", show=False, group=MOVES),
        Binding(
            "ctrl+d",
            "half_page(1)",
            N_("half a page down"),
            id="table.half_down",
            show=False,
            group=MOVES,
        ),
        Binding(
            "ctrl+u",
            "half_page(-1)",
            N_("half a page up"),
            id="table.half_up",
            show=False,
            group=MOVES,
        ),
    ]

    def __init__(self, *, window_rows: int, id: str | None = None) -> None:  # noqa: A002 - Textual's
        """Hold `window_rows` rows of a very long list, or four screens where that is more."""
        super().__init__(
            id=id, cursor_type="row", cell_padding=0, cursor_foreground_priority="renderable"
        )
        self.window_rows = window_rows
        self.order: tuple[int, ...] = ()
        """All ids, in the order shown; changed by `reorder` only."""
        self.first_held = 0
        """The index in `order` of the first row that is held."""
        self.table_width = 0
        """The cells that the columns were laid out for; 0 before that."""

    # For subclasses

    def headings(self, total: int) -> Sequence[Heading]:
        """Lay out the columns in `total` cells."""
        raise NotImplementedError

    def row_cells(self, key: int) -> Sequence[Cell]:
        """Return the cells of the row `key`, one for each column."""
        raise NotImplementedError

    def cursor_changed(self) -> None:
        """React to another id that may be under the cursor."""

    def row_clicked(self, key: int, x: int) -> None:  # noqa: ARG002 - for subclasses
        """React to a click on the row `key`, at cell `x`: move the cursor there."""
        self.move_to(key)

    # The list

    @property
    def total(self) -> int:
        """The number of ids."""
        return len(self.order)

    @property
    def held_count(self) -> int:
        """The number of rows that are held."""
        return self._capacity

    @property
    def cursor_index(self) -> int:
        """The index of the cursor in `order`."""
        return self.first_held + max(self.cursor_row, 0)  # -1 in an empty DataTable

    @property
    def cursor_key(self) -> int | None:
        """The id under the cursor."""
        return self.order[self.cursor_index] if self.cursor_index < self.total else None

    def visible_ids(self) -> tuple[int, ...]:
        """Return the ids on the screen, from the top."""
        held_end = self.first_held + self.row_count
        return self.order[self._top : min(self._top + self._page, held_end)]

    def reorder(self, order: Sequence[int]) -> None:
        """Show `order`: the cursor stays on its id and its line, else moves to the next id."""
        old, cursor, top = self.order, self.cursor_index, self._top
        self.order = tuple(order)
        moved = follow_row(cursor, old, self.order)
        line = cursor - top
        if not 0 <= line < self._page:
            top = follow_row(top, old, self.order)
        elif top > 0 or moved >= self._page:
            top = moved - line
        self._scroll_to_index(moved, top)

    def move_to(self, key: int) -> bool:
        """Move the cursor to `key`; return whether it is in the list."""
        if key not in self.order:
            return False
        index = self.order.index(key)
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

    # Painting

    def paint(self, keys: AbstractSet[int] | None = None) -> None:
        """Fill the rows on the screen, those of `keys` or all."""
        for row, key in enumerate(self.visible_ids(), self._top - self.first_held):
            if keys is None or key in keys:
                for column, cell in enumerate(self.row_cells(key)):
                    segments = [Segment(text, self._style(name)) for text, name in cell]
                    self.update_cell_at(Coordinate(row, column), Segments(segments))

    def refresh_header(self) -> None:
        """Update the labels of the columns and repaint them."""
        if not self.columns:
            return
        for heading in self.headings(self.table_width):
            self.columns[ColumnKey(heading.key)].label = Text(heading.label)
        self.mutate_reactive(DataTable.header_height)  # clears the cached lines
        self.refresh(Region(0, 0, self.size.width, self.header_height))

    def notify_style_update(self) -> None:
        """Fill the rows again: the theme or the focus changed their styles."""
        super().notify_style_update()
        # Textual replaces the styles of the parts only after this call.
        self.call_next(self.paint)

    def _style(self, style_class: str) -> Style | None:
        if not style_class:
            return None
        name = STYLE_TOKENS.get(style_class, style_class)
        return self.get_component_rich_style(f"task-table--{name}", partial=True)

    # The window

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
        """The number of rows that are held at most."""
        if self.total <= MANY_ROWS:
            return self.total
        return min(max(self.window_rows, 4 * self._page), self.total)

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
            widths = sum(column.get_render_width(self) for column in self.ordered_columns)
            self.virtual_size = Size(widths, self.row_count + self.header_height)
            # Set here, because another layout would repaint everything.
            self.show_vertical_scrollbar = self.row_count > self._page
            self.scroll_to(y=top - self.first_held, animate=False, force=True)
            row = clamp(cursor - self.first_held, 0, max(self.row_count - 1, 0))
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self.paint()
        self.cursor_changed()

    def _set_rows(self) -> None:
        """Have a row for each id of the window; those off the screen are filled later."""
        if self.row_count - self._capacity > _FEW_ROWS:
            self.clear()
        while self.row_count > self._capacity:
            self.remove_row(str(self.row_count - 1))
        blank = [Segments(())] * len(self.columns)  # None would be measured as text
        for row in range(self.row_count, self._capacity):
            self.add_row(*blank, key=str(row))

    def _set_columns(self) -> None:
        """Lay out the columns again if the width changed."""
        # Before the first layout, assume that nothing is beside the table.
        beside = self.gutter.width + self.styles.scrollbar_size_vertical
        width = self.scrollable_content_region.width or max(self.app.size.width - beside, 1)
        if width == self.table_width:
            return
        self.table_width, headings = width, self.headings(width)
        with self.prevent(DataTable.RowHighlighted):
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))
            self.clear(columns=True)
            for number, (key, label, cells) in enumerate(headings, start=1):
                gap = GAP if number < len(headings) else 0
                self.add_column(Text(label), width=cells + gap, key=key)

    def _shift_window(self) -> None:
        """Hold other rows if the screen or the cursor is near the end of those held."""
        if self._start_for(self.cursor_index, self._top) != self.first_held:
            self._scroll_to_index(self.cursor_index, self._top)

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
        self.paint()
        self.call_later(self._shift_window)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._shift_window()
        self.cursor_changed()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Repaint nothing under a moving mouse."""
        event.prevent_default()

    def on_click(self, event: Click) -> None:
        """Call `row_clicked`; clicks on the header are left to `DataTable`."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self.header_height:
            return
        event.stop()
        event.prevent_default()
        visible, line = self.visible_ids(), offset.y - self.header_height
        if line < len(visible):
            self.row_clicked(visible[line], offset.x)


def window_start(start: int, *, cursor: int, top: int, page: int, total: int, size: int) -> int:
    """Return the index where a window of `size` rows begins, so that the screen is well inside.

    All are indexes into a list of `total` ids: `start` is where the window begins now, `top` the
    first of the `page` rows on the screen. The window stays until its end comes near. A cursor
    too far from the screen to fit in is left outside.
    """
    if total <= size:
        return 0
    first, last = min(cursor, top), max(cursor + 1, top + page)
    margin = size // 5
    if last - first > size - 2 * margin:
        first, last = top, top + page
    has_room_before = start == 0 or first - start >= margin
    has_room_after = start + size >= total or start + size - last >= margin
    if has_room_before and has_room_after and start + size <= total:
        return start
    return min(max((first + last - size) // 2, 0), total - size)


def follow_row(index: int, old: Sequence[int], new: Sequence[int]) -> int:
    """Return the new index of `old[index]`, else of its nearest surviving neighbour, if any."""
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index]:
        return index
    remaining = frozenset(new)
    for key in (*old[index:], *reversed(old[:index])):
        if key in remaining:
            return new.index(key)
    return min(index, max(len(new) - 1, 0))
