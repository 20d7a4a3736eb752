"""A simulated service with tasks of log-normal length, polled by one order or another.

Seeded, on a simulated clock. The completions are known, so the delay until one is noticed is too.
"""

import heapq
import random
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from math import exp
from typing import Protocol

from pan123_tui.domain.progress import ProcessStatus, Progress, observed
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task import Task, TaskState

MEDIAN_S = 600.0
SIGMA = 1.2
STRETCHES = 16
VISIBLE_ROWS = 40


class Order(Protocol):
    """Whatever decides which task is polled next."""

    def track(self, task: Task, now: float) -> None: ...
    def forget(self, task_id: int) -> None: ...
    def focus(self, ids: Collection[int]) -> None: ...
    def pick(self, now: float) -> int | None: ...
    def answered(self, task: Task, now: float) -> None: ...
    def failed(self, task_id: int, now: float) -> None: ...


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

    def focus(self, ids: Collection[int]) -> None:
        pass

    def pick(self, now: float) -> int | None:
        while self._queue:
            if (task_id := self._queue.popleft()) in self._known:
                return task_id
        return None

    def answered(self, task: Task, now: float) -> None:
        self._queue.append(task.id)

    def failed(self, task_id: int, now: float) -> None:
        self._queue.append(task_id)


ORDERS = {"round-robin": RoundRobin, "ours": Schedule}


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
    quota: float = 1.0
    """The part of the polls that other processes of the same user leave to us."""
    errors: float = 0.0
    """The part of the polls that go unanswered."""
    latency_s: float = 0.1
    seed: int = 1


@dataclass
class Result:
    """What was measured."""

    delays_s: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    """By how many percent the visible rows were behind."""
    requests: int = 0

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


class Simulation:
    """Runs one world under one order."""

    def __init__(self, world: World, order: Order) -> None:
        self._world = world
        self._order = order
        self._chance = random.Random(world.seed)
        self._luck = random.Random(world.seed + 1)
        self._downloads: dict[int, Download] = {}
        self._tasks: dict[int, Task] = {}
        self._flights: list[tuple[float, int, bool]] = []
        self._visible: list[int] = []
        self._started = 0
        self._measured_from = 0.0 if world.is_drained else world.hours * 1200
        self.result = Result()

    def run(self) -> Result:
        world = self._world
        for _ in range(world.tasks):
            self._start(0.0)
        slot = 0
        while self._tasks if world.is_drained else slot < world.hours * 3600 * world.polls_per_s:
            slot += 1
            now = slot / world.polls_per_s
            self._land(now)
            if slot % 25 == 0:
                self._look(now, is_elsewhere=slot % 1500 == 0)
            if self._luck.random() < world.quota:
                self._ask(now)
        return self.result

    def _start(self, now: float) -> None:
        self._started += 1
        self._downloads[self._started] = Download(self._chance, now, self._world)
        task = Task(id=self._started, url="", created_at=now, sent_at=now, state=TaskState.RUNNING)
        self._tasks[task.id] = task
        self._order.track(task, now)

    def _ask(self, now: float) -> None:
        task_id = self._order.pick(now)
        if task_id is not None:
            self.result.requests += 1
            is_lost = self._luck.random() < self._world.errors
            heapq.heappush(self._flights, (now + self._world.latency_s, task_id, is_lost))

    def _land(self, now: float) -> None:
        while self._flights and self._flights[0][0] <= now:
            at, task_id, is_lost = heapq.heappop(self._flights)
            if is_lost:
                self._order.failed(task_id, at)
            else:
                self._answer(task_id, at)

    def _answer(self, task_id: int, at: float) -> None:
        download = self._downloads[task_id]
        asked_at = at - self._world.latency_s / 2
        if asked_at < download.end:
            progress = Progress(download.percent_at(asked_at), ProcessStatus.RUNNING)
            self._tasks[task_id] = task = observed(self._tasks[task_id], progress, at=at)
            self._order.answered(task, at)
            return
        if asked_at > self._measured_from:
            self.result.delays_s.append(at - download.end)
        self._order.forget(task_id)
        del self._tasks[task_id], self._downloads[task_id]
        if not self._world.is_drained:
            self._start(at)

    def _look(self, now: float, *, is_elsewhere: bool) -> None:
        """Look at some rows, and measure how far behind they are."""
        shown = [] if is_elsewhere else [i for i in self._visible if i in self._tasks]
        others = sorted(self._tasks.keys() - set(shown))
        missing = min(VISIBLE_ROWS - len(shown), len(others))
        shown += self._luck.sample(others, missing)
        if shown != self._visible:
            self._order.focus(shown)
            self._visible = shown
        if now > self._measured_from:
            self.result.lags += [
                self._downloads[i].percent_at(now) - self._tasks[i].percent
                for i in shown
                if not self._downloads[i].is_silent
            ]
