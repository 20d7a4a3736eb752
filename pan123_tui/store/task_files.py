"""The files of a data folder: `tasks.json` for active tasks, `archive.json` for ended ones.

Rewriting ten thousand ended tasks for each change would be slow and wear out the disk. So a task
ends in `tasks.json`, and ended tasks move to the archive by the hundred. The order keeps that safe
at every moment: `tasks.json` wins for a task in both files, and a task leaves it only after both
generations of the archive hold it.
"""

import sys
from collections.abc import Mapping, MutableMapping
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

from msgspec import Struct, convert, field, to_builtins
from msgspec.structs import replace
from tinydb import TinyDB
from tinydb.table import Document

from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable, StoreVersionTooNew
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.store.atomic_storage import Tables, WriteBehind
from pan123_tui.store.sent_links import SentLinks
from pan123_tui.system.private_files import make_private_folder, sync_folder

ARCHIVE_AT = 512
"""Number of ended, or removed but archived, tasks that are worth rewriting the archive."""
ID_GAP = 1000
"""Ids skipped after damage, for tasks that only the lost generation had."""
SCHEMA_VERSION = 1
"""Raise it whenever an older program could misread what a newer one writes.

A new field with a default needs no new version: older programs ignore it, and drop it on rewriting.
"""
MAX_ID = 2**53
"""A greater number is not an id: no program has counted that far."""


class _Version(Struct):
    schema_version: int = SCHEMA_VERSION


class Meta(Struct, frozen=True):
    """The only document of the table `meta`."""

    schema_version: int = SCHEMA_VERSION
    next_id: int = 1
    """The lowest id that no task has ever had."""
    removed: tuple[int, ...] = ()
    """Ids of removed tasks that are still in the archive."""
    is_paused: bool = field(default=False, name="paused")
    """Whether the user has paused sending."""


def read_meta(tables: Tables) -> Meta:
    """Return the table `meta`; raises `StoreVersionTooNew`, and `ValueError` if it is invalid."""
    document = tables.get("meta", {}).get("1", {})
    version = convert(document, _Version).schema_version  # the rest may have another shape
    if version > SCHEMA_VERSION:
        raise StoreVersionTooNew(f"schema {version}, this program knows {SCHEMA_VERSION}")
    return convert(document, Meta)


class _File:
    """One of the files as a TinyDB, in memory until it is flushed."""

    def __init__(self, path: Path) -> None:
        self.behind = WriteBehind()
        database = TinyDB(path, storage=self.behind, check=read_meta)
        self.storage = self.behind.storage
        self.tasks = database.table("tasks")
        self._meta = database.table("meta")

    def note(self, meta: Meta) -> None:
        self._meta.upsert(Document(to_builtins(meta), doc_id=1))

    def put(self, documents: Mapping[int, dict[str, Any]]) -> None:
        """Add or replace documents by id, which each of them has in it too."""

        def change(stored: MutableMapping[str, Any]) -> None:
            stored_id = stored["id"]
            stored.clear()  # a field with its default value is left out
            stored.update(documents[stored_id])

        known = {task_id for task_id in documents if self.tasks.contains(doc_id=task_id)}
        new = [Document(it, task_id) for task_id, it in documents.items() if task_id not in known]
        if known:  # each call goes through the whole table
            self.tasks.update(change, doc_ids=known)
        if new:
            self.tasks.insert_multiple(new)


