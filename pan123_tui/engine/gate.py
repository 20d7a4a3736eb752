"""The gate of the queue: which link may be sent now, or else why none may, and until when."""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from heapq import nlargest
from itertools import chain, pairwise, takewhile
from operator import itemgetter

from msgspec.structs import replace

from pan123_tui.api.rate_limit import Endpoint, backoff_s
from pan123_tui.domain.errors import (
    Pan123Error,
    Problem,
    ProblemKind,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    TokenRefused,
)
from pan123_tui.domain.send_queue import send_key
from pan123_tui.domain.task import Task, TaskState, TimelineEntry, transition
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.accounts import is_of_another_account
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.ports import Runtime, Session
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker, StatusPublisher

FIRST_REFUSED_S = 30.0
"""First wait after a refusal that concerns the account or the service."""
FIRST_UNCLEAR_S = 5.0
"""First wait after a create whose answer was lost or unreadable."""
LONGEST_HOLD_S = 600.0
CAP_PAUSE_S = 30.0
"""Shortest wait when too many tasks run at the service; the longest is twice that."""
LIMIT_CHECK_S = 5.0
"""A place may become free without the end of a task: by a removal, or another account."""
MAX_UNCLEAR = 2
"""After this many unclear creates in a row, a harmless call no longer vouches for the next."""
FIRST_DISTRUST_S = 600.0
LONGEST_DISTRUST_S = 14_400.0
"""Waits before each further create, which may cost one more unconfirmed link."""
MAX_REMEMBERED = 16
"""This many creates decide how long to wait: more would not make the wait longer."""
_UNTIL_TOLERANCE_S = 1.0
"""A published time of the next try may be wrong by this much before it is published again."""
_UNCLEAR = frozenset({ProblemKind.RESPONSE_LOST, ProblemKind.INVALID_RESPONSE})
MAX_EQUAL_REFUSALS = 2
"""This many links may be refused for the same unknown reason before the queue is held."""
_Reason = tuple[int | None, str]
_OF_GATEWAYS_TOO = (RateLimited, ServiceUnavailable, TokenRefused)
"""Refusals that a gateway may have written, and that say nothing of the answers behind it."""


class State(Enum):
    """What the queue may do once its wait is over."""

    OPEN = auto()
    """Send: it waits, if at all, for what passes by itself: the rate, a place, the disk."""
    HELD = auto()
    """Make a harmless call first, since an answer was not about its link."""
    PROVEN = auto()
    """Send one link, whose success opens the gate: the harmless call has worked."""


