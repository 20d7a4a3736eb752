"""The files of a data folder: `tasks.json` for what moves, `archive.json` for what has ended.

Rewriting ten thousand ended tasks for each taskID would be slow and wear the disk out. So a task
ends in `tasks.json`; the ended ones go over to the archive together, some hundred at a time.
The order makes that safe at every moment: what stands in both is right in `tasks.json`, and a task
leaves `tasks.json` only when both generations of the archive hold it.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import cast

from msgspec import Raw
from tinydb import TinyDB

from pan123_tui.config import gc_pause
from pan123_tui.config.private_files import make_private_folder
from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import ArchivedTasks, TaskCollection
from pan123_tui.store.atomic_storage import AtomicStorage, DamagedFile
from pan123_tui.store.schema import (
    FileContents,
    Meta,
    RawTables,
    Tables,
    decode_archive,
    decode_page,
    decode_sealed_archive,
    encode_meta,
    encode_task,
)


class TaskFile:
    """A TinyDB file with the tables `tasks`, `meta` and, if need be, `quarantine`.

    TinyDB's own `Table.update` parses and rewrites the whole file for each call (65 ms at 10,000
    tasks), and `Table.get` parses it for each look-up. So the tables go through `db.storage`,
    once in and once out, and a document stays encoded (`msgspec.Raw`) until it is wanted.
    """

    def __init__(
        self,
        path: Path,
        *,
        decode: Callable[[RawTables], FileContents] = decode_page,
        decode_sealed: Callable[[RawTables], FileContents] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Check what is read with `decode`, or what this program has sealed with its own."""
        self._decode = decode
        self._decode_sealed = decode_sealed or decode
        self._db = TinyDB(path, storage=AtomicStorage, document=Raw, clock=clock)
        self._storage = cast("AtomicStorage", self._db.storage)
        self._damaged: list[Path] = []
        self._orphan: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._storage.path.name

    @property
    def quarantined_files(self) -> tuple[str, ...]:
        """The names of the files that keep what was damaged, or of a backup without its file."""
        return (*self._storage.kept, *(path.name for path in self._damaged), *self._orphan)

    def load(self) -> FileContents:
        """Give the newest generation that can be read, an empty page if there is none.

        Raises `StoreNewer`, and `OSError` where the files cannot be read at all.
        """
        page = self._page(self._storage.path, self._storage.read)
        if page is None:
            page = self._page(self._storage.backup, self._storage.read_backup)
            if page is not None and not self._damaged:
                self._orphan = (self._storage.backup.name,)
        return page or FileContents()

    def quarantine_damaged(self) -> None:
        """Rename the generations that `load` could not make sense of."""
        while self._damaged:
            try:
                self._storage.quarantine(self._damaged[0])
            except OSError:  # `save` tries again, before it replaces anything
                return
            del self._damaged[0]

    def save(self, tasks: Mapping[int, Raw], meta: Meta, quarantine: Iterable[Raw] = ()) -> None:
        """Replace the file; on disk when this returns. Raises `StoreUnwritable`."""
        tables: dict[str, Mapping[int, Raw]] = {"tasks": tasks, "meta": {1: encode_meta(meta)}}
        if invalid_records := dict(enumerate(quarantine, 1)):
            tables["quarantine"] = invalid_records
        self._storage.write(tables)

    def clean(self) -> None:
        """Remove what dead processes left half written."""
        self._storage.clean()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _page(self, path: Path, read: Callable[[], Tables | None]) -> FileContents | None:
        try:
            tables = read()
            if tables is None:
                return None
            return (self._decode_sealed if self._storage.is_sealed else self._decode)(tables)
        except DamagedFile:
            self._storage.mark_untrusted()
            self._damaged.append(path)
            return None


ARCHIVE_AT = 512
"""How many ended, or removed but archived, tasks make a rewriting of the archive worth its cost."""
ID_GAP = 1000
"""Ids that are skipped after a damage, for the tasks that only the lost generation knew."""


