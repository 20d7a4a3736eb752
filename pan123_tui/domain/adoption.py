"""Adoption: a task of the service becomes one of this list, by its taskID alone."""

from msgspec import Struct

from pan123_tui.domain.int64 import Int64
from pan123_tui.domain.task import Task, TaskState, TimelineEntry


class Adoption(Struct, frozen=True):
    """A task of the service that another program created, or whose record was lost."""

    task_id: Int64
    """The service's taskID."""
    name: str = ""
    """What it is called here; empty: by its taskID."""


def adopted_task(
    adoption: Adoption, *, task_id: int, at: float, request_id: str = "", batch: str = ""
) -> Task:
    """Return a running task for `adoption`; nothing else is known of it."""
    return Task(
        id=task_id,
        url="",
        name=adoption.name or f"taskID {adoption.task_id}",
        state=TaskState.RUNNING,
        task_id=adoption.task_id,
        request_id=request_id,
        batch=batch,
        created_at=at,
        sent_at=at,
        timeline=(TimelineEntry(at, TaskState.RUNNING, adoption.task_id),),
    )
