"""The link tray: one row a link, drawn only where it shows, so that any number of links fits."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from msgspec import Struct, field
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pan123_tui.domain.links.review import ReviewRow, ReviewStatus, final_name, kept_positions
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.form_fields import KnownFolders
from pan123_tui.ui.widgets.styled_text import plain
from pan123_tui.wording.links import review_status_text

ONE_LINE_FROM = 70
"""From this width on a row takes one line."""
LINK_FROM = 110
"""From this width on the link has a column of its own."""
_FOLDER_CELLS = 14
_VERDICT_CELLS = 38
_SHORT_VERDICT_CELLS = 12
_GAP = 2
_NOTHING_COMMON = DownloadRequest("")
_MARKS = {ReviewStatus.REJECTED: "✗ "}
_KEPT, _SKIPPED = "✓ ", "- "

StyleOf = Callable[[str], Style]
"""Gives the style of one of `STYLES`."""
STYLES = ("kept", "skipped", "duplicate", "refused", "muted")


class TrayView(Struct, frozen=True):
    """The rows with all that is needed to say what will be sent for each."""

    rows: Sequence[ReviewRow] = ()
    common: DownloadRequest = _NOTHING_COMMON
    places: Sequence[int] = ()
    """Of each row its number among the kept ones, 0 for the others."""
    count: int = 0
    """How many are kept."""
    verdict_cells: int = _VERDICT_CELLS
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """The names of the folders that are known, by id."""

    @classmethod
    def of(
        cls,
        rows: Sequence[ReviewRow],
        common: DownloadRequest,
        folder_names: Mapping[int, str] = {},
    ) -> "TrayView":
        """Number the kept rows."""
        places = kept_positions(rows)
        has_long_ones = any(row.is_duplicate or row.may_be_truncated for row in rows)
        cells = _VERDICT_CELLS if has_long_ones else _SHORT_VERDICT_CELLS
        return cls(rows, common, places, max(places, default=0), cells, folder_names)

    def name(self, index: int) -> str:
        """Give the name that row `index` is sent with, or would be; empty: none."""
        place = self.places[index] or 1
        return final_name(self.rows[index], self.common, number=place, count=self.count)

    def folder(self, index: int) -> str:
        """Give the folder of row `index` as text; empty: the service's own."""
        folder_id = self.rows[index].folder_id or self.common.folder_id
        return self.folder_names.get(folder_id, f"#{folder_id}") if folder_id else ""


def lines_per_row(width: int) -> int:
    """Tell how many lines a row takes at `width` cells."""
    return 1 if width >= ONE_LINE_FROM else 2


def draw_row(
    view: TrayView,
    index: int,
    *,
    line: int,
    width: int,
    twin: Task | None,
    now: float,
    style_of: StyleOf,
) -> Text:
    """Draw one of the lines of row `index`, at most `width` cells wide."""
    row = view.rows[index]
    head = _head(row, index, len(view.rows), style_of)
    verdict = plain(review_status_text(row, twin, now=now), style=style_of(_verdict_style(row)))
    name = _name(view, index, style_of)
    folder = plain(view.folder(index) and f"→ {view.folder(index)}", style=style_of("muted"))
    if lines_per_row(width) == 2:
        return _stacked(line, width, head, name, verdict, folder)
    return _side_by_side(row, view.verdict_cells, width, head, name, verdict, folder, style_of)


def _stacked(line: int, width: int, head: Text, name: Text, verdict: Text, folder: Text) -> Text:
    room = max(width - head.cell_len, 0)
    if line == 0:
        return _joined(head, (name, room))
    indent = Text(" " * head.cell_len)
    return _joined(indent, (verdict, room - bool(folder) * _FOLDER_CELLS), (folder, _FOLDER_CELLS))


