"""What stands in a cell of the task table: pure, plain text with the tone of each part."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field

from pan123_tui import wording
from pan123_tui.domain.delivery import DEFAULT_FOLDER
from pan123_tui.domain.forecast import Forecast, forecast
from pan123_tui.domain.naming import guess_name
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.visible import fitted, visible, width
from pan123_tui.i18n import _
from pan123_tui.ui.formatting import bar_parts
from pan123_tui.ui.widgets.columns import Place, TaskColumn
from pan123_tui.ui.widgets.lines import Cell, Run
from pan123_tui.wording_arrivals import DOUBT_SIGN, arrival_word


class Look(Struct, frozen=True):
    """All that decides about a row's cells besides its task."""

    now: float = 0.0
    needle: str = ""
    """Searched for, and so highlighted in names and folders."""
    folder_names: Mapping[int, str] = field(default_factory=dict)


def cells_of(
    places: Iterable[Place], task: Task, look: Look, *, is_marked: bool = False
) -> tuple[Cell, ...]:
    """Draw the cells of `task` in the columns and widths of `places`."""
    row = _Row(task, forecast(task, look.now), look, is_marked)
    return tuple(_DRAWN[place.column](row, place.width) for place in places)


class _Row(NamedTuple):
    """What a cell is drawn from."""

    task: Task
    seen: Forecast
    look: Look
    is_marked: bool

    def fitted(self, words: str, cells: int, tone: str = "") -> Cell:
        return (Run(fitted(words, cells), tone),)


@lru_cache(maxsize=4096)
def name_of(task_name: str, url: str) -> str:
    """Give the name to show: the one asked for, else the one that the link promises."""
    return task_name or guess_name(url)


@lru_cache(maxsize=256)
def shown_name(name: str, cells: int) -> str:
    """Give `name` made visible and cut, once for all the times that its row is looked at."""
    return visible(name, cells, cut="middle")


def _mark(row: _Row, cells: int) -> Cell:
    return row.fitted("✱" if row.is_marked else "", cells, "mark")


def _state(row: _Row, cells: int) -> Cell:
    task = row.task
    if row.seen.stalled_for_s is not None:
        words = f"{wording.STALLED_GLYPH} {wording.stalled_word()}"
        return row.fitted(words, cells, "stalled")
    if task.arrival is not None and task.arrival.is_wrong:
        return row.fitted(f"{DOUBT_SIGN} {arrival_word(task.arrival.verdict)}", cells, "doubtful")
    sign = wording.state_glyph(task.state)
    words = f"{sign} {wording.state_word(task.state)}"
    if task.state is TaskState.RUNNING and task.status not in (None, 0):
        words += f" {task.status}"
    return row.fitted(words, cells, task.state)


def _name(row: _Row, cells: int) -> Cell:
    shown = shown_name(name_of(row.task.name, row.task.url), cells)
    return _searched(shown, cells, row.look, "marked" if row.is_marked else "")


def _progress(row: _Row, cells: int) -> Cell:
    task = row.task
    if task.sent_at is None:
        return row.fitted("", cells)
    words = wording.percent(task.percent).rjust(4)
    tone = task.state if row.seen.stalled_for_s is None else "stalled"
    if cells <= len(words):
        return row.fitted(words, cells, tone)
    done, rest = bar_parts(task.percent, cells - len(words) - 1)
    return (Run(words, tone), Run(" "), Run(done, tone), Run(rest, "track"))


def _eta(row: _Row, cells: int) -> Cell:
    seen = row.seen
    if seen.stalled_for_s is not None:
        standstill = _("for {time}").format(time=wording.age(seen.stalled_for_s))
        return row.fitted(standstill, cells, "stalled")
    if seen.is_full_but_running:
        return row.fitted(_("not done yet"), cells, "muted")
    if seen.eta_s is not None:
        return row.fitted(wording.eta(seen.eta_s), cells)
    return row.fitted(_("went back") if seen.went_backwards else "", cells, "muted")


def _pace(row: _Row, cells: int) -> Cell:
    pace = row.seen.pace_per_s
    is_moving = pace is not None and row.seen.eta_s is not None
    return row.fitted(wording.pace(pace or 0) if is_moving else "", cells, "muted")


def _folder(row: _Row, cells: int) -> Cell:
    folder_id = row.task.folder_id
    if folder_id is None:
        return row.fitted(DEFAULT_FOLDER, cells, "muted")
    name = row.look.folder_names.get(folder_id, f"#{folder_id}")
    return _searched(visible(name, cells), cells, row.look, "")


def _task_id(row: _Row, cells: int) -> Cell:
    return row.fitted("" if row.task.task_id is None else str(row.task.task_id), cells, "muted")


def _age(row: _Row, cells: int) -> Cell:
    return row.fitted(wording.age(row.look.now - row.task.created_at), cells, "muted")


def _checked(row: _Row, cells: int) -> Cell:
    checked_at = row.task.checked_at
    if checked_at is None or not row.task.is_active:
        return row.fitted("", cells)
    return row.fitted(wording.freshness(row.look.now - checked_at), cells, "muted")


def _searched(shown: str, cells: int, look: Look, tone: str) -> Cell:
    """Part `shown` at each place of what is searched for, and fill it up to `cells`."""
    blank = Run(" " * (cells - width(shown)))
    if not look.needle:
        return (Run(shown, tone), blank)
    parts = re.split(f"({re.escape(look.needle)})", shown, flags=re.IGNORECASE)
    runs = (Run(part, "hit" if index % 2 else tone) for index, part in enumerate(parts) if part)
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