class Gate:
    """Knows the reason, the scope and the end of each wait; nobody else says what may be sent.

    Of the queue it knows a state, a reason and a time; `delays` has those of single links and
    folders. Where creates alone are broken, a harmless call proves nothing, so the tries are far
    apart.
    """

    max_running = 0
    """How many tasks may be sent or run at once; 0: as many as the service allows."""

    def __init__(
        self,
        repository: TaskRepository,
        session: Session,
        *,
        status: StatusPublisher,
        breaker: CircuitBreaker,
        runtime: Runtime,
    ) -> None:
        self.delays = LinkDelays(runtime)
        self.refusals = EqualRefusals()
        self._repository = repository
        self._session = session
        self._status = status
        self.breaker = breaker
        self._runtime = runtime
        self._state = State.OPEN
        self._reason: Problem | None = None
        """Why the queue waits, also while nothing is queued that could."""
        self._until = 0.0
        """When it is tried again."""
        self._tried: set[int] = set()
        """The tasks whose create was refused since the queue is held."""
        self._first_s = FIRST_REFUSED_S
        self._failures = 0
        self._rate_limit_hits = 0
        self._unclear = 0
        """Creates since the last one whose answer could be read."""
        self._is_place_free = False
        """Whether a task has ended since the latest create was sent."""

    @property
    def needs_proof(self) -> bool:
        """Whether a harmless call comes before the next create."""
        return self._state is State.HELD

    def next(self, queued: Sequence[Task]) -> tuple[Task | None, float | None]:
        """Return the link to try now, or the seconds to wait (None: until woken)."""
        if not (sendable := self.sendable(queued)):
            return None, self._publish_rest(queued)
        if self._waits_for(ProblemKind.RUNNING_LIMIT):
            self._say(None)
            self._until = 0.0  # what was said before is forgotten, and a place is free
        now = self._runtime.monotonic()
        # A pause that the service asks for ends by no wish of the user.
        first = Endpoint.USER_INFO if self.needs_proof else Endpoint.CREATE
        pause_s = self._session.service.pause_s(first)
        if (wait_s := max(self._until - now, self.breaker.retry_after_s, pause_s)) > 0:
            self._publish_wait(wait_s)
            return None, wait_s
        return self._first(sendable)

    def sendable(self, queued: Sequence[Task]) -> Sequence[Task]:
        """Return those of the `queued` links that the user lets be sent now."""
        return () if self._repository.is_paused or self.is_full else queued

    @property
    def is_full(self) -> bool:
        """Whether as many tasks are sent or run as the user allows, with the account in use."""
        if not self.max_running:
            return False
        account = self._status.status.account
        unfinished = self._repository.tasks.unfinished.values()
        taken = (t for t in unfinished if t.is_active or t.state is TaskState.SUBMITTING)
        return sum(not is_of_another_account(t, account) for t in taken) >= self.max_running

    def _first(self, sendable: Sequence[Task]) -> tuple[Task | None, float | None]:
        """Return the first link to send, or the seconds until one may be tried again."""
        if not self.delays.has_any and self._state is State.OPEN:  # quick for 10,000 links
            return min(sendable, key=send_key), None
        now, until = self._runtime.monotonic(), self.delays.until
        soonest = min(sendable, key=lambda task: (max(now, until(task)), *self._rank(task)))
        wait_s = until(soonest) - now
        return (None, wait_s) if wait_s > 0 else (soonest, None)

    def _rank(self, task: Task) -> tuple[bool, tuple[int, int]]:
        """Return the place among those that may be sent: a link not yet refused tells more.

        One without a problem was edited or retried since its refusal, and has its own place.
        """
        was_refused = task.id in self._tried or task.id in self.refusals.ids
        is_held = self._state is not State.OPEN
        return is_held and was_refused and task.problem is not None, send_key(task)

    def begin_create(self) -> None:
        """Begin a create: only a task that ends after this may shorten its pause."""
        self._is_place_free = False

    def try_now(self) -> None:
        """End every wait but the user's pause: the user asked for that, or the account changed."""
        self._failures = 0
        self._until = self._runtime.monotonic()
        self.delays.end_all()

    def note_free_place(self) -> None:
        """Let the next link be tried now if the service took none for want of a place."""
        self._is_place_free = True
        if self._waits_for(ProblemKind.TOO_MANY_TASKS):
            self._until = 0.0

    def pause(self, problem: Problem | None, pause_s: float) -> None:
        """Send nothing for so long, since the next link would fail the same way."""
        self._until = self._runtime.monotonic() + pause_s
        if self._state is State.PROVEN:
            self._state = State.HELD
        self._say(problem, pause_s)

    def pause_for_place(self, problem: Problem) -> None:
        """Pause until the service has a place; a task may have ended meanwhile."""
        pause_s = CAP_PAUSE_S * (1.0 + self._runtime.random())
        self.pause(problem, 0.0 if self._is_place_free else pause_s)

    def pause_for_rate(self, problem: Problem) -> None:
        """Pause after a rate refusal, longer after each of a row."""
        pause_s = backoff_s(self._rate_limit_hits, self._runtime.random)
        self._rate_limit_hits += 1
        self.pause(problem, pause_s)

    def hold(self, problem: Problem, refused: Task | None = None) -> None:
        """Hold the queue, or hold it for longer than before; `refused` is tried late again."""
        if self._state is State.OPEN:
            self._first_s = FIRST_REFUSED_S
        self._wait_longer(problem)
        if refused is not None:
            self._tried.add(refused.id)

    def hold_unclear(self, problem: Problem) -> None:
        """Hold the queue after a create that may have taken effect, for long after the second."""
        self._unclear += 1
        if self._state is State.OPEN:
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
        """Continue the wait of a former run, if the latest creates of `tasks` were unclear.

        Their timelines tell it, also of those that the user has confirmed or queued again since.
        """
        newest = sorted(_creates(tasks), key=itemgetter(0), reverse=True)
        unclear = [*takewhile(lambda it: _is_unclear(it[1]), newest)]
        if not unclear or (problem := unclear[0][1].problem) is None:
            return
        passed_s = max(0.0, self._runtime.clock() - unclear[0][0])
        if passed_s >= LONGEST_DISTRUST_S:
            return
        self._unclear = len(unclear)
        if self._unclear >= MAX_UNCLEAR:
            self._distrust(problem, max(0.0, self._distrust_s - passed_s))

    def prove(self) -> None:
        """Note that a harmless call has worked: one create may be tried now."""
        self._state = State.PROVEN
        self._until = self._runtime.monotonic()

    def open(self) -> None:
        """Let the queue go on at its rate: the service has answered, perhaps about the link."""
        self._state = State.OPEN
        self._failures = self._unclear = self._rate_limit_hits = 0
        self._tried.clear()
        self._say(None)

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
        self._state = State.HELD
        self._failures += 1
        self.pause(problem, pause_s)

    def _say(self, problem: Problem | None, wait_s: float | None = None) -> None:
        """Say why nothing is sent for `wait_s` seconds (None: not known); no problem: no longer."""
        if problem is not None or self._state is State.OPEN:
            self._reason = problem
        now = self._runtime.clock()
        until = None if wait_s is None else now + wait_s
        is_over = problem is None and until is None
        since = None if is_over else self._status.status.hold_since or now
        self._status.update(hold=problem, hold_since=since, hold_until=until)

    def _publish_wait(self, wait_s: float) -> None:
        """Say that the next try is in `wait_s` seconds, unless that is said already."""
        status = self._status.status
        until = self._runtime.clock() + wait_s
        if status.hold is None or abs((status.hold_until or 0.0) - until) > _UNTIL_TOLERANCE_S:
            self._say(self._reason or status.last_error, wait_s)

    def _publish_rest(self, queued: Sequence[Task]) -> float | None:
        """Say why nothing is sent, and return the seconds until that may end by itself."""
        if not queued:
            self._say(None)
        if not queued or self._repository.is_paused:
            return None
        if self._state is State.OPEN and not self._waits_for(ProblemKind.RUNNING_LIMIT):
            self._say(Problem(ProblemKind.RUNNING_LIMIT))
        return LIMIT_CHECK_S

    def _waits_for(self, kind: ProblemKind) -> bool:
        return self._reason is not None and self._reason.kind is kind


