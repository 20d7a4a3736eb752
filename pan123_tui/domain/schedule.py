"""The schedule of progress polls: which task is due next.

The one that has waited longest in proportion to its interval is next, never before it is due; so
under load all intervals are stretched by the same factor.

A poll costs one request; a task that has ended unnoticed costs every second until it is polled.
If t seconds are left on average, polling every √(2pt) seconds makes the delay worth its requests of
p seconds each. To trust a known rate more buys a seventh of the delay. `tests.bench.polling`
measures what this buys.
"""

from collections.abc import Collection
from math import exp, sqrt

from msgspec import Struct

from pan123_tui.domain.forecast import CompletionEstimate, estimate_completion
from pan123_tui.domain.task import Task

POLL_COST_S = 0.5
"""What a poll may cost, in seconds of delay: a choice; a lower cost gives more polls."""
MAX_SILENT_SHARE = 0.25
"""The longest interval of a silent task as a share of the others', as its end is unforeseeable."""
VISIBLE_LAG_PERCENT = 1.0
"""A visible task is polled each time it has gained this many percent, the smallest step shown.

Under load, it may lag by the root of the load factor more."""
LOAD_MEMORY_S = 30.0
"""Long compared with an interval, short compared with a download."""
TOLERANCE_S = 1e-3
"""A task this close to due counts as due; otherwise rounding would wake the poller twice."""


class _Entry(Struct):
    """Times are in monotonic seconds."""

    id: int
    polled_at: float
    estimate: CompletionEstimate = CompletionEstimate(left_s=0.0)
    interval_s: float = TOLERANCE_S
    retry_s: float | None = None
    """Seconds until the poll after a failed one; None if the last poll succeeded."""
    failures: int = 0
    is_in_flight: bool = False


class Schedule:
    """The upcoming polls of all active tasks; every `now` is in monotonic seconds."""

    def __init__(self, *, min_interval_s: float = 2.0, max_interval_s: float = 120.0) -> None:
        self._min_s = min_interval_s
        self._max_s = max_interval_s
        self._entries: dict[int, _Entry] = {}
        self._visible: frozenset[int] = frozenset()
        self._prioritized: dict[int, None] = {}
        self.load_factor = 1.0
        """By what factor, at least 1, the polls of late were later than due."""
        self._load_at = 0.0

    def __contains__(self, task_id: int) -> bool:
        return task_id in self._entries

    def track(self, task: Task, now: float) -> None:
        """Add or update a task; one that is not active is removed."""
        if not task.is_active:
            self.forget(task.id)
            return
        entry = self._entries.setdefault(task.id, _Entry(task.id, now))
        entry.estimate = estimate_completion(task)
        entry.interval_s = self._interval_s(entry)

    def forget(self, task_id: int) -> None:
        self._entries.pop(task_id, None)
        self._prioritized.pop(task_id, None)

    def set_visible(self, ids: Collection[int]) -> None:
        before, self._visible = self._visible, frozenset(ids)
        for task_id in before ^ self._visible:
            if entry := self._entries.get(task_id):
                entry.interval_s = self._interval_s(entry)

    def prioritize(self, ids: Collection[int] | None = None) -> None:
        """Make tasks due now and before all others; None: all tasks, the visible ones first."""
        if ids is None:
            idle = self._idle()
            idle.sort(key=lambda entry: entry.polled_at + entry.interval_s)
            idle.sort(key=lambda entry: entry.id not in self._visible)
            self._prioritized |= dict.fromkeys(entry.id for entry in idle)
        else:
            known = (task_id for task_id in ids if task_id in self._entries)
            self._prioritized = dict.fromkeys((*known, *self._prioritized))

    def next_due(self, now: float) -> int | None:
        """Return the most urgent due task, marked as in flight; None if no poll is due."""
        entry = self._first_prioritized() or self._most_overdue(now)
        if entry is None:
            return None
        self._prioritized.pop(entry.id, None)
        entry.is_in_flight = True
        return entry.id

    def record_success(self, task: Task, now: float) -> None:
        """Schedule the next poll of an answered task; `task` is its new value."""
        if entry := self._entries.get(task.id):
            entry.failures, entry.retry_s = 0, None
            entry.is_in_flight, entry.polled_at = False, now
            self.track(task, now)

    def record_failure(
        self, task_id: int, now: float, *, retry_after_s: float | None = None
    ) -> None:
        """Schedule another poll of an unanswered task, by default with an exponential back-off."""
        if entry := self._entries.get(task_id):
            backoff_s = min(self._min_s * 2.0 ** min(entry.failures, 10), self._max_s)
            entry.retry_s = backoff_s if retry_after_s is None else retry_after_s
            entry.failures += 1
            entry.is_in_flight, entry.polled_at = False, now
            entry.interval_s = self._interval_s(entry)

    def next_due_at(self, now: float) -> float | None:
        """Return when `next_due` may next return a task, at least `now`; None if none waits."""
        if self._first_prioritized() is not None:
            return now
        due_at = min((it.polled_at + it.interval_s for it in self._idle()), default=None)
        return due_at if due_at is None or due_at > now + TOLERANCE_S else now

    def _interval_s(self, entry: _Entry) -> float:
        if entry.retry_s is not None:
            return max(entry.retry_s, TOLERANCE_S)
        rate = entry.estimate.percent_per_s
        longest_s = self._max_s * (1.0 if rate else MAX_SILENT_SHARE)
        interval_s = min(sqrt(2 * POLL_COST_S * entry.estimate.left_s), longest_s)
        if rate and entry.id in self._visible:
            interval_s = min(interval_s, VISIBLE_LAG_PERCENT / rate / sqrt(self.load_factor))
        return max(interval_s, self._min_s)

    def _idle(self) -> list[_Entry]:
        return [entry for entry in self._entries.values() if not entry.is_in_flight]

    def _first_prioritized(self) -> _Entry | None:
        entries = (self._entries[task_id] for task_id in self._prioritized)
        return next((entry for entry in entries if not entry.is_in_flight), None)

    def _most_overdue(self, now: float) -> _Entry | None:
        """Return the task that has waited longest in proportion to its interval, if it is due."""
        chosen, longest = None, 1.0
        for entry in self._entries.values():
            stretch = (now - entry.polled_at + TOLERANCE_S) / entry.interval_s
            if stretch >= longest and not entry.is_in_flight:
                chosen, longest = entry, stretch
        if chosen is not None:
            memory = exp((self._load_at - now) / LOAD_MEMORY_S)
            self.load_factor += (longest - self.load_factor) * (1 - memory)
            self._load_at = now
        return chosen
