"""Holds the queue after an answer that is not about its link, and counts equal refusals."""

from collections.abc import Callable, Collection

from msgspec.structs import replace

from pan123_tui.api.rate_limit import backoff_s
from pan123_tui.domain.arrival_check import attempted_at
from pan123_tui.domain.errors import (
    AccountBlocked,
    AccountMissing,
    FolderMissing,
    Pan123Error,
    Problem,
    ProblemKind,
    QuotaExhausted,
    RateLimited,
    RequestNotSent,
    ServiceError,
    ServiceUnavailable,
    TokenRefused,
    TooManyTasks,
)
from pan123_tui.domain.task import Task, TaskState, transition
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.ports import Runtime
from pan123_tui.engine.status import StatusPublisher

FIRST_REFUSED_S = 30.0
"""First wait after a refusal that concerns the account or the service."""
FIRST_UNCLEAR_S = 5.0
"""First wait after a create whose answer was lost or unreadable."""
LONGEST_HOLD_S = 600.0
_UNTIL_TOLERANCE_S = 1.0
"""A published time of the next try may be so wrong before it is published again."""
MAX_UNCLEAR = 2
"""So many creates in a row may end unclear before a harmless call proves nothing of the next."""
FIRST_DISTRUST_S = 600.0
LONGEST_DISTRUST_S = 14_400.0
"""Waits before each further create, which may cost one more unconfirmed link."""
MAX_EQUAL_REFUSALS = 2
"""So many links may be refused equally for an unknown reason before the queue is held."""
OWN_REASON_AFTER_S = 43_200.0
"""After half a day of equal refusals while other calls work, each link has its own reason: no
trouble of a night may reject more links than those above."""

NOT_TAKEN = (
    AccountBlocked,
    AccountMissing,
    FolderMissing,
    QuotaExhausted,
    RateLimited,
    RequestNotSent,
    ServiceUnavailable,
    TokenRefused,
    TooManyTasks,
)
"""Errors of a create that surely took no link, and would not be the same with another account."""


_UNCLEAR = frozenset(
    {ProblemKind.RESPONSE_LOST, ProblemKind.INVALID_RESPONSE, ProblemKind.TASK_ID_TAKEN}
)
_OF_GATEWAYS_TOO = (RateLimited, ServiceUnavailable, TokenRefused)
"""Refusals that a gateway may have written, and that say nothing of the answers behind it."""


