"""The documents that stand for tasks in a file, and the version of their shape."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from pan123_tui.domain.errors import StoreVersionTooNew
from pan123_tui.domain.task import Task
from pan123_tui.store.atomic_storage import DamagedFile

SCHEMA_VERSION = 1
"""Raised whenever an older program could misread what a newer one writes.

A field with a default may be added without: older programs ignore and, on rewriting, drop it.
"""

RawTables = Mapping[str, Mapping[str, Raw]]
Tables = dict[str, dict[str, Any]]

UPGRADES: Mapping[int, Callable[[Tables], Tables]] = {}
"""From each older version, what turns its tables into those of the next one."""


class Meta(msgspec.Struct, frozen=True):
    """The only document of the table `meta`."""

    schema_version: int = SCHEMA_VERSION
    next_id: int = 1
    """The first id that was never given to a task."""
    removed: tuple[int, ...] = ()
    """Ids that still stand in the archive though their tasks were removed."""


class InvalidRecord(msgspec.Struct, frozen=True):
    """A document that is no task, kept in the table `quarantine`."""

    key: str
    reason: str
    document: Any


class FileContents(Struct, frozen=True):
    """What a file holds, checked document by document."""

    meta: Meta = Meta()
    tasks: dict[int, Task] = field(default_factory=dict)
    """Empty where the documents were asked for."""
    documents: dict[int, Raw] = field(default_factory=dict)
    """The tasks as documents, where these were asked for."""
    quarantine: tuple[Raw, ...] = ()
    """Encoded misfits: those that stood in the table, then those found now."""
    invalid_records: tuple[str, ...] = ()
    """The keys of those found now."""


_encode = msgspec.json.Encoder().encode
_decode_task = msgspec.json.Decoder(Task).decode
_decode_meta = msgspec.json.Decoder(Meta).decode
_SURROGATE = re.compile("[\ud800-\udfff]")


def encode_task(task: Task) -> Raw:
    """Give the document of `task`; what JSON cannot hold becomes U+FFFD or 0."""
    try:
        document = Raw(_encode(task))
        _decode_task(document)  # NaN was written as null: better found now than at the next start
    except ValueError:
        return Raw(_encode(_replace_surrogates(msgspec.to_builtins(task))))
    return document


def encode_meta(meta: Meta) -> Raw:
    """Give the document of `meta`."""
    return Raw(_encode(meta))


def decode_page(tables: RawTables) -> FileContents:
    """Check the tables of a file and bring them up to this version.

    A document that is no task goes to the quarantine and takes no other with it.
    Raises `StoreNewer`, and `DamagedFile` where the table `meta` makes no sense.
    """
    meta, tables = _current(tables)
    invalid_records: dict[str, Raw] = {}
    tasks = {task.id: task for task, _document in _checked(tables, invalid_records)}
    return FileContents(
        meta,
        tasks,
        quarantine=_quarantine(tables, invalid_records),
        invalid_records=tuple(invalid_records),
    )


def decode_archive(tables: RawTables) -> FileContents:
    """Do the same with the tables of an archive, whose tasks stay documents."""
    meta, tables = _current(tables)
    invalid_records: dict[str, Raw] = {}
    documents = {task.id: document for task, document in _checked(tables, invalid_records)}
    quarantine = _quarantine(tables, invalid_records)
    return FileContents(
        meta, {}, documents, quarantine=quarantine, invalid_records=tuple(invalid_records)
    )


def decode_sealed_archive(tables: RawTables) -> FileContents:
    """Do the same with an archive that stands as it was written: each document was checked then."""
    meta, current = _current(tables)
    if current is not tables:  # an older program's
        return decode_archive(tables)
    documents = {int(key): document for key, document in tables.get("tasks", {}).items()}
    return FileContents(meta, {}, documents, quarantine=_quarantine(tables, {}))


def _checked(tables: RawTables, invalid_records: dict[str, Raw]) -> Iterator[tuple[Task, Raw]]:
    """Give the tasks that the documents stand for; what is none goes to `misfits`."""
    for key, document in tables.get("tasks", {}).items():
        try:
            yield _task(key, document), document
        except (ValueError, RecursionError) as error:
            invalid_records[key] = _misfit(key, document, str(error))


def _quarantine(tables: RawTables, invalid_records: Mapping[str, Raw]) -> tuple[Raw, ...]:
    known = tuple(raw.copy() for raw in tables.get("quarantine", {}).values())
    return (*known, *invalid_records.values())


def _task(key: str, document: Raw) -> Task:
    task = _decode_task(document)
    if task.id < 1 or str(task.id) != key:
        raise ValueError(f"the id {task.id} stands under {key}")
    return task


def _misfit(key: str, document: Raw, reason: str) -> Raw:
    try:
        value = msgspec.json.decode(document)
    except (ValueError, RecursionError):
        value = bytes(document).decode(errors="replace")
    return Raw(_encode(InvalidRecord(key, reason, value)))


def _current(tables: RawTables) -> tuple[Meta, RawTables]:
    document = tables.get("meta", {}).get("1")
    if document is None:
        return Meta(), tables
    try:
        version = _version(document)
        if version > SCHEMA_VERSION:
            raise StoreVersionTooNew(f"schema {version}, this program knows {SCHEMA_VERSION}")
        if version < SCHEMA_VERSION:
            tables = _upgraded(tables, version)
        return _decode_meta(tables["meta"]["1"]), tables
    except (ValueError, KeyError, RecursionError) as error:
        raise DamagedFile(f"table meta: {error}") from error


def _version(document: Raw) -> int:
    """Read the version alone: the rest may have another shape."""
    version = msgspec.json.decode(document, type=dict[str, Any])["schema_version"]
    if type(version) is not int or version < min((SCHEMA_VERSION, *UPGRADES)):
        raise ValueError(f"schema version {version!r}")
    return version


def _upgraded(tables: RawTables, version: int) -> RawTables:
    loose: Tables = msgspec.json.decode(_encode(tables))
    for step in range(version, SCHEMA_VERSION):
        loose = UPGRADES[step](loose)
    loose["meta"]["1"]["schema_version"] = SCHEMA_VERSION
    return {
        name: {key: Raw(_encode(document)) for key, document in table.items()}
        for name, table in loose.items()
    }


def _replace_surrogates(value: Any) -> Any:
    """Replace lone surrogates, NaN and infinities, which JSON cannot hold."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case float():
            return value if math.isfinite(value) else 0.0
        case dict():
            return {key: _replace_surrogates(item) for key, item in value.items()}
        case list() | tuple():
            return [_replace_surrogates(item) for item in value]
        case _:
            return value
