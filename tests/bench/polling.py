"""A simulated service with tasks of log-normal length, polled by one order or another.

Seeded, on a simulated clock. The completions are known, so the delay until one is noticed is too.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import exp, inf
from typing import Protocol

from pan123_tui.api.rate_limit import POLLS_AT_ONCE, backoff_s
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.ports import DEFAULT_POLLING
from tests.bench.quota import Quota, Rival, Turns

MEDIAN_S = 600.0
SIGMA = 1.2
STRETCHES = 16
VISIBLE_ROWS = 40
LOOK_EVERY_S = 5.0
LOOK_ELSEWHERE_EVERY_S = 300.0
LATE_S = 5.0
HANG_S = 30.0
"""As long as the client waits for an answer."""
CALLBACK_S = 1.0


class Order(Protocol):
    """Whatever decides which task is polled next."""

    def track(self, task: Task, now: float) -> None: ...
    def forget(self, task_id: int) -> None: ...
    def set_visible(self, ids: Collection[int]) -> None: ...
    def next_due(self, now: float) -> int | None: ...
    def record_success(self, task: Task, now: float) -> None: ...
    def record_failure(self, task_id: int, now: float) -> None: ...
    def prioritize(self, ids: Collection[int]) -> None: ...


class RoundRobin:
    """One after the other, without a pause: the baseline."""

    def __init__(self) -> None:
        self._queue: deque[int] = deque()
        self._known: set[int] = set()

    def track(self, task: Task, now: float) -> None:
        self._known.add(task.id)
        self._queue.append(task.id)

    def forget(self, task_id: int) -> None:
        self._known.discard(task_id)

    def set_visible(self, ids: Collection[int]) -> None:
        pass

    def next_due(self, now: float) -> int | None:
        while self._queue:
            if (task_id := self._queue.popleft()) in self._known:
                return task_id
        return None

    def record_success(self, task: Task, now: float) -> None:
        if task.is_active:
            self._queue.append(task.id)

    def record_failure(self, task_id: int, now: float) -> None:
        self._queue.append(task_id)

    def prioritize(self, ids: Collection[int]) -> None:
        pass


def ours() -> Schedule:
    """Give the program's own order, as its engine makes it."""
    return Schedule(
        min_interval_s=DEFAULT_POLLING.shortest_poll_s,
        max_interval_s=DEFAULT_POLLING.longest_poll_s,
    )


ORDERS: dict[str, Callable[[], Order]] = {"round-robin": RoundRobin, "ours": ours}


@dataclass(frozen=True)
class World:
    """What is simulated."""

    tasks: int
    hours: float = 2.0
    """How long; the first third is not measured. With `is_drained`: until the last task ends."""
    is_drained: bool = False
    """Ended tasks are not replaced by new ones."""
    unevenness: float = 0.6
    """The spread of the pace between a task's 16 stretches (log-normal); 0: steady."""
    silent: float = 0.0
    """The part of the tasks that report 0 % until they end."""
    polls_per_s: float = 5.0
    rivals: int = 0
    """Other processes with the same client id, like ours and with as much to ask."""
    deaf_rival_per_s: float = 0.0
    """So much asks one that goes on whatever the service says."""
    latency_s: float = 0.1
    late: float = 0.0
    """The part of the answers that take `LATE_S`."""
    errors: float = 0.0
    """The part of the polls that fail at once."""
    hangs: float = 0.0
    """The part of the polls that are never answered."""
    has_callbacks: bool = False
    """They arrive `CALLBACK_S` after the end."""
    seed: int = 1


@dataclass
class Result:
    """What was measured."""

    delays_s: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    """By how many percent the visible rows were behind."""
    requests: int = 0
    refused: int = 0
    """How many of them were answered by "429"."""
    rival_answers: int = 0

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
    def share(self) -> float:
        """The part of the granted requests that were ours."""
        granted = self.requests - self.refused
        return granted / (granted + self.rival_answers)

    @property
    def lag(self) -> float:
        return sum(self.lags) / max(1, len(self.lags))


class Download:
    """One download as the service sees it."""

    def __init__(self, chance: random.Random, start: float, world: World) -> None:
        self.start = start
        self.length = MEDIAN_S * exp(chance.gauss(0, SIGMA))
        self.end = start + self.length
        self.is_silent = chance.random() < world.silent
        gains = [exp(chance.gauss(0, world.unevenness)) for _ in range(STRETCHES)]
        self._knots = [0.0]
        for gain in gains:
            self._knots.append(self._knots[-1] + 100 * gain / sum(gains))

    def percent_at(self, time: float) -> float:
        if self.is_silent:
            return 0.0
        part = min((time - self.start) / self.length, 0.999999) * STRETCHES
        index = int(part)
        return self._knots[index] + (part - index) * (self._knots[index + 1] - self._knots[index])


@dataclass(frozen=True, order=True)
class Flight:
    """A request on the wire, and how it will end."""

    lands_at: float
    task_id: int
    is_lost: bool = False
    is_refused: bool = False


