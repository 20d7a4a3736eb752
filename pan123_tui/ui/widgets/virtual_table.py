"""A table of tasks whose texts have tones: the colours that the stylesheet gives to them."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import ClassVar, NamedTuple, Self

from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Click, Leave, MouseMove, Resize
from textual.geometry import Region, Size, clamp
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets.data_table import ColumnKey

from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import N_
from pan123_tui.ui.widgets.table_line import BLANK, GAP, Cell, TableLine, changed_spans, joined


def window_start(start: int, *, cursor: int, top: int, page: int, total: int, size: int) -> int:
    """Tell where a window of `size` rows begins so that the screen and the cursor are well inside.

    All are indexes into the view of `total` tasks: `start` where the window begins now, `top` the
    first of the `page` rows on the screen. The window stays until the end of it comes near; a
    cursor too far away to fit in is left behind.
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
    """Tell where in `new` the task at `index` of `old` is, else the next one of `old` that stayed.

    Gives the nearest place where none stayed, and 0 where there was nothing to follow.
    """
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index]:
        return index
    if (found := _index(new, old[index])) is not None:
        return found
    stayed = frozenset(new)
    for task_id in (*old[index + 1 :], *reversed(old[:index])):
        if task_id in stayed:
            return new.index(task_id)
    return min(index, max(len(new) - 1, 0))


def _index(order: Sequence[int], task_id: int) -> int | None:
    try:
        return order.index(task_id)
    except ValueError:
        return None


class Heading(NamedTuple):
    """A column: its key, its label, and the cells that its texts fill."""

    key: str
    label: str
    width: int


