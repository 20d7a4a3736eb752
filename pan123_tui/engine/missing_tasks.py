"""Tasks that the service does not know: how long to doubt it, and how to find them again."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Account
from pan123_tui.domain.progress import apply_progress
from pan123_tui.domain.remaining_work import may_come_back
from pan123_tui.domain.task import Misses, Task, TaskState
from pan123_tui.engine.ports import Runtime, Session
from pan123_tui.engine.repository import TaskRepository

RETRIES_S = (2.0, 5.0, 15.0, 60.0)
"""Waits after the first misses of a task; the last one holds for all later ones."""
MIN_MISSES = 5
MIN_MISSING_S = 300.0
"""A task is missing after so many misses over so much time."""
MIN_MISSING_UNKNOWN_OWNER_S = 1800.0
"""The same for a task that may have been sent with another account than the one in use: no answer
has ever come for it, and nobody knows the account of its create."""
RECHECK_INTERVAL_S = 600.0


class MissCounter:
    """Counts the misses in a row of each task, which go on from the former run of the engine.

    Only a minute of the time between two runs counts, as if the engine had asked again at once:
    so a clock that was set in the meantime ends no task.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._began_at: dict[int, float] = {}
        """For each task missed in this run, the monotonic time that counts as its first miss."""

    def record(self, task: Task, *, asked_at: float) -> Misses:
        """Return the misses of `task` with one more, or as they are if they are enough."""
        now, at = self._runtime.monotonic(), self._runtime.clock()
        is_new = task.id not in self._began_at
        former = task.misses
        if former is None or (is_new and task.account_uid is None):  # perhaps of another account
            former, self._began_at[task.id] = Misses(0, 0, at), now
        elif is_new:
            between_s = min(RETRIES_S[-1], max(0.0, at - former.last_at))
            self._began_at[task.id] = now - between_s - former.over_s
        if are_enough(task, former):
            return former
        over_s = int(max(0.0, asked_at - self._began_at[task.id]))
        return Misses(former.count + 1, over_s, at)


def are_enough(task: Task, misses: Misses) -> bool:
    """Return whether `task` is to be called missing after `misses`."""
    is_owner_known = task.account_uid is not None
    least_s = MIN_MISSING_S if is_owner_known else MIN_MISSING_UNKNOWN_OWNER_S
    return misses.count >= MIN_MISSES and misses.over_s >= least_s


def retry_after_s(misses: Misses) -> float:
    """Return the seconds until the task is asked for again."""
    return RETRIES_S[min(misses.count, len(RETRIES_S)) - 1]


def is_of_another_account(task: Task, account: Account | None) -> bool:
    """Return whether `task` was surely sent with another account than `account`."""
    if account is None or task.account_uid is None:
        return False
    return task.account_uid != account.uid


class MissingTaskChecker:
    """Asks now and then for missing tasks, and takes up those that the service knows again."""

    def __init__(
        self,
        repository: TaskRepository,
        session: Session,
        runtime: Runtime,
        *,
        on_found: Callable[[Task], None],
        plan_retry: Callable[[Task], Task],
    ) -> None:
        self._repository = repository
        self._session = session
        self._runtime = runtime
        self._on_found = on_found
        self._plan_retry = plan_retry

    async def run(self) -> None:
        """Ask at intervals until cancelled."""
        while True:
            await asyncio.sleep(RECHECK_INTERVAL_S)
            await self.check_all()

    async def check_all(self) -> None:
        """Ask once for each task that has gone missing within a day."""
        at = self._runtime.clock()
        for task in self._repository.find_missing():
            if may_come_back(task, now=at):
                await self._check(task)

    async def _check(self, asked: Task) -> None:
        assert asked.task_id is not None  # noqa: S101 - it was sent
        try:
            progress = await self._session.service.get_progress(asked.task_id)
        except Pan123Error:
            return
        task = self._repository.get(asked.id)
        if task is None or task.state is not TaskState.MISSING or task.task_id != asked.task_id:
            return
        # The reason why it was missing stands in its timeline.
        found = apply_progress(replace(task, finished_at=None), progress, at=self._runtime.clock())
        await self._repository.commit(self._plan_retry(found))
        self._on_found(found)
