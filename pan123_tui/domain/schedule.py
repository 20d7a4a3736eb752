"""The schedule of progress polls: which task is due next.

Each task has an interval from its `CompletionEstimate`; it is due that long after its last poll,
never earlier. If the rate is too low for all tasks, every interval is stretched by the same factor
without counting requests: the schedule has a virtual clock that stands still while a due task waits
(as in weighted fair queueing). A heap ordered by virtual time therefore stays valid however the
load changes, and a choice costs O(log n).

A poll costs one request; a task that has ended unnoticed costs every second until it is polled.
If a task may end at any time, t seconds of which are left on average, polling it every √(2pt)
seconds makes the delay worth its requests of p seconds each. Its rate, if known, says what is left:
to trust it more buys a seventh of the delay.

What each constant buys was measured with `tests.bench.polling`; what bought less than 5 % went.
"""

from collections.abc import Collection
from heapq import heapify, heappop, heappush
from math import exp, sqrt

from msgspec import Struct

from pan123_tui.domain.forecast import CompletionEstimate, estimate_completion
from pan123_tui.domain.task import Task

POLL_COST_S = 0.5
"""What a poll may cost, in seconds of delay, while there are enough requests for all.

This is a choice: a lower cost gives more polls and less delay."""
MAX_SILENT_SHARE = 0.25
"""The longest interval of a silent task as a share of the others', as its end is unforeseeable.

Without it, the longest delay grows by half in the simulation where 30 % are silent."""
VISIBLE_LAG_PERCENT = 1.0
"""A visible task is polled each time it has gained this many percent, the smallest step shown.

Under load, it may lag by the root of the load factor more. Without it, the visible rows of a
thousand tasks are four times further behind, and ends are noticed a sixth sooner."""
LOAD_MEMORY_S = 30.0
"""Long compared with an interval, short compared with a download; 60 makes no difference."""
TOLERANCE_S = 1e-3
"""A task this close to due counts as due; otherwise rounding would wake the poller twice."""


def poll_interval_s(estimate: CompletionEstimate, *, max_s: float) -> float:
    """Return how long the next poll can wait while there are enough requests for all."""
    longest_s = max_s * (1.0 if estimate.percent_per_s else MAX_SILENT_SHARE)
    return min(sqrt(2 * POLL_COST_S * estimate.left_s), longest_s)


class _Entry(Struct):
    """One active task; fields that end in `_v` are virtual times."""

    id: int
    polled_v: float
    estimate: CompletionEstimate = CompletionEstimate(left_s=0.0)
    due_v: float = 0.0
    retry_s: float | None = None
    """Seconds until the poll after a failed one; None if the last poll succeeded."""
    failures: int = 0
    is_in_flight: bool = False


class _VirtualClock:
    """A clock that never passes the due time of a waiting task, so it slows down under load."""

    def __init__(self) -> None:
        self.time_v = 0.0
        self._now: float | None = None
        self._real_s = self._virtual_s = 1.0

    def advance(self, now: float, next_due_v: float | None) -> None:
        """Advance to `now` (monotonic seconds); a clock that was set back continues from there."""
        passed = 0.0 if self._now is None else max(0.0, now - self._now)
        self._now = now
        before = self.time_v
        ahead = passed if next_due_v is None else max(0.0, next_due_v - before)
        self.time_v += min(passed, ahead)
        memory = exp(-passed / LOAD_MEMORY_S)
        self._real_s = self._real_s * memory + passed
        self._virtual_s = self._virtual_s * memory + self.time_v - before

    @property
    def load_factor(self) -> float:
        """By what factor, at least 1, the recent demand exceeds the rate."""
        return max(self._real_s / max(self._virtual_s, 1e-3), 1.0)


