"""A file of tasks: its documents and their checks, and which of its generations is read."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec import Raw, Struct, field
from tinydb import TinyDB

from pan123_tui.domain.errors import StoreVersionTooNew
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import decode_task
from pan123_tui.store.atomic_storage import AtomicStorage, DamagedFile

SCHEMA_VERSION = 1
"""To be raised whenever an older program could misread what a newer one writes.

A new field with a default needs no new version: older programs ignore it and drop it on rewriting.
"""
MAX_ID = 2**53
"""A greater number is no id: no program has counted that far."""
Tables = Mapping[str, Mapping[str, Raw]]


class Meta(Struct, frozen=True):
    """The only document of the table `meta`."""

    schema_version: int = SCHEMA_VERSION
    next_id: int = 1
    """The lowest id that no task ever had."""
    removed: tuple[int, ...] = ()
    """Ids of removed tasks that are still in the archive."""
    is_paused: bool = field(default=False, name="paused")
    """Whether the user has paused sending."""


class InvalidRecord(Struct, frozen=True):
    """A document that is no valid task, kept in the table `quarantine`."""

    key: str
    reason: str
    document: Any


class FileContents(Struct, frozen=True):
    """The content of a file."""

    meta: Meta = Meta()
    documents: Mapping[int, Raw] = field(default_factory=dict)
    tasks: Mapping[int, Task] = field(default_factory=dict)
    """The tasks in the documents; empty where these were trusted."""
    quarantine: tuple[Raw, ...] = ()
    """Encoded invalid records: those of the table, then those found now."""
    invalid_keys: tuple[str, ...] = ()
    """Keys of the invalid records found now."""


class _Version(Struct):
    schema_version: int


def encode(document: Struct) -> Raw:
    """Return the document of a task or of `Meta`."""
    return Raw(_encode(document))


_encode = msgspec.json.Encoder().encode
_decode_version = msgspec.json.Decoder(_Version).decode
_decode_meta = msgspec.json.Decoder(Meta).decode


def decode_tables(tables: Tables, *, is_trusted: bool = False) -> FileContents:
    """Return the content of a file.

    An invalid document goes to the quarantine and affects no other. Documents that are trusted
    were checked when this version wrote them. Raises `StoreVersionTooNew`, and `DamagedFile` if
    the table `meta` is invalid.
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
    return encode(InvalidRecord(key, reason, value))


def _meta(tables: Tables) -> Meta:
    document = tables.get("meta", {}).get("1")
    if document is None:
        return Meta()
    try:
        version = _decode_version(document).schema_version  # the rest may have another shape
        if version > SCHEMA_VERSION:
            raise StoreVersionTooNew(f"schema {version}, this program knows {SCHEMA_VERSION}")
        return _decode_meta(document)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"table meta: {error}") from error


class TaskFile:
    """A TinyDB file with the tables `tasks`, `meta` and, if needed, `quarantine`.

    TinyDB's own tables hold each document as a dictionary, which takes five times the memory, and
    copy the whole table for each update. So tables go through `db.storage` once each way, and a
    document stays encoded (`msgspec.Raw`) until it is needed. Nothing is left open.
    """

    def __init__(
        self, path: Path, *, clock: Callable[[], float], trusts_checksum: bool = False
    ) -> None:
        """`trusts_checksum`: the documents of a file with a valid one are not checked again."""
        db = TinyDB(path, storage=AtomicStorage, document=Raw, clock=clock)
        self.storage = cast("AtomicStorage", db.storage)
        self.path = path
        self._trusts_checksum = trusts_checksum
        self._damaged: list[Path] = []
        self._orphaned_backup: tuple[str, ...] = ()

    @property
    def quarantined_files(self) -> tuple[str, ...]:
        """Names of the damaged files, or of a backup whose file is missing."""
        damaged = (path.name for path in self._damaged)
        return (*self.storage.quarantined_files, *damaged, *self._orphaned_backup)

    def load(self) -> FileContents:
        """Return the newest readable generation, empty contents if there is none.

        Raises `StoreVersionTooNew`, and `OSError` if the files cannot be read at all.
        """
        contents = self._read(self.path, self.storage.read)
        if contents is None:
            contents = self._read(self.storage.backup, self.storage.read_backup)
            if contents is not None and not self._damaged:
                self._orphaned_backup = (self.storage.backup.name,)
        return contents or FileContents()

    def quarantine_damaged(self) -> None:
        """Rename the generations that `load` could not decode."""
        while self._damaged:
            try:
                self.storage.quarantine(self._damaged[0])
            except OSError:  # `save` tries again before it replaces anything
                return
            del self._damaged[0]

    def save(self, tasks: Mapping[int, Raw], meta: Meta, quarantine: Iterable[Raw] = ()) -> None:
        """Replace the file, which is on disk when this returns. Raises `StoreUnwritable`."""
        tables: dict[str, Mapping[int, Raw]] = {"tasks": tasks, "meta": {1: encode(meta)}}
        if invalid_records := dict(enumerate(quarantine, 1)):
            tables["quarantine"] = invalid_records
        self.storage.write(tables)

    def _read(self, path: Path, read: Callable[[], Tables | None]) -> FileContents | None:
        try:
            tables = read()
            if tables is None:
                return None
            is_trusted = self._trusts_checksum and self.storage.has_checksum
            return decode_tables(tables, is_trusted=is_trusted)
        except DamagedFile:
            self.storage.mark_untrusted()
            self._damaged.append(path)
            return None
