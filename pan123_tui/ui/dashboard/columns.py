"""The columns of the task table and the cells of a task in them, without Textual."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.query import Query, SortKey
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.styled_text import GAP, bar_parts
from pan123_tui.wording import formats
from pan123_tui.wording.notes import NoteContext, is_certain, note, signed_word

MARK_STYLE = "mark"
"""The style class beside `STYLE_TOKENS`; `styles.tcss` has `task-table--mark` for it."""
_PERCENT = 4
_SIGN = 2
"""A blank and the sign of the sort order."""


class Span(NamedTuple):
    """A part of a cell and its style class; empty: the row's style.

    `Content` compares by its text alone, so a cell that changes only its colour would stay.
    """

    text: str
    style_class: str = ""


Cell = tuple[Span, ...]
"""One cell of a table; its spans fill the column's width exactly."""


class TaskColumn(StrEnum):
    """A column of the task table."""

    MARK = "mark"
    STATE = "state"
    PROGRESS = "progress"
    NOTE = "note"
    NAME = "name"
    ADDED = "added"
    HOST = "host"
    FOLDER = "folder"


class PlacedColumn(NamedTuple):
    """A column and its width in cells."""

    column: TaskColumn
    width: int


_C = TaskColumn
_BASE = (_C.MARK, _C.STATE, _C.PROGRESS, _C.NOTE, _C.NAME)
_SETS: Sequence[tuple[int, Sequence[TaskColumn]]] = (
    (130, (*_BASE, _C.ADDED, _C.HOST, _C.FOLDER)),
    (116, (*_BASE, _C.ADDED, _C.HOST)),
    (72, (*_BASE, _C.ADDED)),
    (0, _BASE),
)
"""The smallest width of the table, and the columns that it has from there on."""
_WORD_FROM = 60
"""The width from which the table shows the state as a word, not only as a sign."""
_LONG_NOTES_FROM = 85
"""The width from which notes have more room than names in the list by host."""
_BARS = ((160, 15), (136, 10))
"""The smallest width of the table, and that of the progress from there on."""
_HOST_WIDTHS, _FOLDER_WIDTHS, _NOTE_WIDTHS = (16, 24), (13, 20), (12, 44)
"""The smallest and the largest width of a column."""


def heading(placed: PlacedColumn, query: Query) -> str:
    """Return the label of a column in its width, with an arrow if `query` sorts by it."""
    if placed.width == 1:
        return " "
    facts = COLUMNS[placed.column]
    name, is_sorted = _(facts.label), facts.sort is query.sort
    arrow = "▴▾"[query.is_descending] if is_sorted else ""
    if placed.width == _PERCENT:
        name = "%" if arrow or width(name) > _PERCENT else name
        label = f"{name} {arrow}".rstrip()
        return " " * (_PERCENT - width(label)) + label
    return pad_or_truncate(f"{name} {arrow}" if arrow else name, placed.width)


