"""The columns of the task table and the cells of a task in them, without Textual."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER, was_found
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
_MAX_TEXT = 120
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
    SIZE = "size"
    HOST = "host"
    FOLDER = "folder"


class PlacedColumn(NamedTuple):
    """A column and its width in cells."""

    column: TaskColumn
    width: int


_C = TaskColumn
_BASE = (_C.MARK, _C.STATE, _C.PROGRESS, _C.NOTE, _C.NAME)
_FROM: Mapping[TaskColumn, int] = {_C.SIZE: 97, _C.HOST: 113, _C.FOLDER: 127}
"""The further columns, and the width of the table from which each is shown, if no note suffers.

The table has three cells less than the screen. The age is shown too where there is room for it.
"""
_WORD_FROM = 60
"""The width from which the table shows the state as a word, and may show the age or, in a list
sorted by another of the further columns, that one."""
_BARS_FROM, _BAR = 97, 10
"""The width from which a running task has a bar, and the cells of that."""
_OWN_NOTES, _NARROW_NOTES = 30, 16
"""The longest notes for which the name makes room, also where there are no words."""
_LEAST: Mapping[TaskColumn, int] = {_C.NOTE: 12, _C.HOST: 10, _C.FOLDER: 8}
"""What a column is left with where several need more than there is."""
_GOOD_NAME, _READABLE = 32, 16
"""How much of a name and of a host can be read well enough: they come before more of a name."""
_DEFAULT = DEFAULT_FOLDER.rpartition(":")[2]


def heading(placed: PlacedColumn, query: Query) -> str:
    """Return the label of a column in its width, with an arrow if `query` sorts by it."""
    if placed.width == 1:
        return " "
    facts, cells = COLUMNS[placed.column], placed.width
    arrow = " ▴▾"[1 + query.is_descending] if facts.sort is query.sort else ""
    label = f"{_(facts.label)} {arrow}".rstrip()
    if cells == _PERCENT and width(label) > cells:
        label = f"% {arrow}".rstrip()
    is_number = cells == _PERCENT or placed.column is _C.SIZE
    return " " * (cells - width(label)) + label if is_number else pad_or_truncate(label, cells)


def layout_columns(
    total: int, needs: Mapping[TaskColumn, int], sorted_by: TaskColumn | None = None
) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit into `total` cells, as their texts need; see `needed_cells`."""
    further = [
        it
        for it, start in _FROM.items()
        if total >= (_WORD_FROM if it is sorted_by else start)
        and (it is not _C.SIZE or needs.get(it))
    ]
    least = int(further[:1] == [_C.SIZE] == [sorted_by])  # it is small, and has the order's sign
    fewer = ((*_BASE, *further[:count]) for count in range(len(further), least - 1, -1))
    sets = [_widths(total, columns, needs) for columns in fewer]
    whole = (it for it in sets if it[_C.NOTE] >= needs.get(_C.NOTE, 0))
    widths = next(whole, sets[0])
    chosen = list(widths)
    age = max(width(_(COLUMNS[_C.ADDED].label)) + _SIGN, width(formats.coarse_ago(2700)))
    free = widths[_C.NAME] - max(needs.get(_C.NAME, 0), _least_name(total))
    if total >= _WORD_FROM and sorted_by not in further and free >= age + GAP:
        chosen.insert(len(_BASE), _C.ADDED)
        widths[_C.ADDED] = age
        widths[_C.NAME] -= age + GAP
    return tuple(PlacedColumn(column, widths[column]) for column in chosen)


def _least_name(total: int) -> int:
    return 10 + (total >= 47) * 4 + (total >= 77) * 4