class Schedule:
    """The upcoming polls of all active tasks; every `now` is in monotonic seconds."""

    def __init__(self, *, min_interval_s: float = 2.0, max_interval_s: float = 120.0) -> None:
        self._min_s = min_interval_s
        self._max_s = max_interval_s
        self._clock = _VirtualClock()
        self._entries: dict[int, _Entry] = {}
        self._heap: list[tuple[float, int]] = []
        """Due times with ids; an item is valid if it has its task's `due_v`."""
        self._visible: frozenset[int] = frozenset()
        self._prioritized: dict[int, None] = {}

    def __contains__(self, task_id: int) -> bool:
        return task_id in self._entries

    def track(self, task: Task, now: float) -> None:
        """Add or update a task; one that is not active is removed."""
        self._advance(now)
        if not task.is_active:
            self.forget(task.id)
            return
        entry = self._entries.get(task.id)
        if entry is None:
            entry = self._entries[task.id] = _Entry(task.id, self._clock.time_v)
        entry.estimate = estimate_completion(task)
        self._reschedule(entry)

    def forget(self, task_id: int) -> None:
        self._entries.pop(task_id, None)
        self._prioritized.pop(task_id, None)

    def set_visible(self, ids: Collection[int]) -> None:
        before, self._visible = self._visible, frozenset(ids)
        for task_id in before ^ self._visible:
            if entry := self._entries.get(task_id):
                self._reschedule(entry)

    def prioritize(self, ids: Collection[int] | None = None) -> None:
        """Make tasks due now and before all others; None: all tasks, the visible ones first."""
        if ids is None:
            idle = [entry for entry in self._entries.values() if not entry.is_in_flight]
            idle.sort(key=lambda entry: (entry.id not in self._visible, entry.due_v))
            self._prioritized |= dict.fromkeys(entry.id for entry in idle)
        else:
            known = (task_id for task_id in ids if task_id in self._entries)
            self._prioritized = dict.fromkeys((*known, *self._prioritized))

    def next_due(self, now: float) -> int | None:
        """Return the most urgent due task, marked as in flight; None if no poll is due."""
        self._advance(now)
        entry = self._first_idle() or self._first_due()
        if entry is None:
            return None
        self._prioritized.pop(entry.id, None)
        entry.is_in_flight = True
        return entry.id

    def record_success(self, task: Task, now: float) -> None:
        """Schedule the next poll of an answered task; `task` is its new value."""
        self._advance(now)
        if entry := self._entries.get(task.id):
            entry.failures, entry.retry_s = 0, None
            self._end_poll(entry)
            self.track(task, now)

    def record_failure(
        self, task_id: int, now: float, *, retry_after_s: float | None = None
    ) -> None:
        """Schedule another poll of an unanswered task, by default with an exponential back-off."""
        self._advance(now)
        if entry := self._entries.get(task_id):
            backoff_s = min(self._min_s * 2.0 ** min(entry.failures, 10), self._max_s)
            entry.retry_s = backoff_s if retry_after_s is None else retry_after_s
            entry.failures += 1
            self._end_poll(entry)
            self._reschedule(entry)

    def next_due_at(self, now: float) -> float | None:
        """Return when `next_due` may next return a task, at least `now`; None if none waits."""
        self._advance(now)
        if self._first_idle() is not None:
            return now
        due_v = self._next_due_v()
        if due_v is None:
            return None
        wait_s = due_v - self._clock.time_v
        return now + wait_s if wait_s > TOLERANCE_S else now

    @property
    def load_factor(self) -> float:
        return self._clock.load_factor

    def _advance(self, now: float) -> None:
        self._clock.advance(now, self._next_due_v())

    def _end_poll(self, entry: _Entry) -> None:
        entry.is_in_flight = False
        entry.polled_v = self._clock.time_v

    def _reschedule(self, entry: _Entry) -> None:
        if entry.is_in_flight:
            return
        entry.due_v = entry.polled_v + self._interval_v(entry)
        heappush(self._heap, (entry.due_v, entry.id))
        if len(self._heap) > 2 * len(self._entries) + 64:
            self._heap = [*{item for item in self._heap if self._is_current(item)}]
            heapify(self._heap)

    def _interval_v(self, entry: _Entry) -> float:
        """Return the interval in virtual time; in real time it is at least as long."""
        if entry.retry_s is not None:
            return entry.retry_s
        interval_v = poll_interval_s(entry.estimate, max_s=self._max_s)
        if entry.id in self._visible and (rate := entry.estimate.percent_per_s):
            interval_v = min(interval_v, VISIBLE_LAG_PERCENT / rate / sqrt(self.load_factor))
        return max(interval_v, self._min_s)

    def _first_idle(self) -> _Entry | None:
        entries = (self._entries[task_id] for task_id in self._prioritized)
        return next((entry for entry in entries if not entry.is_in_flight), None)

    def _first_due(self) -> _Entry | None:
        due_v = self._next_due_v()
        if due_v is None or due_v > self._clock.time_v + TOLERANCE_S:
            return None
        return self._entries[heappop(self._heap)[1]]

    def _next_due_v(self) -> float | None:
        while self._heap:
            if self._is_current(self._heap[0]):
                return self._heap[0][0]
            heappop(self._heap)
        return None

    def _is_current(self, item: tuple[float, int]) -> bool:
        due_v, task_id = item
        entry = self._entries.get(task_id)
        return entry is not None and entry.due_v == due_v and not entry.is_in_flight
