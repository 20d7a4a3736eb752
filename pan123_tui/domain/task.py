"""A download task: its value, its nine states, and the only moves that it can make."""

from collections.abc import Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem


class ArrivalStatus(StrEnum):
    """What the look into the target folder found."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    """The service reported success, but no such file is in the folder."""
    ERROR_PAGE = "error_page"
    """A web page stands where another kind of file was expected."""
    TOO_SMALL = "too_small"
    """Far smaller than a file of its kind is: perhaps an error page under the right name."""


class ArrivalCheck(Struct, frozen=True, omit_defaults=True, gc=False, rename={"status": "verdict"}):
    """The result of the arrival check of one task."""

    status: ArrivalStatus
    at: float
    """When it was looked for; Unix seconds."""
    name: str = ""
    """The file's real name: outside text, never markup."""
    size: int = 0
    """Bytes."""

    @property
    def is_suspect(self) -> bool:
        """Whether the success is doubtful: the file is not there, or is not what it should be."""
        return self.status is not ArrivalStatus.FOUND


class TaskState(StrEnum):
    """Where a task is in its life."""

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
    _S.UNCONFIRMED: frozenset({_S.QUEUED}),
    _S.REJECTED: frozenset({_S.QUEUED}),
    _S.RUNNING: _POLLED - {_S.RUNNING},
    _S.RETRYING: _POLLED - {_S.RETRYING},
    _S.SUCCEEDED: frozenset(),
    _S.FAILED: frozenset({_S.QUEUED}),
    # The service may answer again for a task that it did not know.
    _S.MISSING: frozenset({_S.QUEUED}) | _POLLED - {_S.MISSING},
}
"""From each state, the states that a task may move to."""

ACTIVE_STATES = frozenset({_S.RUNNING, _S.RETRYING})
"""Polled again and again."""
FINISHED_STATES = frozenset({_S.SUCCEEDED, _S.FAILED, _S.REJECTED, _S.MISSING})
"""Nothing more happens unless the user asks for it."""
RETRYABLE_STATES = frozenset({_S.FAILED, _S.REJECTED, _S.MISSING, _S.UNCONFIRMED})
"""May be queued again by the user's word."""
FAILED_STATES = frozenset({_S.FAILED, _S.REJECTED, _S.MISSING})
"""What a person calls failed."""
WAITING_STATES = frozenset({_S.QUEUED, _S.SUBMITTING, _S.UNCONFIRMED})
"""Not yet known to run on the service."""

MAX_SAMPLES = 64
MAX_STEPS = 64
MAX_POLL_FAILURES = 16


class Sample(NamedTuple):
    """A percentage and when it was first seen (Unix seconds)."""

    at: float
    percent: float


class TimelineEntry(Struct, frozen=True, omit_defaults=True, gc=False):
    """One entry of a task's timeline."""

    at: float
    """Unix seconds."""
    state: TaskState
    """The state that was entered."""
    task_id: int | None = None
    """The service's taskID at that time."""
    percent: float = 0.0
    problem: Problem | None = None


class PollFailures(Struct, frozen=True, omit_defaults=True, gc=False, rename={"count": "times"}):
    """Polls in a row that failed for the same reason."""

    since: float
    """When the first of them failed, in Unix seconds."""
    until: float
    """When the latest did."""
    count: int
    problem: Problem
    """Why, as it was the first time."""


class DownloadRequest(Struct, frozen=True):
    """What a person asks for, before it is a task."""

    url: str
    """Sent exactly as it stands here."""
    name: str = ""
    """The file name to save under; empty: the service chooses."""
    folder_id: int | None = None
    """The target folder (`dirID`, positive); None: the service's folder 来自:离线下载."""
    callback_url: str = ""


