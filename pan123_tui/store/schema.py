"""Tasks as documents of a store file: encoding, checks, and upgrades of older versions."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from pan123_tui.domain.errors import StoreVersionTooNew
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import decode_task
from pan123_tui.store.atomic_storage import DamagedFile

SCHEMA_VERSION = 1
"""To be raised whenever an older program could misread what a newer one writes.

A new field with a default needs no new version: older programs ignore it and drop it on rewriting.
"""

MAX_ID = 2**53
"""A greater number is no id: the program cannot have come so far."""

RawTables = Mapping[str, Mapping[str, Raw]]
Tables = dict[str, dict[str, Any]]

UPGRADES: Mapping[int, Callable[[Tables], Tables]] = {}
"""For each older version, the function that upgrades its tables to the next version."""
_SURROGATE = re.compile("[\ud800-\udfff]")


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
    documents: dict[int, Raw] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    """What the documents say; empty where they were trusted."""
    quarantine: tuple[Raw, ...] = ()
    """Encoded invalid records: those of the table, then those found now."""
    invalid_keys: tuple[str, ...] = ()
    """Keys of the invalid records found now."""


_encode = msgspec.json.Encoder().encode
_decode_meta = msgspec.json.Decoder(Meta).decode


def encode_task(task: Task) -> Raw:
    """Return the document of `task`; what JSON cannot hold becomes U+FFFD or 0."""
    try:
        document = Raw(_encode(task))
        decode_task(document)  # NaN becomes null, which would fail only at the next start
    except ValueError:
        return Raw(_encode(_replace_unencodable(msgspec.to_builtins(task))))
    return document


def encode_meta(meta: Meta) -> Raw:
    """Return the document of `meta`."""
    return Raw(_encode(meta))


def decode_tables(tables: RawTables, *, is_trusted: bool = False) -> FileContents:
    """Return the content of a file, upgraded to this version.

    An invalid document goes to the quarantine and affects no other. Documents that are trusted
    were checked when this version wrote them. Raises `StoreVersionTooNew`, and `DamagedFile` if
    the table `meta` is invalid.
    """
    meta, current = _current(tables)
    table = current.get("tasks", {})
    quarantine = tuple(raw.copy() for raw in current.get("quarantine", {}).values())
    if is_trusted and current is tables:
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
    return Raw(_encode(InvalidRecord(key, reason, value)))


def _current(tables: RawTables) -> tuple[Meta, RawTables]:
    """Return the `meta` document and the tables, upgraded to this version."""
    document = tables.get("meta", {}).get("1")
    if document is None:
        return Meta(), tables
    try:
        version = _version(document)
        if version > SCHEMA_VERSION:
            raise StoreVersionTooNew(f"schema {version}, this program knows {SCHEMA_VERSION}")
        if version < SCHEMA_VERSION:
            tables = _upgrade(tables, version)
        return _decode_meta(tables["meta"]["1"]), tables
    except (ValueError, KeyError, RecursionError) as error:
        raise DamagedFile(f"table meta: {error}") from error


def _version(document: Raw) -> int:
    """Return the version alone, since the rest may have another shape."""
    version = msgspec.json.decode(document, type=dict[str, Any])["schema_version"]
    if type(version) is not int or version < min((SCHEMA_VERSION, *UPGRADES)):
        raise ValueError(f"schema version {version!r}")
    return version


def _upgrade(tables: RawTables, version: int) -> RawTables:
    decoded: Tables = msgspec.json.decode(_encode(tables))
    for step in range(version, SCHEMA_VERSION):
        decoded = UPGRADES[step](decoded)
    decoded["meta"]["1"]["schema_version"] = SCHEMA_VERSION
    return {
        name: {key: Raw(_encode(document)) for key, document in table.items()}
        for name, table in decoded.items()
    }


def _replace_unencodable(value: Any) -> Any:
    """Return `value` without lone surrogates, NaN and infinities, which JSON cannot hold."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case float():
            return value if math.isfinite(value) else 0.0
        case dict():
            return {key: _replace_unencodable(item) for key, item in value.items()}
        case list() | tuple():
            return [_replace_unencodable(item) for item in value]
        case _:
            return value
