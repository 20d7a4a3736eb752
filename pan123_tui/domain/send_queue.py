"""New tasks, and the order in which queued links are sent."""

from collections.abc import Collection, Iterable

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.errors import Int64, ProblemKind
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, TimelineEntry, new_task


def send_key(task: Task) -> tuple[int, int]:
    """Return what queued links are sorted by: those that the user moved forward, then by age."""
    return task.rank, task.id


def in_send_order(tasks: Iterable[Task]) -> list[Task]:
    """Return the queued ones of `tasks` in the order in which they are sent."""
    return sorted((task for task in tasks if task.state is TaskState.QUEUED), key=send_key)


def places(tasks: Iterable[Task]) -> dict[int, int]:
    """Return the place of each queued link, by id, from 1."""
    return {task.id: place for place, task in enumerate(in_send_order(tasks), 1)}


def last_rank(tasks: Iterable[Task]) -> int:
    """Return the rank of a new link, which comes after all that are queued."""
    return max((0, *(task.rank for task in tasks if task.state is TaskState.QUEUED)))


def new_tasks(
    requests: Iterable[DownloadRequest],
    ids: Iterable[int],
    tasks: Iterable[Task],
    *,
    at: float,
    request_id: str,
    batch: str,
    subfolder: str = "",
) -> tuple[Task, ...]:
    """Return a task for each of `requests`, as one batch behind all of `tasks` that are queued."""
    rank, label = last_rank(tasks), clean_label(batch)
    return tuple(
        new_task(
            request,
            task_id=task_id,
            at=at,
            request_id=request_id,
            batch=label,
            rank=rank,
            subfolder=subfolder,
        )
        for request, task_id in zip(requests, ids, strict=True)
    )


class Adoption(Struct, frozen=True):
    """A task of the service that another program created, or whose record was lost."""

    task_id: Int64
    """The service's taskID."""
    name: str = ""


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


def sent_next(tasks: Iterable[Task], ids: Collection[int]) -> tuple[Task, ...]:
    """Return the queued ones of `ids` in front of all `tasks`, in their own order.

    Empty if they are there already. Only they change, however many are queued.
    """
    queued = in_send_order(tasks)
    wanted = set(ids)
    chosen = [task for task in queued if task.id in wanted]
    if not chosen or chosen == queued[: len(chosen)]:
        return ()
    first = queued[0].rank - len(chosen)
    return tuple(replace(task, rank=first + place) for place, task in enumerate(chosen))


def missing_folder_of(task: Task) -> int | None:
    """Return the folder that is gone and for which `task` waits, None if it waits for none."""
    kind = task.problem.kind if task.problem is not None else None
    is_waiting = task.state is TaskState.QUEUED and kind is ProblemKind.FOLDER_MISSING
    return task.folder_id if is_waiting else None


def collapse_retries(task: Task) -> Task:
    """Keep only the last of consecutive failed tries in the timeline.

    A night offline would otherwise push all earlier entries out of it.
    """
    if task.state is not TaskState.QUEUED:
        return task
    *before, _intent, outcome = task.timeline
    if [step.state for step in before[-2:]] == [TaskState.QUEUED] * 2:
        before.pop()
    return replace(task, timeline=(*before, outcome))