class VirtualTable(DataTable[Segments]):
    """Shows the ids of an order; cursor and scrolling follow ids, never row numbers.

    Columns, rows and cells are those of `DataTable`, with an id for a row's key; the rows are those
    around the screen. Cells are brought up to date when they come onto it. Of `DataTable`'s ways
    only one is changed: it repaints all of itself for each changed cell, this one what differs from
    what it last painted, and nothing for a change off the screen.
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
        self._is_held = False
        super().__init__(id=id, cursor_type="row", cell_padding=0)
        self.window_rows = window_rows
        self._order: tuple[int, ...] = ()
        self._start = 0
        self._headings: tuple[Heading, ...] = ()
        self._painted: dict[int, TableLine] = {}

    # What a subclass says

    def headings(self, total: int) -> Sequence[Heading]:
        """Lay out the columns in `total` cells."""
        raise NotImplementedError

    def row_cells(self, key: int) -> Sequence[Segments]:
        """Draw the cells of `key`, one for each column."""
        raise NotImplementedError

    def note_cursor(self) -> None:
        """Notice that another id may be under the cursor."""

    def row_clicked(self, key: int, x: int) -> None:  # noqa: ARG002 - for subclasses
        """Move to the row that is clicked."""
        self.move_to(key)

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
        """How many of them the window holds."""
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
        moved = follow_row(cursor, old, self._order)
        line = cursor - top
        if not 0 <= line < self._page:
            self._scroll_to_index(moved, follow_row(top, old, self._order))
        elif top == 0 and moved < self._page:
            self._scroll_to_index(moved, 0)
        else:
            self._scroll_to_index(moved, moved - line)

    def move_to(self, key: int) -> bool:
        """Put the cursor on `key`, anywhere in the view; tells whether it is there."""
        if key not in self._order:
            return False
        index = self._order.index(key)
        is_on_screen = self._top <= index < self._top + self._page
        self._scroll_to_index(index, self._top if is_on_screen else index - self._page // 2)
        return True

    def action_first(self) -> None:
        """Move to the first id of the view."""
        self._scroll_to_index(0, 0)

    def action_last(self) -> None:
        """Move to the last id of the view."""
        self._scroll_to_index(self.total - 1, self.total)

    # Painting

    def paint(self, keys: AbstractSet[int] | None = None) -> None:
        """Bring the rows on the screen up to date, of `keys` or all, and paint what differs."""
        self._update_cells(keys)
        for line in range(self._page):
            self._paint_line(line)

    def refresh_header(self) -> None:
        """Take the headings anew, and paint them."""
        headings = tuple(self.headings(self.table_width))
        if [heading._replace(label="") for heading in headings] != [
            heading._replace(label="") for heading in self._headings
        ]:
            return  # a layout is to come
        self._headings = headings
        for heading in headings:
            self.columns[ColumnKey(heading.key)].label = Text(heading.label)
        with self._held():
            self.mutate_reactive(DataTable.header_height)  # drops the lines that it remembers
        self.refresh(Region(0, 0, self.size.width, self.header_height))

    def refresh_row(self, row_index: int) -> Self:
        """Paint a row where it differs from what was painted."""
        line = row_index - self.scroll_offset.y
        if not self._is_held and 0 <= line < self._page:
            self._paint_line(line)
        return self

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Refresh, but repaint nothing while cells, rows and scrolling change: then lines are."""
        repaint = repaint and not self._is_held
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of the screen as one strip with few colours, and remember what it shows."""
        if y < self.header_height:
            return super().render_line(y)
        line = self._line_at(y - self.header_height)
        self._painted[y - self.header_height] = line
        ground = self.rich_style
        if line.has_cursor:
            ground += self.get_component_rich_style("datatable--cursor")
        widths = self._column_widths
        segments = [
            segment
            for cell, width in zip(line.cells, widths, strict=False)
            for segment in Segment.adjust_line_length([*cell], width)
        ]
        segments.append(Segment(" " * (self.size.width - sum(widths))))
        strip = Strip(Segment.apply_style(joined(segments), ground))
        return strip.adjust_cell_length(self.size.width, ground)

    def _line_at(self, line: int) -> TableLine:
        row = self.scroll_offset.y + line
        if not self.is_valid_row_index(row):
            return BLANK
        return TableLine(
            tuple(cell.segments for cell in self.get_row_at(row)), row == self.cursor_row
        )

    def _paint_line(self, line: int) -> None:
        was, now = self._painted.get(line), self._line_at(line)
        if was == now:
            return
        spans = None if was is None else changed_spans(was, now, self._column_widths)
        y = line + self.header_height
        for x, cells in spans or ((0, self.scrollable_content_region.width),):
            self.refresh(Region(x, y, cells, 1))

    def _update_cells(self, keys: AbstractSet[int] | None = None) -> None:
        columns = [column.key for column in self.ordered_columns]
        with self._held():
            for line in range(self._page):
                key = self.key_at(line)
                if key is None or (keys is not None and key not in keys):
                    continue
                for column, cell in zip(columns, self.row_cells(key), strict=True):
                    if cell.segments != self.get_cell(str(key), column).segments:
                        self.update_cell(str(key), column, cell)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold back repaints."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False

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
    def table_width(self) -> int:
        """How many cells the columns have; before the first layout, as if nothing was beside."""
        if cells := self.scrollable_content_region.width:
            return cells
        beside = self.gutter.width + self.styles.scrollbar_size_vertical
        return max(self.app.size.width - beside, 1)

    @property
    def _column_widths(self) -> list[int]:
        return [column.get_render_width(self) for column in self.ordered_columns]

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

    def _scroll_to_index(self, cursor: int, top: int) -> None:
        """Put the cursor and the first line of the screen at these indexes of the view."""
        if not self._headings:  # the first layout does it
            return
        cursor = clamp(cursor, 0, max(self.total - 1, 0))
        top = clamp(top, 0, max(self.total - self._page, 0))
        self._start = self._start_for(cursor, top)
        with self._held(), self.prevent(DataTable.RowHighlighted):
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))  # clear() tells none
            self._set_rows()
            self.virtual_size = Size(sum(self._column_widths), self.row_count + self.header_height)
            # In the same layout: one that comes after it has everything painted twice.
            self.show_vertical_scrollbar = self.row_count > self._page
            self.scroll_to(y=top - self._start, animate=False, force=True)
            row = clamp(cursor - self._start, 0, max(self.row_count - 1, 0))
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
        self.paint()
        self.note_cursor()

    def _set_rows(self) -> None:
        """Hold the rows of the window; their cells are filled when they come onto the screen."""
        keys = [str(key) for key in self._order[self._start : self._start + self._capacity]]
        held = [row.value for row in self.rows]
        if held != keys[: len(held)]:
            self.clear()
            held.clear()
        blank = [Segments(())] * len(self.columns)  # None would be measured as text
        for key in keys[len(held) :]:
            self.add_row(*blank, key=key)

    def _set_columns(self) -> None:
        """Lay out the columns in the width there is."""
        headings = tuple(self.headings(self.table_width))
        if headings == self._headings:
            return
        self._headings = headings
        with self._held(), self.prevent(DataTable.RowHighlighted):
            self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 0))
            self.clear(columns=True)
            for place, (key, label, width) in enumerate(headings, start=1):
                gap = GAP if place < len(headings) else 0
                self.add_column(Text(label), width=width + gap, key=key)

    def _shift_window(self) -> None:
        """Slide the window on where the screen or the cursor comes near its end."""
        start = self._start_for(self.cursor_index, self._top)
        if start != self._start:
            self._scroll_to_index(self.cursor_index, self._top)

    # What Textual tells

    def on_mount(self) -> None:
        self._set_columns()
        self._scroll_to_index(0, 0)

    def on_resize(self, _event: Resize) -> None:
        self._painted.clear()
        cursor = self.cursor_index
        line = cursor - self._top
        top = self._top + max(0, line - self._page + 1) if line >= 0 else self._top
        self._set_columns()
        self._scroll_to_index(cursor, top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll, and slide the window once that is done."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_held:
            self._update_cells()
            self.call_later(self._shift_window)

    def notify_style_update(self) -> None:
        """Draw the cells anew: their colours may be others."""
        super().notify_style_update()
        self._update_cells()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._shift_window()
        self.note_cursor()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Paint nothing below a mouse that moves."""
        event.prevent_default()

    def on_leave(self, event: Leave) -> None:
        event.prevent_default()

    def on_click(self, event: Click) -> None:
        """Tell which row is clicked; the headings are `DataTable`'s."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self.header_height:
            return
        event.stop()
        if (key := self.key_at(offset.y - self.header_height)) is not None:
            self.row_clicked(key, offset.x)


STYLE_CLASSES = (
    *TaskState,
    *("stalled", "doubtful", "muted", "track", "hit", "mark", "marked", "host"),
)
"""The names that `styles.tcss` gives colours to, as `task-table--…`."""


class StyledTable(VirtualTable):
    """Colours its cells by their tones."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{tone}" for tone in STYLE_CLASSES}

    def __init__(self, *, window_rows: int, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(window_rows=window_rows, id=id)
        self._styles: dict[str, Style] = {}

    def styled(self, cells: Iterable[Cell]) -> list[Segments]:
        """Colour `cells`."""
        return [Segments(Segment(text, self._style(tone)) for text, tone in cell) for cell in cells]

    def notify_style_update(self) -> None:
        """Forget the colours: the theme or the focus changed."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, tone: str) -> Style | None:
        """Give the colours of a tone, looked up once for each look of the table."""
        if not tone:
            return None
        if (style := self._styles.get(tone)) is None:
            style = self.get_component_rich_style(f"task-table--{tone}", partial=True)
            self._styles[tone] = style
        return style
