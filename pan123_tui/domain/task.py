"""A task: its states, the transitions between them, and what a poll changes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import asdict, fields, replace

from pan123_tui.domain.errors import Int64, Problem, ProblemKind


class ArrivalStatus(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not_found"
    ERROR_PAGE = "error_page"
    """A web page was saved where another kind of file was expected."""
    TOO_SMALL = "too_small"
    """Far smaller than a film or a disk image: perhaps an error page under the right name."""
    BLOCKED = "blocked"
    """By the service's review."""


class ArrivalCheck(Struct, frozen=True, omit_defaults=True, gc=False, rename={"status": "verdict"}):
    """What the arrival check found for one task; times are Unix seconds, sizes bytes."""

    status: ArrivalStatus
    at: float
    name: str = ""
    """The file's real name: outside text, never markup."""
    size: Int64 = 0
    problem: Problem | None = None
    """Why the folder of an unconfirmed task cannot be searched; None: it was."""

    @property
    def is_suspect(self) -> bool:
        return self.status is not ArrivalStatus.FOUND


class TaskState(StrEnum):
    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCONFIRMED = "unconfirmed"
    REJECTED = "rejected"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MISSING = "missing"


_S = TaskState
_POLLED = frozenset({_S.RUNNING, _S.RETRYING, _S.SUCCEEDED, _S.FAILED, _S.MISSING})

TRANSITIONS: Mapping[TaskState, frozenset[TaskState]] = {
    _S.QUEUED: frozenset({_S.SUBMITTING}),
    _S.SUBMITTING: frozenset({_S.RUNNING, _S.QUEUED, _S.REJECTED, _S.UNCONFIRMED}),
    _S.UNCONFIRMED: frozenset({_S.QUEUED, _S.SUCCEEDED}),  # both by the user only
    _S.REJECTED: frozenset({_S.QUEUED}),
    _S.RUNNING: _POLLED - {_S.RUNNING},
    _S.RETRYING: _POLLED - {_S.RETRYING},
    _S.SUCCEEDED: frozenset({_S.QUEUED}),  # only where the file is in doubt
    _S.FAILED: frozenset({_S.QUEUED}),
    # The service may answer again for a task that it did not know.
    # Otherwise only the user settles it.
    _S.MISSING: frozenset({_S.QUEUED}) | _POLLED - {_S.MISSING},
}

ACTIVE_STATES = frozenset({_S.RUNNING, _S.RETRYING})
UNSENT_STATES = frozenset({_S.QUEUED, _S.SUBMITTING})
"""States in which a link is yet to be sent, which takes an engine."""
FINISHED_STATES = frozenset({_S.SUCCEEDED, _S.FAILED, _S.REJECTED, _S.MISSING})
"""States that stay unless the user retries or removes the task."""

SOUGHT_FOR_S = 86_400.0
"""How long the file of a task that is done is looked for."""
MAX_SAMPLES = 16
"""Few, so that the rate follows a change of speed."""
MAX_TIMELINE_ENTRIES = 64


class Sample(NamedTuple):
    """A percentage and when it was first reported (Unix seconds)."""

    at: float
    percent: float


class Source(StrEnum):
    """Where a link came from, and what came with it that the service does not get."""

    ARIA2 = "aria2"
    FOLDER = "folder"
    HEADERS = "headers"
    MIRRORS = "mirrors"


class TimelineEntry(Struct, frozen=True, omit_defaults=True, gc=False):
    at: float
    state: TaskState
    task_id: Int64 | None = None
    percent: float = 0.0
    problem: Problem | None = None
    is_automatic: bool = False
    source: tuple[Source, ...] = ()
    """Of a link that no screen or command added."""


class AutoRetry(Struct, frozen=True, omit_defaults=True, gc=False):
    """The automatic retries since the user last queued the task."""

    done: Int64 = 0
    of: Int64 = 0
    """How many retries the user allowed when the task last failed."""
    due_at: float | None = None
    """When the next retry is due (Unix seconds); None: none is planned."""


