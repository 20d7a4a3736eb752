"""The task store: all tasks in memory, written to a data folder's files when they change."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.task import Task
from pan123_tui.store.sent_links import SentLinks
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.system.folder_lock import FolderLock

T = TypeVar("T")


class TaskStore:
    """All tasks by id; one thread changes them, while any other may call `save_now`."""

    def __init__(self, folder: Path, *, lock: FolderLock | None = None) -> None:
        """Load the tasks of `folder`, created if missing; the caller holds its `lock`.

        Damaged files are quarantined and named in `notice`; if the folder is unusable, the store
        works in memory and `problem` is set. Raises `StoreVersionTooNew` before any change.
        """
        self._files = files = TaskFiles(folder)
        self.sent = files.sent
        """The links that were sent and are no longer in the list."""
        self.tasks = files.load()
        """All tasks by id, for reading only."""
        self.problem = files.problem
        """Why nothing is saved; None again once a save succeeds."""
        self.is_paused = files.is_paused
        """Whether the user has paused sending; use `set_paused` to change it."""
        self._revision = 1 if files.damaged else 0
        self._saved_revision = 0
        self._check_lock = lock.check if lock is not None else lambda: None
        self._pending: dict[int, Task | None] = {}
        self._memory_lock = Lock()
        self._write_lock = Lock()
        # Not the loop's executor, which hanging name look-ups may block.
        self._executor = ThreadPoolExecutor(2, thread_name_prefix="store")
        self._saving = asyncio.Lock()
        """Held during a write by `save`."""
        self._begun = self._refused = 0
        """The numbers of the latest write by `save`, and of the latest that the disk refused."""
        self._archiving: Future[None] | None = None

    @property
    def notice(self) -> Problem | None:
        """What was damaged; the message names the files that keep it."""
        damaged = self._files.damaged
        return Problem(ProblemKind.STORE_DAMAGED, ", ".join(damaged)) if damaged else None

    @property
    def is_dirty(self) -> bool:
        return self._revision != self._saved_revision

    def new_ids(self, count: int) -> range:
        """Return `count` ids that no task has ever had."""
        with self._memory_lock:
            first = self._files.next_id
            self._files.next_id += count
        return range(first, first + count)

    def put(self, tasks: Iterable[Task]) -> None:
        """Add or replace tasks; an equal value is not written."""
        with self._memory_lock:
            for task in tasks:
                before = self.tasks.get(task.id)
                if before is not None and before.url != task.url:
                    self.sent.note(before)
                if before != task:
                    self._pending[task.id] = task
                    self._revision += 1
                    self._files.next_id = max(self._files.next_id, task.id + 1)
                self.tasks.put(task)

    def remove(self, ids: Iterable[int]) -> tuple[Task, ...]:
        """Remove tasks and return them; unknown ids are skipped."""
        with self._memory_lock:
            known = [i for i in dict.fromkeys(ids) if i in self.tasks]
            self._pending.update(dict.fromkeys(known))
            self._revision += len(known)
            removed = tuple(self.tasks.pop(i) for i in known)
            for task in removed:
                self.sent.note(task)
            return removed

    def set_paused(self, is_paused: bool) -> None:
        with self._memory_lock:
            self._revision += is_paused is not self.is_paused
            self.is_paused = is_paused

    async def save(self) -> bool:
        """Wait until all earlier changes are on disk; calls during a write share the next one.

        Return False, and set `problem`, if the disk refuses: the changes then stay in memory.
        """
        wanted, begun = self._revision, self._begun
        async with self._saving:
            await asyncio.sleep(0)  # what changes together is written together
            if self._saved_revision < wanted:
                if self._refused > begun:  # with these changes
                    return False
                self._begun += 1
                try:
                    await asyncio.get_running_loop().run_in_executor(self._executor, self.save_now)
                except StoreUnwritable:
                    self._refused = self._begun
                    return False
        if self._files.is_archive_due and (self._archiving is None or self._archiving.done()):
            self._archiving = self._executor.submit(self._move_ended)
        return True

    def save_now(self) -> None:
        """Write all changes before returning, from any thread. Raises `StoreUnwritable`."""
        with self._write_lock:
            if not self.is_dirty:
                return
            try:
                self._check_lock()
                self._files.make_folder()
                self._check_lock()  # somebody may just have moved the folder, and it was made anew
                with self._memory_lock:
                    changed, self._pending = self._pending, {}
                    revision, self._files.is_paused = self._revision, self.is_paused
                self._files.save(changed)
            except StoreUnwritable as error:
                self.problem = error.problem
                raise
            self._saved_revision, self.problem = revision, None

    async def with_sent(self, call: Callable[[SentLinks], T]) -> T:
        """Return what `call`, in a thread, makes of the links that were sent before."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, call, self.sent)

    async def check(self) -> None:
        """Raise `StoreLost` unless lock and files are still this process's own."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._check)

    def close(self) -> None:
        """Write all changes and end the threads. Raises `StoreUnwritable`."""
        self._executor.shutdown()
        self.save_now()

    def _check(self) -> None:
        self._check_lock()
        with suppress(OSError):  # which the next write reports
            self._files.check()

    def _move_ended(self) -> None:
        with suppress(StoreUnwritable):  # the tasks then stay on disk in the first file
            self._check_lock()
            self._files.move_ended()
            with self._memory_lock:
                self._revision += 1  # the first file has them until it is written again
