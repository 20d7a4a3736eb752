"""The columns of the task table, and the cells of a task or a heading in them, without Textual."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.forecast import is_stalled, time_left_s
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.query import Group, group_of, stopped_at
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state
from pan123_tui.ui.widgets.styled_text import GAP, bar_parts
from pan123_tui.wording import formats
from pan123_tui.wording.notes import NoteContext, is_certain, note, signed_word

MARK_STYLE = "mark"
"""The style class beside `STYLE_TOKENS`; `styles.tcss` has `task-table--mark` for it."""
_PERCENT = 4
_BAR = 8
_SIZE = 7
_HOST, _FOLDER = 16, 16
_WIDE, _NOTES_FROM = 100, 60
"""The widths of the screen from which there are words, bars and sizes, and notes."""
_HOST_FROM, _FOLDER_FROM = 140, 160
_LEAST_NOTE, _MOST_NOTE = 12, 44
_DEFAULT = DEFAULT_FOLDER.rpartition(":")[2]


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
    NAME = "name"
    NOTE = "note"
    SIZE = "size"
    HOST = "host"
    FOLDER = "folder"
    TIME = "time"


class PlacedColumn(NamedTuple):
    """A column, its width in cells, and the blank cells behind it."""

    column: TaskColumn
    width: int
    gap: int = GAP


_C = TaskColumn


def layout_columns(screen: int, room: int) -> tuple[PlacedColumn, ...]:
    """Return the columns of a table of `room` cells on a screen of `screen` cells.

    They depend on the width and the language alone, so that no row moves another's cells.
    """
    words = [*map(formats.shown_label, Shown), formats.stalled_label()]
    is_wide = screen >= _WIDE
    widths = {
        _C.MARK: 1,
        _C.STATE: 2 + max(map(width, words)) if is_wide else 1,
        _C.PROGRESS: _PERCENT + (_BAR + 1 if is_wide else 0),
        _C.NAME: 0,
        _C.NOTE: 0,
        _C.SIZE: _SIZE if is_wide else 0,
        _C.HOST: _HOST if screen >= _HOST_FROM else 0,
        _C.FOLDER: _FOLDER if screen >= _FOLDER_FROM else 0,
        _C.TIME: formats.time_cells(),
    }
    fixed = [it for it in widths.values() if it]
    free = room - sum(fixed) - GAP * (len(fixed) - 1)  # the mark has no gap behind it; the name has
    if screen >= _NOTES_FROM:
        free -= GAP
        widths[_C.NOTE] = min(max(free * 2 // 5, _LEAST_NOTE), _MOST_NOTE)
    widths[_C.NAME] = max(free - widths[_C.NOTE], 1)
    placed = [PlacedColumn(column, cells) for column, cells in widths.items() if cells]
    first, last = placed[0], placed[-1]
    return (first._replace(gap=0), *placed[1:-1], last._replace(gap=0))


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


class HeadingRow(NamedTuple):
    """What the line of a heading says."""

    title: str
    hint: str
    style_class: str
    is_rest: bool = False


def render_cells(columns: Sequence[PlacedColumn], row: Row) -> tuple[Cell, ...]:
    return tuple(_RENDER[placed.column](row, placed.width) for placed in columns)


def heading_line(row: HeadingRow, cells: int) -> Cell:
    """Return a line of `cells` cells: "── needs you 4 ────── latest first ──"."""
    if row.is_rest:
        return (Span(pad_or_truncate(f"   {row.title}", cells), "muted"),)
    hint = f" {row.hint} " if row.hint else ""
    rule = cells - 6 - width(row.title) - width(hint)
    if rule < 2:
        hint, rule = "", max(cells - 6 - width(row.title), 0)
    return (
        Span(" ── ", "track"),
        Span(pad_or_truncate(row.title, min(width(row.title), max(cells - 6, 0))), row.style_class),
        Span(" " + "─" * (rule - 1), "track"),
        Span(hint, "muted"),
        Span("──", "track"),
    )


def _pad(text: str, cells: int, style_class: str = "") -> Cell:
    return (Span(pad_or_truncate(text, cells), style_class),)


def _mark(row: Row, cells: int) -> Cell:
    return _pad("*", cells, MARK_STYLE) if row.is_marked else _pad("", cells)


def _state(row: Row, cells: int) -> Cell:
    word = signed_word(row.task)
    return _pad(word[:1] if cells == 1 else word, cells, row.style)


def _progress(row: Row, cells: int) -> Cell:
    task = row.task
    if not task.is_active:
        return _pad("", cells)
    text = formats.percent(task.percent).rjust(_PERCENT)
    if cells == _PERCENT:
        return (Span(text, row.style),)
    done, rest = bar_parts(task.percent, _BAR)
    return (Span(done, row.style), Span(rest, "track"), Span(f" {text}", row.style))


def _name(row: Row, cells: int) -> Cell:
    shown = sanitize(display_name(row.task.name, row.task.url), cells, truncate_at="middle")
    return _pad(shown, cells, MARK_STYLE if row.is_marked else "")


def _note(row: Row, cells: int) -> Cell:
    is_urgent = group_of(row.task) is Group.NEEDS_YOU or row.style == "stalled"
    return _pad(note(row.task, row.notes), cells, "" if is_urgent else "muted")


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


def _time(row: Row, cells: int) -> Cell:
    """When a task ended or, of a running one, the time left."""
    task, now = row.task, row.notes.now
    if task.is_active and not is_stalled(task):
        left_s = time_left_s(task, now)
        text = "" if left_s is None else formats.about(left_s)
    else:
        at = stopped_at(task)
        text = formats.day_or_hour(at, now) if at else ""
    return _pad(" " * (cells - width(text)) + text, cells, "muted")


_RENDER: Mapping[TaskColumn, Callable[[Row, int], Cell]] = {
    _C.MARK: _mark,
    _C.STATE: _state,
    _C.PROGRESS: _progress,
    _C.NAME: _name,
    _C.NOTE: _note,
    _C.SIZE: _size,
    _C.HOST: _host,
    _C.FOLDER: _folder,
    _C.TIME: _time,
}
