"""A simulated service with tasks of log-normal length, polled as the schedule says.

The simulation is seeded and has its own clock. It knows when tasks end, and so the delay until
an end is noticed.
"""

import heapq
import random
from dataclasses import dataclass, field
from math import exp, inf

from pan123_tui.api.rate_limit import AimdThrottle
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.service_facts import POLLS_AT_ONCE, backoff_s
from pan123_tui.domain.task import Task, TaskState

MEDIAN_S = 600.0
SIGMA = 1.2
SEGMENTS = 16
UNEVENNESS = 0.6
"""The spread of the speed between a task's segments (log-normal)."""
VISIBLE_ROWS = 40
VIEW_INTERVAL_S = 5.0
SCROLL_INTERVAL_S = 300.0
LATENCY_S = 0.1
LATE_S = 5.0
BURST = 8
"""Of the quota that all processes of a client id share, as in the simulated service."""


class Quota:
    """A token bucket for all processes, as in the simulated service."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = float(BURST)
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Count a request unless it exceeds the quota; return whether it is allowed."""
        self._left = min(BURST, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = max(self._at, now)
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Process:
    """When a process may send: its own rate, as in the rate limiter, and its pauses."""

    def __init__(self, per_s: float, rng: random.Random) -> None:
        self.next_at = self._interval_s = 1 / per_s
        self.granted = 0
        self._rng = rng
        self._throttle = AimdThrottle()
        self._refusals = 0
        self._paused_until = 0.0

    def advance(self, now: float) -> None:
        """Use or skip the turn at `now`."""
        factor = self._throttle.rate_factor(now)
        self.next_at = max(now + self._interval_s / factor, self._paused_until)

    def record(self, now: float, *, is_refused: bool) -> None:
        """Record an answer, which may be a 429."""
        if not is_refused:
            self.granted += 1
            self._refusals = 0
            return
        self._throttle.on_rate_limited(now)
        if now >= self._paused_until:
            self._paused_until = now + backoff_s(self._refusals, self._rng.random)
            self._refusals += 1
        self.next_at = max(self.next_at, self._paused_until)


@dataclass(frozen=True)
class World:
    """The parameters of a simulation."""

    tasks: int
    hours: float = 2.0
    """Duration; the first third is not measured."""
    no_progress: float = 0.0
    """The share of tasks that report 0 % until they end."""
    polls_per_s: float = 5.0
    other_processes: int = 0
    """Other processes with the same client id, throttled like ours and always polling."""
    late: float = 0.0
    """The share of answers that take `LATE_S`."""
    seed: int = 1


@dataclass
class Result:
    """The measurements of a simulation."""

    delays_s: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    """By how many percentage points the visible rows were behind."""
    requests: int = 0
    refused: int = 0
    """How many of them were refused with 429."""
    share: float = 0.0
    """Our share of the granted requests."""

    @property
    def mean_s(self) -> float:
        return sum(self.delays_s) / max(1, len(self.delays_s))

    @property
    def p95_s(self) -> float:
        return sorted(self.delays_s)[int(len(self.delays_s) * 0.95)]

    @property
    def max_s(self) -> float:
        return max(self.delays_s)

    @property
    def lag(self) -> float:
        return sum(self.lags) / max(1, len(self.lags))


class Download:
    """One download as the service sees it."""

    def __init__(self, rng: random.Random, start: float, world: World) -> None:
        self.start = start
        self.length = MEDIAN_S * exp(rng.gauss(0, SIGMA))
        self.end = start + self.length
        self.has_no_progress = rng.random() < world.no_progress
        gains = [exp(rng.gauss(0, UNEVENNESS)) for _ in range(SEGMENTS)]
        self._knots = [0.0]
        for gain in gains:
            self._knots.append(self._knots[-1] + 100 * gain / sum(gains))

    def percent_at(self, time: float) -> float:
        if self.has_no_progress:
            return 0.0
        part = min((time - self.start) / self.length, 0.999999) * SEGMENTS
        index = int(part)
        return self._knots[index] + (part - index) * (self._knots[index + 1] - self._knots[index])


@dataclass(frozen=True, order=True)
class PendingPoll:
    """A poll without an answer yet, which may be a 429."""

    answered_at: float
    task_id: int
    is_refused: bool


class Simulation:
    """Simulates one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._order = Schedule()
        self._download_rng = random.Random(world.seed)
        self._network_rng = random.Random(world.seed + 1)
        self._downloads: dict[int, Download] = {}
        self._tasks: dict[int, Task] = {}
        self._pending: list[PendingPoll] = []
        self._visible: list[int] = []
        self._started = 0
        self._views = 0
        self._measured_from = world.hours * 1200
        self._quota = Quota(world.polls_per_s)
        self._ours, *self._others = (
            Process(world.polls_per_s, self._network_rng) for _ in range(1 + world.other_processes)
        )
        self.result = Result()

    def run(self) -> Result:
        for _ in range(self._world.tasks):
            self._start(0.0)
        now = 0.0
        while now < self._world.hours * 3600:
            now = max(now, self._next_event_at())
            self._receive(now)
            self._update_views(now)
            for other in self._others:  # which always have something to ask
                if other.next_at <= now:
                    other.advance(now)
                    other.record(now, is_refused=not self._quota.allows(now))
            if self._next_poll_at() <= now:
                self._poll(now)
        granted = [process.granted for process in (self._ours, *self._others)]
        self.result.share = granted[0] / sum(granted)
        return self.result

    def _start(self, now: float) -> None:
        self._started += 1
        download = Download(self._download_rng, now, self._world)
        self._downloads[self._started] = download
        task = Task(id=self._started, url="", created_at=now, sent_at=now, state=TaskState.RUNNING)
        self._tasks[task.id] = task
        self._order.track(task, now)

    def _next_event_at(self) -> float:
        """Return the time of the next answer or poll."""
        answer_at = self._pending[0].answered_at if self._pending else inf
        other_at = min((other.next_at for other in self._others), default=inf)
        return min(answer_at, other_at, self._next_poll_at())

    def _next_poll_at(self) -> float:
        return inf if len(self._pending) >= POLLS_AT_ONCE else self._ours.next_at

    def _poll(self, now: float) -> None:
        self._ours.advance(now)
        task_id = self._order.next_due(now)
        if task_id is None:
            return
        self.result.requests += 1
        is_late = self._network_rng.random() > 1 - self._world.late
        answered_at = now + (LATE_S if is_late else LATENCY_S)
        is_refused = not self._quota.allows(now)
        heapq.heappush(self._pending, PendingPoll(answered_at, task_id, is_refused))

    def _receive(self, now: float) -> None:
        while self._pending and self._pending[0].answered_at <= now:
            poll = heapq.heappop(self._pending)
            at = poll.answered_at
            self._ours.record(at, is_refused=poll.is_refused)
            if poll.is_refused:
                self.result.refused += 1
                self._order.record_failure(poll.task_id, at)
            else:
                self._apply_answer(poll.task_id, at)

    def _apply_answer(self, task_id: int, at: float) -> None:
        download = self._downloads[task_id]
        asked_at = at - LATENCY_S / 2
        if asked_at < download.end:
            progress = Progress(download.percent_at(asked_at), ProcessStatus.RUNNING)
            self._tasks[task_id] = task = apply_progress(self._tasks[task_id], progress, at=at)
            self._order.record_success(task, at)
            return
        if asked_at > self._measured_from:
            self.result.delays_s.append(at - download.end)
        task = apply_progress(self._tasks[task_id], Progress(100, ProcessStatus.SUCCEEDED), at=at)
        self._order.record_success(task, at)
        del self._tasks[task_id], self._downloads[task_id]
        self._start(at)

    def _update_views(self, now: float) -> None:
        """Choose the visible rows and measure how far behind they are."""
        while (at := (self._views + 1) * VIEW_INTERVAL_S) <= now:
            self._views += 1
            is_elsewhere = at % SCROLL_INTERVAL_S == 0
            shown = [] if is_elsewhere else [i for i in self._visible if i in self._tasks]
            others = sorted(self._tasks.keys() - set(shown))
            missing = min(VISIBLE_ROWS - len(shown), len(others))
            shown += self._network_rng.sample(others, missing)
            if shown != self._visible:
                self._order.set_visible(shown)
                self._visible = shown
            if at > self._measured_from:
                self.result.lags += [
                    self._downloads[i].percent_at(at) - self._tasks[i].percent
                    for i in shown
                    if not self._downloads[i].has_no_progress
                ]