class TaskFiles:
    """All tasks of a folder as documents of TinyDB; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem: Problem | None = None
        """Why a file could not be read."""
        self.next_id = 1
        """The lowest id that no task has ever had."""
        self.is_paused = False
        """Whether the user has paused sending; saved with the next change."""
        self._active, self._archive = _File(folder / "tasks.json"), _File(folder / "archive.json")
        self._lock = Lock()
        self._ended: set[int] = set()
        """Ids in the first file that may move to the archive."""
        self._archived: set[int] = set()
        """Ids that may be in the archive, including those of removed tasks."""
        self._removed: set[int] = set()
        self._invalid_documents: list[str] = []
        self._archive_at = ARCHIVE_AT
        self.sent = SentLinks(folder)
        self._damaged_sent: tuple[str, ...] = ()
        self._needs_both = False
        """Whether the backup lacks an intent, or is older than a damage."""

    @property
    def damaged(self) -> tuple[str, ...]:
        """Names of the files or tables that keep the damaged data."""
        files = (*self._active.storage.damaged, *self._archive.storage.damaged)
        return (*files, *self._invalid_documents, *self._damaged_sent)

    def load(self, *, read_only: bool = False) -> TaskCollection:
        """Return all tasks; what cannot be used sets `problem`.

        Unless `read_only`, a missing folder is created and damaged files are quarantined. Raises
        `StoreVersionTooNew` before anything else is changed.
        """
        if not read_only:
            try:
                make_private_folder(self.folder)
                sync_folder(self.folder)  # a killed process may not have come to it
            except OSError as error:
                self._note_unusable(self.folder, error)
        # In this order, a task that is being moved is read twice rather than not at all.
        active, archived = self._load(self._active), self._load(self._archive)
        if not read_only:
            self._active.storage.quarantine_damaged()
            self._archive.storage.quarantine_damaged()
        self._damaged_sent = self.sent.replace_damaged(read_only=read_only)
        self._take_over(active, archived)
        kept = (task for task in archived.values() if task.id not in self._removed)
        return TaskCollection(chain(kept, active.values()))

    def make_folder(self) -> None:
        """Make the folder if it is missing. Raises `StoreUnwritable`."""
        try:
            make_private_folder(self.folder)
        except OSError as error:
            raise StoreUnwritable(f"{self.folder}: {error.strerror or error}") from error

    def save(self, changed: Mapping[int, Task | None]) -> None:
        """Save new values of tasks, None for removed ones; they are on disk on return.

        A task about to be sent is so in both generations, lest a damaged file queues it again. So
        are the ids given after a damage.

        Raises `StoreUnwritable`; the changes are then part of the next save.
        """
        with self._lock:
            put = {task_id: task for task_id, task in changed.items() if task is not None}
            gone = changed.keys() - put.keys()
            self._active.put({task_id: to_builtins(task) for task_id, task in put.items()})
            if gone:
                self._active.tasks.remove(doc_ids=gone)
            self._ended -= changed.keys()
            self._ended.update(task_id for task_id, task in put.items() if task.is_finished)
            self._removed -= put.keys()
            self._removed |= gone & self._archived
            self._active.note(
                Meta(SCHEMA_VERSION, self.next_id, tuple(self._removed), self.is_paused)
            )
            self._needs_both |= any(it.state is TaskState.SUBMITTING for it in put.values())
        self.sent.save()  # before their tasks go
        if self._needs_both:
            self._active.behind.flush()
        self._active.behind.flush()
        self._needs_both = False

    @property
    def is_archive_due(self) -> bool:
        """Whether enough tasks have ended or been removed to rewrite the archive."""
        return max(len(self._ended), len(self._removed)) >= self._archive_at

    def move_ended(self) -> None:
        """Move ended tasks to the archive, while `save` may run in another thread.

        Raises `StoreUnwritable` if the archive cannot be written; the tasks then stay.
        """
        active, archive = self._active.tasks, self._archive.tasks
        with self._lock:
            ended = {i: it for i in self._ended if (it := active.get(doc_id=i)) is not None}
            removed = frozenset(self._removed)
            self._archive_at += ARCHIVE_AT
            self._archived.update(ended)
            archive.remove(doc_ids=removed)
            self._archive.put(ended)
            self._archive.note(Meta(next_id=self.next_id))
        for _ in range(2):  # so that the backup has them too
            self._archive.behind.flush()
        with self._lock:
            self._archive_at = ARCHIVE_AT
            self._archived -= removed
            self._removed -= removed
            moved = {i for i, document in ended.items() if active.get(doc_id=i) == document}
            active.remove(doc_ids=moved)
            self._ended -= moved

    def check(self) -> None:
        """Raise `StoreLost` if another program has replaced a file, and `OSError`."""
        self._active.storage.check()
        self._archive.storage.check()

    def _load(self, file: _File) -> dict[int, Task]:
        """Return the valid tasks of `file`; the other documents go into the table `quarantine`."""
        try:
            tables = file.behind.read()
        except OSError as error:
            self._note_unusable(file.storage.path, error)
            self._archive_at = sys.maxsize if file is self._archive else self._archive_at
            file.behind.write({})
            return {}
        documents, tasks, invalid = tables.get("tasks", {}), dict[int, Task](), list[Any]()
        for key, document in documents.items():
            try:
                task = convert(document, Task)
                if not 0 < task.id <= MAX_ID or str(task.id) != key:
                    raise ValueError(f"the id {task.id} stands under {key}")
                if task.is_finished and task.samples:  # as earlier versions have written it
                    task = replace(task, samples=())
                tasks[task.id] = task
            except (ValueError, RecursionError) as error:
                invalid.append({"key": key, "reason": str(error), "document": document})
        for record in invalid:
            del documents[record["key"]]
        self._quarantine(file.storage.path.name, invalid)
        return tasks

    def _quarantine(self, name: str, invalid: list[Any]) -> None:
        """Keep invalid documents of a file in the first one, and note those that are new."""
        tables = self._active.behind.read()
        kept = [*tables.get("quarantine", {}).values()]
        if new := [record for record in invalid if record not in kept]:
            tables["quarantine"] = {str(n): it for n, it in enumerate((*kept, *new), 1)}
            keys = ", ".join(record["key"] for record in invalid)
            self._invalid_documents.append(f"{name} (quarantine): {keys}")

    def _note_unusable(self, path: Path, error: OSError) -> None:
        message = f"{path}: {error.strerror or error}"
        self.problem = Problem(ProblemKind.STORE_UNWRITABLE, message)

    def _take_over(self, active: Mapping[int, Task], archived: Mapping[int, Task]) -> None:
        meta, other = (read_meta(it.behind.read()) for it in (self._active, self._archive))
        self._ended = {task.id for task in active.values() if task.is_finished}
        self._archived, self._removed = set(archived), set(meta.removed)
        self.is_paused = meta.is_paused
        noted = (it.next_id for it in (meta, other) if it.next_id < MAX_ID)
        self.next_id = max((*noted, max((0, *archived, *active)) + 1))
        self._needs_both = bool(self._active.storage.damaged)
        self.next_id += ID_GAP if self._needs_both else 0
        if self._archive.storage.damaged:
            self._archive_at = 0
