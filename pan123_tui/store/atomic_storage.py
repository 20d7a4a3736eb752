"""A TinyDB storage that replaces its file atomically and keeps the previous generation."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any
from zlib import crc32

import msgspec
from tinydb.storages import Storage

from pan123_tui.domain.errors import StoreLost, StoreUnwritable
from pan123_tui.system.private_files import (
    NotRegularFile,
    open_regular,
    read_regular,
    sync_folder,
    write_synced,
)

_CHECKSUM_TABLE = re.compile(rb',?"seal":\{"1":\{"crc32":(\d+)\}\}\}\s*\Z')
_CHECKSUM_MAX_BYTES = 64
_Generation = tuple[int, bytes]
"""The length and the last bytes of a file, which hold its checksum."""
_NOT_A_FILE: _Generation = -1, b""


class DamagedFile(ValueError):
    """The content of a file is not what was written to it."""


class AtomicStorage(Storage):
    """TinyDB's tables in one JSON file, which at every moment is one complete generation.

    `<path>.bak` is the previous generation. The last table, `seal`, is a checksum of the bytes
    before it; a file that another program has rewritten has none and is accepted. Only a file
    that this object has read or written becomes the backup, one that it could not read is
    quarantined, and one that another program has put in its place is left alone.
    """

    def __init__(self, path: str | Path, *, document: Any = dict[str, Any]) -> None:
        """Use the file at `path`; `document` is the type to decode documents as."""
        self.path = Path(path)
        self.backup = self.path.with_name(f"{self.path.name}.bak")
        self.quarantined: list[str] = []
        """Names of the damaged files that were renamed, or of a backup whose file is missing."""
        self.damaged: list[Path] = []
        """Damaged files that are still to be renamed."""
        self._decoder = msgspec.json.Decoder(dict[str, dict[str, document]])
        self._temporary = self.path.with_name(f"{self.path.name}.tmp")
        self.is_trusted = False
        """Whether the file may become the backup."""
        self._lock = RLock()
        """A check during two writes would otherwise take the old content for another program's."""
        self._known: tuple[_Generation | None, ...] = ()
        """What may be found at `path`, one as long as nothing is written; empty if unknown."""
        self.has_checksum = False
        """Whether the file read last is, byte for byte, what this program has written."""

    @property
    def quarantined_files(self) -> tuple[str, ...]:
        """Names of the files that keep damaged data."""
        return (*self.quarantined, *(path.name for path in self.damaged))

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return the tables, or None if there is no file.

        Raises `DamagedFile`, and `OSError` if the file cannot be read at all.
        """
        self._known = (_generation(self.path),)
        tables = self._read_tables(self.path)
        self.is_trusted = tables is not None
        return tables

    def read_backup(self) -> dict[str, dict[str, Any]] | None:
        """Return the tables of the previous generation, as `read` does."""
        return self._read_tables(self.backup)

    def write(self, data: Mapping[str, Mapping[Any, Any]]) -> None:
        """Replace the file by `data`, which is on disk on return.

        Raises `StoreUnwritable`; the file and its backup are then as readable as before.
        """
        payload = _with_checksum(data)
        generation = len(payload), payload[-_CHECKSUM_MAX_BYTES:]
        try:
            with self._lock:
                write_synced(self._temporary, payload)
                self.check()
                self._known = (_generation(self.path), generation)  # the rest may still fail
                self._make_backup()
                self.is_trusted = True
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
            while self.damaged:
                self._quarantine(self.damaged[0])
                del self.damaged[0]

    def _quarantine(self, path: Path) -> None:
        """Rename `path` to `<path>.damaged-<UTC time to the microsecond>`."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        target = path.rename(path.with_name(f"{path.name}.damaged-{stamp}"))
        self.quarantined.append(target.name)

    def _read_tables(self, path: Path) -> dict[str, dict[str, Any]] | None:
        try:
            payload = read_regular(path)
        except FileNotFoundError:
            return None
        except NotRegularFile as error:
            raise DamagedFile(str(error)) from error
        match = _CHECKSUM_TABLE.search(payload, len(payload) - _CHECKSUM_MAX_BYTES)
        if match and int(match[1]) != crc32(memoryview(payload)[: match.start()]):
            raise DamagedFile(f"{path}: the checksum is wrong")
        self.has_checksum = match is not None
        try:
            tables: dict[str, dict[str, Any]] = self._decoder.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise DamagedFile(f"{path}: {error}") from error
        tables.pop("seal", None)
        return tables

    def _make_backup(self) -> None:
        """Link the file as the backup, so that it also keeps its own name until it is replaced."""
        if not self.path.exists():
            return
        if not self.is_trusted:
            self._quarantine(self.path)
            return
        self.backup.unlink(missing_ok=True)
        try:
            os.link(self.path, self.backup)
        except OSError:  # a file system without hard links
            self.path.replace(self.backup)


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


def _with_checksum(data: Mapping[str, Mapping[Any, Any]]) -> bytes:
    body = msgspec.json.encode(data)[:-1]
    comma = b"," if data else b""
    return b'%b%b"seal":{"1":{"crc32":%d}}}' % (body, comma, crc32(body))
