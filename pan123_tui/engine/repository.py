"""The task repository: the tasks in memory, saved on disk before a change is published."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind, StoreLost
from pan123_tui.domain.events import TasksChanged, TasksChecked
from pan123_tui.domain.send_queue import in_send_order
from pan123_tui.domain.task import UNSENT_STATES, Task, TaskState, transition
from pan123_tui.engine.status import EventPublisher
from pan123_tui.store.task_store import TaskStore

_log = logging.getLogger(__name__)
SAVE_INTERVAL_S = 3.0
"""How long new progress may stay unsaved, since it can be fetched again."""


class TaskRepository:
    """The only writer of tasks: saves what cannot be fetched again before it publishes it."""

    def __init__(
        self, store: TaskStore, events: EventPublisher, *, clock: Callable[[], float]
    ) -> None:
        self.tasks = store.tasks
        """All tasks by id, as they are now; for reading only."""
        self.new_ids = store.new_ids
        self.with_sent = store.with_sent
        self._store = store
        self._events = events
        self._clock = clock
        self._being_saved: list[Mapping[int, Task | None]] = []
        """For each commit under way, its tasks as they were published before it."""

    @property
    def is_paused(self) -> bool:
        """Whether the user has paused sending; set at once, and published once saved."""
        return self._store.is_paused

    async def set_paused(self, is_paused: bool) -> None:
        self._store.set_paused(is_paused)
        await self._store.save()
        # Not what it is now: the outbox may wait since.
        self._events.update(is_paused=is_paused, store_problem=self._store.problem)

    def published(self, task_id: int) -> Task | None:
        """Return a task without what is not on disk yet."""
        for before in self._being_saved:
            if task_id in before:
                return before[task_id]
        return self.tasks.get(task_id)

    @property
    def queued(self) -> list[Task]:
        """The links to be sent, in their order."""
        return in_send_order(self.tasks.unfinished.values())

    async def recover_interrupted(self) -> None:
        """Mark tasks that a crash left submitting as unconfirmed: they may have been sent."""
        unfinished = self.tasks.unfinished.values()
        interrupted = [task for task in unfinished if task.state is TaskState.SUBMITTING]
        problem, at = Problem(ProblemKind.INTERRUPTED), self._clock()
        await self.commit(
            *(transition(t, TaskState.UNCONFIRMED, at=at, problem=problem) for t in interrupted)
        )

    async def commit(self, *tasks: Task) -> bool:
        """Save `tasks`, then publish them; return whether they are on disk.

        If the disk refuses, they are published all the same and stay in memory.
        """
        if not tasks:
            return True
        for task in tasks:
            _log_move(self.tasks.get(task.id), task)
        before = {task.id: self.tasks.get(task.id) for task in tasks}
        self._being_saved.append(before)
        self._store.put(tasks)
        # Its caller may be cancelled: what is saved would never be shown.
        return await asyncio.shield(self._publish_saved(tasks, before))

    async def _publish_saved(
        self, tasks: Sequence[Task], before: Mapping[int, Task | None]
    ) -> bool:
        try:
            is_saved = await self._store.save()
        finally:
            self._being_saved.remove(before)
        self._events.update(store_problem=self._store.problem)
        self._events.on_event(TasksChanged(tuple(map(self._latest, tasks))))
        return is_saved

    def _latest(self, task: Task) -> Task:
        """Return `task` with the progress polled while it was saved.

        A newer state, link or place in the queue is published by a commit of its own.
        """
        now = self.tasks.get(task.id)
        if now is None or task.state is TaskState.QUEUED:
            return task
        if not (now.state is task.state or (now.is_active and task.is_active)):
            return task
        return now

    def update(self, task: Task) -> None:
        """Publish new progress of `task` now and save it within seconds."""
        self._store.put((task,))
        self._events.on_event(TasksChanged((task,)))

    def touch(self, task: Task, at: float) -> None:
        """Record that `task` was polled at `at` and is unchanged."""
        self._store.put((replace(task, checked_at=at),))
        self._events.on_event(TasksChecked({task.id: at}))

    async def remove(self, ids: Iterable[int]) -> tuple[Task, ...]:
        """Remove tasks, except those being sent, and return the removed ones."""
        known = [self.tasks[i] for i in ids if i in self.tasks]
        free = tuple(t.id for t in known if t.state is not TaskState.SUBMITTING)
        removed = self._store.remove(free)
        await self._store.save()
        self._events.update(store_problem=self._store.problem)
        self._events.on_event(TasksChanged(removed={task.id: task for task in removed}))
        return removed

    async def restore(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Add removed tasks back unchanged, unless their ids exist; return `tasks`."""
        await self.commit(*(task for task in tasks if task.id not in self.tasks))
        return tasks

    async def wait_published(self) -> None:
        """Wait until each commit under way has published its tasks."""
        while self._being_saved:
            await self._store.save()
            await asyncio.sleep(0)  # the commit goes on first

    async def check_store(self) -> None:
        """Raise `StoreLost` if the data folder is no longer this engine's; set the status."""
        try:
            await self._store.check()
        except StoreLost as error:
            self._events.update(store_problem=error.problem)
            raise
        problem = self._events.status.store_problem
        is_lost = problem is not None and problem.kind is ProblemKind.STORE_LOST
        if is_lost and not self._store.is_dirty:
            self._events.update(store_problem=None)

    async def autosave(self) -> None:
        """Save progress or, if there is none, check the data folder, until cancelled."""
        while True:
            await asyncio.sleep(SAVE_INTERVAL_S)
            if self._store.is_dirty:
                await self._store.save()
                self._events.update(store_problem=self._store.problem)
                continue
            with suppress(StoreLost):  # the status says so
                await self.check_store()


def _log_move(before: Task | None, task: Task) -> None:
    """Log a new state of `task` and its reason; of its link only the site: logs get shared."""
    former = before.state if before else None
    if former is task.state:
        return
    # A night offline repeats such a change a thousand times; the status is logged instead.
    level = logging.DEBUG if {former, task.state} <= UNSENT_STATES else logging.INFO
    site = "/".join(task.url.split("/", 3)[:3])
    _log.log(level, "task %d: %s, taskID %s, %s", task.id, task.state, task.task_id, site)
    if task.problem is not None:
        _log.log(level, "task %d: %s", task.id, task.problem)
