"""List of the reviewed links, rendered line by line so that any number of links fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.links.review import ReviewRow, ReviewStatus
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.add_links.review import Review
from pan123_tui.ui.add_links.review_row import ReviewSnapshot, lines_per_row, render_row
from pan123_tui.wording.formats import number


class ReviewList(ScrollView, can_focus=True):
    """Shows review rows; posts a message for each change that the user wants.

    The lines without a link are one line at the end, which opens.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "review-list--cursor",
        "review-list--cursor-blurred",
        "review-list--kept",
        "review-list--skipped",
        "review-list--duplicate",
        "review-list--rejected",
        "review-list--muted",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space",
            "toggle_row",
            N_("keep/skip"),
            id="review.toggle",
            tooltip=N_("Keep or skip this row; accept a row that needs a look"),
        ),
        Binding(
            "ctrl+a",
            "toggle_row(True)",
            N_("all like this"),
            id="review.toggle_alike",
            tooltip=N_("Keep, skip or take all rows with the same verdict"),
        ),
        Binding(
            "enter",
            "edit",
            N_("edit"),
            id="review.edit",
            tooltip=N_("Change its link, name and folder"),
        ),
        Binding("d,delete", "drop", N_("drop"), id="review.drop", tooltip=N_("Drop this row")),
        Binding("up,k", "move(-1)", N_("up"), id="review.up", show=False),
        Binding("down,j", "move(1)", N_("down"), id="review.down", show=False),
        Binding("pageup", "page(-1)", N_("page up"), id="review.page_up", show=False),
        Binding("pagedown", "page(1)", N_("page down"), id="review.page_down", show=False),
        Binding("ctrl+d", "page(0.5)", N_("half a page down"), id="review.half_down", show=False),
        Binding("ctrl+u", "page(-0.5)", N_("half a page up"), id="review.half_up", show=False),
        Binding("home,g", "move_to(0)", N_("first"), id="review.first", show=False),
        Binding("end,G", "move_to(-1)", N_("last"), id="review.last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    is_open: reactive[bool] = reactive(False)
    """Whether the lines without a link are shown."""

    class Changed(Message):
        """The user has changed a row."""

    @dataclass
    class EditAsked(Message):
        """The user wants to edit a row."""

        index: int

    def __init__(self, review: Review, model: TaskModel, *, id: str) -> None:  # noqa: A002
        """`model` has the tasks that rows can be duplicates of."""
        super().__init__(id=id)
        self._review = review
        self._model = model
        self._snapshot = ReviewSnapshot()
        self._addresses = 0

    @property
    def rows(self) -> Sequence[ReviewRow]:
        """The rows in the list, those without a link at the end."""
        return self._snapshot.rows

    @property
    def row(self) -> ReviewRow | None:
        """The row under the cursor; None on the line that opens."""
        index = self._row_index(self.cursor)
        return None if index is None else self.rows[index]

    def show(self, common: DownloadRequest) -> None:
        """Show the rows with the values `common` to all; the cursor stays in its place."""
        rows = self._review.rows
        self._snapshot = ReviewSnapshot.of(rows, common, self._model.folder_names)
        self._addresses = sum(not row.is_mere_text for row in rows)
        self._move_cursor(self.cursor)
        self._update_virtual_size()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render line `y` of the visible part."""
        width = self.scrollable_content_region.width
        base = self.visual_style.rich_style
        place, line = divmod(y + self.scroll_offset.y, lines_per_row(width))
        text = self._render_place(place, line, width)
        if self._places and place == self.cursor:
            base += self._style("cursor" if self.has_focus else "cursor-blurred")
        return Strip(text.render(self.app.console)).adjust_cell_length(width).apply_style(base)

    def watch_cursor(self, old: int, new: int) -> None:
        self._refresh_place(old)
        self._refresh_place(new)
        self.scroll_to_cursor()

    def watch_is_open(self) -> None:
        self._update_virtual_size()

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self.refresh()

    def action_move(self, places: int) -> None:
        self._move_cursor(self.cursor + places)

    def action_page(self, pages: float) -> None:
        height = max(self.size.height // self._lines() - 1, 2)
        self._move_cursor(self.cursor + int(pages * height))

    def action_move_to(self, place: int) -> None:
        self._move_cursor(place % max(self._places, 1))

    def action_toggle_row(self, with_alike: bool = False) -> None:
        index = self._row_index(self.cursor)
        if index is None:
            self._toggle_texts()
        elif self.rows[index].has_link:
            self._review.toggle(index, with_alike=with_alike)
            self._show_change()
            self.action_move(not with_alike)

    def action_edit(self) -> None:
        index = self._row_index(self.cursor)
        if index is None:
            self._toggle_texts()
        else:
            self.post_message(self.EditAsked(index))

    def action_drop(self) -> None:
        if (index := self._row_index(self.cursor)) is not None:
            self._review.drop(index)
            self._show_change()

    def _show_change(self) -> None:
        """Show at once what the user has changed, for the next key, and tell the screen."""
        self.show(self._snapshot.common)
        self.post_message(self.Changed())

    def on_click(self, event: Click) -> None:
        """Move to the row; toggle it on its mark, and edit it on a double click."""
        offset = event.get_content_offset(self)
        place = (offset.y + self.scroll_offset.y) // self._lines() if offset else self._places
        if offset is None or place >= self._places:
            return
        self.cursor = place
        index = self._row_index(place)
        if index is not None and offset.x < 2 and self.rows[index].has_link:
            self._review.toggle(index, with_alike=False)
            self._show_change()
        elif offset.x >= 2 and (event.chain == 2 or index is None):
            self.action_edit()

    def on_resize(self) -> None:
        self._update_virtual_size()
        self.scroll_to_cursor()

    def scroll_to_cursor(self) -> None:
        """Scroll to the cursor's row, also what this list is in while the list has the focus."""
        row = self._region_of(self.cursor)
        moved = self.scroll_to_region(row, animate=False, force=True)
        if self.has_focus and isinstance(self.parent, Widget):
            corner = self.virtual_region.offset + self.gutter.top_left
            place = row.translate(corner - self.scroll_offset - moved)
            self.parent.scroll_to_region(place, animate=False, force=True)

    @property
    def _places(self) -> int:
        """How many rows the list has, the line that opens included."""
        texts = len(self.rows) - self._addresses
        return self._addresses + (1 + texts * self.is_open if texts else 0)

    def _row_index(self, place: int) -> int | None:
        """Return the index of the row at `place`; None for the line that opens, and for none."""
        if place < self._addresses:
            return place
        return place - 1 if self._addresses < place < self._places else None

    def _toggle_texts(self) -> None:
        self.is_open = not self.is_open

    def _render_place(self, place: int, line: int, width: int) -> Text:
        index = self._row_index(place)
        if index is None:
            is_text = line == 0 and place == (self._addresses if self.rows else 0)
            text = self._fold_text() if self.rows else _("Each link becomes a row.")
            return Text(text if is_text else "", style=self._style("muted"), no_wrap=True)
        row = self.rows[index]
        is_known = row.status is ReviewStatus.KNOWN
        return render_row(
            self._snapshot,
            index,
            line=line,
            width=width,
            duplicate=self._model.tasks.get(row.duplicate_of or 0) if is_known else None,
            style_of=self._style,
        )

    def _fold_text(self) -> str:
        count = len(self.rows) - self._addresses
        if not count:
            return ""
        text = ngettext("{count} line of other text", "{count} lines of other text", count)
        sign = "▾" if self.is_open else "▸"
        return f"{sign} {text.format(count=number(count))}"

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"review-list--{name}", partial=True)

    def _move_cursor(self, place: int) -> None:
        self.cursor = min(max(place, 0), max(self._places - 1, 0))

    def _lines(self) -> int:
        return lines_per_row(self.scrollable_content_region.width)

    def _update_virtual_size(self) -> None:
        self.virtual_size = Size(self._region_of(0).width, self._places * self._lines())

    def _region_of(self, place: int) -> Region:
        lines = self._lines()
        return Region(0, place * lines, self.scrollable_content_region.width, lines)

    def _refresh_place(self, place: int) -> None:
        self.refresh(self._region_of(place).translate(-self.scroll_offset))
