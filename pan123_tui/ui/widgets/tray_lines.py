"""How a row of the link tray is drawn: in one line where there is room, else in two."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field
from rich.style import Style
from rich.text import Text

from pan123_tui.domain.task import Draft, Task
from pan123_tui.domain.tray import TrayRow, Verdict, name_of, numbers
from pan123_tui.ui.formatting import plain
from pan123_tui.wording_links import verdict_text

ONE_LINE_FROM = 70
"""From this width on a row takes one line."""
LINK_FROM = 110
"""From this width on the link has a column of its own."""
_FOLDER_CELLS = 14
_VERDICT_CELLS = 38
_SHORT_VERDICT_CELLS = 12
_GAP = 2
_NOTHING_COMMON = Draft("")
_MARKS = {Verdict.REFUSED: "✗ "}
_KEPT, _SKIPPED = "✓ ", "- "

StyleOf = Callable[[str], Style]
"""Gives the style of one of `STYLES`."""
STYLES = ("kept", "skipped", "duplicate", "refused", "muted")


class TrayView(Struct, frozen=True):
    """The rows with all that is needed to say what will be sent for each."""

    rows: Sequence[TrayRow] = ()
    common: Draft = _NOTHING_COMMON
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
        rows: Sequence[TrayRow],
        common: Draft,
        folder_names: Mapping[int, str] = {},
    ) -> "TrayView":
        """Number the kept rows."""
        places = numbers(rows)
        has_long_ones = any(row.is_duplicate or row.is_cut for row in rows)
        cells = _VERDICT_CELLS if has_long_ones else _SHORT_VERDICT_CELLS
        return cls(rows, common, places, max(places, default=0), cells, folder_names)

    def name(self, index: int) -> str:
        """Give the name that row `index` is sent with, or would be; empty: none."""
        place = self.places[index] or 1
        return name_of(self.rows[index], self.common, number=place, count=self.count)

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
    verdict = plain(verdict_text(row, twin, now=now), style=style_of(_verdict_style(row)))
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
    row: TrayRow,
    verdict_cells: int,
    width: int,
    head: Text,
    name: Text,
    verdict: Text,
    folder: Text,
    style_of: StyleOf,
) -> Text:
    room = width - head.cell_len
    if row.verdict is Verdict.REFUSED:
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


def _head(row: TrayRow, index: int, count: int, style_of: StyleOf) -> Text:
    mark = _MARKS.get(row.verdict, _KEPT if row.keep else _SKIPPED)
    head = Text(no_wrap=True, end="").append(mark, style_of(_verdict_style(row)))
    return head.append(f"{index + 1:>{len(str(count))}} ", style_of("muted"))


def _name(view: TrayView, index: int, style_of: StyleOf) -> Text:
    row = view.rows[index]
    if row.verdict is Verdict.REFUSED:
        return plain(row.text, 300)
    if not row.keep:
        return plain(view.name(index) or row.guess, style=style_of("skipped"))
    name = view.name(index)
    return plain(name) if name else plain(row.guess, style=style_of("muted"))


def _verdict_style(row: TrayRow) -> str:
    if row.verdict is Verdict.REFUSED:
        return "refused"
    if row.is_duplicate or (row.is_cut and row.keep):
        return "duplicate"
    return "kept" if row.keep else "skipped"


def _joined(head: Text, *columns: tuple[Text, int]) -> Text:
    """Put `columns` after `head`, each cut to its cells less a gap and filled up to them."""
    line = head.copy()
    for text, cells in columns:
        shown = plain(text.plain, max(cells - _GAP, 0), style=text.style)
        line.append_text(shown).append(" " * (cells - shown.cell_len))
    return line
