"""The gate of the queue: which link may be sent now or, if none may, why and until when."""

from collections import Counter
from collections.abc import Sequence
from enum import Enum, auto

from msgspec.structs import replace

from pan123_tui.domain.errors import (
    Pan123Error,
    Problem,
    ProblemKind,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    TokenRefused,
)
from pan123_tui.domain.rates import Endpoint, backoff_s
from pan123_tui.domain.send_queue import send_key
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.accounts import is_of_another_account
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.ports import Session
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker

FIRST_REFUSED_S = 30.0
"""First wait after a refusal that concerns the account or the service."""
FIRST_UNCLEAR_S = 5.0
"""First wait after a create whose answer was lost or unreadable."""
LONGEST_HOLD_S = 600.0
CAP_PAUSE_S = 30.0
"""Shortest wait when too many tasks run at the service; the longest is twice as long."""
LIMIT_CHECK_S = 5.0
"""A slot may also come free without a task's end: by a removal, or another account."""
MAX_UNCLEAR = 2
"""After this many unclear creates in a row, a harmless call no longer vouches for the next."""
FIRST_DISTRUST_S = 600.0
LONGEST_DISTRUST_S = 14_400.0
"""Waits before each further create, which may cost one more unconfirmed link."""
_UNTIL_TOLERANCE_S = 1.0
"""A published time of the next try may be wrong by this much before it is published again."""
MAX_EQUAL_REFUSALS = 2
"""This many links may be refused for the same unknown reason before the queue is held."""
_OF_GATEWAYS_TOO = (RateLimited, ServiceUnavailable, TokenRefused)
"""Refusals that may come from a gateway, and then say nothing about the service behind it."""


class State(Enum):
    """What the queue may do once its wait is over."""

    OPEN = auto()
    """Send; any wait is for something that passes by itself: the rate, a slot, the disk."""
    HELD = auto()
    """Make a harmless call first, since a refusal was not about its link."""
    PROVEN = auto()
    """The harmless call has worked: send one link, whose success opens the gate."""


