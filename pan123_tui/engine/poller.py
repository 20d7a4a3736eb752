"""The poller: fetches the progress of active tasks within the rate, most urgent first."""

import asyncio
from collections.abc import Callable, Collection, Iterable

from msgspec.structs import replace

from pan123_tui.api.rate_limit import POLLS_AT_ONCE
from pan123_tui.domain.errors import (
    AccountBlocked,
    Pan123Error,
    Problem,
    ProblemKind,
    QuotaExhausted,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    TaskUnknown,
    TokenRefused,
)
from pan123_tui.domain.events import Account, Connection
from pan123_tui.domain.progress import Progress, apply_progress
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task import Task, TaskState, transition
from pan123_tui.engine.missing_tasks import (
    RETRIES_S,
    MissCounter,
    are_enough,
    is_of_another_account,
    retry_after_s,
)
from pan123_tui.engine.ports import Runtime, Session
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker, StatusPublisher

FIRST_POLL_DELAY_S = 2.0
"""An estimate of how soon the service knows that a link is bad."""
MAX_LOAD = 1.9
"""Load factor above which a new task gets no early first poll. In the schedule's simulation it is
reached when four fifths of the rate are in use."""
CREATE_PRIORITY_S = 0.05
"""Lead of the outbox after a pause: a failing poll would open the circuit breaker again."""

ALL_REFUSED_S = 5.0
"""After so many seconds of refused polls only, the service is in trouble, not a task."""
_GENERAL = (AccountBlocked, QuotaExhausted, ServiceUnavailable, TokenRefused)
"""Refusals that say nothing of the task that was asked for."""


