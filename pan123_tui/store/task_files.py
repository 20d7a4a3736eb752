"""The files of a data folder: `tasks.json` for active tasks, `archive.json` for ended ones.

Rewriting ten thousand ended tasks for each change would be slow and wear out the disk. So a task
ends in `tasks.json`, and ended tasks move to the archive by the hundred. The order keeps that safe
at every moment: `tasks.json` wins for a task in both files, and a task leaves it only after both
generations of the archive hold it.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, cast

import msgspec
from msgspec import Raw, Struct, field
from tinydb import TinyDB

from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable, StoreVersionTooNew
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import ArchivedTasks, TaskCollection, decode_task
from pan123_tui.store.atomic_storage import AtomicStorage, DamagedFile
from pan123_tui.system.private_files import make_private_folder, sync_folder

NAMES = "tasks.json", "archive.json"
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
Tables = Mapping[str, Mapping[str, Raw]]


class Meta(Struct, frozen=True):
    """The only document of the table `meta`."""

    schema_version: int = SCHEMA_VERSION
    next_id: int = 1
    """The lowest id that no task has ever had."""
    removed: tuple[int, ...] = ()
    """Ids of removed tasks that are still in the archive."""
    is_paused: bool = field(default=False, name="paused")
    """Whether the user has paused sending."""


class FileContents(Struct, frozen=True):
    """The content of a file."""

    meta: Meta = Meta()
    documents: Mapping[int, Raw] = field(default_factory=dict)
    tasks: Mapping[int, Task] = field(default_factory=dict)
    """The tasks in the documents; empty if the documents were trusted."""
    quarantine: tuple[Raw, ...] = ()
    """Encoded invalid records: those in the table, then those found now."""
    invalid_keys: tuple[str, ...] = ()
    """Keys of the invalid records found now."""


class _Version(Struct):
    schema_version: int


_encode = msgspec.json.Encoder().encode


def encode(document: Any) -> Raw:
    """Return the document of a task or of `Meta`."""
    return Raw(_encode(document))


def encode_tables(
    tasks: Mapping[int, Raw], meta: Meta, quarantine: Iterable[Raw] = ()
) -> dict[str, Mapping[int, Raw]]:
    """Return the tables of a file."""
    tables: dict[str, Mapping[int, Raw]] = {"tasks": tasks, "meta": {1: encode(meta)}}
    if invalid_records := dict(enumerate(quarantine, 1)):
        tables["quarantine"] = invalid_records
    return tables


def decode_tables(tables: Tables, *, is_trusted: bool = False) -> FileContents:
    """Return the content of a file.

    An invalid document goes into quarantine and affects no other. Trusted documents were checked
    when this version wrote them. Raises `StoreVersionTooNew`, and `DamagedFile` if the table `meta`
    is invalid.
    """
    meta = _meta(tables)
    table = tables.get("tasks", {})
    quarantine = tuple(raw.copy() for raw in tables.get("quarantine", {}).values())
    if is_trusted:
        documents = {int(key): document for key, document in table.items()}
        return FileContents(meta, documents, quarantine=quarantine)
    tasks: dict[int, Task] = {}
    invalid: dict[str, Raw] = {}
    for key, document in table.items():
        try:
            task = decode_task(document)
            if not 0 < task.id <= MAX_ID or str(task.id) != key:
                raise ValueError(f"the id {task.id} stands under {key}")
            tasks[task.id] = task
        except (ValueError, RecursionError) as error:
            invalid[key] = _invalid_record(key, document, str(error))
    documents = {task_id: table[str(task_id)] for task_id in tasks}
    return FileContents(meta, documents, tasks, (*quarantine, *invalid.values()), tuple(invalid))


def _invalid_record(key: str, document: Raw, reason: str) -> Raw:
    try:
        value = msgspec.json.decode(document)
    except (ValueError, RecursionError):
        value = bytes(document).decode(errors="replace")
    return encode({"key": key, "reason": reason, "document": value})


def _meta(tables: Tables) -> Meta:
    document = tables.get("meta", {}).get("1")
    if document is None:
        return Meta()
    try:
        # The rest may have another shape.
        version = msgspec.json.decode(document, type=_Version).schema_version
        if version > SCHEMA_VERSION:
            raise StoreVersionTooNew(f"schema {version}, this program knows {SCHEMA_VERSION}")
        return msgspec.json.decode(document, type=Meta)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"table meta: {error}") from error


def _is_intent(task: Task | None) -> bool:
    return task is not None and task.state is TaskState.SUBMITTING


class TaskFiles:
    """All tasks of a folder as encoded documents; safe to use from several threads.

    Each file has the tables `tasks`, `meta` and, if needed, `quarantine`. TinyDB's own tables hold
    each document as a dictionary, which takes five times the memory, and copy the whole table at
    each update. So tables go through `TinyDB.storage` once each way, and a document stays encoded
    (`msgspec.Raw`) until it is needed. No file is left open.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem: Problem | None = None
        """Why a file could not be read."""
        self.next_id = 1
        self.is_paused = False
        """Whether the user has paused sending; saved with the next change."""
        files = (TinyDB(folder / name, storage=AtomicStorage, document=Raw) for name in NAMES)
        self._active, self._archive = (cast("AtomicStorage", file.storage) for file in files)
        self._lock = Lock()
        self._documents: dict[int, Raw] = {}
        self._ended: set[int] = set()
        """Ids in `_documents` that may move to the archive."""
        self._archived: dict[int, Raw] = {}
        """Documents in the archive, including those of removed tasks."""
        self._moving: set[int] = set()
        self._removed: set[int] = set()
        self._quarantine: tuple[Raw, ...] = ()
        self._invalid_records: list[str] = []
        self._archive_at = ARCHIVE_AT
        self._needs_backup = False
        """Whether the backup is older than the damage."""

    @property
    def damaged(self) -> tuple[str, ...]:
        """Names of the files or tables that keep the damaged data."""
        files = (*self._active.quarantined_files, *self._archive.quarantined_files)
        return (*files, *self._invalid_records)

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
        active = self._load_file(self._active)
        archive = self._load_file(self._archive)
        if not read_only:
            self._active.quarantine_damaged()
            self._archive.quarantine_damaged()
        self._adopt(active, archive)
        archived = {i: raw for i, raw in self._archived.items() if i not in self._removed}
        return TaskCollection(active.tasks.values(), ArchivedTasks(archived))

    def make_folder(self) -> None:
        """Make the folder if it is missing. Raises `StoreUnwritable`."""
        try:
            make_private_folder(self.folder)
        except OSError as error:
            raise StoreUnwritable(f"{self.folder}: {error.strerror or error}") from error

    def save(self, changed: Mapping[int, Task | None], *, next_id: int) -> None:
        """Save new values of tasks, None for removed ones; they are on disk on return.

        A task about to be sent is so in both generations, lest a damaged file queues it again. So
        are the ids given after a damage.

        Raises `StoreUnwritable`; the changes are then part of the next save.
        """
        with self._lock:
            self.next_id = next_id
            self._apply(changed)
            documents = dict(self._documents)
            meta = Meta(next_id=next_id, removed=tuple(self._removed), is_paused=self.is_paused)
        tables = encode_tables(documents, meta, self._quarantine)
        if self._needs_backup or any(map(_is_intent, changed.values())):
            self._active.write(tables)
        self._active.write(tables)
        self._needs_backup = False

    @property
    def is_archive_due(self) -> bool:
        """Whether enough tasks have ended or been removed to rewrite the archive."""
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
        for _ in range(2):  # so that the backup has them too
            self._archive.write(encode_tables(archived, Meta(next_id=self.next_id)))
        with self._lock:
            self._archive_at = ARCHIVE_AT
            self._archived, self._moving = archived, set()
            self._removed -= removed
            for task_id, document in ended.items():
                if self._documents.get(task_id) is document:
                    self._ended.remove(task_id)
                    del self._documents[task_id]

    def check(self) -> None:
        """Raise `StoreLost` if another program has replaced a file, and `OSError`."""
        self._active.check()
        self._archive.check()

    def _load_file(self, file: AtomicStorage) -> FileContents:
        """Return the newest readable generation of `file`, or empty contents if there is none.

        Raises `StoreVersionTooNew`.
        """
        try:
            contents = self._read(file, file.path, file.read)
            if contents is None:
                contents = self._read(file, file.backup, file.read_backup)
                if contents is not None and not file.damaged:
                    file.quarantined.append(file.backup.name)
        except OSError as error:
            self._note_unusable(file.path, error)
            self._archive_at = sys.maxsize if file is self._archive else self._archive_at
            contents = None
        if contents is None:
            return FileContents()
        new_records = [raw for raw in contents.quarantine if raw not in self._quarantine]
        self._quarantine += tuple(new_records)
        if contents.invalid_keys and new_records:
            keys = ", ".join(contents.invalid_keys)
            self._invalid_records.append(f"{file.path.name} (quarantine): {keys}")
        return contents

    def _read(
        self, file: AtomicStorage, path: Path, read: Callable[[], Tables | None]
    ) -> FileContents | None:
        try:
            tables = read()
            if tables is None:
                return None
            is_trusted = file is self._archive and file.has_checksum
            return decode_tables(tables, is_trusted=is_trusted)
        except DamagedFile:
            file.is_trusted = False
            file.damaged.append(path)
            return None

    def _note_unusable(self, path: Path, error: OSError) -> None:
        message = f"{path}: {error.strerror or error}"
        self.problem = Problem(ProblemKind.STORE_UNWRITABLE, message)

    def _adopt(self, active: FileContents, archive: FileContents) -> None:
        self._documents = dict(active.documents)
        self._ended = {task.id for task in active.tasks.values() if task.is_finished}
        self._archived = dict(archive.documents)
        self._removed = set(active.meta.removed)
        self.is_paused = active.meta.is_paused
        highest = max((0, *archive.documents, *active.tasks))
        noted = (it.meta.next_id for it in (active, archive) if it.meta.next_id < MAX_ID)
        self.next_id = max((*noted, highest + 1))
        self._needs_backup = bool(self._active.quarantined_files)
        self.next_id += ID_GAP if self._needs_backup else 0
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
