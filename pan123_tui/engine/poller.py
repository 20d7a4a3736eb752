"""The poller: asks for the progress of the active tasks, within the rate, most urgent first."""

import asyncio
from collections.abc import Collection

from msgspec.structs import replace

from pan123_tui.api.rate_limit import POLLS_AT_ONCE
from pan123_tui.domain.errors import (
    Pan123Error,
    RateLimited,
    ServiceError,
    TaskUnknown,
    TokenRefused,
)
from pan123_tui.domain.progress import Progress, observed, unanswered
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task import Task, TaskState, move
from pan123_tui.engine.circuit_breaker import CircuitBreaker
from pan123_tui.engine.ledger import Ledger
from pan123_tui.engine.service import Service
from pan123_tui.engine.surroundings import Surroundings

FIRST_LOOK_S = 2.0
"""A guess at how soon the service knows that a link is bad."""
MAX_LOAD = 1.9
"""Under more load than this a new task waits for its turn like all others. In the simulation it is
reached where four fifths of the rate are in use."""
LINKS_FIRST_S = 0.05
"""After a pause of the line a link is tried first: a poll that fails again would begin another."""


class Poller:
    """Polls what the schedule says is due; a task is failed only when the service says so."""

    def __init__(
        self,
        ledger: Ledger,
        service: Service,
        *,
        breaker: CircuitBreaker,
        schedule: Schedule,
        surroundings: Surroundings,
    ) -> None:
        self.service = service
        self.polls = 0
        """How many were made so far."""
        self._ledger = ledger
        self._breaker = breaker
        self._around = surroundings
        self._schedule = schedule
        self._wake = asyncio.Event()
        self._in_flight = 0

    @property
    def oldest_check_at(self) -> float | None:
        """When the task was asked for that has waited longest (Unix seconds); None: there is none.

        For one that has not been asked for yet, when it was sent.
        """
        return self._schedule.oldest_check_at()

    def watch(self, task: Task) -> None:
        """Poll `task` from now on, or no more if it is not active."""
        if task.is_active:
            self._schedule.track(task, self._around.monotonic())
        else:
            self._schedule.forget(task.id)
        self._wake.set()

    def begin(self, task: Task) -> None:
        """Poll the task that was just sent from now on, soon for the first time.

        Much that fails does so at once, and whoever added it is still looking.
        """
        self.watch(task)
        if self._schedule.load_factor < MAX_LOAD:
            loop = asyncio.get_running_loop()
            loop.call_later(FIRST_LOOK_S, self.hurry, [task.id])

    def forget(self, ids: Collection[int]) -> None:
        """Poll the tasks `ids` no more."""
        for task_id in ids:
            self._schedule.forget(task_id)

    def focus(self, ids: Collection[int]) -> None:
        """Look more often at what the user looks at."""
        self._schedule.focus(ids)

    def hurry(self, ids: Collection[int] | None) -> None:
        """Poll the tasks `ids` (None: all) before any other."""
        self._schedule.hurry(ids)
        self._wake.set()

    async def run(self) -> None:
        """Poll what is active, for ever; a fault in one poll ends it and is raised."""
        async with asyncio.TaskGroup() as requests:
            while True:
                self._wake.clear()
                task, wait_s = self._next()
                if task is None:
                    await self._rest(wait_s)
                    continue
                self._in_flight += 1
                requests.create_task(self._poll(task))
                await asyncio.sleep(0)  # the poll takes its turn before the next is picked

    async def _rest(self, wait_s: float | None) -> None:
        """Wait until woken, or for `wait_s` at most."""
        loop = asyncio.get_running_loop()
        alarm = None if wait_s is None else loop.call_later(wait_s, self._wake.set)
        await self._wake.wait()
        if alarm is not None:
            alarm.cancel()

    def _next(self) -> tuple[Task | None, float | None]:
        """Give the task to poll now, or how long to wait (None: until woken)."""
        if self._in_flight >= POLLS_AT_ONCE:
            return None, None
        if (pause_s := self._breaker.retry_after_s) > 0:
            return None, pause_s + LINKS_FIRST_S
        if (wait_s := self.service.poll_wait_s()) > 0:
            return None, wait_s
        now = self._around.monotonic()
        while (task_id := self._schedule.pick(now)) is not None:
            task = self._ledger.get(task_id)
            if task is not None and task.is_active:
                return task, None
            self._schedule.forget(task_id)
        due_at = self._schedule.next_due_at(now)
        return None, None if due_at is None else max(0.01, due_at - now)

    async def _poll(self, task: Task) -> None:
        try:
            await self._ask_for(task)
        finally:
            self._in_flight -= 1
            self._wake.set()

    async def _ask_for(self, task: Task) -> None:
        assert task.task_id is not None  # noqa: S101 - an active task has one
        self.polls += 1
        try:
            progress = await self.service.get_progress(task.task_id)
        except TaskUnknown as error:
            self._breaker.record_success()
            await self._lose(task, error)
        except RateLimited as error:  # the client rests this endpoint
            self._put_off(task, error)
        except Pan123Error as error:
            known = self._put_off(task, error)
            if known and isinstance(error, ServiceError) and not isinstance(error, TokenRefused):
                self._breaker.record_success()
                self._blame(known, error)
            else:
                self._breaker.record_failure(error)
        else:
            self._breaker.record_success()
            await self._take(task, progress)

    def _put_off(self, asked: Task, error: Pan123Error) -> Task | None:
        """Ask again later; give the task as it is now, if it is still wanted."""
        task = self._still_asked_for(asked)
        if task is None:
            return None
        self._schedule.failed(task.id, self._around.monotonic())
        task = unanswered(task, error.problem, at=self._around.clock())
        self._ledger.note(task)
        return task

    def _blame(self, task: Task, error: ServiceError) -> None:
        """Keep with the task what the service says about it alone, until it answers again."""
        if task.problem != error.problem:
            self._ledger.note(replace(task, problem=error.problem))

    def _still_asked_for(self, asked: Task) -> Task | None:
        """Give the task as it is now, unless it was removed, ended or sent anew meanwhile."""
        task = self._ledger.get(asked.id)
        if task is not None and task.is_active and task.task_id != asked.task_id:
            self.watch(task)
            return None
        if task is None or not task.is_active:
            self._schedule.forget(asked.id)
            return None
        return task

    async def _take(self, asked: Task, progress: Progress) -> None:
        task = self._still_asked_for(asked)
        if task is None:
            return
        at = self._around.clock()
        seen = observed(task, progress, at=at)
        self._schedule.answered(seen, self._around.monotonic())
        if not seen.is_active:
            await self._ledger.commit(seen)
            return
        if seen == task:
            self._ledger.checked(task, at)
        else:
            self._ledger.note(seen)

    async def _lose(self, asked: Task, error: TaskUnknown) -> None:
        task = self._still_asked_for(asked)
        if task is None:
            return
        self._schedule.forget(task.id)
        at = self._around.clock()
        gone = move(
            replace(task, checked_at=at),
            TaskState.MISSING,
            at=at,
            problem=error.problem,
            finished_at=at,
        )
        await self._ledger.commit(gone)
