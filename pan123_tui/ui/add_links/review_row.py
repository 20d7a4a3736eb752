"""Rows of the reviewed links, rendered as text."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field
from rich.style import Style
from rich.text import Text

from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.links.review import ReviewRow, ReviewStatus, final_name, kept_positions
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import _
from pan123_tui.ui.widgets.styled_text import plain
from pan123_tui.wording.links import Focus, review_status_text

MIN_SINGLE_LINE_WIDTH = 70
"""Width from which a row takes one line."""
MIN_LINK_COLUMN_WIDTH = 110
"""Width from which the link always has a column of its own."""
_MIN_LINK_CELLS = 16
_FOLDER_CELLS = 14
_STATUS_CELLS = 38
_SHORT_STATUS_CELLS = 12
_REFUSAL_CELLS = 24
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
        count = max(positions, default=0)
        return cls(rows, common, positions, count, _status_cells(rows), folder_names)

    def name(self, index: int) -> str:
        """Return the name that row `index` is or would be sent with; empty if it has none."""
        position = self.positions[index] or 1
        return final_name(self.rows[index], self.common, number=position, count=self.count)

    def folder(self, index: int) -> str:
        """Return the folder of row `index`; empty for the service's default folder."""
        folder_id = self.rows[index].folder_id or self.common.folder_id
        return self.folder_names.get(folder_id, f"#{folder_id}") if folder_id else ""


def _status_cells(rows: Sequence[ReviewRow]) -> int:
    """Return the width of the status column, which a long rejection widens only so far."""
    has_long_status = any(row.is_duplicate or row.longer_url or row.is_private for row in rows)
    rejected = {
        (row.reason, row.is_mere_text): row for row in rows if row.status is ReviewStatus.REJECTED
    }
    reasons = (review_status_text(row, None, now=0) for row in rejected.values())
    shortest = _STATUS_CELLS if has_long_status else _SHORT_STATUS_CELLS
    widest = max((plain(reason).cell_len + _GAP for reason in reasons), default=0)
    return max(shortest, min(widest, _REFUSAL_CELLS))


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
    link: Text


def render_row(
    snapshot: ReviewSnapshot,
    index: int,
    *,
    line: int,
    width: int,
    duplicate: Task | None,
    now: float,
    focus: Focus = "field",
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
        plain(review_status_text(row, duplicate, now=now, focus=focus), style=status_style),
        plain(folder and f"→ {folder}", style=style_of("muted")),
        plain(row.text if row.has_link else "", style=style_of("muted")),
    )
    if lines_per_row(width) == 2:
        return _render_stacked(texts, line, width)
    ends_with_name = not snapshot.name(index) and row.text.endswith(row.guessed_name)
    has_both = width >= MIN_LINK_COLUMN_WIDTH or not ends_with_name
    return _render_single_line(texts, row, snapshot.status_cells, width, has_both=has_both)


def _render_stacked(texts: _RowTexts, line: int, width: int) -> Text:
    head, name, status, folder, link = texts
    available = max(width - head.cell_len, 0)
    if line == 0:
        return _joined(head, (name, available))
    indent, folder_cells = Text(" " * head.cell_len), _FOLDER_CELLS if folder else 0
    status_cells = available - folder_cells
    link_cells = status_cells - status.cell_len - _GAP
    if not link or link_cells < _MIN_LINK_CELLS:
        return _joined(indent, (status, status_cells), (folder, folder_cells))
    columns = (status, status_cells - link_cells), (_shortened(link, link_cells), link_cells)
    return _joined(indent, *columns, (folder, folder_cells))


def _shortened(link: Text, cells: int) -> Text:
    return plain(link.plain, max(cells - _GAP, 0), cut="middle", style=link.style)


def _render_single_line(
    texts: _RowTexts, row: ReviewRow, status_cells: int, width: int, *, has_both: bool
) -> Text:
    head, name, status, folder, link = texts
    available = width - head.cell_len
    status_cells = min(status_cells, available * 2 // 3)
    if row.status is ReviewStatus.REJECTED:
        return _joined(head, (status, status_cells), (name, available - status_cells))
    folder_cells = _FOLDER_CELLS if folder else 0
    name_cells = available - status_cells - folder_cells
    columns = [(status, status_cells), (name, name_cells), (folder, folder_cells)]
    if has_both:
        link_cells = name_cells // 2
        columns[1:2] = [
            (name, name_cells - link_cells),
            (_shortened(link, link_cells), link_cells),
        ]
    else:
        columns[1] = (_shortened(link, name_cells), name_cells)
    return _joined(head, *columns)


def _mark(row: ReviewRow) -> str:
    if row.status is ReviewStatus.DOUBTFUL:
        return "?"
    if row.status is ReviewStatus.REJECTED and not row.is_mere_text:
        return "×"
    return "√" if row.keep else "-"


def _name(snapshot: ReviewSnapshot, index: int, style_of: StyleOf) -> Text:
    row = snapshot.rows[index]
    if row.status is ReviewStatus.REJECTED:
        return (
            plain(row.text, 300, style=style_of("muted"))
            if row.is_mere_text
            else plain(row.text, 300)
        )
    if row.status is ReviewStatus.DOUBTFUL:
        ends = (row.shorter_url, row.longer_url)
        names = [guess_name(url) for url in ends]
        if names[0] == names[1]:  # they differ in the query
            names = [url[url.partition("?")[0].rfind("/") + 1 :] for url in ends]
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
    if row.is_duplicate or row.status is ReviewStatus.DOUBTFUL or (row.is_private and row.keep):
        return "duplicate"
    return "kept" if row.keep else "skipped"


def _joined(head: Text, *columns: tuple[Text, int]) -> Text:
    """Append `columns` to `head`, each truncated or padded to its cells with a gap at the end."""
    line = head.copy()
    for text, cells in columns:
        shown = plain(text.plain, max(cells - _GAP, 0), style=text.style)
        line.append_text(shown).append(" " * (cells - shown.cell_len))
    return line
