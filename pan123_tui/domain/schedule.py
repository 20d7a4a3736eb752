"""Whose poll is due: spends the few progress reads where they tell most.

Each task has an interval from its `Outlook`; it is due when its last check is that long ago, never
earlier. Where the requests do not suffice for all, every interval stretches by the same factor,
without anyone counting requests: the schedule has a clock of its own that stands still while a
due task waits for its turn (as in weighted fair queueing). A heap ordered by that clock therefore
stays right however the load changes: a pick costs O(log n).
"""

from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heappush
from math import exp

from msgspec import Struct

from pan123_tui.domain.forecast import CompletionEstimate, estimate_completion, interval_s
from pan123_tui.domain.task import Task

FOCUS_POINTS = 1.0
"""A task in focus is polled each so many percent of its way: one unit of what is shown."""
SILENT_FOCUS_SHARE = 1 / 3
"""The part of its interval after which a silent task in focus is polled.

Without it visible rows are a quarter further behind in the simulation where a rate is shared."""
LOAD_EXPONENT = 0.6
"""The price of a poll, and what a task in focus may lag, grow with this power of the stretch.

In the simulation 1/2 lets the most urgent tasks of an overloaded rate wait a tenth longer, and
with 2/3 the visible ones lag a tenth more."""
MAX_STRETCH = 30.0
"""Without a bound a few tasks that remain of many wait a fifth too long in the simulation."""
STRETCH_MEMORY_S = 30.0
"""Long beside an interval, short beside a download; 60 simulates alike."""
STARVING_INTERVALS = 5
"""A task that was not polled for so many of the longest intervals starves, …"""
STARVING_TURN = 5
"""… and each so many picks the one that starves longest comes first.

In the simulation this halves the longest delay where four processes share the rate; at four
intervals it would take a tenth of the polls of a thousand tasks."""
TOLERANCE_S = 1e-3
"""So much too early is not early, or rounding would make the poller wake twice."""


class _Entry(Struct):
    """What the schedule knows of one active task; `*_v` are times on the schedule's clock."""

    id: int
    outlook: CompletionEstimate
    known_at: float
    """The last check, else the start; Unix seconds."""
    asked_at: float
    asked_v: float
    due_v: float = 0.0
    ticket: int = 0
    """Names the one entry of the heap that counts."""
    retry_s: float | None = None
    """When to ask again after a failed poll, in seconds; None: the last one succeeded."""
    failures: int = 0
    is_in_flight: bool = False


class _VirtualClock:
    """A clock that never runs past a due task that still waits, and so slows down under load."""

    def __init__(self) -> None:
        self.time_v = 0.0
        self._now: float | None = None
        self._real = self._virtual = 1.0

    def advance(self, now: float, next_due_v: float | None) -> None:
        """Go on to `now` (monotonic seconds); a clock that was set back just goes on from there."""
        passed = 0.0 if self._now is None else max(0.0, now - self._now)
        self._now = now
        before = self.time_v
        ahead = passed if next_due_v is None else max(0.0, next_due_v - before)
        self.time_v += min(passed, ahead)
        memory = exp(-passed / STRETCH_MEMORY_S)
        self._real = self._real * memory + passed
        self._virtual = self._virtual * memory + self.time_v - before

    @property
    def load_factor(self) -> float:
        """How many times the requests are too few of late, 1 to `MAX_STRETCH`."""
        return min(max(self._real / max(self._virtual, 1e-3), 1.0), MAX_STRETCH)