class QueueHold:
    """Why the queue is held, since when, and when it is tried again.

    Each try is a harmless call first, then exactly one create: its success ends the hold. Where
    creates alone are broken, that call proves nothing, so the tries are far apart.
    """

    def __init__(self, status: StatusPublisher, runtime: Runtime) -> None:
        self.is_proven = False
        """Whether a harmless call has worked, so that a create may be tried."""
        self.tried: set[int] = set()
        """The tasks whose create was refused since the queue is held."""
        self._status = status
        self._runtime = runtime
        self._problem: Problem | None = None
        self._first_s = FIRST_REFUSED_S
        self._failures = 0
        self._unclear = 0
        """Creates since the last one whose answer could be read."""
        self._next_try = 0.0
        self._is_asked_again = False
        """Whether the user has asked for a try since the latest one began."""

    @property
    def problem(self) -> Problem | None:
        """Return why the queue is held; None if it is not."""
        return self._problem

    @property
    def is_active(self) -> bool:
        return self._problem is not None

    @property
    def needs_proof(self) -> bool:
        """Whether a harmless call comes before the next create."""
        return self.is_active and not self.is_proven

    @property
    def wait_s(self) -> float:
        """Seconds until the next try; 0 if it is due or the queue is not held."""
        return max(0.0, self._next_try - self._runtime.monotonic()) if self.is_active else 0.0

    def start_or_extend(self, problem: Problem) -> None:
        """Hold the queue, or hold it for longer than before."""
        if not self.is_active:
            self._first_s = FIRST_REFUSED_S
        self._wait_longer(problem)

    def start_unclear(self, problem: Problem) -> None:
        """Hold the queue after a create that may have taken effect, for long after the second."""
        self._unclear += 1
        if not self.is_active:
            self._first_s = FIRST_UNCLEAR_S
        if self._unclear < MAX_UNCLEAR:
            self._wait_longer(problem)
        else:
            self._distrust(problem, self._distrust_s)

    def note_refusal(self, error: Pan123Error) -> None:
        """Take a create for readable again if its refusal is surely the service's own."""
        is_services = isinstance(error, ServiceError) and error.problem.code is not None
        if is_services and not isinstance(error, _OF_GATEWAYS_TOO):
            self._unclear = 0

    def resume(self, tasks: TaskCollection) -> None:
        """Go on with the wait of a former run, as far as its unconfirmed `tasks` tell of one."""
        unclear = [task for task in tasks.unfinished.values() if _is_unclear(task)]
        last = max(unclear, key=attempted_at, default=None)
        if last is None or last.problem is None:
            return
        passed_s = max(0.0, self._runtime.clock() - attempted_at(last))
        if passed_s >= LONGEST_DISTRUST_S:
            return
        answered_at = max(header.sent_at or 0.0 for header in tasks.headers())
        self._unclear = sum(attempted_at(task) > answered_at for task in unclear)
        if self._unclear >= MAX_UNCLEAR:
            self._distrust(last.problem, max(0.0, self._distrust_s - passed_s))

    def extend(self, problem: Problem) -> None:
        """Wait for longer after a harmless call that failed."""
        if self.is_active:
            self._wait_longer(problem)

    def prove(self) -> None:
        """Record that a harmless call has worked: one create may be tried now."""
        self.is_proven = True
        self._next_try = self._runtime.monotonic()

    def begin_try(self) -> None:
        """Record that a harmless call or a create is being sent."""
        self._is_asked_again = False

    def try_now(self) -> None:
        """End the wait: the user asked for it, or the account changed."""
        self._is_asked_again = True
        self._failures = 0
        self._next_try = self._runtime.monotonic()

    def end(self) -> None:
        """Let the queue go on at its rate."""
        self._problem = None
        self._failures = self._unclear = 0
        self.is_proven = False
        self.tried.clear()
        self.publish(None)

    def publish(self, problem: Problem | None, wait_s: float | None = None) -> None:
        """Say why nothing is sent for `wait_s` seconds (None: not known); no problem: no longer."""
        now = self._runtime.clock()
        until = None if wait_s is None else now + wait_s
        is_over = problem is None and until is None
        since = None if is_over else self._status.status.hold_since or now
        self._status.update(hold=problem, hold_since=since, hold_until=until)

    def is_said_to_be(self, kind: ProblemKind) -> bool:
        """Return whether what is said of the queue is that it waits for the end of `kind`."""
        hold = self._status.status.hold
        return hold is not None and hold.kind is kind

    def publish_wait(self, wait_s: float) -> None:
        """Say that the next try is in `wait_s` seconds, unless that is said already."""
        status = self._status.status
        until = self._runtime.clock() + wait_s
        if status.hold is None or abs((status.hold_until or 0.0) - until) > _UNTIL_TOLERANCE_S:
            self.publish(self._problem or status.hold or status.last_error, wait_s)

    @property
    def _distrust_s(self) -> float:
        doublings = min(self._unclear - MAX_UNCLEAR, 16)
        return min(LONGEST_DISTRUST_S, FIRST_DISTRUST_S * 2.0**doublings)

    def _distrust(self, problem: Problem, pause_s: float) -> None:
        self._wait(replace(problem, kind=ProblemKind.CREATES_UNCLEAR), pause_s)

    def _wait_longer(self, problem: Problem) -> None:
        pause_s = backoff_s(
            self._failures, self._runtime.random, first_s=self._first_s, longest_s=LONGEST_HOLD_S
        )
        self._wait(problem, pause_s)

    def _wait(self, problem: Problem, pause_s: float) -> None:
        if self._is_asked_again:  # this answer is older than the user's wish
            self._is_asked_again, pause_s = False, 0.0
        now = self._runtime.clock()
        since = self._status.status.hold_since if self.is_active else None
        self._problem = problem
        self._failures += 1
        self._next_try = self._runtime.monotonic() + pause_s
        self.is_proven = False
        self._status.update(
            hold=problem, hold_since=now if since is None else since, hold_until=now + pause_s
        )