class Simulation:
    """Runs one world under one order."""

    def __init__(self, world: World, order: Order) -> None:
        self._world = world
        self._order = order
        self._chance = random.Random(world.seed)
        self._luck = random.Random(world.seed + 1)
        self._downloads: dict[int, Download] = {}
        self._tasks: dict[int, Task] = {}
        self._flights: list[Flight] = []
        self._callbacks: list[tuple[float, int]] = []
        self._visible: list[int] = []
        self._started = 0
        self._looks = 0
        self._measured_from = 0.0 if world.is_drained else world.hours * 1200
        self._quota = Quota(world.polls_per_s)
        self._turns = Turns(world.polls_per_s, self._luck)
        self._quiet_until = 0.0
        self._rivals = self._others()
        self.result = Result()

    def run(self) -> Result:
        for _ in range(self._world.tasks):
            self._start(0.0)
        now = 0.0
        while self._tasks if self._world.is_drained else now < self._world.hours * 3600:
            now = max(now, self._next_moment())
            self._land(now)
            self._report(now)
            self._look_in_time(now)
            for rival in self._rivals:
                rival.ask(now)
            if self._may_ask_at() <= now:
                self._ask(now)
        self.result.rival_answers = sum(rival.answers for rival in self._rivals)
        return self.result

    def _others(self) -> list[Rival]:
        world = self._world
        turns = [Turns(world.polls_per_s, self._luck) for _ in range(world.rivals)]
        if world.deaf_rival_per_s:
            turns.append(Turns(world.deaf_rival_per_s, self._luck, gives_way=False))
        return [Rival(one, self._quota) for one in turns]

    def _start(self, now: float) -> None:
        self._started += 1
        download = Download(self._chance, now, self._world)
        self._downloads[self._started] = download
        task = Task(
            id=self._started,
            url="",
            created_at=now,
            sent_at=now,
            state=TaskState.RUNNING,
        )
        self._tasks[task.id] = task
        self._order.track(task, now)
        if self._world.has_callbacks:
            heapq.heappush(self._callbacks, (download.end + CALLBACK_S, task.id))

    def _next_moment(self) -> float:
        """Tell when the next thing happens: an answer, a callback, or somebody's turn."""
        answer_at = self._flights[0].lands_at if self._flights else inf
        callback_at = self._callbacks[0][0] if self._callbacks else inf
        rival_at = min((rival.turns.next_at for rival in self._rivals), default=inf)
        return min(answer_at, callback_at, rival_at, self._may_ask_at())

    def _may_ask_at(self) -> float:
        if len(self._flights) >= POLLS_AT_ONCE:
            return inf
        return max(self._turns.next_at, self._quiet_until)

    def _ask(self, now: float) -> None:
        self._turns.take(now)
        task_id = self._order.next_due(now)
        if task_id is None:
            return
        self.result.requests += 1
        world, fate = self._world, self._luck.random()
        is_refused = not self._quota.allows(now)
        is_hung = not is_refused and fate < world.hangs
        is_lost = not is_refused and fate < world.hangs + world.errors
        is_late = fate > 1 - world.late
        wait_s = HANG_S if is_hung else LATE_S if is_late else world.latency_s
        heapq.heappush(self._flights, Flight(now + wait_s, task_id, is_lost, is_refused))

    def _land(self, now: float) -> None:
        while self._flights and self._flights[0].lands_at <= now:
            flight = heapq.heappop(self._flights)
            at = flight.lands_at
            if flight.is_refused:
                self.result.refused += 1
                self._turns.refused(at)
                self._order.record_failure(flight.task_id, at)
                continue
            self._turns.answered()
            if flight.is_lost:
                self._keep_quiet(at)
                self._order.record_failure(flight.task_id, at)
            else:
                self._quiet_until = 0.0
                self._answer(flight.task_id, at)

    def _keep_quiet(self, now: float) -> None:
        """Pause as the circuit breaker does, at most until the next answer comes."""
        if self._quiet_until <= now:
            self._quiet_until = now + backoff_s(0, self._luck.random)

    def _report(self, now: float) -> None:
        """Let the callbacks arrive that are due."""
        while self._callbacks and self._callbacks[0][0] <= now:
            self._order.prioritize([heapq.heappop(self._callbacks)[1]])

    def _answer(self, task_id: int, at: float) -> None:
        download = self._downloads[task_id]
        asked_at = at - self._world.latency_s / 2
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
        if not self._world.is_drained:
            self._start(at)

    def _look_in_time(self, now: float) -> None:
        while (self._looks + 1) * LOOK_EVERY_S <= now:
            self._looks += 1
            is_elsewhere = self._looks * LOOK_EVERY_S % LOOK_ELSEWHERE_EVERY_S == 0
            self._look(self._looks * LOOK_EVERY_S, is_elsewhere=is_elsewhere)

    def _look(self, now: float, *, is_elsewhere: bool) -> None:
        """Look at some rows, and measure how far behind they are."""
        shown = [] if is_elsewhere else [i for i in self._visible if i in self._tasks]
        others = sorted(self._tasks.keys() - set(shown))
        missing = min(VISIBLE_ROWS - len(shown), len(others))
        shown += self._luck.sample(others, missing)
        if shown != self._visible:
            self._order.set_visible(shown)
            self._visible = shown
        if now > self._measured_from:
            self.result.lags += [
                self._downloads[i].percent_at(now) - self._tasks[i].percent
                for i in shown
                if not self._downloads[i].is_silent
            ]
