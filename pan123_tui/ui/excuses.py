"""Why an action on tasks cannot be done now, in one sentence; nothing is said where it can."""

from collections.abc import Collection, Mapping, Sequence

from pan123_tui import wording
from pan123_tui.domain.task import (
    ACTIVE_STATES,
    FAILED_STATES,
    RETRYABLE_STATES,
    Task,
    TaskState,
)
from pan123_tui.i18n import N_, _
from pan123_tui.ui.desk import CLEARABLE, EDITABLE

_S = TaskState
_AT_WORK = N_("The service is still at work on this task: only what has failed is retried.")
_NO_RETRY: Mapping[TaskState, str] = {
    _S.QUEUED: N_("This link is queued already and is sent as soon as it may be."),
    _S.SUBMITTING: N_("This link is being sent right now."),
    _S.RUNNING: _AT_WORK,
    _S.RETRYING: _AT_WORK,
    _S.SUCCEEDED: N_("This task has succeeded: there is nothing to retry."),
}
_SENT = N_("The service has this link: only what is queued or has failed can be edited.")
_NO_EDIT: Mapping[TaskState, str] = {
    _S.SUBMITTING: N_("This link is being sent right now: it cannot be edited."),
    _S.UNCONFIRMED: N_("The service may have this link: send it again or forget it first."),
    _S.RUNNING: _SENT,
    _S.RETRYING: _SENT,
    _S.SUCCEEDED: N_("This task has succeeded: there is nothing to edit."),
}


def no_task() -> str:
    """Say that there is nothing to act on."""
    return _("There is no task here.")


def none_chosen(chosen: Sequence[Task]) -> str:
    """Say that no task is marked or under the cursor."""
    return "" if chosen else no_task()


def no_retry(chosen: Sequence[Task]) -> str:
    """Say why none of the `chosen` tasks can be retried."""
    if any(task.state in RETRYABLE_STATES for task in chosen):
        return ""
    if len(chosen) > 1:
        text = _("None of the {count} marked tasks has failed: there is nothing to retry.")
        return text.format(count=wording.number(len(chosen)))
    return _(_NO_RETRY[chosen[0].state]) if chosen else no_task()


def no_edit(task: Task | None) -> str:
    """Say why `task`, the one under the cursor, cannot be edited."""
    if task is None:
        return no_task()
    return "" if task.state in EDITABLE else _(_NO_EDIT[task.state])


def none_failed(tallies: Mapping[TaskState, int]) -> str:
    """Say that nothing has failed."""
    return "" if _has(tallies, FAILED_STATES) else _("Nothing has failed.")


def none_to_clear(tallies: Mapping[TaskState, int], what: str) -> str:
    """Say that nothing of `CLEARABLE[what]` is there."""
    return "" if _has(tallies, CLEARABLE[what]) else _("There is nothing to clear.")


def none_to_poll(tallies: Mapping[TaskState, int]) -> str:
    """Say that nothing runs that could be asked for."""
    if _has(tallies, ACTIVE_STATES):
        return ""
    return _("Nothing is running: there is nothing to ask for.")


def _has(tallies: Mapping[TaskState, int], states: Collection[TaskState]) -> bool:
    return any(tallies.get(state) for state in states)
