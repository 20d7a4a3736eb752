"""What stands in a cell of the task table: pure, plain text with the tone of each part."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.forecast import Forecast, forecast
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.search import display_name
from pan123_tui.domain.task import ArrivalStatus, Task, TaskState
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.styled_text import bar_parts
from pan123_tui.ui.widgets.table_line import GAP, Cell, Span
from pan123_tui.wording import formats
from pan123_tui.wording.formats import eta, stalled_word, state_label
from pan123_tui.wording.outcomes import DOUBT_SIGN, arrival_word

NARROWEST_NAME = 20
"""Where the name would get less, the bar goes and its percentage stays."""
_PERCENT = 4
_LONGEST_ETA_S = 23 * 3600 + 50 * 60
"""As long in words as any time left can be."""


class TaskColumn(StrEnum):
    """A column, by the word that sorting and messages name it with."""

    MARK = "mark"
    STATE = "state"
    NAME = "name"
    PROGRESS = "progress"
    ETA = "eta"
    PACE = "pace"
    FOLDER = "folder"
    TASK_ID = "task_id"
    AGE = "age"
    CHECKED = "checked"


class Place(NamedTuple):
    """A column and the cells that it has in a row."""

    column: TaskColumn
    width: int


_C = TaskColumn
_LABELS: Mapping[TaskColumn, str] = {
    _C.MARK: "",
    _C.STATE: N_("state"),
    _C.NAME: N_("name"),
    _C.PROGRESS: N_("progress"),
    _C.ETA: N_("time left"),
    _C.PACE: N_("pace"),
    _C.FOLDER: N_("folder"),
    _C.TASK_ID: N_("taskID"),
    _C.AGE: N_("age"),
    _C.CHECKED: N_("checked"),
}
_WIDTHS: Mapping[TaskColumn, int] = {
    _C.MARK: 1,
    _C.PROGRESS: 15,
    _C.PACE: 9,
    _C.FOLDER: 15,
    _C.TASK_ID: 10,
    _C.AGE: 7,
    _C.CHECKED: 9,
}

_NARROW = (_C.MARK, _C.STATE, _C.PROGRESS, _C.NAME)
_MEDIUM = (_C.MARK, _C.STATE, _C.PROGRESS, _C.ETA, _C.NAME)
_WIDE = (*_MEDIUM, _C.AGE, _C.CHECKED)
_WIDEST = (
    *(_C.MARK, _C.STATE, _C.PROGRESS, _C.ETA, _C.PACE),
    *(_C.NAME, _C.FOLDER, _C.TASK_ID, _C.AGE, _C.CHECKED),
)
_SETS = ((60, _NARROW), (100, _MEDIUM), (140, _WIDE))


def label(column: TaskColumn) -> str:
    """Name `column`; the marks have no name."""
    return _(_LABELS[column]) if _LABELS[column] else ""


def heading(place: Place, *, sign: str = "") -> str:
    """Give the heading of a column in its width, with the `sign` of the order, if any."""
    name = label(place.column)
    if not name:
        return " " * place.width
    if place.width == _PERCENT:
        return f"{sign}%".rjust(_PERCENT)
    return pad_or_truncate(f"{name} {sign}".rstrip(), place.width)


def places(total: int) -> tuple[Place, ...]:
    """Lay out the columns that fit into `total` cells; the name takes what is left."""
    chosen = next((columns for limit, columns in _SETS if total < limit), _WIDEST)
    widths = {column: _WIDTHS[column] for column in chosen if column in _WIDTHS}
    widths[_C.STATE] = _state_width()
    if _C.ETA in chosen:
        widths[_C.ETA] = width(eta(_LONGEST_ETA_S))
    if total < _SETS[0][0]:
        widths[_C.PROGRESS] = _PERCENT
    gaps = GAP * (len(chosen) - 1)
    if total - sum(widths.values()) - gaps < NARROWEST_NAME:
        widths[_C.PROGRESS] = _PERCENT
    widths[_C.NAME] = max(1, total - sum(widths.values()) - gaps)
    return tuple(Place(column, widths[column]) for column in chosen)


def _state_width() -> int:
    """Measure the longest word for a state in the language in use, with its sign."""
    unknown = f"{state_label(TaskState.RUNNING)} 13"
    states, arrivals = map(state_label, TaskState), map(arrival_word, ArrivalStatus)
    words = (*states, *arrivals, stalled_word(), unknown)
    return 2 + max(map(width, words))


class RowContext(Struct, frozen=True):
    """All that decides about a row's cells besides its task."""

    now: float = 0.0
    needle: str = ""
    """Searched for, and so highlighted in names and folders."""
    folder_names: Mapping[int, str] = field(default_factory=dict)


def cells_of(
    places: Iterable[Place], task: Task, look: RowContext, *, is_marked: bool = False
) -> tuple[Cell, ...]:
    """Draw the cells of `task` in the columns and widths of `places`."""
    row = _Row(task, forecast(task, look.now), look, is_marked)
    return tuple(_DRAWN[place.column](row, place.width) for place in places)


