"""Tasks that the service does not know: how long to doubt it, and how to find them again."""

import asyncio
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Account
from pan123_tui.domain.progress import apply_progress
from pan123_tui.domain.task import Task, TaskState
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
RECHECK_FOR_S = 86_400.0
"""For how long a missing task is asked for again."""


class Misses(Struct):
    """Answers in a row that the service does not know a task."""

    task_id: int
    """The service's taskID: a task that is sent again starts anew."""
    first_at: float
    """When the first answer came, by the monotonic clock."""
    last_asked_at: float
    count: int = 0
    is_owner_known: bool = False
    """Whether they are sure to come from the task's own account."""

    @property
    def are_enough(self) -> bool:
        """Return whether the task is to be called missing."""
        least_s = MIN_MISSING_S if self.is_owner_known else MIN_MISSING_UNKNOWN_OWNER_S
        return self.count >= MIN_MISSES and self.last_asked_at - self.first_at >= least_s

    @property
    def retry_after_s(self) -> float:
        """Seconds until the task is asked for again."""
        return RETRIES_S[min(self.count, len(RETRIES_S)) - 1]


class MissCounter:
    """Counts the misses in a row of each task."""

    def __init__(self) -> None:
        self._by_task: dict[int, Misses] = {}

    def record(self, task: Task, *, asked_at: float, now: float) -> Misses:
        """Count a miss and return those in a row."""
        assert task.task_id is not None  # noqa: S101 - it was asked for
        misses = self._by_task.get(task.id)
        if misses is None or misses.task_id != task.task_id:
            misses = self._by_task[task.id] = Misses(task.task_id, now, asked_at)
        misses.count += 1
        misses.last_asked_at = asked_at
        misses.is_owner_known = task.account_uid is not None
        return misses

    def forget_doubtful(self) -> None:
        """Forget the misses of tasks of an unknown account: another one may be asked from now on.

        Those of a known one go on: they are counted only while that account is asked.
        """
        self._by_task = {
            task_id: misses for task_id, misses in self._by_task.items() if misses.is_owner_known
        }

    def forget(self, task_id: int) -> None:
        """Forget the misses of a task, which was answered or is polled no more."""
        self._by_task.pop(task_id, None)


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
    ) -> None:
        self._repository = repository
        self._session = session
        self._runtime = runtime
        self._on_found = on_found

    async def run(self) -> None:
        """Ask at intervals until cancelled."""
        while True:
            await asyncio.sleep(RECHECK_INTERVAL_S)
            await self.check_all()

    async def check_all(self) -> None:
        """Ask once for each task that has gone missing within a day."""
        at = self._runtime.clock()
        for task in self._repository.find_missing():
            is_recent = abs(at - (task.finished_at or at)) < RECHECK_FOR_S
            if is_recent and task.task_id is not None:  # it was unreadable
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
        await self._repository.commit(found)
        self._on_found(found)
