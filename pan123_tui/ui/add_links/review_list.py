"""List of the reviewed links, rendered line by line so that any number of links fits."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

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

from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.links.review import ReviewRow, ReviewStatus, final_name, kept_positions
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.form_fields import KnownFolders
from pan123_tui.ui.widgets.styled_text import plain
from pan123_tui.wording.links import review_status_text

MIN_SINGLE_LINE_WIDTH = 70
"""Width from which a row takes one line."""
MIN_LINK_COLUMN_WIDTH = 110
"""Width from which the link has a column of its own."""
_FOLDER_CELLS = 14
_STATUS_CELLS = 38
_SHORT_STATUS_CELLS = 12
_GAP = 2
_NO_DEFAULTS = DownloadRequest("")


class ReviewSnapshot(Struct, frozen=True):
    """The rows with all that is needed to show the name and folder of each."""

    rows: Sequence[ReviewRow] = ()
    common: DownloadRequest = _NO_DEFAULTS
    positions: Sequence[int] = ()
    """The number of each row among the kept ones, 0 for the others."""
    count: int = 0
    """How many rows are kept."""
    status_cells: int = _STATUS_CELLS
    """Width of the status column."""
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """The known names by folder id."""

    @classmethod
    def of(
        cls, rows: Sequence[ReviewRow], common: DownloadRequest, folder_names: Mapping[int, str]
    ) -> "ReviewSnapshot":
        """Number the kept rows, and choose the width of the status column."""
        positions = kept_positions(rows)
        has_long_status = any(row.is_duplicate or row.longer_url for row in rows)
        cells = _STATUS_CELLS if has_long_status else _SHORT_STATUS_CELLS
        return cls(rows, common, positions, max(positions, default=0), cells, folder_names)

    def name(self, index: int) -> str:
        """Return the name that row `index` is or would be sent with; empty if it has none."""
        position = self.positions[index] or 1
        return final_name(self.rows[index], self.common, number=position, count=self.count)

    def folder(self, index: int) -> str:
        """Return the folder of row `index`; empty for the service's default folder."""
        folder_id = self.rows[index].folder_id or self.common.folder_id
        return self.folder_names.get(folder_id, f"#{folder_id}") if folder_id else ""


def lines_per_row(width: int) -> int:
    """Return how many lines a row takes at `width` cells."""
    return 1 if width >= MIN_SINGLE_LINE_WIDTH else 2


StyleOf = Callable[[str], Style]
"""Returns the style of a component class, such as "muted"."""


class _RowTexts(NamedTuple):
    head: Text
    name: Text
    status: Text
    folder: Text


def render_row(
    snapshot: ReviewSnapshot,
    index: int,
    *,
    line: int,
    width: int,
    duplicate: Task | None,
    now: float,
    style_of: StyleOf,
) -> Text:
    """Render one of the lines of row `index`, at most `width` cells wide."""
    row = snapshot.rows[index]
    status_style = style_of(_status_style(row))
    number = f"{index + 1:>{len(str(len(snapshot.rows)))}} "
    mark = f"{_mark(row)} "
    folder = snapshot.folder(index)
    texts = _RowTexts(
        Text(no_wrap=True, end="").append(mark, status_style).append(number, style_of("muted")),
        _name(snapshot, index, style_of),
        plain(review_status_text(row, duplicate, now=now), style=status_style),
        plain(folder and f"→ {folder}", style=style_of("muted")),
    )
    if lines_per_row(width) == 2:
        return _render_stacked(texts, line, width)
    return _render_single_line(texts, row, snapshot.status_cells, width, style_of)


def _render_stacked(texts: _RowTexts, line: int, width: int) -> Text:
    head, name, status, folder = texts
    available = max(width - head.cell_len, 0)
    if line == 0:
        return _joined(head, (name, available))
    indent, folder_cells = Text(" " * head.cell_len), _FOLDER_CELLS if folder else 0
    return _joined(indent, (status, available - folder_cells), (folder, _FOLDER_CELLS))