def layout_columns(total: int, *, by_host: bool = False) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit into `total` cells; the name takes the rest.

    Where only one fits, the host that the list is sorted by takes the place of the age.
    """
    chosen = next(columns for limit, columns in _SETS if total >= limit)
    note_share = 0.48
    if by_host:  # as where something is wrong, which the note says
        note_share = 0.6 if total >= _LONG_NOTES_FROM else 0.5
    if by_host and _C.HOST not in chosen:
        chosen = [_C.HOST if column is _C.ADDED else column for column in chosen]
    progress = next((cells for limit, cells in _BARS if total >= limit), _PERCENT)
    words = (formats.shown_label(shown) for shown in Shown)
    state = 2 + max(map(width, words)) if total >= _WORD_FROM else 1
    widths = {_C.MARK: 1, _C.STATE: state, _C.PROGRESS: progress}
    if _C.ADDED in chosen:
        widths[_C.ADDED] = max(
            width(_(COLUMNS[_C.ADDED].label)) + _SIGN, width(formats.coarse_ago(2700))
        )
    room = total - sum(widths.values()) - GAP * (len(chosen) - 1)
    for column, limits, share in (
        (_C.HOST, _HOST_WIDTHS, 0.18),
        (_C.FOLDER, _FOLDER_WIDTHS, 0.12),
        (_C.NOTE, _NOTE_WIDTHS, note_share),
    ):
        if column in chosen:
            widths[column] = min(max(int(room * share), limits[0]), limits[1])
            room -= widths[column]
    widths[_C.NAME] = max(room, 1)
    return tuple(PlacedColumn(column, widths[column]) for column in chosen)


class Row(NamedTuple):
    """The data from which the cells of a task are rendered."""

    task: Task
    notes: NoteContext
    is_marked: bool = False

    @property
    def style(self) -> str:
        """The style class of its state; empty: done, but the file is still being looked for."""
        is_slow = self.task.state is TaskState.RETRYING or is_stalled(self.task)
        word = "stalled" if is_slow else shown_state(self.task)
        return word if is_certain(self.task, self.notes) else ""


def render_cells(columns: Sequence[PlacedColumn], row: Row) -> tuple[Cell, ...]:
    return tuple(COLUMNS[placed.column].render(row, placed.width) for placed in columns)


def _pad(text: str, cells: int, style_class: str = "") -> Cell:
    return (Span(pad_or_truncate(text, cells), style_class),)


def _mark(row: Row, cells: int) -> Cell:
    return _pad("*", cells, MARK_STYLE) if row.is_marked else _pad("", cells)


def _state(row: Row, cells: int) -> Cell:
    word = signed_word(row.task, row.notes)
    return _pad(word[:1] if cells == 1 else word, cells, row.style)


def _progress(row: Row, cells: int) -> Cell:
    task = row.task
    if task.sent_at is None:
        return _pad("", cells)
    text = formats.percent(task.percent).rjust(4)
    if cells <= len(text):
        return _pad(text, cells, row.style)
    done, rest = bar_parts(task.percent, cells - len(text) - 1)
    return (Span(text, row.style), Span(" "), Span(done, row.style), Span(rest, "track"))


def _note(row: Row, cells: int) -> Cell:
    shown = sanitize(note(row.task, row.notes), cells)
    is_urgent = row.style in ("stalled", Shown.FAILED, Shown.UNSURE)
    return _pad(shown, cells, "" if is_urgent else "muted")


def _name(row: Row, cells: int) -> Cell:
    shown = sanitize(display_name(row.task.name, row.task.url), cells, truncate_at="middle")
    return _pad(shown, cells, MARK_STYLE if row.is_marked else "")


def _added(row: Row, cells: int) -> Cell:
    return _pad(formats.coarse_ago(row.notes.now - row.task.created_at), cells, "muted")


def _host(row: Row, cells: int) -> Cell:
    host = sanitize(host_of(row.task.url), cells, truncate_at="middle")
    return _pad(host, cells, "muted")


def _folder(row: Row, cells: int) -> Cell:
    if path := row.notes.folder_text(row.task):
        return _pad(sanitize(path, cells), cells)
    return _pad(DEFAULT_FOLDER if row.task.has_link else "", cells, "muted")


class ColumnFacts(NamedTuple):
    """What a column says."""

    label: str
    """To be translated."""
    render: Callable[[Row, int], Cell]
    sort: SortKey | None = None
    """The order that a click on its heading asks for."""


COLUMNS: Mapping[TaskColumn, ColumnFacts] = {
    _C.MARK: ColumnFacts("", _mark),
    _C.STATE: ColumnFacts(N_("state"), _state, SortKey.STATE),
    _C.PROGRESS: ColumnFacts(N_("progress"), _progress, SortKey.PERCENT),
    _C.NOTE: ColumnFacts(N_("note"), _note),
    _C.NAME: ColumnFacts(N_("name"), _name, SortKey.NAME),
    _C.ADDED: ColumnFacts(N_("added"), _added, SortKey.ADDED),
    _C.HOST: ColumnFacts(N_("host"), _host, SortKey.HOST),
    _C.FOLDER: ColumnFacts(N_("folder"), _folder),
}
