"""A small chart of a percentage over time, in braille, which is one cell wide everywhere: pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import PollFailures, Sample, Task, TaskState, TimelineEntry
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.wording import formats


class TimelineRow(NamedTuple):
    """One thing that happened."""

    at: float
    """Unix seconds."""
    state: TaskState | None
    """The state that was entered; None: the task stayed in its own."""
    words: str
    problem: Problem | None = None


_REASONS: Mapping[ProblemKind, str] = {
    ProblemKind.REQUEST_NOT_SENT: N_("The service could not be reached."),
    ProblemKind.RESPONSE_LOST: N_("No answer came."),
}
"""What the explanations of these kinds say is about links that are sent."""


def timeline(task: Task, *, now: float) -> list[TimelineRow]:
    """Tell in words what happened to `task`, oldest first.

    Added, sent, each change of state, polls that failed, retries with the former taskID.
    """
    silences = [_silence(silence, now) for silence in task.poll_failures]
    return sorted([*_steps(task), *silences], key=lambda entry: entry.at)


def _steps(task: Task) -> list[TimelineRow]:
    entries: list[TimelineRow] = []
    task_id: int | None = None
    before: TaskState | None = None
    for step in task.timeline:
        entries.append(
            TimelineRow(step.at, step.state, _words(step, before, task_id), step.problem)
        )
        task_id = step.task_id if step.task_id is not None else task_id
        before = step.state
    return entries


def _silence(silence: PollFailures, now: float) -> TimelineRow:
    problem = silence.problem
    reason = _REASONS.get(problem.kind)
    why = _(reason) if reason else formats.explain_problem(problem).summary
    words = ngettext(
        "{count} poll failed: {why}",
        "{count} polls failed, the last at {time}: {why}",
        silence.count,
    ).format(count=formats.number(silence.count), time=formats.moment(silence.until, now), why=why)
    return TimelineRow(silence.since, None, words)


def _words(step: TimelineEntry, before: TaskState | None, former_id: int | None) -> str:
    state = step.state
    if before is None and state is TaskState.QUEUED:
        return _("added")
    if state is TaskState.QUEUED:
        return _queued_again(before, former_id)
    if before is TaskState.SUBMITTING and state is TaskState.RUNNING:
        return _("sent, taskID {task_id}").format(task_id=step.task_id)
    word = formats.state_label(state)
    if state in (TaskState.FAILED, TaskState.RETRYING, TaskState.MISSING) and step.percent > 0:
        return _("{state} at {percent}").format(state=word, percent=formats.percent(step.percent))
    return word


def _queued_again(before: TaskState | None, former_id: int | None) -> str:
    if before is TaskState.SUBMITTING:
        return _("not sent, queued again")
    if former_id is None:
        return _("queued again")
    return _("queued again, formerly taskID {task_id}").format(task_id=former_id)


_DOTS_ACROSS, _DOTS_UP = 2, 4
"""A braille cell has so many dots."""
_BRAILLE = 0x2800
_DOT_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""The bit of each dot: by column from the left, then by height from the bottom."""


def chart(history: Sequence[Sample], cells: int, rows: int) -> list[str]:
    """Draw `history`, ascending in time, as an area of `cells` × `rows`, 0 to 100 % bottom to top.

    A percentage holds until the next one was seen. Empty without a span of time to draw.
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
    """Tell for each column of dots how many of them are filled, of `top`."""
    start, end = history[0].at, history[-1].at
    heights = []
    index = 0
    for column in range(columns):
        at = start + (end - start) * (column + 1) / columns
        while index + 1 < len(history) and history[index + 1].at <= at:
            index += 1
        share = min(max(history[index].percent, 0), 100) / 100
        # What is begun is seen, and only 100 % is full.
        heights.append(top if share == 1 else min(max(round(share * top), share > 0), top - 1))
    return heights


def _braille_cell(heights: Sequence[int]) -> str:
    bits = 0
    for column, height in zip(_DOT_BITS, heights, strict=True):
        for bit in column[:height]:
            bits |= bit
    return chr(_BRAILLE + bits) if bits else " "