_Create = tuple[float, TimelineEntry]
"""When a create began (Unix seconds), and its outcome."""


def _creates(tasks: TaskCollection) -> Iterator[_Create]:
    """Yield the recent creates that `tasks` tell of, each with an answer or an unclear one.

    What a stop has interrupted tells nothing.
    """
    ended = (it for it in tasks.archived.headers() if it.sent_at is not None)
    last = nlargest(MAX_REMEMBERED, ended, key=lambda it: it.sent_at or 0.0)
    for task in chain(tasks.unfinished.values(), (tasks[it.id] for it in last)):
        for before, after in pairwise(task.timeline):
            is_create = before.state is TaskState.SUBMITTING
            if is_create and (after.state is TaskState.RUNNING or _is_unclear(after)):
                yield before.at, after


def _is_unclear(outcome: TimelineEntry) -> bool:
    """Return whether a create had no answer, or one that could not be read."""
    is_unconfirmed = outcome.state is TaskState.UNCONFIRMED
    return is_unconfirmed and outcome.problem is not None and outcome.problem.kind in _UNCLEAR


class EqualRefusals:
    """Equal unknown refusals in a row: of each, `MAX_EQUAL_REFUSALS` links are rejected at most.

    These are queued again once another link is refused like them, so trouble of the account costs
    no more. A link that is refused for the same reason after a create has worked is rejected for
    good. Until one has, the queue stays held: only the user can know that all of them are bad.
    """

    def __init__(self) -> None:
        self.ids: list[int] = []
        """The tasks of the row, in their order."""
        self._reason: _Reason | None = None
        self._rejected_for_good: set[int] = set()
        self._refused_before: dict[_Reason | None, set[int]] = {}
        """The links that were refused before a create has worked, by reason."""

    def record(self, task_id: int, problem: Problem) -> bool:
        """Record a refusal and return whether its link is to be rejected."""
        reason = _reason(problem)
        if reason != self._reason:
            self._reason, self.ids, self._rejected_for_good = reason, [], set()
        if task_id not in self.ids:
            self.ids.append(task_id)
        is_known = task_id in self._refused_before.get(reason, ())
        if is_known and len(self._rejected_for_good) < MAX_EQUAL_REFUSALS:
            self._rejected_for_good.add(task_id)
            return True
        return len(self.ids) <= MAX_EQUAL_REFUSALS

    def put_back(self, find: Callable[[int], Task | None], *, at: float) -> list[Task]:
        """Return, queued again, the row's tasks that were rejected for a common reason."""
        doubtful = (task_id for task_id in self.ids if task_id not in self._rejected_for_good)
        return [
            transition(task, TaskState.QUEUED, at=at, finished_at=None)
            for task in map(find, doubtful)
            if task and task.state is TaskState.REJECTED and _reason(task.problem) == self._reason
        ]

    def end_row(self, answered_id: int) -> None:
        """End the row: the service has accepted `answered_id`, or said what is wrong with it."""
        self._refused_before.setdefault(self._reason, set()).update(self.ids)
        for task_ids in self._refused_before.values():
            task_ids.discard(answered_id)
        self._reason, self.ids = None, []


def _reason(problem: Problem | None) -> _Reason | None:
    return None if problem is None else (problem.code, problem.message)