class Misses(Struct, frozen=True, gc=False):
    """Consecutive answers that the service does not know a task, across all runs of the engine."""

    count: Int64
    over_s: Int64
    """Seconds from the first to the last answer, as far as they count."""
    last_at: float
    """Unix seconds."""
    uid: Int64 | None = None
    """The account that was in use; None: an earlier version did not keep it."""


class DownloadRequest(Struct, frozen=True):
    url: str
    """Sent exactly as it is."""
    name: str = ""
    """The file name to save under; empty: the service chooses."""
    folder_id: Int64 | None = None
    """The target folder (`dirID`, positive); None: the service's folder 来自:离线下载."""
    callback_url: str = ""


class Task(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    gc=False,
    rename={"timeline": "steps"},
):
    """The download of one link; times are in Unix seconds."""

    id: Int64
    """Local id: positive, ascending by age, never reused."""
    created_at: float
    # A factory, because msgspec omits plain defaults and the store requires `state`.
    state: TaskState = field(default_factory=lambda: TaskState.QUEUED)
    batch: str = ""
    """The label of its batch; empty: the batch is named by `created_at`."""
    folder_id: Int64 | None = None
    callback_secret: str = ""
    """Identifies the latest submission to the callback receiver; empty: no callback."""
    sent_at: float | None = None
    """When the latest submission was accepted."""
    finished_at: float | None = None
    file_id: Int64 | None = None
    """The file's id, from the callback or from the arrival check."""
    arrival: ArrivalCheck | None = None
    auto_retry: AutoRetry | None = None
    url: str
    """Empty: the task was adopted, and its link and folder are not known."""
    name: str = ""
    subfolder: str = ""
    """While queued: a folder inside `folder_id` (None: the root), or a path, to make first."""
    callback_url: str = ""
    rank: Int64 = 0
    """While queued: lower ranks are sent first, equal ones by age."""
    status: Int64 | None = None
    """The last `status` as sent: 0 running, 1 failed, 2 succeeded, 3 retrying, or unknown."""
    percent: float = 0.0
    """0–100; after a failure, the last one before that."""
    task_id: Int64 | None = None
    """The service's, of the latest submission."""
    account_uid: Int64 | None = None
    checked_at: float | None = None
    """When a poll was last answered; not part of equality, as this alone is no change."""
    problem: Problem | None = None
    misses: Misses | None = None
    """While it is not missing yet."""
    fail_reason: str = ""
    """The reason for a failure; only a callback reports one."""
    retries: Int64 = 0
    samples: tuple[Sample, ...] = ()
    """The latest changes of the percentage since it was sent."""
    timeline: tuple[TimelineEntry, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and _compared(self) == _compared(other)

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def retry_at(self) -> float | None:
        return self.auto_retry.due_at if self.auto_retry is not None else None

    @property
    def has_suspect_file(self) -> bool:
        """Whether the task is done, but its file is not as expected, or not seen yet."""
        is_suspect = self.arrival is not None and self.arrival.is_suspect
        return self.state is TaskState.SUCCEEDED and is_suspect

    @property
    def needs_user(self) -> bool:
        """Whether it failed, is unsure, or is done with a file of no use, or one sought in vain."""
        if self.state is not TaskState.SUCCEEDED or self.arrival is None:
            return SHOWN_AS[self.state] in (Shown.FAILED, Shown.UNSURE)
        if self.arrival.status is ArrivalStatus.NOT_FOUND:
            return self.arrival.at >= (self.finished_at or 0.0) + SOUGHT_FOR_S
        return self.arrival.status in (ArrivalStatus.ERROR_PAGE, ArrivalStatus.BLOCKED)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def has_link(self) -> bool:
        return bool(self.url)

    @property
    def is_unknown(self) -> bool:
        """Whether the service does not know the task at the moment, while it is not missing yet."""
        problem = self.problem
        return self.is_active and problem is not None and problem.kind is ProblemKind.TASK_UNKNOWN

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED_STATES

    @property
    def has_failed(self) -> bool:
        return shown_state(self) is Shown.FAILED

    @property
    def is_unsure(self) -> bool:
        """Whether only the user can say if the file arrived."""
        return shown_state(self) is Shown.UNSURE

    @property
    def is_retryable(self) -> bool:
        return self.has_link and self.needs_user

    @property
    def is_editable(self) -> bool:
        is_open = self.has_failed or self.has_suspect_file or self.state is TaskState.QUEUED
        return self.has_link and is_open

    @property
    def task_ids(self) -> set[int]:
        """The service's taskIDs of all its submissions."""
        return {it for it in (self.task_id, *(step.task_id for step in self.timeline)) if it}

    @property
    def request(self) -> DownloadRequest:
        return DownloadRequest(self.url, self.name, self.folder_id, self.callback_url)


class SentLink(Struct, frozen=True):
    """What last became of a link that the service has taken, or may have taken."""

    at: int
    """Unix seconds."""
    state: TaskState


_compared = attrgetter(*(set(Task.__struct_fields__) - {"checked_at"}))

_KEPT = {"id", "created_at", "state", "batch", "subfolder", "timeline"}
_KEPT |= {*DownloadRequest.__struct_fields__}
_UNSENT = {it.name: it.default for it in fields(Task) if it.name not in _KEPT}
"""The fields that a submission sets, with their values before one."""


class Shown(StrEnum):
    """What the list says about a task, in one of six words; its note says the rest."""

    QUEUED = "queued"
    SENDING = "sending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Failed or rejected."""
    UNSURE = "unsure"
    """Only the user can say whether the file arrived."""


SHOWN_AS = {
    _S.QUEUED: Shown.QUEUED,
    _S.SUBMITTING: Shown.SENDING,
    _S.UNCONFIRMED: Shown.UNSURE,
    _S.REJECTED: Shown.FAILED,
    _S.RUNNING: Shown.RUNNING,
    _S.RETRYING: Shown.RUNNING,
    _S.SUCCEEDED: Shown.DONE,
    _S.FAILED: Shown.FAILED,
    _S.MISSING: Shown.UNSURE,
}


def shown_state(task: Task) -> Shown:
    return SHOWN_AS[task.state]


def count_shown(tasks: Iterable[Task]) -> Counter[Shown]:
    return Counter(map(shown_state, tasks))


def count_ended(tasks: Iterable[Task], *, since: float) -> Counter[Shown]:
    """Return how many tasks have ended, or become unsure, after `since` (Unix seconds)."""

    def ended_at(task: Task) -> float:
        is_unsure = task.state is TaskState.UNCONFIRMED and task.timeline
        return task.timeline[-1].at if is_unsure else task.finished_at or 0.0

    return count_shown(it for it in tasks if ended_at(it) > since)


class InvalidTransition(ValueError):
    """A task was to enter a state that `TRANSITIONS` does not allow: a bug."""


def new_task(
    request: DownloadRequest,
    *,
    task_id: int,
    at: float,
    batch: str = "",
    subfolder: str = "",
    source: tuple[Source, ...] = (),
) -> Task:
    return Task(
        **asdict(request),
        id=task_id,
        subfolder=subfolder,
        batch=batch,
        created_at=at,
        timeline=(TimelineEntry(at, TaskState.QUEUED, source=source),),
    )


def transition(task: Task, to: TaskState, *, at: float, **changes: Any) -> Task:
    """Return `task` in the state `to`, with `changes` to other fields and a timeline entry."""
    is_settled = task.state is TaskState.SUCCEEDED and not task.has_suspect_file
    if is_settled or to not in TRANSITIONS[task.state]:
        raise InvalidTransition(f"task {task.id}: {task.state} does not lead to {to}")
    if to in FINISHED_STATES:
        changes["samples"] = ()  # they tell when it ends
    moved = replace(task, state=to, **changes)
    entry = TimelineEntry(at, to, moved.task_id, moved.percent, moved.problem)
    first, later = task.timeline[:1], (*task.timeline[1:], entry)
    return replace(moved, timeline=first + later[-MAX_TIMELINE_ENTRIES + 1 :])


def reset_for_retry(task: Task, *, at: float) -> Task:
    """Return `task` queued for another submission; its timeline keeps the former taskIDs."""
    return transition(task, TaskState.QUEUED, at=at, **_UNSENT)
