"""The timeline of a task: what happened to it, and when."""

from collections.abc import Mapping
from typing import NamedTuple

from pan123_tui import wording
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import Silence, Step, Task, TaskState
from pan123_tui.i18n import N_, _, ngettext


class Entry(NamedTuple):
    """One thing that happened."""

    at: float
    """Unix seconds."""
    state: TaskState | None
    """The state that was entered; None: the task stayed in its own."""
    words: str
    problem: Problem | None = None


_REASONS: Mapping[ProblemKind, str] = {
    ProblemKind.NOT_REACHED: N_("The service could not be reached."),
    ProblemKind.ANSWER_LOST: N_("No answer came."),
}
"""What the explanations of these kinds say is about links that are sent."""


def timeline(task: Task, *, now: float) -> list[Entry]:
    """Tell in words what happened to `task`, oldest first.

    Added, sent, each change of state, polls that failed, retries with the former taskID.
    """
    silences = [_silence(silence, now) for silence in task.silences]
    return sorted([*_steps(task), *silences], key=lambda entry: entry.at)


def _steps(task: Task) -> list[Entry]:
    entries: list[Entry] = []
    task_id: int | None = None
    before: TaskState | None = None
    for step in task.steps:
        entries.append(Entry(step.at, step.state, _words(step, before, task_id), step.problem))
        task_id = step.task_id if step.task_id is not None else task_id
        before = step.state
    return entries


def _silence(silence: Silence, now: float) -> Entry:
    problem = silence.problem
    reason = _REASONS.get(problem.kind)
    why = _(reason) if reason else wording.explain(problem).what
    words = ngettext(
        "{count} poll failed: {why}",
        "{count} polls failed, the last at {time}: {why}",
        silence.times,
    ).format(count=wording.number(silence.times), time=wording.moment(silence.until, now), why=why)
    return Entry(silence.since, None, words)


def _words(step: Step, before: TaskState | None, former_id: int | None) -> str:
    state = step.state
    if before is None and state is TaskState.QUEUED:
        return _("added")
    if state is TaskState.QUEUED:
        return _queued_again(before, former_id)
    if before is TaskState.SUBMITTING and state is TaskState.RUNNING:
        return _("sent, taskID {task_id}").format(task_id=step.task_id)
    word = wording.state_word(state)
    if state in (TaskState.FAILED, TaskState.RETRYING, TaskState.MISSING) and step.percent > 0:
        return _("{state} at {percent}").format(state=word, percent=wording.percent(step.percent))
    return word


def _queued_again(before: TaskState | None, former_id: int | None) -> str:
    if before is TaskState.SUBMITTING:
        return _("not sent, queued again")
    if former_id is None:
        return _("queued again")
    return _("queued again, formerly taskID {task_id}").format(task_id=former_id)