def _is_unclear(task: Task) -> bool:
    """Return whether the create of `task` had an answer that could not be read, or none."""
    is_unconfirmed = task.state is TaskState.UNCONFIRMED
    return is_unconfirmed and task.problem is not None and task.problem.kind in _UNCLEAR


class EqualRefusals:
    """Equal unknown refusals in a row, which say more of the account than of the links.

    Of one row, `MAX_EQUAL_REFUSALS` links are rejected at most, and queued again once another one
    is refused like them. So no trouble of the account costs more, and bad links do not wait for
    ever: one that is refused for the same reason after a create has worked is rejected for good,
    and so is one whose row has lasted for `OWN_REASON_AFTER_S`.
    """

    def __init__(self) -> None:
        self._reason: _Reason | None = None
        self._since = 0.0
        self._ids: list[int] = []
        self._rejected_for_good: set[int] = set()
        self._refused_before: dict[_Reason, set[int]] = {}
        """The links that were refused before a create has worked, by reason."""

    @property
    def ids(self) -> Collection[int]:
        """Return the tasks of the row, in their order."""
        return self._ids

    @property
    def doubtful_ids(self) -> Collection[int]:
        """Return the tasks of the row that may have been refused for the account's sake."""
        return [task_id for task_id in self._ids if task_id not in self._rejected_for_good]

    def record(self, task_id: int, problem: Problem, *, now: float) -> bool:
        """Record a refusal and return whether its link is to be rejected."""
        if not self.is_equal(problem):
            self._start_row(_reason(problem), now)
        was_refused = task_id in self._ids
        if not was_refused:
            self._ids.append(task_id)
        if self._is_own_reason(task_id, has_lasted=was_refused and self._is_old(now)):
            self._rejected_for_good.add(task_id)
            return True
        return len(self._ids) <= MAX_EQUAL_REFUSALS

    def _is_old(self, now: float) -> bool:
        return now - self._since >= OWN_REASON_AFTER_S

    def _is_own_reason(self, task_id: int, *, has_lasted: bool) -> bool:
        if has_lasted:
            return True
        known = self._refused_before.get(self._reason, ()) if self._reason else ()
        return task_id in known and len(self._rejected_for_good) < MAX_EQUAL_REFUSALS

    def put_back(self, find: Callable[[int], Task | None], *, at: float) -> list[Task]:
        """Return the tasks of the row queued again that were rejected for what is not theirs."""
        return [
            transition(task, TaskState.QUEUED, at=at, finished_at=None)
            for task in map(find, self.doubtful_ids)
            if task and task.state is TaskState.REJECTED and self.is_equal(task.problem)
        ]

    def is_equal(self, problem: Problem | None) -> bool:
        """Return whether `problem` has the code and message of the row."""
        return problem is not None and _reason(problem) == self._reason

    def end_row(self, answered_id: int) -> None:
        """End the row: the service has accepted `answered_id`, or said what is wrong with it."""
        if self._reason is not None:
            self._refused_before.setdefault(self._reason, set()).update(self._ids)
        for task_ids in self._refused_before.values():
            task_ids.discard(answered_id)
        self._reason = None
        self._ids = []

    def _start_row(self, reason: "_Reason", now: float) -> None:
        self._reason, self._since = reason, now
        self._ids = []
        self._rejected_for_good.clear()


_Reason = tuple[int | None, str]


def _reason(problem: Problem) -> _Reason:
    return problem.code, problem.message
