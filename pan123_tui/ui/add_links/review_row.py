"""Rows of the reviewed links, rendered as text: verdict, name, folder, link."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field
from rich.style import Style
from rich.text import Text

from pan123_tui.domain.links.review import ReviewRow, ReviewStatus, final_name, kept_positions
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.ui.widgets.styled_text import plain
from pan123_tui.wording.links import verdict_text

MIN_SINGLE_LINE_WIDTH = 70
"""Width from which a row takes one line."""
MIN_LINK_COLUMN_WIDTH = 110
"""Width from which the link always has a column of its own."""
VERDICT_CELLS = 24
_MAX_FOLDER_CELLS = 20
_GAP = 2
_NO_DEFAULTS = DownloadRequest("")
_MARKS = {ReviewStatus.LOOK: "?", ReviewStatus.REJECTED: "×"}

StyleOf = Callable[[str], Style]
"""Returns the style of a component class, such as "muted"."""


class ReviewSnapshot(Struct, frozen=True):
    """The rows with all that is needed to show the name and folder of each."""

    rows: Sequence[ReviewRow] = ()
    common: DownloadRequest = _NO_DEFAULTS
    positions: Sequence[int] = ()
    """The number of each row among the kept ones, 0 for the others."""
    count: int = 0
    """How many rows are kept."""
    folders: Mapping[int, str] = field(default_factory=dict)
    """The known names by folder id."""
    verdict_cells: int = VERDICT_CELLS
    """Width of the column of verdicts, with its gap."""

    @classmethod
    def of(
        cls, rows: Sequence[ReviewRow], common: DownloadRequest, folders: Mapping[int, str]
    ) -> "ReviewSnapshot":
        """Number the kept rows."""
        positions = kept_positions(rows)
        count = max(positions, default=0)
        return cls(rows, common, positions, count, folders, _verdict_cells(rows))

    def name(self, index: int) -> str:
        """Return the name that row `index` is or would be sent with; empty if it has none."""
        position = self.positions[index] or 1
        return final_name(self.rows[index], self.common, number=position, count=self.count)

    def folder(self, index: int) -> str:
        """Return the folder of row `index` if it is another one than the common folder."""
        folder_id = self.rows[index].folder_id
        return self.folders.get(folder_id, f"#{folder_id}") if folder_id else ""


def _verdict_cells(rows: Sequence[ReviewRow]) -> int:
    """Return the width of the widest verdict, up to `VERDICT_CELLS`, and a gap."""
    kinds = {
        (row.status, row.look, row.reason, row.is_private, row.keep): row
        for row in rows
        if not row.is_mere_text
    }
    is_known = any(status is ReviewStatus.KNOWN for status, *_kind in kinds)
    widths = (plain(verdict_text(row)).cell_len for row in kinds.values())
    return (VERDICT_CELLS if is_known else min(max(widths, default=0), VERDICT_CELLS)) + _GAP


def lines_per_row(width: int) -> int:
    """Return how many lines a row takes at `width` cells."""
    return 1 if width >= MIN_SINGLE_LINE_WIDTH else 2


def render_row(
    snapshot: ReviewSnapshot,
    index: int,
    *,
    line: int,
    width: int,
    duplicate: Task | None,
    style_of: StyleOf,
) -> Text:
    """Render one of the lines of row `index`, at most `width` cells wide."""
    row = snapshot.rows[index]
    verdict_style = style_of(_verdict_style(row))
    head = Text(no_wrap=True, end="").append(f"{_mark(row)} ", verdict_style)
    verdict = plain(verdict_text(row, duplicate), style=verdict_style)
    name = _name(snapshot, index, style_of)
    folder = snapshot.folder(index)
    shown_folder = plain(folder and f"→ {folder}", _MAX_FOLDER_CELLS, style=style_of("muted"))
    link = row.text if row.has_link else ""
    free = max(width - head.cell_len, 0)
    if lines_per_row(width) == 2 and line == 0:
        return _joined(head, (name, free - _cells(shown_folder)), _column(shown_folder))
    verdict_cells = min(snapshot.verdict_cells, free)
    if lines_per_row(width) == 2:
        verdict_cells = min(_cells(verdict), verdict_cells)
        indent = Text(" " * head.cell_len)
        return _joined(
            indent, (verdict, verdict_cells), _link(link, free - verdict_cells, style_of)
        )
    free -= verdict_cells + _cells(shown_folder)
    ends_with_name = not snapshot.name(index) and link.endswith(row.shown_name)
    link_cells = free // 2 if width >= MIN_LINK_COLUMN_WIDTH or not ends_with_name else free
    if not link:
        link_cells = 0
    columns = [(verdict, verdict_cells), (name, free - link_cells), _column(shown_folder)]
    return _joined(head, *columns, _link(link, link_cells, style_of))


def _mark(row: ReviewRow) -> str:
    if row.is_mere_text:
        return "-"
    return _MARKS.get(row.status) or ("√" if row.keep else "-")


def _name(snapshot: ReviewSnapshot, index: int, style_of: StyleOf) -> Text:
    row = snapshot.rows[index]
    if not row.has_link:
        return plain(row.text, 300, style=style_of("muted") if row.is_mere_text else "")
    name = snapshot.name(index)
    if not row.keep and row.status is not ReviewStatus.LOOK:
        return plain(name or row.shown_name, style=style_of("skipped"))
    return plain(name) if name else plain(row.shown_name, style=style_of("muted"))


def _verdict_style(row: ReviewRow) -> str:
    if row.is_mere_text:
        return "muted"
    if row.status is ReviewStatus.REJECTED:
        return "rejected"
    if row.is_duplicate or row.status is ReviewStatus.LOOK or (row.is_private and row.keep):
        return "duplicate"
    return "kept" if row.keep else "skipped"


def _column(text: Text) -> tuple[Text, int]:
    return text, _cells(text)


def _cells(text: Text) -> int:
    return text.cell_len + _GAP if text.cell_len else 0


def _link(link: str, cells: int, style_of: StyleOf) -> tuple[Text, int]:
    return plain(link, max(cells - _GAP, 0), cut="middle", style=style_of("muted")), max(cells, 0)


def _joined(head: Text, *columns: tuple[Text, int]) -> Text:
    """Append `columns` to `head`, each truncated or padded to its cells with a gap at the end."""
    line = head.copy()
    for text, cells in columns:
        shown = plain(text.plain, max(cells - _GAP, 0), style=text.style)
        line.append_text(shown).append(" " * (cells - shown.cell_len))
    return line