def _side_by_side(
    row: ReviewRow,
    verdict_cells: int,
    width: int,
    head: Text,
    name: Text,
    verdict: Text,
    folder: Text,
    style_of: StyleOf,
) -> Text:
    room = width - head.cell_len
    if row.status is ReviewStatus.REJECTED:
        verdict_cells = max(verdict_cells, min(verdict.cell_len + _GAP, room * 2 // 3))
        return _joined(head, (verdict, verdict_cells), (name, room - verdict_cells))
    folder_cells = _FOLDER_CELLS if folder else 0
    rest = room - verdict_cells - folder_cells
    columns = [(verdict, verdict_cells), (name, rest), (folder, folder_cells)]
    if width >= LINK_FROM:
        link_cells = rest // 2
        link = plain(row.text, link_cells - _GAP, cut="middle", style=style_of("muted"))
        columns[1:2] = [(name, rest - link_cells), (link, link_cells)]
    return _joined(head, *columns)


def _head(row: ReviewRow, index: int, count: int, style_of: StyleOf) -> Text:
    mark = _MARKS.get(row.status, _KEPT if row.keep else _SKIPPED)
    head = Text(no_wrap=True, end="").append(mark, style_of(_verdict_style(row)))
    return head.append(f"{index + 1:>{len(str(count))}} ", style_of("muted"))


def _name(view: TrayView, index: int, style_of: StyleOf) -> Text:
    row = view.rows[index]
    if row.status is ReviewStatus.REJECTED:
        return plain(row.text, 300)
    if not row.keep:
        return plain(view.name(index) or row.guessed_name, style=style_of("skipped"))
    name = view.name(index)
    return plain(name) if name else plain(row.guessed_name, style=style_of("muted"))


def _verdict_style(row: ReviewRow) -> str:
    if row.status is ReviewStatus.REJECTED:
        return "refused"
    if row.is_duplicate or (row.may_be_truncated and row.keep):
        return "duplicate"
    return "kept" if row.keep else "skipped"


def _joined(head: Text, *columns: tuple[Text, int]) -> Text:
    """Put `columns` after `head`, each cut to its cells less a gap and filled up to them."""
    line = head.copy()
    for text, cells in columns:
        shown = plain(text.plain, max(cells - _GAP, 0), style=text.style)
        line.append_text(shown).append(" " * (cells - shown.cell_len))
    return line


class KnownTasks(KnownFolders, Protocol):
    """What knows the tasks and the names of their folders, such as the mirror."""

    @property
    def tasks(self) -> Mapping[int, Task]:
        """All tasks by id."""


class ReviewList(ScrollView, can_focus=True):
    """Shows the rows that `show` is given; what is done to them is asked for by messages."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "link-tray--cursor",
        "link-tray--cursor-blurred",
        "link-tray--kept",
        "link-tray--skipped",
        "link-tray--duplicate",
        "link-tray--refused",
        "link-tray--muted",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space", "toggle_kept", N_("keep/skip"), id="tray.toggle", tooltip=N_("Queue it or not")
        ),
        Binding(
            "enter", "edit", N_("edit"), id="tray.edit", tooltip=N_("Change its name and folder")
        ),
        Binding(
            "D",
            "toggle_duplicates",
            N_("duplicates"),
            id="tray.duplicates",
            tooltip=N_("Queue the duplicates too, or skip them again"),
        ),
        Binding("up,k", "move(-1)", N_("up"), id="tray.up", show=False),
        Binding("down,j", "move(1)", N_("down"), id="tray.down", show=False),
        Binding("pageup", "page(-1)", N_("page up"), id="tray.page_up", show=False),
        Binding("pagedown", "page(1)", N_("page down"), id="tray.page_down", show=False),
        Binding("home,g", "first", N_("first"), id="tray.first", show=False),
        Binding("end,G", "last", N_("last"), id="tray.last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Toggled(Message):
        """A row was taken out or in again."""

        row: ReviewRow

    @dataclass
    class Edited(Message):
        """A row's name and folder are to be changed."""

        row: ReviewRow

    class DuplicatesToggled(Message):
        """All duplicates are to be kept, or skipped again."""

    def __init__(
        self,
        known: KnownTasks,
        *,
        now: Callable[[], float] = time.time,
        id: str | None = None,  # noqa: A002 - the name that Textual gave it
    ) -> None:
        """`known` has the tasks that duplicates are duplicates of."""
        super().__init__(id=id)
        self._known = known
        self._now = now
        self._view = TrayView()

    @property
    def rows(self) -> Sequence[ReviewRow]:
        """What is shown."""
        return self._view.rows

    def show(self, rows: Sequence[ReviewRow], common: DownloadRequest) -> None:
        """Show `rows`, with the part that is `common` to all; the cursor stays on its link."""
        key = self._view.rows[self.cursor].key if self.cursor < len(self._view.rows) else None
        is_same_row = self.cursor < len(rows) and rows[self.cursor].key == key
        self._view = TrayView.of(rows, common, self._known.folder_names)
        if not is_same_row:
            found = next((at for at, row in enumerate(rows) if row.key == key), self.cursor)
            self.cursor = min(found, max(len(rows) - 1, 0))
        self._measure()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of what is in view."""
        width = self.scrollable_content_region.width
        base = self.visual_style.rich_style
        index, line = divmod(y + self.scroll_offset.y, lines_per_row(width))
        if index >= len(self._view.rows):
            text = self._hint() if not self._view.rows and y == 0 else Text()
        else:
            text = self._draw(index, line, width)
            if index == self.cursor:
                base += self._style("cursor" if self.has_focus else "cursor-blurred")
        return Strip(text.render(self.app.console)).adjust_cell_length(width).apply_style(base)

    def watch_cursor(self, old: int, new: int) -> None:
        self._refresh_row(old)
        self._refresh_row(new)
        self.scroll_to_region(self._region_of(new), animate=False, force=True)

    def action_move(self, rows: int) -> None:
        self._move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        height = max(self.size.height // self._lines() - 1, 1)
        self._move_to(self.cursor + pages * height)

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(len(self.rows) - 1)

    def action_switch_row_kept(self) -> None:
        if self._has_link():
            self.post_message(self.Toggled(self.rows[self.cursor]))
            self.action_move(1)

    def action_edit(self) -> None:
        if self._has_link():
            self.post_message(self.Edited(self.rows[self.cursor]))

    def action_switch_row_duplicates(self) -> None:
        self.post_message(self.DuplicatesToggled())

    def on_click(self, event: Click) -> None:
        """Move to the row; a click on its mark toggles it, a second click edits it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = (offset.y + self.scroll_offset.y) // self._lines()
        if index >= len(self.rows):
            return
        self.cursor = index
        if not self._has_link():
            return
        if offset.x < 2:
            self.post_message(self.Toggled(self.rows[index]))
        elif event.chain == 2:
            self.action_edit()

    def on_resize(self) -> None:
        self._measure()

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)

    def _draw(self, index: int, line: int, width: int) -> Text:
        row = self.rows[index]
        is_known = row.status is ReviewStatus.KNOWN and row.duplicate_of is not None
        return draw_row(
            self._view,
            index,
            line=line,
            width=width,
            twin=self._known.tasks.get(row.duplicate_of or 0) if is_known else None,
            now=self._now(),
            style_of=self._style,
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"link-tray--{name}", partial=True)

    def _hint(self) -> Text:
        return Text(_("Each link becomes a row here."), style=self._style("muted"), no_wrap=True)

    def _has_link(self) -> bool:
        at = self.cursor
        return at < len(self.rows) and self.rows[at].status is not ReviewStatus.REJECTED

    def _move_to(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(len(self.rows) - 1, 0))

    def _lines(self) -> int:
        return lines_per_row(self.scrollable_content_region.width)

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, len(self.rows) * lines_per_row(width))

    def _region_of(self, index: int) -> Region:
        lines = self._lines()
        return Region(0, index * lines, self.scrollable_content_region.width, lines)

    def _refresh_row(self, index: int) -> None:
        self.refresh(self._region_of(index).translate(-self.scroll_offset))
