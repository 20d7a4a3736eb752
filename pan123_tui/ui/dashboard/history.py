"""The timeline of a task, and the chart of its progress, without Textual."""

from collections.abc import Sequence
from typing import NamedTuple

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import Sample, Task, TaskState, TimelineEntry
from pan123_tui.i18n import _
from pan123_tui.wording import formats


class TimelineRow(NamedTuple):
    """One event of a task."""

    at: float
    """Unix seconds."""
    state: TaskState
    """The state that was entered."""
    text: str
    problem: Problem | None = None


def timeline(task: Task) -> list[TimelineRow]:
    """Return the changes of state of `task`, oldest first."""
    rows: list[TimelineRow] = []
    task_id: int | None = None
    before: TaskState | None = None
    for step in task.timeline:
        rows.append(
            TimelineRow(step.at, step.state, _step_text(step, before, task_id), step.problem)
        )
        task_id = step.task_id if step.task_id is not None else task_id
        before = step.state
    return rows


def _step_text(step: TimelineEntry, before: TaskState | None, former_id: int | None) -> str:
    state = step.state
    if before is None:
        adopted = _("adopted, taskID {task_id}").format(task_id=step.task_id)
        return adopted if state is TaskState.RUNNING else _("link added")
    if state is TaskState.QUEUED:
        return _requeue_text(step, before, former_id)
    if before is TaskState.SUBMITTING and state is TaskState.RUNNING:
        return _("sent, taskID {task_id}").format(task_id=step.task_id)
    label = formats.state_label(state)
    if state in (TaskState.FAILED, TaskState.RETRYING, TaskState.MISSING) and step.percent > 0:
        return _("{state} at {percent}").format(state=label, percent=formats.percent(step.percent))
    return label


def _requeue_text(step: TimelineEntry, before: TaskState, former_id: int | None) -> str:
    if step.is_automatic:
        text = _("retried by itself, formerly taskID {task_id}")
        return text.format(task_id=former_id)
    if before is TaskState.SUBMITTING:
        return _("not sent, queued again")
    if former_id is None:
        return _("queued again")
    return _("queued again, formerly taskID {task_id}").format(task_id=former_id)


_DOTS_ACROSS, _DOTS_UP = 2, 4
"""Dots in a braille cell."""
_BRAILLE = 0x2800
_DOT_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""The bit of each dot, by column from the left, then from the bottom."""


def chart(history: Sequence[Sample], cells: int, rows: int) -> list[str]:
    """Return lines of braille: the area below `history` (ascending in time) on `cells` × `rows`.

    0 to 100 % is bottom to top; a percentage holds until the next sample. Empty if `history`
    spans no time.
    """
    if len(history) < 2 or history[-1].at <= history[0].at:
        return []
    heights = _heights(history, cells * _DOTS_ACROSS, rows * _DOTS_UP)
    return [
        "".join(
            _braille_cell([min(max(height - row * _DOTS_UP, 0), _DOTS_UP) for height in pair])
            for pair in zip(heights[::2], heights[1::2], strict=True)
        )
        for row in reversed(range(rows))
    ]


def _heights(history: Sequence[Sample], columns: int, top: int) -> list[int]:
    """Return how many dots of `top` are filled in each column of dots."""
    start, end = history[0].at, history[-1].at
    heights = []
    index = 0
    for column in range(columns):
        at = start + (end - start) * (column + 1) / columns
        while index + 1 < len(history) and history[index + 1].at <= at:
            index += 1
        share = min(max(history[index].percent, 0), 100) / 100
        # Any progress shows a dot, and only 100 % is full.
        heights.append(top if share == 1 else min(max(round(share * top), share > 0), top - 1))
    return heights


def _braille_cell(heights: Sequence[int]) -> str:
    bits = 0
    for column, height in zip(_DOT_BITS, heights, strict=True):
        for bit in column[:height]:
            bits |= bit
    return chr(_BRAILLE + bits) if bits else " "
