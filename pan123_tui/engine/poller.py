"""The poller: fetches the progress of active tasks within the rate, most urgent first."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.arrival_check import may_come_back, was_found
from pan123_tui.domain.errors import (
    GENERAL_REFUSALS,
    Pan123Error,
    Problem,
    ProblemKind,
    RateLimited,
    ServiceError,
    TaskUnknown,
)
from pan123_tui.domain.events import Account, EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.progress import Progress, apply_progress
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.service_facts import POLLS_AT_ONCE
from pan123_tui.domain.task import Misses, Task, TaskState, transition
from pan123_tui.engine.accounts import Accounts, is_of_another_account
from pan123_tui.engine.ports import BackgroundWorker, wait_at_most
from pan123_tui.engine.status import attempt

FIRST_POLL_DELAY_S = 2.0
"""How soon the service probably knows that a link is bad."""
MAX_LOAD = 1.9
"""Load factor above which a new task gets no early first poll. In the schedule's simulation it is
reached when four fifths of the rate are in use."""
CREATE_PRIORITY_S = 0.05
"""Lead of the outbox after a pause: a failing poll would open the circuit breaker again."""
RETRIES_S = (2.0, 5.0, 15.0, 60.0)
"""Waits after the first misses of a task; the last applies to all later ones."""
MISSING_AFTER_S = 300.0
"""A task is missing once the service has not known it for so long."""
RECHECK_INTERVAL_S = 600.0
"""How often the service is asked about missing tasks."""


class Poller(BackgroundWorker):
    """Polls the tasks that the schedule says are due; only the service's answer fails a task."""

    def __init__(self, accounts: Accounts, plan_retry: Callable[[Task], Task]) -> None:
        self._repository, self._session = accounts.repository, accounts.session
        self._breaker = accounts.breaker
        self._status, self._runtime = self._breaker.status, self._breaker.runtime
        self._schedule = Schedule()
        self._plan_retry = plan_retry
        self.wake = asyncio.Event()
        """Has it looked at again when the next poll may be made."""
        self._in_flight = 0
        self._question = asyncio.Lock()
        """Held while the account is fetched, for one missing task at a time."""

    def on_event(self, event: EngineEvent, /) -> None:
        match event:
            case TasksLoaded(tasks):
                self._watch(task for task in tasks if not task.is_finished)
                self.prioritize(None)  # what was read from disk may be hours old
            case TasksChanged(tasks, removed):
                moved = [it for it in tasks if it.is_active is not (it.id in self._schedule)]
                self._watch(moved)
                for task_id in removed:
                    self._schedule.forget(task_id)
                # Most failures happen at once, while the user is still watching.
                new = [task.id for task in moved if task.is_active]
                if new and self._schedule.load_factor < MAX_LOAD:
                    loop = asyncio.get_running_loop()
                    loop.call_later(FIRST_POLL_DELAY_S, self.prioritize, new)

    def _watch(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            self._schedule.track(task, self._runtime.monotonic())
            self.wake.set()

    def set_visible(self, ids: Collection[int]) -> None:
        self._schedule.set_visible(ids)
        self.wake.set()

    def prioritize(self, ids: Collection[int] | None) -> None:
        """Poll the tasks `ids` (None: all) before the others."""
        self._schedule.prioritize(ids)
        self.wake.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as requests:
            while True:
                self.wake.clear()
                task, wait_s = self._next()
                if task is None:
                    await wait_at_most(wait_s, self.wake)
                    continue
                self._in_flight += 1
                requests.create_task(self._poll(task))
                await asyncio.sleep(0)  # the poll reserves its slot before the next is picked

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
            task = self._repository.tasks.get(task_id)
            if task is not None and task.is_active:
                return task, None
            self._schedule.forget(task_id)
        due_at = self._schedule.next_due_at(now)
        return None, None if due_at is None else max(0.01, due_at - now)

    async def _poll(self, task: Task) -> None:
        """Fetch the progress of `task`, and apply it; whatever that meets, poll it again later."""
        if problem := await attempt(self._ask_for(task)):
            self._reschedule(task)
            self._status.update(notice=problem)

    async def _ask_for(self, task: Task) -> None:
        assert task.task_id is not None  # noqa: S101 - an active task has one
        account = self._status.status.account
        try:
            answer: Progress | Pan123Error = await self._session.service.get_progress(task.task_id)
        except Pan123Error as error:
            answer = error
        finally:
            self._in_flight -= 1
            self.wake.set()
        if isinstance(answer, Progress):
            self._breaker.record_success()
            await self._apply_progress(task, answer, uid=account.uid if account else None)
        else:
            await self._on_error(task, answer, account=account)

    async def _on_error(self, task: Task, error: Pan123Error, *, account: Account | None) -> None:
        if isinstance(error, TaskUnknown):
            self._breaker.record_success()
            await self._on_unknown(task, error, account=account)
            return
        is_about_task = isinstance(error, ServiceError) and not isinstance(error, GENERAL_REFUSALS)
        if is_about_task and self._reschedule(task, problem=error.problem):
            self._breaker.record_success()
            return
        self._reschedule(task)
        if not isinstance(error, RateLimited):  # for which the client slows this endpoint down
            self._breaker.record_failure(error)

    def _reschedule(
        self, asked: Task, *, retry_after_s: float | None = None, **changes: Any
    ) -> bool:
        """Poll again later, with `changes` to the task; return False if it needs no polling."""
        task = self._current_if_active(asked)
        if task is None:
            return False
        now = self._runtime.monotonic()
        self._schedule.record_failure(task.id, now, retry_after_s=retry_after_s)
        if (changed := replace(task, **changes)) != task:
            self._repository.update(changed)
        return True

    def _current_if_active(self, asked: Task) -> Task | None:
        """Return the task as it is now; None if it was removed, ended or sent again meanwhile."""
        task = self._repository.tasks.get(asked.id)
        if task is not None and task.is_active and task.task_id != asked.task_id:
            self._watch([task])
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
        elif seen == task:
            self._repository.touch(task, at)
        else:
            self._repository.update(seen)

    async def _on_unknown(
        self, asked: Task, error: TaskUnknown, *, account: Account | None
    ) -> None:
        """Ask again later: the task is missing only after misses over some minutes."""
        task = self._current_if_active(asked)
        if task is None:
            return
        problem, misses, retry_s = error.problem, task.misses, RETRIES_S[-1]
        if is_of_another_account(task, account):
            problem, misses = Problem(ProblemKind.OTHER_ACCOUNT), None
        elif account is None:  # it may be another account's
            retry_s = RETRIES_S[0]
        else:
            misses = next_miss(task, at=self._runtime.clock(), uid=account.uid)
            retry_s = RETRIES_S[min(misses.count, len(RETRIES_S)) - 1]
        self._reschedule(task, retry_after_s=retry_s, problem=problem, misses=misses)
        is_missing = misses is not None and misses.over_s >= MISSING_AFTER_S
        if account and is_missing and await self._is_ours(task):
            await self._mark_missing(asked, error)

    async def _is_ours(self, task: Task) -> bool:
        """Return whether other calls work with the account that sent the task."""
        if self._question.locked():
            return False  # the next miss asks again
        try:
            async with self._question:
                account = await self._session.service.user_info()
        except Pan123Error:
            return False
        return not is_of_another_account(task, account)

    async def _mark_missing(self, asked: Task, error: TaskUnknown) -> None:
        task = self._current_if_active(asked)
        if task is None or task.misses is None:  # it was found while the account was fetched
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

    async def run_rechecks(self) -> None:
        """Until cancelled, ask now and then about tasks that went missing less than a day ago."""
        while True:
            await asyncio.sleep(RECHECK_INTERVAL_S)
            now, ended = self._runtime.clock(), self._repository.tasks.finished.values()
            for asked in [it for it in ended if may_come_back(it, now=now)]:
                with suppress(Pan123Error):
                    await self._recheck(asked)

    async def _recheck(self, asked: Task) -> None:
        assert asked.task_id is not None  # noqa: S101 - else it may not come back
        progress = await self._session.service.get_progress(asked.task_id)
        task = self._repository.tasks.get(asked.id)
        if task and task.state is TaskState.MISSING and task.task_id == asked.task_id:
            # What was found in its folder may be another file: it is not there yet.
            guess = {"file_id": None} if was_found(task) else {}
            unchecked = replace(task, arrival=None, **guess)
            # The reason why it was missing is in its timeline.
            found = apply_progress(unchecked, progress, at=self._runtime.clock())
            await self._repository.commit(self._plan_retry(found))


def next_miss(task: Task, *, at: float, uid: int) -> Misses:
    """Return the misses of `task` over all runs, plus one at `at` unless they are enough.

    With another account than `uid` it may have been unknown for being somebody else's, so they
    count anew. Between two misses at most the longest wait counts, so neither a clock that was set
    nor a time without an engine ends a task.
    """
    former = task.misses
    if former is None or former.uid != uid:
        return Misses(1, 0, at, uid)
    if former.over_s >= MISSING_AFTER_S:
        return former  # so that nothing is written
    between_s = min(RETRIES_S[-1], max(0.0, at - former.last_at))
    return Misses(former.count + 1, int(former.over_s + between_s), at, uid)
