"""The files of a data folder: `tasks.json` for what moves, `archive.json` for what has ended.

Rewriting ten thousand ended tasks for each taskID would be slow and wear the disk out. So a task
ends in `tasks.json`; the ended ones go over to the archive together, some hundred at a time.
The order makes that safe at every moment: what stands in both is right in `tasks.json`, and a task
leaves `tasks.json` only when both generations of the archive hold it.
"""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from msgspec import Raw

from pan123_tui import collector
from pan123_tui.domain.ended_tasks import EndedTasks
from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_book import TaskBook
from pan123_tui.private_file import make_private_folder
from pan123_tui.store.records import Meta, Page, decode_archive, decode_sealed_archive, encode_task
from pan123_tui.store.shelf import Shelf

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
        self._active = Shelf(folder / "tasks.json", clock=clock)
        self._archive = Shelf(
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
        return (*self._active.kept, *self._archive.kept, *self._misfits)

    @property
    def notice(self) -> Problem | None:
        """What was damaged."""
        kept = self.damaged
        return Problem(ProblemKind.STORE_DAMAGED, ", ".join(kept)) if kept else None

    def load(self, *, read_only: bool = False) -> TaskBook:
        """Read all tasks; a file that cannot be read leaves a `problem`.

        Damaged files are set aside, unless it is `read_only`. Raises `StoreNewer`, with nothing
        touched.
        """
        with collector.at_rest():
            # In this order a reader that a writer overtakes sees a task twice rather than never.
            active = self._page(self._active)
            archive = self._page(self._archive)
            if not read_only:
                self._active.set_damaged_aside()
                self._archive.set_damaged_aside()
            self._take(active, archive)
            gone = self._removed
            former = {i: raw for i, raw in self._archived.items() if i not in gone}
            return TaskBook(active.tasks.values(), EndedTasks(former))

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

    def _page(self, shelf: Shelf) -> Page:
        try:
            page = shelf.load()
        except OSError as error:
            message = f"{self.folder / shelf.name}: {error.strerror or error}"
            self.problem = Problem(ProblemKind.STORE_UNWRITABLE, message)
            self._archive_at = sys.maxsize if shelf is self._archive else self._archive_at
            return Page()
        fresh = [raw for raw in page.quarantine if raw not in self._quarantine]
        self._quarantine += tuple(fresh)
        if page.misfits and fresh:
            self._misfits.append(f"{shelf.name} (quarantine): {', '.join(page.misfits)}")
        return page

    def _take(self, active: Page, archive: Page) -> None:
        self._unapplied = dict(active.tasks)
        self._archived = archive.documents
        self._removed = set(active.meta.removed)
        highest = max((0, *archive.documents, *active.tasks))
        self.next_id = max(active.meta.next_id, archive.meta.next_id, highest + 1)
        self.next_id += ID_GAP if self._active.kept else 0
        self.is_dirty = bool(self._active.kept or self._archive.kept or self._misfits)
        if self._archive.kept:
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
