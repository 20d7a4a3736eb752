"""The task store: memory is the truth, the files are how it survives."""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Self

from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.store.task_files import TaskFiles


class TaskStore:
    """All tasks by id. Changes belong to one thread; `save_now` may be called from any other."""

    def __init__(self, files: TaskFiles, tasks: TaskCollection) -> None:
        """Use `open`."""
        self.problem = files.problem
        """Why nothing is saved, until a save works again."""
        self._files = files
        self._tasks = tasks
        self._next_id = files.next_id
        self._pending: dict[int, Task | None] = {}
        self._taking = Lock()
        self._writing = Lock()
        # Of its own: name look-ups that hang may fill the loop's.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="store")
        self._running: asyncio.Task[None] | None = None
        self._queued: asyncio.Task[None] | None = None
        self._moving: Future[None] | None = None

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], float] = time.time) -> Self:
        """Read the tasks of `folder`, which is made if need be; the caller holds its `StoreLock`.

        Damaged files are set aside and named in `notice`; where the folder cannot be used at all,
        the store works in memory and `problem` tells why. Raises `StoreNewer`, nothing touched.
        """
        files = TaskFiles(folder, clock=clock)
        try:
            files.clean()
        except OSError as error:
            message = f"{folder}: {error.strerror or error}"
            files.problem = Problem(ProblemKind.STORE_UNWRITABLE, message)
        return cls(files, files.load())

    @property
    def tasks(self) -> TaskCollection:
        """All tasks by id; only `put`, `remove` and the like change them."""
        return self._tasks

    @property
    def notice(self) -> Problem | None:
        """What was found damaged: its message names the files that keep it."""
        return self._files.notice

    @property
    def is_dirty(self) -> bool:
        """Whether memory holds what the disk does not."""
        return bool(self._pending) or self._files.is_dirty

    def get(self, task_id: int) -> Task | None:
        """Give the task as it is now."""
        return self._tasks.get(task_id)

    def new_ids(self, count: int) -> range:
        """Give `count` ids that no task ever had."""
        with self._taking:
            first = self._next_id
            self._next_id += count
        return range(first, first + count)

    def put(self, tasks: Iterable[Task]) -> None:
        """Take new tasks and new values of known ones; an equal value needs no writing."""
        with self._taking:
            for task in tasks:
                if self._tasks.get(task.id) != task:
                    self._pending[task.id] = task
                    self._next_id = max(self._next_id, task.id + 1)
                self._tasks.put(task)

    def remove(self, ids: Iterable[int]) -> tuple[Task, ...]:
        """Forget tasks and give them, to be restored perhaps; unknown ids are skipped."""
        with self._taking:
            known = [i for i in ids if i in self._tasks]
            self._pending.update(dict.fromkeys(known))
            return tuple(self._tasks.pop(i) for i in known)

    def restore(self, tasks: Iterable[Task]) -> None:
        """Take removed tasks back under their ids."""
        self.put(tasks)

    async def save(self) -> None:
        """Return when all that was put or removed before is on disk.

        Savers that come while a write is under way share the next one. Raises `StoreUnwritable`;
        the tasks stay in memory and `is_dirty`.
        """
        if self._queued is None or self._queued.done():
            if self._running is None and not self.is_dirty:
                return
            self._queued = asyncio.create_task(self._write_after(self._running), name="store")
            self._queued.add_done_callback(_look_at)
        await asyncio.shield(self._queued)

    def save_now(self) -> None:
        """Write everything before returning, from any thread. Raises `StoreUnwritable`."""
        with self._writing:
            if not self.is_dirty:
                return
            with self._taking:
                self._files.is_dirty = True
                changed, self._pending = self._pending, {}
                next_id = self._next_id
            try:
                self._files.save(changed, next_id=next_id)
            except StoreUnwritable as error:
                self.problem = error.problem
                raise
            self.problem = None

    def close(self) -> None:
        """Write what is not on disk yet and end the threads. Raises `StoreUnwritable`."""
        self._threads.shutdown()
        try:
            self.save_now()
        finally:
            self._files.close()

    async def _write_after(self, running: asyncio.Task[None] | None) -> None:
        if running is not None:
            await asyncio.wait((running,))
        self._queued, self._running = None, asyncio.current_task()
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self.save_now)
        finally:
            self._running = None
        if self._files.is_archive_due and (self._moving is None or self._moving.done()):
            self._moving = self._threads.submit(self._move_ended)

    def _move_ended(self) -> None:
        with suppress(StoreUnwritable):  # then they stay where they are, on disk as well
            self._files.move_ended()


def _look_at(task: asyncio.Task[None]) -> None:
    """Keep asyncio from complaining of an error that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
