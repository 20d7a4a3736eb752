"""The ledger: the tasks in memory, their way to disk, and the announcement of what changed."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksChecked, TasksLoaded
from pan123_tui.domain.task import (
    FINISHED_STATES,
    DownloadRequest,
    Task,
    TaskState,
    new_task,
    transition,
)
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.status import StatusPublisher
from pan123_tui.store.task_store import TaskStore

_log = logging.getLogger(__name__)
_TRIES = frozenset(
    {(TaskState.QUEUED, TaskState.SUBMITTING), (TaskState.SUBMITTING, TaskState.QUEUED)}
)
"""Moves that a night offline repeats a thousand times: what the board says of it is enough."""
SAVE_INTERVAL_S = 3.0
"""How long a mere progress may wait for its place on disk."""


class TaskRepository:
    """Memory is the truth; what cannot be asked for again is on disk before it is announced."""

    def __init__(
        self,
        store: TaskStore,
        listen: Callable[[EngineEvent], None],
        *,
        board: StatusPublisher,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._listen = listen
        self._status = board
        self._clock = clock

    @property
    def tasks(self) -> TaskCollection:
        """All tasks by id."""
        return self._store.tasks

    def get(self, task_id: int) -> Task | None:
        """Give the task as it is now, or None if it was removed."""
        return self._store.tasks.get(task_id)

    def find_by_state(self, *states: TaskState) -> list[Task]:
        """Give the tasks in any of `states`, oldest first."""
        tasks = self.tasks
        # Nobody who sends or polls has to decode what has ended.
        chosen = tasks.unfinished.values() if FINISHED_STATES.isdisjoint(states) else tasks.values()
        return sorted((task for task in chosen if task.state in states), key=lambda t: t.id)

    def announce_all(self) -> None:
        """Tell the listener everything, as after a start."""
        _log.info("started with %d tasks", len(self.tasks))
        self._listen(TasksLoaded(self.tasks.copy()))

    async def add(
        self, drafts: Iterable[DownloadRequest], *, request_id: str = ""
    ) -> tuple[Task, ...]:
        """Queue `drafts` in their order: on disk, then announced."""
        wanted = list(drafts)
        at = self._clock()
        ids = self._store.new_ids(len(wanted))
        tasks = tuple(
            new_task(draft, task_id=task_id, at=at, request_id=request_id)
            for task_id, draft in zip(ids, wanted, strict=True)
        )
        await self.commit(*tasks)
        return tasks

    async def recover_interrupted(self) -> None:
        """What a crash left as submitting may or may not have reached the service."""
        interrupted = self.find_by_state(TaskState.SUBMITTING)
        if interrupted:
            problem, at = Problem(ProblemKind.INTERRUPTED), self._clock()
            unsure = (
                transition(t, TaskState.UNCONFIRMED, at=at, problem=problem) for t in interrupted
            )
            await self.commit(*unsure)

    async def commit(self, *tasks: Task) -> bool:
        """Write `tasks` durably, then announce them; tell whether they are on disk.

        Where the disk refuses, they are announced all the same and live in memory.
        """
        for task in tasks:
            _log_move(self.get(task.id), task)
        self._store.put(tasks)
        saved = await self.save()
        self._listen(TasksChanged(tuple(map(self._latest, tasks))))
        return saved

    def _latest(self, task: Task) -> Task:
        """Return `task` with what polls have told meanwhile; a later commit announces itself."""
        now = self.get(task.id)
        if now is None or not (now.state is task.state or (now.is_active and task.is_active)):
            return task
        return now

    def update(self, task: Task) -> None:
        """Take a progress that can be asked for again: announced now, written within seconds."""
        self._store.put((task,))
        self._listen(TasksChanged((task,)))

    def touch(self, task: Task, at: float) -> None:
        """Note that `task` was polled and has not changed."""
        self._store.put((replace(task, checked_at=at),))
        self._listen(TasksChecked({task.id: at}))

    async def remove(self, ids: Iterable[int]) -> tuple[Task, ...]:
        """Forget tasks, but for those whose POST is on the wire; give the forgotten ones."""
        known = [self.tasks[i] for i in ids if i in self.tasks]
        free = tuple(t.id for t in known if t.state is not TaskState.SUBMITTING)
        removed = self._store.remove(free)
        await self.save()
        self._listen(TasksChanged(removed=free))
        return removed

    async def restore(self, tasks: Iterable[Task]) -> None:
        """Take removed tasks back as they were."""
        back = tuple(t for t in tasks if t.id not in self.tasks)
        self._store.restore(back)
        await self.save()
        self._listen(TasksChanged(back))

    async def save(self) -> bool:
        """Write what is not on disk yet; a refusal is a standing warning, not an error."""
        try:
            await self._store.save()
        except StoreUnwritable as error:
            self._status.update(store_problem=error.problem)
            return False
        self._status.update(store_problem=None)
        return True

    async def autosave(self) -> None:
        """Save progress every few seconds, for ever."""
        while True:
            await asyncio.sleep(SAVE_INTERVAL_S)
            if self._store.is_dirty:
                await self.save()


def _log_move(before: Task | None, task: Task) -> None:
    """Note where `task` moved to, and why; of its link, only where it leads: a log is shown."""
    former = before.state if before else None
    if former is task.state:
        return
    level = logging.DEBUG if (former, task.state) in _TRIES else logging.INFO
    site = "/".join(task.url.split("/", 3)[:3])
    _log.log(level, "task %d: %s, taskID %s, %s", task.id, task.state, task.task_id, site)
    if task.problem is not None:
        _log.log(level, "task %d: %s", task.id, task.problem)
