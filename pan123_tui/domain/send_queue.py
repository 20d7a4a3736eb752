"""The order in which queued links are sent, and when the last of them is likely to be."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task

_MAX_GAPS = 10
"""The measured pace is the mean of this many recent gaps between two accepted links."""
_MIN_GAPS = 2
"""With fewer gaps the pace is not known while the service throttles."""


def send_key(task: Task) -> tuple[int, int]:
    """Return what queued links are sorted by: those that the user moved forward, then by age."""
    return task.rank, task.id


def in_send_order(tasks: Iterable[Task]) -> list[Task]:
    """Return the queued ones of `tasks` in the order in which they are sent."""
    return sorted((task for task in tasks if task.state is TaskState.QUEUED), key=send_key)


def places(tasks: Iterable[Task]) -> dict[int, int]:
    """Return the place of each queued link, by id; 1 is sent next."""
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


def with_ranks(tasks: Iterable[Task], ranks: Mapping[int, int]) -> tuple[Task, ...]:
    """Return the queued ones of `tasks` that get another rank by `ranks` (id → rank)."""
    return tuple(
        replace(task, rank=ranks[task.id])
        for task in tasks
        if task.state is TaskState.QUEUED and ranks.get(task.id, task.rank) != task.rank
    )


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


class SendPace:
    """Measures how often the service accepts a link, from the gaps between two of them."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=_MAX_GAPS)
        self._last_at: float | None = None
        self._since_refusal = _MAX_GAPS

    def record_sent(self, now: float) -> None:
        """Record that a link was accepted at `now`, in seconds of any clock."""
        if self._last_at is not None:
            self._gaps.append(now - self._last_at)
        self._last_at = now
        self._since_refusal += 1

    def record_refusal(self) -> None:
        """Record that the service throttles; what was measured before says nothing any more."""
        if not self._is_throttled:
            self._gaps.clear()
        self._since_refusal = 0

    def interrupt(self) -> None:
        """Leave the time until the next link out: nothing was to be sent, or nothing could be."""
        self._last_at = None

    @property
    def interval_s(self) -> float | None:
        """Seconds from link to link; 0: as often as the rate allows, None: not known yet."""
        if len(self._gaps) < _MIN_GAPS:
            return None if self._is_throttled else 0.0
        return float(f"{sum(self._gaps) / len(self._gaps):.2g}")

    @property
    def _is_throttled(self) -> bool:
        return self._since_refusal < _MAX_GAPS


def estimate_send_s(count: int, status: Status, *, now: float) -> float | None:
    """Return in how many seconds the last of `count` links is likely to be sent, None: unknown."""
    is_working = status.connection is Connection.ONLINE and status.waiting_since is None
    if not is_working or status.missing_folders or status.is_paused:
        return None
    wait_s = 0.0
    if status.hold is not None:
        # Where too many run, the next one goes when one of them ends, which nobody knows.
        if status.hold.kind is not ProblemKind.RATE_LIMITED or status.hold_until is None:
            return None
        wait_s = max(0.0, status.hold_until - now)
    if status.send_interval_s is None:
        return None
    return wait_s + count * max(status.create_interval_s, status.send_interval_s)