class Gate:
    """Knows the reason, the scope and the end of each wait; nothing else decides what may be sent.

    For the queue it has a state, a reason and a time; `delays` has those of single links and
    folders. If creates alone are broken, a harmless call proves nothing, so the tries are far
    apart.
    """

    max_running = 0
    """How many tasks may be sent or run at once; 0: as many as the service allows."""

    def __init__(
        self, repository: TaskRepository, session: Session, breaker: CircuitBreaker
    ) -> None:
        self.delays = LinkDelays(breaker.runtime)
        self._repository = repository
        self._session = session
        self._status = breaker.status
        self.breaker = breaker
        self._runtime = breaker.runtime
        self._state = State.OPEN
        self._reason: Problem | None = None
        """Why the queue waits, even while nothing is queued."""
        self._until = 0.0
        """When the queue is tried again."""
        self._tried: Counter[int] = Counter()
        """How often the create of each task has been refused while the queue is held."""
        self._row: frozenset[int] = frozenset()
        """The tasks that were refused in a row for the same unknown reason, `_row_reason`."""
        self._row_reason: tuple[int | None, str] = (None, "")
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
            self._until = 0.0  # what was published before no longer holds, and a slot is free
        now = self._runtime.monotonic()
        # A pause that the service asks for does not end at the user's wish.
        first = Endpoint.USER_INFO if self.needs_proof else Endpoint.CREATE
        pause_s = self._session.service.pause_s(first)
        if (wait_s := max(self._until - now, self.breaker.retry_after_s, pause_s)) > 0:
            self._publish_wait(wait_s)
            return None, wait_s
        task, delay_s = self._first(sendable)
        if task is None:  # account and service answer: only these links wait
            self._failures = 0
            self._say(None)
        return task, delay_s

    def sendable(self, queued: Sequence[Task]) -> Sequence[Task]:
        """Return those of the `queued` links that the user allows to be sent now."""
        return () if self._repository.is_paused or self.is_full else queued

    @property
    def is_full(self) -> bool:
        """Whether the account in use has as many tasks sent or running as the user allows."""
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
        if self.needs_proof:  # by a call that is about no link
            return sendable[0], None
        now, until = self._runtime.monotonic(), self.delays.until
        soonest = min(sendable, key=lambda task: (max(now, until(task)), *self._rank(task)))
        wait_s = until(soonest) - now
        return (soonest, None) if wait_s <= 0 else (None, wait_s)

    def _rank(self, task: Task) -> tuple[int, tuple[int, int]]:
        """Return the rank of a link that may be sent: the less often refused, the better the test.

        One without a problem was edited or retried after its refusal, and keeps its own place.
        """
        if self._state is State.OPEN or task.problem is None:
            return 0, send_key(task)
        in_row = task.id in self._row
        return self._tried[task.id] + in_row + self.delays.refusals(task), send_key(task)

    def begin_create(self) -> None:
        """Begin a create: only a task that ends after this may shorten its pause."""
        self._is_place_free = False

    def try_now(self) -> None:
        """End every wait but the user's pause: the user asked for that, or the account changed."""
        self._failures = 0
        self._until = self._runtime.monotonic()
        self.delays.end_all()
        self._status.update(refused_links={})

    def note_free_place(self) -> None:
        """Let the next link be tried now if the service refused one for want of a slot."""
        self._is_place_free = True
        if self._waits_for(ProblemKind.TOO_MANY_TASKS):
            self._until = 0.0

    def pause(self, problem: Problem | None, pause_s: float) -> None:
        """Send nothing for this long, since the next link would fail in the same way."""
        self._until = self._runtime.monotonic() + pause_s
        if self._state is State.PROVEN:
            self._state = State.HELD
        self._say(problem, pause_s)

    def pause_for_place(self, problem: Problem) -> None:
        """Pause until the service has a free slot; a task may have ended meanwhile."""
        pause_s = CAP_PAUSE_S * (1.0 + self._runtime.random())
        self.pause(problem, 0.0 if self._is_place_free else pause_s)

    def pause_for_rate(self, problem: Problem) -> None:
        """Pause after a rate refusal; longer after each further one in a row."""
        pause_s = backoff_s(self._rate_limit_hits, self._runtime.random)
        self._rate_limit_hits += 1
        self.pause(problem, pause_s)

    def hold(self, problem: Problem, refused: Task | None = None) -> None:
        """Hold the queue, longer each time; `refused` is not tried again before other links.

        If others were taken since its last refusal, it waits longer than the queue.
        """
        if self._state is State.OPEN:
            self._first_s = FIRST_REFUSED_S
        self._wait_longer(problem)
        if refused is None:
            return
        delay_s = self.delays.delay_refused(refused, is_first=not self._tried[refused.id])
        self._tried[refused.id] += 1
        if delay_s is not None:
            now, before = self._runtime.clock(), self._status.status.refused_links
            waiting = {task_id: until for task_id, until in before.items() if until > now}
            self._status.update(refused_links=waiting | {refused.id: now + delay_s})
            self._status.clear_error()

    def note_unknown(self, refused: Task, problem: Problem) -> bool:
        """Note a refusal for an unknown reason; return whether its link is to be rejected.

        The same refusal several times in a row may be due to the account: the queue is then held
        until a create works, since only the user can know that all these links are bad.
        """
        if problem.code is None:  # the client has refused to send it
            return True
        reason = problem.code, problem.message
        row = (self._row if reason == self._row_reason else frozenset()) | {refused.id}
        if len(row) < MAX_EQUAL_REFUSALS:
            self.open(refused)
        else:
            self.hold(problem)
        self._row, self._row_reason = row, reason
        return len(row) <= MAX_EQUAL_REFUSALS

    def hold_unclear(self, problem: Problem) -> None:
        """Hold the queue after a create that may have taken effect; much longer after a second."""
        self._unclear += 1
        if self._state is State.OPEN:
            self._first_s = FIRST_UNCLEAR_S
        if self._unclear < MAX_UNCLEAR:
            self._wait_longer(problem)
        else:
            doublings = min(self._unclear - MAX_UNCLEAR, 16)
            wait_s = min(LONGEST_DISTRUST_S, FIRST_DISTRUST_S * 2.0**doublings)
            self._wait(replace(problem, kind=ProblemKind.CREATES_UNCLEAR), wait_s)

    def note_refusal(self, error: Pan123Error) -> None:
        """Note that creates are readable again if a refusal certainly is the service's own."""
        is_services = isinstance(error, ServiceError) and error.problem.code is not None
        if is_services and not isinstance(error, _OF_GATEWAYS_TOO):
            self._unclear = 0

    def prove(self) -> None:
        """Note that a harmless call has worked: one create may be tried now."""
        self._state = State.PROVEN
        self._until = self._runtime.monotonic()

    def open(self, answered: Task) -> None:
        """Let the queue go on at its rate: the service took a link, or found one at fault.

        The former refusals of `answered` still count: no other link was taken since.
        """
        self._state = State.OPEN
        self._failures = self._unclear = self._rate_limit_hits = 0
        self._tried = Counter({answered.id: self._tried[answered.id]})
        self._row = frozenset()
        self._say(None)

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
        """Say why nothing is sent for `wait_s` seconds (None: not known), or that this is over."""
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
