"""The columns of the task table: which of them fit into a width, and how wide each is.

What changes at each poll stands at the left: Textual sends a line from its widget's left edge to
the change, so a new percentage costs its few cells and not the name's.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from pan123_tui.domain.arrival import ArrivalVerdict
from pan123_tui.domain.task import TaskState
from pan123_tui.domain.visible import fitted, width
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.lines import GAP
from pan123_tui.wording import eta, stalled_word, state_word
from pan123_tui.wording_arrivals import arrival_word

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
    return fitted(f"{name} {sign}".rstrip(), place.width)


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


def place_at(row: tuple[Place, ...], x: int) -> Place | None:
    """Find the column at cell `x` of a row; the gap after a column belongs to it."""
    for place in row:
        x -= place.width + GAP
        if x < 0:
            return place
    return None


def _state_width() -> int:
    """Measure the longest word for a state in the language in use, with its sign."""
    unknown = f"{state_word(TaskState.RUNNING)} 13"
    states, arrivals = map(state_word, TaskState), map(arrival_word, ArrivalVerdict)
    words = (*states, *arrivals, stalled_word(), unknown)
    return 2 + max(map(width, words))
