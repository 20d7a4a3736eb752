"""The files of a data folder: `tasks.json` for active tasks, `archive.json` for ended ones.

Rewriting ten thousand ended tasks for each change would be slow and wear out the disk. So a task
ends in `tasks.json`, and ended tasks move to the archive some hundred at a time. The order keeps
that safe at every moment: `tasks.json` wins for a task in both files, and a task leaves it only
after both generations of the archive hold it.
"""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from msgspec import Raw

from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import ArchivedTasks, TaskCollection
from pan123_tui.store.task_file import MAX_ID, FileContents, Meta, TaskFile, encode
from pan123_tui.system.private_files import make_private_folder, sync_folder

ACTIVE_NAME, ARCHIVE_NAME = "tasks.json", "archive.json"
ARCHIVE_AT = 512
"""Number of ended, or removed but archived, tasks that are worth rewriting the archive."""
ID_GAP = 1000
"""Ids skipped after damage, for tasks that only the lost generation knew."""


class TaskFiles:
    """All tasks of a folder as encoded documents; safe to use from several threads."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.problem: Problem | None = None
        """Why a file could not be read."""
        self.next_id = 1
        self.is_paused = False
        """Whether the user has paused sending; saved with the next change."""
        self.is_dirty = False
        """Whether changes are not on disk yet."""
        self._active = TaskFile(folder / ACTIVE_NAME, clock=clock)
        self._archive = TaskFile(folder / ARCHIVE_NAME, trusts_checksum=True, clock=clock)
        self._lock = Lock()
        self._documents: dict[int, Raw] = {}
        self._ended: set[int] = set()
        """Ids in `_documents` that may move to the archive."""
        self._archived: dict[int, Raw] = {}
        """Documents in the archive, those of removed tasks included."""
        self._moving: set[int] = set()
        self._removed: set[int] = set()
        self._quarantine: tuple[Raw, ...] = ()
        self._invalid_records: list[str] = []
        self._archive_at = ARCHIVE_AT

    @property
    def damaged(self) -> tuple[str, ...]:
        """Names of the files or tables that keep what was damaged."""
        files = (*self._active.quarantined_files, *self._archive.quarantined_files)
        return (*files, *self._invalid_records)

    @property
    def notice(self) -> Problem | None:
        """What was damaged, as a problem to show."""
        damaged = self.damaged
        return Problem(ProblemKind.STORE_DAMAGED, ", ".join(damaged)) if damaged else None

    def load(self, *, read_only: bool = False) -> TaskCollection:
        """Return all tasks; a file that cannot be read sets `problem`.

        Damaged files are quarantined unless `read_only`. Raises `StoreVersionTooNew` before
        anything is changed.
        """
        # In this order a concurrent move is read as a task twice rather than not at all.
        active = self._load_file(self._active)
        archive = self._load_file(self._archive)
        if not read_only:
            self._active.quarantine_damaged()
            self._archive.quarantine_damaged()
        self._adopt(active, archive)
        archived = {i: raw for i, raw in self._archived.items() if i not in self._removed}
        return TaskCollection(active.tasks.values(), ArchivedTasks(archived))

    def save(self, changed: Mapping[int, Task | None], *, next_id: int) -> None:
        """Save new values of tasks, None for removed ones; they are on disk when this returns.

        Raises `StoreUnwritable`; the changes are then part of the next save.
        """
        with self._lock:
            self.is_dirty = True
            self.next_id = next_id
            self._apply(changed)
            documents = dict(self._documents)
            meta = Meta(next_id=next_id, removed=tuple(self._removed), is_paused=self.is_paused)
        try:
            make_private_folder(self.folder)
        except OSError as error:
            raise StoreUnwritable(f"{self.folder}: {error.strerror or error}") from error
        self._active.save(documents, meta, self._quarantine)
        self.is_dirty = False

    @property
    def is_archive_due(self) -> bool:
        """Whether enough tasks have ended or were removed to rewrite the archive."""
        return max(len(self._ended), len(self._removed)) >= self._archive_at

    def move_ended(self) -> None:
        """Move ended tasks to the archive, while `save` may run in another thread.

        Raises `StoreUnwritable` if the archive cannot be written; the tasks then stay.
        """
        with self._lock:
            ended = {task_id: self._documents[task_id] for task_id in self._ended}
            removed = set(self._removed)
            self._archive_at += ARCHIVE_AT
            self._moving.update(ended)
        kept = {i: raw for i, raw in self._archived.items() if i not in removed}
        archived = dict(sorted((kept | ended).items()))
        meta = Meta(next_id=self.next_id)
        self._archive.save(archived, meta)
        self._archive.save(archived, meta)  # so that the backup has them too
        with self._lock:
            self._archive_at = ARCHIVE_AT
            self.is_dirty = True
            self._archived, self._moving = archived, set()
            self._removed -= removed
            for task_id, document in ended.items():
                if self._documents.get(task_id) is document:
                    self._ended.remove(task_id)
                    del self._documents[task_id]

    def check(self) -> None:
        """Raise `StoreLost` if another program has replaced a file, and `OSError`."""
        self._active.storage.check()
        self._archive.storage.check()

    def prepare_folder(self) -> None:
        """Create the folder; raises `OSError`."""
        make_private_folder(self.folder)
        sync_folder(self.folder)  # a killed process may not have come to it

    def _load_file(self, file: TaskFile) -> FileContents:
        try:
            contents = file.load()
        except OSError as error:
            message = f"{file.path}: {error.strerror or error}"
            self.problem = Problem(ProblemKind.STORE_UNWRITABLE, message)
            self._archive_at = sys.maxsize if file is self._archive else self._archive_at
            return FileContents()
        new_records = [raw for raw in contents.quarantine if raw not in self._quarantine]
        self._quarantine += tuple(new_records)
        if contents.invalid_keys and new_records:
            keys = ", ".join(contents.invalid_keys)
            self._invalid_records.append(f"{file.path.name} (quarantine): {keys}")
        return contents

    def _adopt(self, active: FileContents, archive: FileContents) -> None:
        self._documents = dict(active.documents)
        self._ended = {task.id for task in active.tasks.values() if task.is_finished}
        self._archived = dict(archive.documents)
        self._removed = set(active.meta.removed)
        self.is_paused = active.meta.is_paused
        highest = max((0, *archive.documents, *active.tasks))
        noted = (it.meta.next_id for it in (active, archive) if it.meta.next_id < MAX_ID)
        self.next_id = max((*noted, highest + 1))
        self.next_id += ID_GAP if self._active.quarantined_files else 0
        self.is_dirty = bool(self.damaged)
        if self._archive.quarantined_files:
            self._archive_at = 0

    def _apply(self, changed: Mapping[int, Task | None]) -> None:
        for task_id, task in changed.items():
            self._ended.discard(task_id)
            if task is not None:
                self._documents[task_id] = encode(task)
                self._removed.discard(task_id)
                if task.is_finished:
                    self._ended.add(task_id)
                continue
            self._documents.pop(task_id, None)
            if task_id in self._archived or task_id in self._moving:
                self._removed.add(task_id)
