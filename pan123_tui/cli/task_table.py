"""The table of `list` in a terminal: as wide as the terminal at most, in any language."""

import shutil
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import click

from pan123_tui.domain.forecast import forecast, is_stalled
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.sanitize import TruncateAt, pad_or_truncate, sanitize, width
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.wording.formats import ago, eta, percent, stalled_word, task_labels
from pan123_tui.wording.outcomes import list_label, shown_reason

GAP = 2
"""Blank cells between two columns."""
_ROOMY_CELLS, _WIDE_CELLS = 60, 100
"""Widths from which the time left and the time of adding are shown."""
_MIN_REASON_CELLS = 10
_S = TaskState
_COLORS: Mapping[TaskState, str] = {
    _S.QUEUED: "bright_black",
    _S.SUBMITTING: "cyan",
    _S.UNCONFIRMED: "magenta",
    _S.REJECTED: "red",
    _S.RUNNING: "blue",
    _S.RETRYING: "yellow",
    _S.SUCCEEDED: "green",
    _S.FAILED: "red",
    _S.MISSING: "red",
}


class _Column(NamedTuple):
    heading: str
    texts: Sequence[str]
    cells: int

    def line(self, index: int) -> str:
        """Return the text of a task, or the heading for -1, in the width of the column."""
        text = self.heading if index < 0 else self.texts[index]
        return pad_or_truncate(text, self.cells)


def terminal_columns() -> int:
    """Return the width of the terminal that standard output is."""
    return max(shutil.get_terminal_size().columns, 1)


def may_color(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal of `environ` may get colours."""
    return not environ.get("NO_COLOR") and environ.get("TERM") not in ("dumb", "", None)


def format_table(tasks: Sequence[Task], *, cells: int, now: float, has_colors: bool) -> list[str]:
    """Return the headings and a line for each task, of at most `cells` cells."""
    columns = _columns(tasks, cells, now)
    lines = [
        sanitize((" " * GAP).join(column.line(index) for column in columns), cells).rstrip()
        for index in range(-1, len(tasks))
    ]
    if not has_colors:
        return lines
    start = columns[0].cells + GAP
    end = start + len(columns[1].line(-1))
    return [lines[0], *map(_colored, tasks, lines[1:], [start] * len(tasks), [end] * len(tasks))]


def _columns(tasks: Sequence[Task], cells: int, now: float) -> list[_Column]:
    is_roomy = cells >= _ROOMY_CELLS
    labels = [stalled_word() if is_stalled(task) else list_label(task) for task in tasks]
    percents = ["" if task.sent_at is None else percent(task.percent) for task in tasks]
    fixed = [
        _natural(_("ID"), [str(task.id) for task in tasks], is_right=True),
        # As wide as any label, so that nothing moves when a task gets another state.
        _natural(_("state"), labels, least=max(map(width, task_labels())) if is_roomy else 0),
        _natural("%", percents, is_right=True, least=4),
    ]
    if is_roomy and any(lefts := [_time_left(task, now) for task in tasks]):
        fixed.append(_natural(_("time left"), lefts))
    end = []
    if cells >= _WIDE_CELLS:
        end.append(_natural(_("added"), [ago(now - task.created_at) for task in tasks]))
    room = cells - sum(column.cells + GAP for column in (*fixed, *end))
    names = _natural(_("name"), [display_name(task.name, task.url) for task in tasks])
    reasons = _natural(_("reason"), [sanitize(shown_reason(task), 300) for task in tasks])
    return [*fixed, *_shared(room, names, reasons), *end]


def _natural(
    heading: str, texts: Sequence[str], *, is_right: bool = False, least: int = 0
) -> _Column:
    """Return a column as wide as its widest text."""
    texts = [sanitize(text) for text in texts]
    cells = max(least, width(heading), *map(width, texts), 0)
    if is_right:
        texts = [" " * (cells - width(text)) + text for text in texts]
        heading = " " * (cells - width(heading)) + heading
    return _Column(heading, texts, cells)


def _shared(room: int, names: _Column, reasons: _Column) -> list[_Column]:
    """Fit names and reasons into `room` cells; a little room is for the names alone."""
    if not any(reasons.texts) or room - GAP < 2 * _MIN_REASON_CELLS:
        return [_narrowed(names, room, "middle")]
    room -= GAP
    least = room * 9 // 20
    cells = min(names.cells, max(room - reasons.cells, least))
    return [_narrowed(names, cells, "middle"), _narrowed(reasons, room - cells, "end")]


def _narrowed(column: _Column, cells: int, truncate_at: TruncateAt) -> _Column:
    cells = max(min(column.cells, cells), 1)
    texts = [sanitize(text, cells, truncate_at=truncate_at) for text in column.texts]
    return column._replace(texts=texts, cells=cells)


def _time_left(task: Task, now: float) -> str:
    left_s = forecast(task, now).eta_s if task.is_active else None
    return "" if left_s is None else eta(left_s)


def _colored(task: Task, line: str, start: int, end: int) -> str:
    color = "yellow" if task.is_doubtful or is_stalled(task) else _COLORS[task.state]
    return line[:start] + click.style(line[start:end], fg=color) + line[end:]