class TaskFiles:
    """All tasks of a folder as encoded documents; safe to use from several threads."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.problem: Problem | None = None
        """Why the files, or one of them, could not be read."""
        self.next_id = 1
        self.is_dirty = False
        """Whether the file is behind what was applied."""
        self._active = TaskFile(folder / "tasks.json", clock=clock)
        self._archive = TaskFile(
            folder / "archive.json",
            decode=decode_archive,
            decode_sealed=decode_sealed_archive,
            clock=clock,
        )
        self._lock = Lock()
        self._unapplied: dict[int, Task | None] = {}
        self._documents: dict[int, Raw] = {}
        self._ended: set[int] = set()
        """Those of `_documents` that the archive may take."""
        self._archived: dict[int, Raw] = {}
        """What stands in the archive, tasks included that were removed since."""
        self._arriving: set[int] = set()
        self._removed: set[int] = set()
        self._quarantine: tuple[Raw, ...] = ()
        self._misfits: list[str] = []
        self._archive_at = ARCHIVE_AT

    @property
    def damaged(self) -> tuple[str, ...]:
        """The names of the files or tables that keep what was damaged."""
        return (*self._active.quarantined_files, *self._archive.quarantined_files, *self._misfits)

    @property
    def notice(self) -> Problem | None:
        """What was damaged."""
        kept = self.damaged
        return Problem(ProblemKind.STORE_DAMAGED, ", ".join(kept)) if kept else None

    def load(self, *, read_only: bool = False) -> TaskCollection:
        """Read all tasks; a file that cannot be read leaves a `problem`.

        Damaged files are set aside, unless it is `read_only`. Raises `StoreNewer`, with nothing
        touched.
        """
        with gc_pause.paused():
            # In this order a reader that a writer overtakes sees a task twice rather than never.
            active = self._page(self._active)
            archive = self._page(self._archive)
            if not read_only:
                self._active.quarantine_damaged()
                self._archive.quarantine_damaged()
            self._take(active, archive)
            gone = self._removed
            former = {i: raw for i, raw in self._archived.items() if i not in gone}
            return TaskCollection(active.tasks.values(), ArchivedTasks(former))

    def save(self, changed: Mapping[int, Task | None], *, next_id: int) -> None:
        """Take new values of tasks, None for removed ones; on disk when this returns.

        Raises `StoreUnwritable`; what was taken is kept for the next time.
        """
        with self._lock:
            self.is_dirty = True
            self.next_id = next_id
            self._unapplied.update(changed)
            self._apply(self._unapplied)
            self._unapplied = {}
            documents = dict(self._documents)
            meta = Meta(next_id=next_id, removed=tuple(self._removed))
        try:
            make_private_folder(self.folder)
        except OSError as error:
            raise StoreUnwritable(f"{self.folder}: {error.strerror or error}") from error
        self._active.save(documents, meta, self._quarantine)
        self.is_dirty = False

    @property
    def is_archive_due(self) -> bool:
        """Whether enough has ended to rewrite the archive."""
        return max(len(self._ended), len(self._removed)) >= self._archive_at

    def move_ended(self) -> None:
        """Move ended tasks to the archive, while `apply` and `save` go on.

        They stay where they are if the archive cannot be written: raises `StoreUnwritable`.
        """
        with self._lock:
            ended = {task_id: self._documents[task_id] for task_id in self._ended}
            forgotten = set(self._removed)
            self._archive_at += ARCHIVE_AT
            self._arriving.update(ended)
        kept = {i: raw for i, raw in self._archived.items() if i not in forgotten}
        archived = dict(sorted((kept | ended).items()))
        for _ in ("the file", "its backup"):
            self._archive.save(archived, Meta(next_id=self.next_id))
        with self._lock:
            self._archive_at = ARCHIVE_AT
            self.is_dirty = True
            self._archived, self._arriving = archived, set()
            self._removed -= forgotten
            for task_id, document in ended.items():
                if self._documents.get(task_id) is document:
                    self._ended.remove(task_id)
                    del self._documents[task_id]
                elif task_id not in self._documents:
                    self._removed.add(task_id)  # while the archive was written

    def close(self) -> None:
        """Close the databases."""
        self._active.close()
        self._archive.close()

    def clean(self) -> None:
        """Make the folder and remove what dead processes left half written; raises `OSError`."""
        make_private_folder(self.folder)
        self._active.clean()
        self._archive.clean()

    def _page(self, shelf: TaskFile) -> FileContents:
        try:
            page = shelf.load()
        except OSError as error:
            message = f"{self.folder / shelf.name}: {error.strerror or error}"
            self.problem = Problem(ProblemKind.STORE_UNWRITABLE, message)
            self._archive_at = sys.maxsize if shelf is self._archive else self._archive_at
            return FileContents()
        fresh = [raw for raw in page.quarantine if raw not in self._quarantine]
        self._quarantine += tuple(fresh)
        if page.invalid_records and fresh:
            self._misfits.append(f"{shelf.name} (quarantine): {', '.join(page.invalid_records)}")
        return page

    def _take(self, active: FileContents, archive: FileContents) -> None:
        self._unapplied = dict(active.tasks)
        self._archived = archive.documents
        self._removed = set(active.meta.removed)
        highest = max((0, *archive.documents, *active.tasks))
        self.next_id = max(active.meta.next_id, archive.meta.next_id, highest + 1)
        self.next_id += ID_GAP if self._active.quarantined_files else 0
        self.is_dirty = bool(
            self._active.quarantined_files or self._archive.quarantined_files or self._misfits
        )
        if self._archive.quarantined_files:
            self._archive_at = 0

    def _apply(self, changed: Mapping[int, Task | None]) -> None:
        for task_id, task in changed.items():
            self._ended.discard(task_id)
            if task is not None:
                self._documents[task_id] = encode_task(task)
                if task.is_finished:
                    self._ended.add(task_id)
                continue
            self._documents.pop(task_id, None)
            if task_id in self._archived or task_id in self._arriving:
                self._removed.add(task_id)
