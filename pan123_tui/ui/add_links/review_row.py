"""Rows of the reviewed links, drawn as text: verdict, name, folder, link."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from pan123_tui.domain.links.review import ReviewRow, ReviewStatus, final_name, kept_positions
from pan123_tui.domain.sanitize import TruncateAt, sanitize, width
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.wording.links import verdict_text

MIN_SINGLE_LINE_WIDTH = 70
"""Width from which a row takes one line."""
MIN_LINK_COLUMN_WIDTH = 110
"""Width from which the link always has a column of its own."""
VERDICT_CELLS = 24
_MAX_FOLDER_CELLS = 20
_GAP = 2
_MARK_CELLS = 2
_MUTED = "$text-muted"


class ReviewSnapshot(Struct, frozen=True):
    """The rows with all that is needed to show the name and folder of each."""

    rows: Sequence[ReviewRow]
    common: DownloadRequest
    positions: Sequence[int]
    """The number of each row among the kept ones, 0 for the others."""
    count: int
    """How many rows are kept."""
    verdict_cells: int
    """Width of the column of verdicts, with its gap."""
    folders: Mapping[int, str]
    """The known names by folder id."""
    tasks: Mapping[int, Task]
    """What rows may be duplicates of, by id."""

    @classmethod
    def of(
        cls,
        rows: Sequence[ReviewRow],
        common: DownloadRequest,
        folders: Mapping[int, str],
        tasks: Mapping[int, Task],
    ) -> "ReviewSnapshot":
        """Number the kept rows."""
        positions = kept_positions(rows)
        count = max(positions, default=0)
        return cls(rows, common, positions, count, _verdict_cells(rows), folders, tasks)

    def draw(self, index: int, cells: int) -> Content:
        """Return row `index` as one line of `cells` cells, or as two where these are few."""
        row = self.rows[index]
        duplicate = self.tasks.get(row.duplicate_of or 0)
        verdict = verdict_text(row, duplicate if row.status is ReviewStatus.KNOWN else None)
        sent_name = self._sent_name(index)
        name = (sent_name or row.shown_name) if row.has_link else row.text
        folder = sanitize(self._folder(row), _MAX_FOLDER_CELLS)
        folder_cells = _cells(folder)
        link = row.text if row.has_link else ""
        free = max(cells - _MARK_CELLS, 0)
        verdict_style, name_style = _verdict_style(row), _name_style(row, sent_name)
        head = Content.styled(f"{row.mark} ", verdict_style)
        if lines_per_row(cells) == 2:
            verdict_cells = min(_cells(verdict), self.verdict_cells, free)
            return Content.assemble(
                head,
                _column(name, free - folder_cells, name_style),
                _column(folder, folder_cells, _MUTED),
                "\n" + " " * _MARK_CELLS,
                _column(verdict, verdict_cells, verdict_style),
                _column(link, free - verdict_cells, _MUTED, cut="middle"),
            )
        verdict_cells = min(self.verdict_cells, free)
        free -= verdict_cells + folder_cells
        ends_with_name = not sent_name and link.endswith(row.shown_name)
        link_cells = free // 2 if cells >= MIN_LINK_COLUMN_WIDTH or not ends_with_name else free
        if not link:
            link_cells = 0
        return Content.assemble(
            head,
            _column(verdict, verdict_cells, verdict_style),
            _column(name, free - link_cells, name_style),
            _column(folder, folder_cells, _MUTED),
            _column(link, link_cells, _MUTED, cut="middle"),
        )

    def _sent_name(self, index: int) -> str:
        """Return the name that row `index` is or would be sent with; empty if it has none."""
        position = self.positions[index] or 1
        return final_name(self.rows[index], self.common, number=position, count=self.count)

    def _folder(self, row: ReviewRow) -> str:
        """Return the folder of `row` if it is another one than the common folder."""
        folder_id = row.folder_id
        return f"→ {self.folders.get(folder_id, f'#{folder_id}')}" if folder_id else ""


class RowVisual(Visual):
    """One row, which is drawn only once it is in sight, so that any number of links fits."""

    def __init__(self, draw: Callable[[int], Content]) -> None:
        """`draw` returns the row for a width in cells."""
        self._draw = draw

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        return lines_per_row(width)

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return self._draw(width).render_strips(width, height, style, options)


def lines_per_row(cells: int) -> int:
    """Return how many lines a row takes at a width of `cells`."""
    return 1 if cells >= MIN_SINGLE_LINE_WIDTH else 2


def _verdict_cells(rows: Sequence[ReviewRow]) -> int:
    """Return the width of the widest verdict, up to `VERDICT_CELLS`, and a gap."""
    kinds = {(it.status, it.look, it.reason, it.keep): it for it in rows if not it.is_mere_text}
    is_known = any(row.status is ReviewStatus.KNOWN for row in kinds.values())
    widest = max((width(verdict_text(row)) for row in kinds.values()), default=0)
    return (VERDICT_CELLS if is_known else min(widest, VERDICT_CELLS)) + _GAP


def _name_style(row: ReviewRow, sent_name: str) -> str:
    is_bright = row.mark == "×" or (row.mark in "√?" and sent_name)
    return "" if is_bright else _MUTED


def _verdict_style(row: ReviewRow) -> str:
    if row.mark == "?" or row.is_duplicate:
        return "$text-warning"
    return {"√": "$text-success", "×": "$text-error"}.get(row.mark, _MUTED)


def _cells(text: str) -> int:
    """Return the width of a column for `text`, with its gap."""
    return width(text) + _GAP if text else 0


def _column(text: str, cells: int, style: str, *, cut: TruncateAt = "end") -> Content:
    """Return untrusted `text` cut or padded to `cells` cells, with a gap at its end."""
    shown = sanitize(text, max(cells - _GAP, 0), truncate_at=cut)
    return Content.styled(shown, style).pad_right(max(cells - width(shown), 0))
