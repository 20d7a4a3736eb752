"""A TinyDB storage that replaces its file atomically, and a middleware that writes behind."""

import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any
from zlib import crc32

import msgspec
from tinydb.middlewares import Middleware
from tinydb.storages import Storage

from pan123_tui.domain.errors import StoreLost, StoreUnwritable
from pan123_tui.system.private_files import (
    NotRegularFile,
    open_regular,
    read_regular,
    sync_folder,
    write_synced,
)

Tables = dict[str, dict[str, Any]]
_CHECKSUM_TABLE = re.compile(rb',?"seal":\{"1":\{"crc32":(\d+)(?:,"at_us":(\d+))?\}\}\}\s*\Z')
_CHECKSUM_MAX_BYTES = 96
_EDITED_AFTER_US = 2_000_000
"""A file's time differs by less from the one in it where the file system keeps whole seconds."""
_Generation = tuple[int, bytes]
"""The length and the last bytes of a file, which hold its checksum."""
_NOT_A_FILE: _Generation = -1, b""
_decode = msgspec.json.Decoder(Tables).decode


class AtomicStorage(Storage):
    """TinyDB's tables in one JSON file, which at every moment is one complete generation.

    `<path>.bak` is the previous generation. The last table, `seal`, is a checksum of the bytes
    before it, and the time of the file. Where both differ, that by two seconds, somebody has edited
    the file, which is accepted, as is one that another program has rewritten without a seal. Only a
    file that this object has read or written becomes the backup, one that it could not read is
    quarantined, and one that another program has put in its place is left alone.
    """

    def __init__(
        self, path: str | Path, *, check: Callable[[Tables], object] = lambda _tables: None
    ) -> None:
        """Use the file at `path`; `check` raises `ValueError` for tables that are damaged."""
        self.path = Path(path)
        self._backup = self.path.with_name(f"{self.path.name}.bak")
        self._temporary = self.path.with_name(f"{self.path.name}.tmp")
        self._check_tables = check
        self._quarantined: list[str] = []
        self._damaged: list[Path] = []
        """Damaged files that are still to be renamed."""
        self._is_trusted = False
        """Whether the file may become the backup."""
        self._lock = RLock()
        """A check during two writes would otherwise take the old content for another program's."""
        self._known: tuple[_Generation | None, ...] = ()
        """What may be found at `path`, one as long as nothing is written; empty if unknown."""

    @property
    def damaged(self) -> tuple[str, ...]:
        """Names of the files that keep damaged data, or of a backup whose file is missing."""
        return (*self._quarantined, *(path.name for path in self._damaged))

    def read(self) -> Tables | None:
        """Return the tables of the newest generation that is not damaged, None if there is none.

        Raises `OSError` if a file cannot be read at all.
        """
        self._known = (_generation(self.path),)
        tables = self._read(self.path)
        self._is_trusted = tables is not None
        if tables is None:
            tables = self._read(self._backup)
            if tables is not None and not self._damaged:
                self._quarantined.append(self._backup.name)
        return tables

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the file by `data`, which is on disk on return.

        Raises `StoreUnwritable`; the file and its backup are then as readable as before.
        """
        at_us = time.time_ns() // 1000
        payload = _with_checksum(data, at_us)
        generation = len(payload), payload[-_CHECKSUM_MAX_BYTES:]
        try:
            with self._lock:
                write_synced(self._temporary, payload)
                os.utime(self._temporary, ns=(at_us * 1000, at_us * 1000))
                self.check()
                self._known = (_generation(self.path), generation)  # the rest may still fail
                self._make_backup()
                self._is_trusted = True
                self._temporary.replace(self.path)
                sync_folder(self.path.parent)
        except OSError as error:
            raise StoreUnwritable(f"{self.path}: {error.strerror or error}") from error
        finally:
            with suppress(OSError):  # it is left only after a failure
                self._temporary.unlink()

    def check(self) -> None:
        """Raise `StoreLost` if another program has replaced the file; a missing one may be created.

        Raises `OSError` if it cannot be read.
        """
        with self._lock:
            found = _generation(self.path)
            if found is not None and self._known and found not in self._known:
                raise StoreLost(str(self.path))

    def quarantine_damaged(self) -> None:
        """Rename the files known to be damaged; `write` tries again before it replaces anything."""
        with suppress(OSError):
            while self._damaged:
                self._quarantine(self._damaged[0])
                del self._damaged[0]

    def _quarantine(self, path: Path) -> None:
        """Rename `path` to `<path>.damaged-<UTC time to the microsecond>`."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        target = path.rename(path.with_name(f"{path.name}.damaged-{stamp}"))
        self._quarantined.append(target.name)

    def _read(self, path: Path) -> Tables | None:
        """Return the tables of a file, None if it is missing or damaged."""
        try:
            tables = _tables(read_regular(path), path.stat().st_mtime_ns // 1000)
            self._check_tables(tables)
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError, NotRegularFile):
            self._damaged.append(path)
            return None
        return tables

    def _make_backup(self) -> None:
        """Link the file as the backup, so that it also keeps its own name until it is replaced."""
        if not self.path.exists():
            return
        if not self._is_trusted:
            self._quarantine(self.path)
            return
        self._backup.unlink(missing_ok=True)
        try:
            os.link(self.path, self._backup)
        except OSError:  # a file system without hard links
            self.path.replace(self._backup)


class WriteBehind(Middleware):
    """Answers from memory, and writes only when it is told to."""

    storage: AtomicStorage

    def __init__(self) -> None:
        super().__init__(AtomicStorage)
        self._tables: Tables | None = None

    def read(self) -> Tables:
        """Return all tables; raises `OSError` if they are not in memory and cannot be read."""
        if self._tables is None:
            self._tables = self.storage.read() or {}
        return self._tables

    def write(self, data: Tables) -> None:
        self._tables = data

    def flush(self) -> None:
        """Write the tables, which are on disk on return; raises `StoreUnwritable`."""
        self.storage.write(self.read())


def _generation(path: Path) -> _Generation | None:
    """Return what distinguishes a file's content from what was there before; None: no file."""
    try:
        with os.fdopen(open_regular(path), "rb") as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(0, length - _CHECKSUM_MAX_BYTES))
            return length, file.read()
    except FileNotFoundError:
        return None
    except NotRegularFile:
        return _NOT_A_FILE


def _tables(payload: bytes, at_us: int) -> Tables:
    """Return the tables in a file's content of that time; raises `ValueError` for damage."""
    match = _CHECKSUM_TABLE.search(payload, max(0, len(payload) - _CHECKSUM_MAX_BYTES))
    is_other = match and int(match[1]) != crc32(memoryview(payload)[: match.start()])
    # An editor changes the file's time, too; a disk that loses a bit does not.
    if match and is_other and at_us - int(match[2] or at_us) < _EDITED_AFTER_US:
        raise ValueError("the checksum is wrong")
    tables = _decode(payload)
    tables.pop("seal", None)
    return tables


def _with_checksum(data: Mapping[str, Mapping[str, Any]], at_us: int) -> bytes:
    body = msgspec.json.encode(data)[:-1]
    comma = b"," if data else b""
    return b'%b%b"seal":{"1":{"crc32":%d,"at_us":%d}}}' % (body, comma, crc32(body), at_us)