class Schedule:
    """The polls to come of all active tasks. Every `now` is in seconds of a monotonic clock."""

    def __init__(self, *, min_interval_s: float = 2.0, max_interval_s: float = 120.0) -> None:
        self._min_s = min_interval_s
        self._max_s = max_interval_s
        self._clock = _VirtualClock()
        self._watches: dict[int, _Entry] = {}
        self._heap: list[tuple[float, int, int]] = []
        self._last_ticket = 0
        self._picks = 0
        self._focused: frozenset[int] = frozenset()
        self._hurried: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._watches)

    def track(self, task: Task, now: float) -> None:
        """Take in a new, restored or changed task; one that is not active is forgotten."""
        self._advance(now)
        if not task.is_active:
            self.forget(task.id)
            return
        watch = self._watches.get(task.id)
        if watch is None:
            watch = _Entry(task.id, estimate_completion(task), 0.0, now, self._clock.time_v)
            self._watches[task.id] = watch
        self._learn(watch, task)
        self._plan(watch)

    def forget(self, task_id: int) -> None:
        """Drop a task; an unknown one is no matter."""
        self._watches.pop(task_id, None)
        self._hurried.pop(task_id, None)

    def set_visible(self, ids: Collection[int]) -> None:
        """Tell which tasks are looked at: the visible rows and the one under the cursor."""
        before, self._focused = self._focused, frozenset(ids)
        for task_id in before ^ self._focused:
            if watch := self._watches.get(task_id):
                self._plan(watch)
        if first := [task_id for task_id in ids if task_id in self._hurried]:
            self._hurried = dict.fromkeys((*first, *self._hurried))

    def prioritize(self, ids: Collection[int] | None = None) -> None:
        """Make tasks due at once and before all others; None: all, those in focus first."""
        if ids is None:
            waiting = (watch for watch in self._watches.values() if not watch.is_in_flight)
            ordered = sorted(
                waiting, key=lambda watch: (watch.id not in self._focused, watch.due_v)
            )
            self._hurried |= dict.fromkeys(watch.id for watch in ordered)
        else:
            known = (task_id for task_id in ids if task_id in self._watches)
            self._hurried = dict.fromkeys((*known, *self._hurried))

    def next_due(self, now: float) -> int | None:
        """Choose the most urgent due task, now in flight; None while no poll is due."""
        self._advance(now)
        watch = self._first_hurried() or self._starving(now) or self._first_due()
        if watch is None:
            return None
        self._hurried.pop(watch.id, None)
        watch.is_in_flight = True
        self._picks += 1
        return watch.id

    def record_success(self, task: Task, now: float) -> None:
        """Plan the next poll of a task whose poll was answered; `task` is its new value."""
        self._advance(now)
        watch = self._watches.get(task.id)
        if watch is None:
            return
        if not task.is_active:
            self.forget(task.id)
            return
        watch.failures = 0
        watch.retry_s = None
        self._note_asked(watch, now)
        self._learn(watch, task)
        self._plan(watch)

    def record_failure(
        self, task_id: int, now: float, *, retry_after_s: float | None = None
    ) -> None:
        """Plan another poll of a task whose poll failed, later each time in a row.

        `retry_after_s` overrides how much later.
        """
        self._advance(now)
        if watch := self._watches.get(task_id):
            doubled_s = min(self._min_s * 2.0 ** min(watch.failures, 10), self._max_s)
            watch.retry_s = doubled_s if retry_after_s is None else retry_after_s
            watch.failures += 1
            self._note_asked(watch, now)
            self._plan(watch)

    def next_due_at(self, now: float) -> float | None:
        """Tell when `pick` may next have something, never before `now`; None: nothing waits."""
        self._advance(now)
        if self._first_hurried() is not None:
            return now
        due_v = self._next_due_v()
        if due_v is None:
            return None
        wait_s = due_v - self._clock.time_v
        return now + wait_s if wait_s > TOLERANCE_S else now

    @property
    def load_factor(self) -> float:
        """How many times the requests are too few of late for all that is due; 1: they suffice."""
        return self._clock.load_factor

    def oldest_check_at(self) -> float | None:
        """Tell the least recent check among the tasks (its start, of an unchecked one).

        Unix seconds, as in `Task.checked_at`; None without tasks. Looks at each task.
        """
        return min((watch.known_at for watch in self._watches.values()), default=None)

    def _advance(self, now: float) -> None:
        self._clock.advance(now, self._next_due_v())

    def _note_asked(self, watch: _Entry, now: float) -> None:
        """Note the end of a request, and keep the watches in the order of these."""
        self._watches[watch.id] = self._watches.pop(watch.id)
        watch.is_in_flight = False
        watch.asked_at = now
        watch.asked_v = self._clock.time_v

    def _learn(self, watch: _Entry, task: Task) -> None:
        watch.outlook = estimate_completion(task)
        known_at = (task.checked_at, task.sent_at, task.created_at)
        watch.known_at = next(at for at in known_at if at is not None)

    def _plan(self, watch: _Entry) -> None:
        """Set when `watch` is due: its interval after it was last asked for."""
        if watch.is_in_flight:
            return
        watch.due_v = watch.asked_v + self._interval_v(watch)
        self._last_ticket += 1
        watch.ticket = self._last_ticket
        heappush(self._heap, (watch.due_v, watch.ticket, watch.id))
        if len(self._heap) > 2 * len(self._watches) + 64:
            self._heap = [entry for entry in self._heap if self._is_current(entry)]
            heapify(self._heap)

    def _interval_v(self, watch: _Entry) -> float:
        """Give the interval of `watch` on the schedule's clock, which real time never undercuts."""
        if watch.retry_s is not None:
            return watch.retry_s
        stretch = self._clock.load_factor
        dear: float = stretch**LOAD_EXPONENT
        wait = interval_s(watch.outlook, stretch=dear, max_s=self._max_s) / dear
        if watch.id in self._focused:
            wait = _focused_v(wait, watch.outlook, stretch)
        return max(wait, self._min_s)

    def _first_hurried(self) -> _Entry | None:
        return self._first_waiting(self._hurried)

    def _starving(self, now: float) -> _Entry | None:
        watch = None if self._picks % STARVING_TURN else self._first_waiting(self._watches)
        is_late = watch is not None and now - watch.asked_at > STARVING_INTERVALS * self._max_s
        return watch if is_late else None

    def _first_waiting(self, ids: Iterable[int]) -> _Entry | None:
        waiting = (self._watches[task_id] for task_id in ids)
        return next((watch for watch in waiting if not watch.is_in_flight), None)

    def _first_due(self) -> _Entry | None:
        due_v = self._next_due_v()
        if due_v is None or due_v > self._clock.time_v + TOLERANCE_S:
            return None
        return self._watches[heappop(self._heap)[2]]

    def _next_due_v(self) -> float | None:
        while self._heap:
            if self._is_current(self._heap[0]):
                return self._heap[0][0]
            heappop(self._heap)
        return None

    def _is_current(self, entry: tuple[float, int, int]) -> bool:
        watch = self._watches.get(entry[2])
        return watch is not None and watch.ticket == entry[1] and not watch.is_in_flight


def _focused_v(wait: float, seen: CompletionEstimate, stretch: float) -> float:
    """Shorten `wait` for a task in focus, so that few of its percent go unseen."""
    if not seen.percent_per_s:
        return wait * SILENT_FOCUS_SHARE
    may_lag: float = FOCUS_POINTS * stretch**LOAD_EXPONENT
    return min(wait, may_lag / seen.percent_per_s / stretch)
