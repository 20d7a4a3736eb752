"""Why an action on tasks is not possible now; an empty text where it is."""

from collections.abc import Callable, Mapping, Sequence

from pan123_tui.domain.task import ACTIVE_STATES, Task, TaskState
from pan123_tui.i18n import N_, _
from pan123_tui.wording import formats

_S = TaskState
_NO_LINK = N_("This task was added by its taskID: its link is not known.")
_AT_WORK = N_("The service is still working on this task: only what has failed can be retried.")
_UNKNOWN_NOW = N_("The service does not know this task at the moment: retry it once it is unsure.")
_NO_RETRY: Mapping[TaskState, str] = {
    _S.QUEUED: N_("This link is queued already."),
    _S.SUBMITTING: N_("This link is being sent right now."),
    _S.RUNNING: _AT_WORK,
    _S.RETRYING: _AT_WORK,
    _S.SUCCEEDED: N_("This task is done: there is nothing to retry."),
}
_SENT = N_("The service has this link: only what is queued or has failed can be edited.")
_UNSURE = N_("The service may have this link: send it again or remove it first.")
_NO_EDIT: Mapping[TaskState, str] = {
    _S.SUBMITTING: N_("This link is being sent right now: it cannot be edited."),
    _S.UNCONFIRMED: _UNSURE,
    _S.MISSING: _UNSURE,
    _S.RUNNING: _SENT,
    _S.RETRYING: _SENT,
    _S.SUCCEEDED: N_("This task is done: there is nothing to edit."),
}


def no_task_reason() -> str:
    """Return that there is no task."""
    return _("No task under the cursor.")


def link_reason(selected: Sequence[Task]) -> str:
    """Return why no link of the `selected` tasks is known; empty if one is."""
    if not selected:
        return no_task_reason()
    return "" if any(task.has_link for task in selected) else _(_NO_LINK)


def retry_reason(selected: Sequence[Task]) -> str:
    """Return why none of the `selected` tasks can be retried; empty if one can."""
    if any(task.is_retryable for task in selected):
        return ""
    text = _("None of the {count} marked tasks has failed: there is nothing to retry.")
    return _why_none(
        selected, text, lambda it: _UNKNOWN_NOW if it.is_unknown else _NO_RETRY[it.state]
    )


def edit_reason(selected: Sequence[Task]) -> str:
    """Return why none of the `selected` tasks can be edited; empty if one can."""
    if any(task.is_editable for task in selected):
        return ""
    text = _("None of the {count} marked tasks is queued or has failed: nothing to edit.")
    return _why_none(selected, text, lambda task: _NO_EDIT[task.state])


def _why_none(selected: Sequence[Task], of_many: str, of_one: Callable[[Task], str]) -> str:
    if len(selected) > 1:
        return of_many.format(count=formats.number(len(selected)))
    return link_reason(selected) or _(of_one(selected[0]))


def front_reason(selected: Sequence[Task]) -> str:
    """Return that none of the `selected` tasks is queued; empty if one is."""
    if any(task.state is _S.QUEUED for task in selected):
        return ""
    return _("Only links that are queued can be sent next.") if selected else no_task_reason()


def removal_reason(selected: Sequence[Task]) -> str:
    """Return why none of the `selected` tasks can be removed; empty if one can."""
    if not selected:
        return no_task_reason()
    if all(task.state is _S.SUBMITTING for task in selected):
        return _("A link that is being sent right now cannot be removed: wait a moment.")
    return ""


def file_reason(selected: Sequence[Task], *, poll_key: str) -> str:
    """Return why no file of the `selected` tasks is known; empty if one is.

    `poll_key` is the name of the key that looks for it.
    """
    if not selected:
        return no_task_reason()
    if any(task.file_id is not None for task in selected):
        return ""
    if any(task.state in (_S.SUCCEEDED, _S.UNCONFIRMED) for task in selected):
        text = _("This task's file on the drive is not known yet: {key} looks for it.")
        return text.format(key=poll_key)
    return _("Only a file that has arrived has a download link.")


def retry_failed_reason(failed_count: int) -> str:
    """Return that nothing has failed; empty if something has."""
    return "" if failed_count else _("Nothing has failed.")


def clear_reason(done_count: int) -> str:
    """Return that no task is done; empty if one is."""
    return "" if done_count else _("There is nothing to clear.")


def poll_reason(counts: Mapping[str, int]) -> str:
    """Return that no task is running or waits to be sent; empty if one is."""
    if any(counts.get(state) for state in ACTIVE_STATES | {_S.QUEUED}):
        return ""
    if counts.get(_S.UNCONFIRMED):
        return _("Nothing is queued or running. On an unsure link this key looks for its file.")
    return _("Nothing is queued or running, so there is nothing to check.")
