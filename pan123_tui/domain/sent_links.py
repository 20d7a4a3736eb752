"""What is remembered of a link that was sent, beyond its task."""

from msgspec import Struct

from pan123_tui.domain.task import Task, TaskState

_NOT_AT_THE_SERVICE = frozenset({TaskState.QUEUED, TaskState.SUBMITTING, TaskState.REJECTED})


class SentLink(Struct, frozen=True):
    """What last became of a link that the service has taken, or may have taken."""

    at: int
    """Unix seconds."""
    state: TaskState


def sent_link(task: Task) -> SentLink | None:
    """Return what to remember of the link of `task`; None if the service does not have it."""
    entries = [it for it in task.timeline if it.state not in _NOT_AT_THE_SERVICE]
    if not (entries and task.has_link):
        return None
    state = TaskState.FAILED if task.has_suspect_file else entries[-1].state
    return SentLink(int(entries[-1].at), state)
