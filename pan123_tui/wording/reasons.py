"""Why an action on tasks is not possible now; an empty text where it is."""

from collections.abc import Callable, Mapping, Sequence

from pan123_tui.domain.task import ACTIVE_STATES, Task, TaskState
from pan123_tui.i18n import N_, _


def no_task_reason() -> str:
    return _("No task under the cursor.")


def _unless_any(fits: Callable[[Task], bool], text: str) -> Callable[[Sequence[Task]], str]:
    """Return a function that returns `text`, unless one of its tasks `fits`."""

    def reason(selected: Sequence[Task]) -> str:
        if not selected:
            return no_task_reason()
        return "" if any(map(fits, selected)) else _(text)

    return reason


link_reason = _unless_any(
    lambda task: task.has_link, N_("This task was added by its taskID: it has no link.")
)
retry_reason = _unless_any(
    lambda task: task.is_retryable, N_("Only a link that has failed or is unsure can be retried.")
)
edit_reason = _unless_any(
    lambda task: task.is_editable, N_("Only a link that is queued or has failed can be edited.")
)
front_reason = _unless_any(
    lambda task: task.state is TaskState.QUEUED, N_("Only links that are queued can be sent next.")
)
removal_reason = _unless_any(
    lambda task: task.state is not TaskState.SUBMITTING,
    N_("A link that is being sent right now cannot be removed: wait a moment."),
)


def file_reason(selected: Sequence[Task], *, poll_key: str) -> str:
    """`poll_key` is the name of the key that looks for a file."""
    text = N_("Only a file that has arrived has a download link.")
    if any(task.state in (TaskState.SUCCEEDED, TaskState.UNCONFIRMED) for task in selected):
        text = N_("This task's file on the drive is not known yet: {key} looks for it.")
    return _unless_any(lambda task: task.file_id is not None, text)(selected).format(key=poll_key)


def poll_reason(counts: Mapping[str, int]) -> str:
    if any(counts.get(state) for state in ACTIVE_STATES | {TaskState.QUEUED}):
        return ""
    return _("Nothing is queued or running, so there is nothing to check.")
