"""What stands in a cell of the task table: pure, plain text with the tone of each part."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from pan123_tui import wording
from pan123_tui.domain.naming import guess_name
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.visible import fitted, visible, width
from pan123_tui.ui.formatting import bar_parts
from pan123_tui.ui.widgets.columns import Place, TaskColumn
from pan123_tui.ui.widgets.lines import Cell, Run

DEFAULT_FOLDER = "来自:离线下载"
"""The service's own folder (specification, section one, (二), 2)."""
TONES = (*TaskState, "stalled", "muted", "track", "hit", "mark", "marked")
"""The names that `styles.tcss` gives colours to, as `task-table--…`."""


@dataclass(frozen=True, slots=True)
class Look:
    """All that decides about a row's cells besides its task."""

    now: float = 0.0
    is_ascii: bool = False
    needle: str = ""
    """Searched for, and so highlighted in names and folders."""
    folder_names: Mapping[int, str] = field(default_factory=dict)

    @property
    def ellipsis(self) -> str:
        return "..." if self.is_ascii else "…"


def cell(place: Place, task: Task, look: Look, *, is_marked: bool = False) -> Cell:
    """Draw the cell of `task` in the column and width of `place`."""
    if place.column is TaskColumn.MARK:
        sign = "*" if look.is_ascii else "✱"
        return (Run(sign, "mark") if is_marked else Run(" "),)
    if place.column is TaskColumn.NAME:
        return _name(task, place.width, look, "marked" if is_marked else "")
    draw = _DRAWN.get(place.column)
    return draw(task, place.width, look) if draw else (Run(" " * place.width),)


@lru_cache(maxsize=4096)
def name_of(task_name: str, url: str) -> str:
    """Give the name to show: the one asked for, else the one that the link promises."""
    return task_name or guess_name(url)


def _name(task: Task, cells: int, look: Look, tone: str) -> Cell:
    shown = visible(name_of(task.name, task.url), cells, cut="middle", ellipsis=look.ellipsis)
    return _searched(shown, cells, look, tone)


def _state(task: Task, cells: int, look: Look) -> Cell:
    sign = wording.state_glyph(task.state, ascii=look.is_ascii)
    words = f"{sign} {wording.state_word(task.state)}"
    if task.state is TaskState.RUNNING and task.status not in (None, 0):
        words += f" {task.status}"
    return (Run(fitted(words, cells, ellipsis=look.ellipsis), task.state),)


def _progress(task: Task, cells: int, look: Look) -> Cell:
    if task.sent_at is None:
        return (Run(" " * cells),)
    words = wording.percent(task.percent).rjust(4)
    if cells <= len(words):
        return (Run(words, task.state),)
    done, rest = bar_parts(task.percent, cells - len(words) - 1, ascii=look.is_ascii)
    return (Run(done, task.state), Run(rest, "track"), Run(" " + words))


def _folder(task: Task, cells: int, look: Look) -> Cell:
    if task.folder_id is None:
        return (Run(fitted(DEFAULT_FOLDER, cells, ellipsis=look.ellipsis), "muted"),)
    name = look.folder_names.get(task.folder_id, f"#{task.folder_id}")
    return _searched(visible(name, cells, ellipsis=look.ellipsis), cells, look, "")


def _task_id(task: Task, cells: int, look: Look) -> Cell:
    words = "" if task.task_id is None else str(task.task_id)
    return (Run(fitted(words, cells, ellipsis=look.ellipsis), "muted"),)


def _age(task: Task, cells: int, look: Look) -> Cell:
    return _time(wording.age(look.now - task.created_at), cells)


def _checked(task: Task, cells: int, look: Look) -> Cell:
    if task.checked_at is None or not task.is_active:
        return (Run(" " * cells),)
    return _time(wording.age(look.now - task.checked_at), cells)


def _time(words: str, cells: int) -> Cell:
    return (Run(fitted(words, cells), "muted"),)


def _searched(shown: str, cells: int, look: Look, tone: str) -> Cell:
    """Part `shown` at each place of what is searched for, and fill it up to `cells`."""
    blank = Run(" " * (cells - width(shown)))
    if not look.needle:
        return (Run(shown, tone), blank)
    parts = re.split(f"({re.escape(look.needle)})", shown, flags=re.IGNORECASE)
    runs = (Run(part, "hit" if index % 2 else tone) for index, part in enumerate(parts) if part)
    return (*runs, blank)


_Draw = Callable[[Task, int, Look], Cell]
_DRAWN: Mapping[TaskColumn, _Draw] = MappingProxyType(
    {
        TaskColumn.STATE: _state,
        TaskColumn.PROGRESS: _progress,
        TaskColumn.FOLDER: _folder,
        TaskColumn.TASK_ID: _task_id,
        TaskColumn.AGE: _age,
        TaskColumn.CHECKED: _checked,
    }
)