def _widths(
    total: int, columns: Sequence[TaskColumn], needs: Mapping[TaskColumn, int]
) -> dict[TaskColumn, int]:
    words = (formats.shown_label(shown) for shown in Shown)
    widths = {
        _C.MARK: 1,
        _C.STATE: 2 + max(map(width, words)) if total >= _WORD_FROM else 1,
        _C.PROGRESS: _PERCENT + (_BAR + 1 if total >= _BARS_FROM else 0),
    }
    room = total - sum(widths.values()) - GAP * (len(columns) - 1)
    wanted = {it: needs.get(it, 0) for it in columns if it not in widths}
    for column in wanted.keys() - {_C.NAME}:
        wanted[column] = max(wanted[column], width(_(COLUMNS[column].label)) + _SIGN)
    own = max(_OWN_NOTES if total >= _WORD_FROM else _NARROW_NOTES, room * 2 // 5)
    return widths | _shared(room, wanted, {**_LEAST, _C.NAME: _least_name(total)}, own)


def _shared(
    room: int, wanted: Mapping[TaskColumn, int], least: Mapping[TaskColumn, int], own: int
) -> dict[TaskColumn, int]:
    """Share `room` cells: the note up to `own` comes first; the name takes what is left."""
    cells = {it: min(wanted[it], least.get(it, wanted[it])) for it in wanted}
    room -= sum(cells.values())
    host = [(_C.HOST, _READABLE)] if _C.HOST in wanted else []
    first = (_C.NOTE, own), (_C.NAME, _GOOD_NAME), *host, (_C.NAME, wanted[_C.NAME])
    for column, most in (*first, *wanted.items()):
        more = max(0, min(room, min(wanted[column], most) - cells[column]))
        cells[column] += more
        room -= more
    return cells | {_C.NAME: max(cells[_C.NAME] + room, 1)}


class Row(NamedTuple):
    """The data from which the cells of a task are rendered."""

    task: Task
    notes: NoteContext
    is_marked: bool = False
    has_size: bool = False
    """Whether a column says the size, and the note need not."""

    @property
    def style(self) -> str:
        """The style class of its state; empty: done, but the file is still being looked for."""
        task = self.task
        is_slow = task.state is TaskState.RETRYING or is_stalled(task)
        if is_slow or (task.has_suspect_file and task.needs_user):
            return "stalled"
        return shown_state(task) if is_certain(task, self.notes) else ""


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
    text = formats.percent(task.percent).rjust(_PERCENT)
    if cells == _PERCENT or not task.is_active:
        return (Span(text.rjust(cells), row.style),)
    done, rest = bar_parts(task.percent, cells - _PERCENT - 1)
    return (Span(done, row.style), Span(rest, "track"), Span(f" {text}", row.style))


def _note(row: Row, cells: int) -> Cell:
    is_size = row.has_size and row.style == Shown.DONE and was_found(row.task)
    is_urgent = row.style in ("stalled", Shown.FAILED, Shown.UNSURE)
    text = "" if is_size else note(row.task, row.notes)
    return _pad(text, cells, "" if is_urgent else "muted")


def _name(row: Row, cells: int) -> Cell:
    shown = sanitize(display_name(row.task.name, row.task.url), cells, truncate_at="middle")
    return _pad(shown, cells, MARK_STYLE if row.is_marked else "")


def _added(row: Row, cells: int) -> Cell:
    return _pad(formats.coarse_ago(row.notes.now - row.task.created_at), cells, "muted")


def _size(row: Row, cells: int) -> Cell:
    found = row.task.arrival
    text = formats.size(found.size) if found and found.size else ""
    return _pad(text.rjust(cells), cells, "muted")


def _host(row: Row, cells: int) -> Cell:
    host = sanitize(host_of(row.task.url), cells, truncate_at="middle")
    return _pad(host, cells, "muted")


def _folder(row: Row, cells: int) -> Cell:
    if path := row.notes.folder_text(row.task):
        return _pad(sanitize(path, cells), cells)
    return _pad(_DEFAULT if row.task.has_link else "", cells, "muted")


def needed_cells(rows: Iterable[Row]) -> Counter[TaskColumn]:
    """Return how many cells the texts of `rows` need in the columns that are as wide as those."""
    needs: Counter[TaskColumn] = Counter()
    for row in rows:
        for column in (_C.NOTE, _C.NAME, _C.SIZE, _C.HOST, _C.FOLDER):
            (span,) = COLUMNS[column].render(row, _MAX_TEXT)
            needs[column] = max(needs[column], width(span.text.strip()))
    return needs


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
    _C.SIZE: ColumnFacts(N_("size"), _size, SortKey.SIZE),
    _C.HOST: ColumnFacts(N_("host"), _host, SortKey.HOST),
    _C.FOLDER: ColumnFacts(N_("folder"), _folder),
}
