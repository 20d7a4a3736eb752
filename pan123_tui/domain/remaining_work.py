"""What an engine still has to do when nobody is watching."""

from itertools import chain

from pan123_tui.domain.arrival_check import (
    LOOK_AFTER_S,
    MAX_AGE_S,
    attempted_at,
    is_check_pending,
    next_look_at,
)
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection

RECHECK_FOR_S = 86_400.0
"""How long the service keeps being asked about a missing task."""
LOOK_FOR_S = LOOK_AFTER_S[-1] + MAX_AGE_S
"""How long after its create an unconfirmed task keeps the engine going if no look succeeds."""


def has_work(tasks: TaskCollection, status: Status, *, now: float) -> bool:
    """Return whether anything is left to do without the user."""
    if status.store_problem is not None:
        # If the data folder is no longer ours, nothing is written or sent, however long we wait.
        return status.store_problem.kind is not ProblemKind.STORE_LOST
    if status.connection is Connection.NO_ACCOUNT:
        return False
    ended = filter(_is_open_end, tasks.finished.values())
    unended = tasks.unfinished.values()
    return any(_is_work(task, status, now=now) for task in chain(unended, ended))


def _is_open_end(task: Task) -> bool:
    """Return whether more may be learnt about an ended task; being precise would cost more."""
    is_unchecked = task.state is TaskState.SUCCEEDED and task.arrival is None
    return is_unchecked or task.state is TaskState.MISSING or task.retry_at is not None


def _is_work(task: Task, status: Status, *, now: float) -> bool:
    if task.state is TaskState.QUEUED:
        return not status.is_paused and task.folder_id not in status.missing_folders
    if task.is_active:
        uid = status.account.uid if status.account else None
        return uid is None or task.account_uid in (None, uid)
    is_retried = task.retry_at is not None and not status.is_paused
    is_looked_for = status.looks_for_files and (
        is_check_pending(task, now=now)
        or (next_look_at(task) is not None and abs(now - attempted_at(task)) < LOOK_FOR_S)
    )
    is_sending = task.state is TaskState.SUBMITTING
    return is_sending or is_retried or may_come_back(task, now=now) or is_looked_for


def may_come_back(task: Task, *, now: float) -> bool:
    """Return whether the service is still asked about a missing `task` at `now` (Unix seconds)."""
    is_recent = abs(now - (task.finished_at or now)) < RECHECK_FOR_S
    return task.state is TaskState.MISSING and is_recent and task.task_id is not None