class Poller:
    """Polls the tasks that the schedule says are due; only the service's answer fails a task."""

    def __init__(
        self,
        repository: TaskRepository,
        session: Session,
        *,
        status: StatusPublisher,
        breaker: CircuitBreaker,
        schedule: Schedule,
        runtime: Runtime,
        plan_retry: Callable[[Task], Task],
    ) -> None:
        self.polls = 0
        """Number of polls so far."""
        self._repository = repository
        self._session = session
        self._status = status
        self._breaker = breaker
        self._runtime = runtime
        self._schedule = schedule
        self._plan_retry = plan_retry
        self._wake = asyncio.Event()
        self._in_flight = 0
        self._misses = MissCounter(runtime)
        self._refused_since: float | None = None
        self.on_ended: Callable[[], object] = lambda: None
        """Called when a task has ended at the service."""

    @property
    def oldest_check_at(self) -> float | None:
        """Unix seconds of the least recent poll of an active task; None without active tasks.

        For a task that was not polled yet, the time when it was sent.
        """
        return self._schedule.oldest_check_at()

    def watch(self, tasks: Iterable[Task]) -> None:
        """Poll those of `tasks` that are active from now on, and the others no more."""
        for task in tasks:
            self._schedule.track(task, self._runtime.monotonic())
        self._wake.set()

    def wake(self) -> None:
        """Look again when the next poll may be made."""
        self._wake.set()

    def start_polling(self, task: Task) -> None:
        """Poll a task that was just sent from now on, the first time soon.

        Most failures happen at once, while the user is still watching.
        """
        self.watch([task])
        if self._schedule.load_factor < MAX_LOAD:
            loop = asyncio.get_running_loop()
            loop.call_later(FIRST_POLL_DELAY_S, self.prioritize, [task.id])

    def forget(self, ids: Collection[int]) -> None:
        """Stop polling the tasks `ids`."""
        for task_id in ids:
            self._schedule.forget(task_id)

    def forget_misses(self) -> None:
        """Count misses from zero where the account matters, since it may be another one."""
        for task in tuple(self._repository.tasks.unfinished.values()):
            if task.misses is not None and task.account_uid is None:
                self._repository.update(replace(task, misses=None))

    def set_visible(self, ids: Collection[int]) -> None:
        """Poll the tasks on the screen more often than the others."""
        self._schedule.set_visible(ids)
        self._wake.set()

    def prioritize(self, ids: Collection[int] | None) -> None:
        """Poll the tasks `ids` (None: all) before the others."""
        self._schedule.prioritize(ids)
        self._wake.set()

    async def run(self) -> None:
        """Poll active tasks until cancelled; an unexpected error in a poll is raised."""
        async with asyncio.TaskGroup() as requests:
            while True:
                self._wake.clear()
                task, wait_s = self._next()
                if task is None:
                    await self._rest(wait_s)
                    continue
                self._in_flight += 1
                requests.create_task(self._poll(task))
                await asyncio.sleep(0)  # the poll reserves its slot before the next is picked

    async def _rest(self, wait_s: float | None) -> None:
        """Wait until woken, or for `wait_s` at most."""
        loop = asyncio.get_running_loop()
        alarm = None if wait_s is None else loop.call_later(wait_s, self._wake.set)
        await self._wake.wait()
        if alarm is not None:
            alarm.cancel()

    def _next(self) -> tuple[Task | None, float | None]:
        """Return the task to poll now, or the seconds to wait (None: until woken)."""
        if self._in_flight >= POLLS_AT_ONCE:
            return None, None
        if (pause_s := self._breaker.retry_after_s) > 0:
            return None, pause_s + CREATE_PRIORITY_S
        if (wait_s := self._session.service.poll_wait_s()) > 0:
            return None, wait_s
        now = self._runtime.monotonic()
        while (task_id := self._schedule.next_due(now)) is not None:
            task = self._repository.get(task_id)
            if task is not None and task.is_active:
                return task, None
            self._schedule.forget(task_id)
        due_at = self._schedule.next_due_at(now)
        return None, None if due_at is None else max(0.01, due_at - now)

    async def _poll(self, task: Task) -> None:
        try:
            await self._fetch_progress(task)
        finally:
            self._in_flight -= 1
            self._wake.set()

    async def _fetch_progress(self, task: Task) -> None:
        assert task.task_id is not None  # noqa: S101 - an active task has one
        self.polls += 1
        service = self._session.service
        asked_at, account = self._runtime.monotonic(), self._status.status.account
        try:
            progress = await service.get_progress(task.task_id)
        except Pan123Error as error:
            if service is self._session.service:
                await self._on_error(task, error, account=account, asked_at=asked_at)
            elif self._current_if_active(task):  # the former account's client tells nothing
                now = self._runtime.monotonic()
                self._schedule.record_failure(task.id, now, retry_after_s=0.0)
        else:
            if service is self._session.service:
                self._record_success()
            await self._apply_progress(task, progress, uid=account.uid if account else None)

    def _record_success(self) -> None:
        if self._refused_since is not None and self._status.status.connection is Connection.TROUBLE:
            self._status.clear_error()
        self._refused_since = None
        self._breaker.record_success()

    async def _on_error(
        self, task: Task, error: Pan123Error, *, account: Account | None, asked_at: float
    ) -> None:
        match error:
            case TaskUnknown():
                self._breaker.record_success()
                await self._on_unknown(task, error, account=account, asked_at=asked_at)
            case RateLimited():  # the client slows this endpoint down
                self._reschedule(task)
            case _:
                current = self._reschedule(task)
                if current and isinstance(error, ServiceError) and not isinstance(error, _GENERAL):
                    self._record_refusal(error)
                    self._attach_problem(current, error)
                else:
                    self._breaker.record_failure(error)

    def _record_refusal(self, error: ServiceError) -> None:
        """Record a refused poll: it is about its task, unless none has worked for a while."""
        now = self._runtime.monotonic()
        if self._refused_since is None:
            self._refused_since = now
        if now - self._refused_since < ALL_REFUSED_S:
            self._breaker.record_success()
        else:
            self._status.set_error(error.problem, Connection.TROUBLE)

    def _reschedule(self, asked: Task, *, retry_after_s: float | None = None) -> Task | None:
        """Poll again later; return the task as it is now, or None if it needs no polling."""
        task = self._current_if_active(asked)
        if task is None:
            return None
        now = self._runtime.monotonic()
        self._schedule.record_failure(task.id, now, retry_after_s=retry_after_s)
        return task

    def _attach_problem(self, task: Task, error: ServiceError) -> None:
        """Keep the service's error about this task with it until a poll succeeds."""
        if task.problem != error.problem:
            self._repository.update(replace(task, problem=error.problem))

    def _current_if_active(self, asked: Task) -> Task | None:
        """Return the task as it is now; None if it was removed, ended or sent again meanwhile."""
        task = self._repository.get(asked.id)
        if task is not None and task.is_active and task.task_id != asked.task_id:
            self.watch([task])
            return None
        if task is None or not task.is_active:
            self._schedule.forget(asked.id)
            return None
        return task

    async def _apply_progress(self, asked: Task, progress: Progress, *, uid: int | None) -> None:
        task = self._current_if_active(asked)
        if task is None:
            return
        at = self._runtime.clock()
        seen = self._plan_retry(apply_progress(task, progress, at=at))
        if seen.account_uid is None and uid is not None:
            seen = replace(seen, account_uid=uid)
        self._schedule.record_success(seen, self._runtime.monotonic())
        if not seen.is_active:
            await self._repository.commit(seen)
            self.on_ended()
            return
        if seen == task:
            self._repository.touch(task, at)
        else:
            self._repository.update(seen)

    async def _on_unknown(
        self, asked: Task, error: TaskUnknown, *, account: Account | None, asked_at: float
    ) -> None:
        """Ask again later: the task is missing only after misses over some minutes."""
        task = self._current_if_active(asked)
        if task is None:
            return
        if is_of_another_account(task, account):
            other = replace(task, problem=Problem(ProblemKind.OTHER_ACCOUNT), misses=None)
            self._keep(other, RETRIES_S[-1])
            return
        if account is None:  # it may be another account's
            self.forget_misses()
            misses = None if task.account_uid is None else task.misses
            self._keep(replace(task, problem=error.problem, misses=misses), RETRIES_S[0])
            return
        misses = self._misses.record(task, asked_at=asked_at)
        missed = replace(task, problem=error.problem, misses=misses)
        self._keep(missed, retry_after_s(misses))
        if are_enough(task, misses) and await self._is_ours(task):
            await self._mark_missing(asked, error)

    def _keep(self, missed: Task, retry_s: float) -> None:
        """Leave a task in its state although the service does not know it, and say why."""
        current = self._reschedule(missed, retry_after_s=retry_s)
        if current is None:
            return
        kept = replace(current, problem=missed.problem, misses=missed.misses)
        if kept != current:
            self._repository.update(kept)

    async def _is_ours(self, task: Task) -> bool:
        """Return whether other calls work, with the account that the task was sent with."""
        service = self._session.service
        try:
            account = await service.user_info()
        except Pan123Error:
            return False
        return service is self._session.service and not is_of_another_account(task, account)

    async def _mark_missing(self, asked: Task, error: TaskUnknown) -> None:
        task = self._current_if_active(asked)
        if task is None:
            return
        self._schedule.forget(task.id)
        at = self._runtime.clock()
        gone = transition(
            replace(task, checked_at=at, misses=None),
            TaskState.MISSING,
            at=at,
            problem=error.problem,
            finished_at=at,
        )
        await self._repository.commit(gone)