class Task(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    gc=False,
    rename={"poll_failures": "silences"},
):
    """One link on its way; immutable: a changed task is a new value. Times are Unix seconds."""

    id: int
    """Ours, positive, ascending with age, never used again."""
    url: str
    created_at: float
    name: str = ""
    folder_id: int | None = None
    callback_url: str = ""
    callback_secret: str = ""
    """Names the latest submission to the callback receiver; empty: no callback of ours."""
    # Made anew each time, so that no document leaves it out: whoever reads the file looks for it.
    state: TaskState = field(default_factory=lambda: TaskState.QUEUED)
    status: int | None = None
    """The last `status` as it came: 0 running, 1 failed, 2 succeeded, 3 retrying, or unknown."""
    percent: float = 0.0
    """0–100; the last one seen before a failure."""
    task_id: int | None = None
    """The service's taskID of the latest submission."""
    account_uid: int | None = None
    """The account that the latest submission was sent with, where known."""
    sent_at: float | None = None
    """When the latest submission was accepted."""
    finished_at: float | None = None
    checked_at: float | None = None
    """The last poll that was answered; not part of equality: an idle poll changes nothing."""
    problem: Problem | None = None
    """Why it is rejected, failed, missing, unconfirmed, or still queued."""
    fail_reason: str = ""
    """The reason from the callback, the only source of one."""
    file_id: int | None = None
    """The file's id, from the callback or from the arrival check."""
    arrival: ArrivalCheck | None = None
    """What the target folder holds of it; None: not looked for."""
    request_id: str = ""
    """The last request from another process that queued it; it tells one that was carried out."""
    retries: int = 0
    """How many times it moved to retrying."""
    samples: tuple[Sample, ...] = ()
    """Percentages of the latest submission, one per change, thinned to `MAX_SAMPLES`."""
    steps: tuple[TimelineEntry, ...] = ()
    """The timeline, oldest first, at most `MAX_STEPS`."""
    poll_failures: tuple[PollFailures, ...] = ()
    """The polls that failed, oldest first, at most `MAX_SILENCES`; saved with the next change."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and _facts(self) == _facts(other)

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED_STATES

    @property
    def request(self) -> DownloadRequest:
        """What was asked for, to ask for it again."""
        return DownloadRequest(self.url, self.name, self.folder_id, self.callback_url)


_facts = attrgetter(*(set(Task.__struct_fields__) - {"checked_at", "poll_failures"}))
"""What tells two values of a task apart."""


class InvalidTransition(ValueError):
    """A task was asked to move where its state does not lead: a fault of the program."""


def new_task(draft: DownloadRequest, *, task_id: int, at: float, request_id: str = "") -> Task:
    """Make the queued task number `task_id` of `draft`, asked for by `request_id`."""
    return Task(
        id=task_id,
        url=draft.url,
        name=draft.name,
        folder_id=draft.folder_id,
        callback_url=draft.callback_url,
        request_id=request_id,
        created_at=at,
        steps=(TimelineEntry(at, TaskState.QUEUED),),
    )


def transition(task: Task, to: TaskState, *, at: float, **changes: Any) -> Task:
    """Move `task` to the state `to`, with `changes` to its other fields, and note the step.

    Raises `IllegalMove` where `LEGAL_MOVES` does not allow it.
    """
    if to not in TRANSITIONS[task.state]:
        raise InvalidTransition(f"task {task.id}: {task.state} does not lead to {to}")
    moved = replace(task, state=to, **changes)
    step = TimelineEntry(at, to, moved.task_id, moved.percent, moved.problem)
    return replace(moved, steps=_kept_steps(task.steps, step))


def reset_for_retry(task: Task, *, at: float, request_id: str = "") -> Task:
    """Queue `task` for another submission; its timeline keeps the former taskIDs.

    Raises `IllegalMove` where its state does not lead there.
    """
    fresh = replace(
        task,
        request_id=request_id,
        callback_secret="",
        status=None,
        percent=0.0,
        task_id=None,
        account_uid=None,
        sent_at=None,
        finished_at=None,
        checked_at=None,
        problem=None,
        fail_reason="",
        file_id=None,
        arrival=None,
        retries=0,
        samples=(),
    )
    return transition(fresh, TaskState.QUEUED, at=at)


def _kept_steps(steps: tuple[TimelineEntry, ...], step: TimelineEntry) -> tuple[TimelineEntry, ...]:
    """Append, keeping the first entry and the newest ones."""
    kept = (*steps, step)
    return kept if len(kept) <= MAX_STEPS else (kept[0], *kept[-MAX_STEPS + 1 :])
