"""A task for tests to which most of its facts are the same."""

from typing import Any

from pan123_tui.domain.task import Task, TaskState


def a_task(number: int = 1, state: TaskState = TaskState.QUEUED, **facts: Any) -> Task:
    """Return a task with these `facts`; by default each is younger than the one before it."""
    known: dict[str, Any] = {
        "url": f"https://example.com/file-{number}.iso",
        "created_at": float(number),
    }
    return Task(id=number, state=state, **(known | facts))