class _Row(NamedTuple):
    """What a cell is drawn from."""

    task: Task
    seen: Forecast
    look: RowContext
    is_marked: bool

    def fitted(self, words: str, cells: int, tone: str = "") -> Cell:
        return (Span(pad_or_truncate(words, cells), tone),)


@lru_cache(maxsize=256)
def _cut_name(name: str, cells: int) -> str:
    """Give `name` made visible and cut, once for all the times that its row is looked at."""
    return sanitize(name, cells, truncate_at="middle")


def _mark(row: _Row, cells: int) -> Cell:
    return row.fitted("✱" if row.is_marked else "", cells, "mark")


def _state(row: _Row, cells: int) -> Cell:
    task = row.task
    if row.seen.stalled_for_s is not None:
        words = f"{formats.STALLED_GLYPH} {formats.stalled_word()}"
        return row.fitted(words, cells, "stalled")
    if task.arrival is not None and task.arrival.is_suspect:
        return row.fitted(f"{DOUBT_SIGN} {arrival_word(task.arrival.status)}", cells, "doubtful")
    sign = formats.state_glyph(task.state)
    words = f"{sign} {formats.state_label(task.state)}"
    if task.state is TaskState.RUNNING and task.status not in (None, 0):
        words += f" {task.status}"
    return row.fitted(words, cells, task.state)


def _name(row: _Row, cells: int) -> Cell:
    shown = _cut_name(display_name(row.task.name, row.task.url), cells)
    return _searched(shown, cells, row.look, "marked" if row.is_marked else "")


def _progress(row: _Row, cells: int) -> Cell:
    task = row.task
    if task.sent_at is None:
        return row.fitted("", cells)
    words = formats.percent(task.percent).rjust(4)
    tone = task.state if row.seen.stalled_for_s is None else "stalled"
    if cells <= len(words):
        return row.fitted(words, cells, tone)
    done, rest = bar_parts(task.percent, cells - len(words) - 1)
    return (Span(words, tone), Span(" "), Span(done, tone), Span(rest, "track"))


def _eta(row: _Row, cells: int) -> Cell:
    seen = row.seen
    if seen.stalled_for_s is not None:
        standstill = _("for {time}").format(time=formats.age(seen.stalled_for_s))
        return row.fitted(standstill, cells, "stalled")
    if seen.is_full_but_running:
        return row.fitted(_("not done yet"), cells, "muted")
    if seen.eta_s is not None:
        return row.fitted(formats.eta(seen.eta_s), cells)
    return row.fitted(_("went back") if seen.went_backwards else "", cells, "muted")


def _pace(row: _Row, cells: int) -> Cell:
    pace = row.seen.percent_per_s
    is_moving = pace is not None and row.seen.eta_s is not None
    return row.fitted(formats.pace(pace or 0) if is_moving else "", cells, "muted")


def _folder(row: _Row, cells: int) -> Cell:
    folder_id = row.task.folder_id
    if folder_id is None:
        return row.fitted(DEFAULT_FOLDER, cells, "muted")
    name = row.look.folder_names.get(folder_id, f"#{folder_id}")
    return _searched(sanitize(name, cells), cells, row.look, "")


def _task_id(row: _Row, cells: int) -> Cell:
    return row.fitted("" if row.task.task_id is None else str(row.task.task_id), cells, "muted")


def _age(row: _Row, cells: int) -> Cell:
    return row.fitted(formats.age(row.look.now - row.task.created_at), cells, "muted")


def _checked(row: _Row, cells: int) -> Cell:
    checked_at = row.task.checked_at
    if checked_at is None or not row.task.is_active:
        return row.fitted("", cells)
    return row.fitted(formats.freshness(row.look.now - checked_at), cells, "muted")


def _searched(shown: str, cells: int, look: RowContext, tone: str) -> Cell:
    """Part `shown` at each place of what is searched for, and fill it up to `cells`."""
    blank = Span(" " * (cells - width(shown)))
    if not look.needle:
        return (Span(shown, tone), blank)
    parts = re.split(f"({re.escape(look.needle)})", shown, flags=re.IGNORECASE)
    runs = (Span(part, "hit" if index % 2 else tone) for index, part in enumerate(parts) if part)
    return (*runs, blank)


_Draw = Callable[[_Row, int], Cell]
_DRAWN: Mapping[TaskColumn, _Draw] = {
    TaskColumn.MARK: _mark,
    TaskColumn.STATE: _state,
    TaskColumn.NAME: _name,
    TaskColumn.PROGRESS: _progress,
    TaskColumn.ETA: _eta,
    TaskColumn.PACE: _pace,
    TaskColumn.FOLDER: _folder,
    TaskColumn.TASK_ID: _task_id,
    TaskColumn.AGE: _age,
    TaskColumn.CHECKED: _checked,
}
