"""The timeline of a task: what happened to it, and when."""

from collections.abc import Sequence
from typing import NamedTuple

from pan123_tui import wording
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import Step, TaskState
from pan123_tui.i18n import _


class Entry(NamedTuple):
    """One thing that happened."""

    at: float
    """Unix seconds."""
    state: TaskState
    words: str
    problem: Problem | None = None


def timeline(steps: Sequence[Step]) -> list[Entry]:
    """Tell `steps` in words: added, sent, each change of state, retries with the former taskID."""
    entries: list[Entry] = []
    task_id: int | None = None
    before: TaskState | None = None
    for step in steps:
        entries.append(Entry(step.at, step.state, _words(step, before, task_id), step.problem))
        task_id = step.task_id if step.task_id is not None else task_id
        before = step.state
    return entries


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
