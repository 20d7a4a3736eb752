"""Why an action on tasks is not possible now; an empty text where it is."""

from collections.abc import Callable, Mapping, Sequence

from pan123_tui.domain.task import ACTIVE_STATES, Task, TaskState
from pan123_tui.i18n import _


def no_task_reason() -> str:
    return _("No task under the cursor.")


def link_reason(selected: Sequence[Task]) -> str:
    return _reason(
        selected, lambda it: it.has_link, _("This task was added by its taskID: it has no link.")
    )


def retry_reason(selected: Sequence[Task]) -> str:
    text = _("Only a link that has failed or is unsure can be retried.")
    return _reason(selected, lambda task: task.is_retryable, text)


def edit_reason(selected: Sequence[Task]) -> str:
    text = _("Only a link that is queued or has failed can be edited.")
    return _reason(selected, lambda task: task.is_editable, text)


def front_reason(selected: Sequence[Task]) -> str:
    text = _("Only links that are queued can be sent next.")
    return _reason(selected, lambda task: task.state is TaskState.QUEUED, text)


def removal_reason(selected: Sequence[Task]) -> str:
    text = _("A link that is being sent right now cannot be removed: wait a moment.")
    return _reason(selected, lambda task: task.state is not TaskState.SUBMITTING, text)


def file_reason(selected: Sequence[Task], *, poll_key: str) -> str:
    """`poll_key` is the name of the key that looks for a file."""
    text = _("Only a file that has arrived has a download link.")
    if any(task.state in (TaskState.SUCCEEDED, TaskState.UNCONFIRMED) for task in selected):
        text = _("This task's file on the drive is not known yet: {key} looks for it.")
    return _reason(selected, lambda task: task.file_id is not None, text.format(key=poll_key))


def poll_reason(counts: Mapping[str, int]) -> str:
    if any(counts.get(state) for state in ACTIVE_STATES | {TaskState.QUEUED}):
        return ""
    return _("Nothing is queued or running, so there is nothing to check.")


def _reason(selected: Sequence[Task], fits: Callable[[Task], bool], text: str) -> str:
    if not selected:
        return no_task_reason()
    return "" if any(map(fits, selected)) else text