def _render_single_line(
    texts: _RowTexts, row: ReviewRow, status_cells: int, width: int, style_of: StyleOf
) -> Text:
    head, name, status, folder = texts
    available = width - head.cell_len
    if row.status is ReviewStatus.REJECTED:
        status_cells = max(status_cells, min(status.cell_len + _GAP, available * 2 // 3))
        return _joined(head, (status, status_cells), (name, available - status_cells))
    folder_cells = _FOLDER_CELLS if folder else 0
    name_cells = available - status_cells - folder_cells
    columns = [(status, status_cells), (name, name_cells), (folder, folder_cells)]
    if width >= MIN_LINK_COLUMN_WIDTH:
        link_cells = name_cells // 2
        link = plain(row.text, link_cells - _GAP, cut="middle", style=style_of("muted"))
        columns[1:2] = [(name, name_cells - link_cells), (link, link_cells)]
    return _joined(head, *columns)


def _mark(row: ReviewRow) -> str:
    if row.status is ReviewStatus.DOUBTFUL:
        return "?"
    if row.status is ReviewStatus.REJECTED and not row.is_mere_text:
        return "✗"
    return "✓" if row.keep else "-"


def _name(snapshot: ReviewSnapshot, index: int, style_of: StyleOf) -> Text:
    row = snapshot.rows[index]
    if row.status is ReviewStatus.REJECTED:
        return (
            plain(row.text, 300, style=style_of("muted"))
            if row.is_mere_text
            else plain(row.text, 300)
        )
    if row.status is ReviewStatus.DOUBTFUL:
        names = [guess_name(url) for url in (row.shorter_url, row.longer_url)]
        return plain(_("{shorter} or {longer}?").format(shorter=names[0], longer=names[1]))
    name = snapshot.name(index)
    if not row.keep:
        return plain(name or row.guessed_name, style=style_of("skipped"))
    return plain(name) if name else plain(row.guessed_name, style=style_of("muted"))


def _status_style(row: ReviewRow) -> str:
    if row.is_mere_text:
        return "muted"
    if row.status is ReviewStatus.REJECTED:
        return "rejected"
    if row.is_duplicate or row.status is ReviewStatus.DOUBTFUL:
        return "duplicate"
    return "kept" if row.keep else "skipped"


def _joined(head: Text, *columns: tuple[Text, int]) -> Text:
    """Append `columns` to `head`, each truncated or padded to its cells with a gap at the end."""
    line = head.copy()
    for text, cells in columns:
        shown = plain(text.plain, max(cells - _GAP, 0), style=text.style)
        line.append_text(shown).append(" " * (cells - shown.cell_len))
    return line


class KnownTasks(KnownFolders, Protocol):
    """A source of tasks and folder names, such as the task model."""

    @property
    def tasks(self) -> Mapping[int, Task]:
        """All tasks by id."""


class ReviewList(ScrollView, can_focus=True):
    """Shows review rows; posts a message for each change that the user wants."""

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
        Binding(
            "t",
            "choose_end",
            N_("longer/shorter"),
            id="tray.end",
            tooltip=N_("Take the longer or the shorter link where its end is doubtful"),
        ),
        Binding(
            "T",
            "choose_end(True)",
            N_("longer/shorter for all"),
            id="tray.ends",
            tooltip=N_("Take the longer or the shorter link wherever the end is doubtful"),
            show=False,
        ),
        Binding("up,k", "move(-1)", N_("up"), id="tray.up", show=False),
        Binding("down,j", "move(1)", N_("down"), id="tray.down", show=False),
        Binding("pageup", "page(-1)", N_("page up"), id="tray.page_up", show=False),
        Binding("pagedown", "page(1)", N_("page down"), id="tray.page_down", show=False),
        Binding("home,g", "move_to(0)", N_("first"), id="tray.first", show=False),
        Binding("end,G", "move_to(-1)", N_("last"), id="tray.last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class ToggleRequested(Message):
        """The user wants a row to be skipped, or kept again."""

        row: ReviewRow

    @dataclass
    class EditRequested(Message):
        """The user wants to edit the name and folder of a row."""

        row: ReviewRow

    @dataclass
    class EndChoiceRequested(Message):
        """The user wants the longer or the shorter link of rows with a doubtful end."""

        rows: Sequence[ReviewRow]

    class ToggleDuplicatesRequested(Message):
        """The user wants all duplicates to be kept, or skipped again."""

    def __init__(
        self,
        known: KnownTasks,
        *,
        now: Callable[[], float] = time.time,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`known` has the tasks that rows can be duplicates of."""
        super().__init__(id=id)
        self._known = known
        self._now = now
        self._snapshot = ReviewSnapshot()

    @property
    def rows(self) -> Sequence[ReviewRow]:
        """The rows in the list."""
        return self._snapshot.rows

    def show(self, rows: Sequence[ReviewRow], common: DownloadRequest) -> None:
        """Show `rows` with the values `common` to all; the cursor stays on its link."""
        key = self.rows[self.cursor].key if self.cursor < len(self.rows) else None
        is_same_row = self.cursor < len(rows) and rows[self.cursor].key == key
        self._snapshot = ReviewSnapshot.of(rows, common, self._known.folder_names)
        if not is_same_row:
            indexes = (index for index, row in enumerate(rows) if row.key == key)
            self._move_cursor(next(indexes, self.cursor))
        self._update_virtual_size()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render line `y` of the visible part."""
        width = self.scrollable_content_region.width
        base = self.visual_style.rich_style
        index, line = divmod(y + self.scroll_offset.y, lines_per_row(width))
        if index >= len(self.rows):
            text = self._hint() if not self.rows and y == 0 else Text()
        else:
            text = self._render_row(index, line, width)
            if index == self.cursor:
                base += self._style("cursor" if self.has_focus else "cursor-blurred")
        return Strip(text.render(self.app.console)).adjust_cell_length(width).apply_style(base)

    def watch_cursor(self, old: int, new: int) -> None:
        self._refresh_row(old)
        self._refresh_row(new)
        self.scroll_to_region(self._region_of(new), animate=False, force=True)

    def action_move(self, rows: int) -> None:
        self._move_cursor(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        height = max(self.size.height // self._lines() - 1, 1)
        self._move_cursor(self.cursor + pages * height)

    def action_move_to(self, index: int) -> None:
        self._move_cursor(index % max(len(self.rows), 1))

    def action_toggle_kept(self) -> None:
        if self._has_link():
            self.post_message(self.ToggleRequested(self.rows[self.cursor]))
            self.action_move(1)

    def action_edit(self) -> None:
        if self._has_link():
            self.post_message(self.EditRequested(self.rows[self.cursor]))

    def action_toggle_duplicates(self) -> None:
        self.post_message(self.ToggleDuplicatesRequested())

    def action_choose_end(self, of_all: bool = False) -> None:
        rows = self.rows if of_all else self.rows[self.cursor : self.cursor + 1]
        self.post_message(self.EndChoiceRequested(rows))

    def on_click(self, event: Click) -> None:
        """Move to the row; toggle it on its mark, and edit it on a double click."""
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
            self.post_message(self.ToggleRequested(self.rows[index]))
        elif event.chain == 2:
            self.action_edit()

    def on_resize(self) -> None:
        self._update_virtual_size()

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self._refresh_row(self.cursor)

    def _render_row(self, index: int, line: int, width: int) -> Text:
        row = self.rows[index]
        is_known = row.status is ReviewStatus.KNOWN
        return render_row(
            self._snapshot,
            index,
            line=line,
            width=width,
            duplicate=self._known.tasks.get(row.duplicate_of or 0) if is_known else None,
            now=self._now(),
            style_of=self._style,
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"review-list--{name}", partial=True)

    def _hint(self) -> Text:
        return Text(_("Each link becomes a row here."), style=self._style("muted"), no_wrap=True)

    def _has_link(self) -> bool:
        return any(row.has_link for row in self.rows[self.cursor : self.cursor + 1])

    def _move_cursor(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(len(self.rows) - 1, 0))

    def _lines(self) -> int:
        return lines_per_row(self.scrollable_content_region.width)

    def _update_virtual_size(self) -> None:
        self.virtual_size = Size(self._region_of(0).width, len(self.rows) * self._lines())

    def _region_of(self, index: int) -> Region:
        lines = self._lines()
        return Region(0, index * lines, self.scrollable_content_region.width, lines)

    def _refresh_row(self, index: int) -> None:
        self.refresh(self._region_of(index).translate(-self.scroll_offset))
