"""A TinyDB storage that replaces its file whole and keeps the former generation beside it."""

import errno
import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
from tinydb.storages import Storage

from pan123_tui.config.private_files import replace_atomically
from pan123_tui.domain.errors import StoreUnwritable
from pan123_tui.store.lock import is_running

_SEAL = re.compile(rb',?"seal":\{"1":\{"crc32":(\d+)\}\}\}\s*\Z')
_SEAL_ROOM = 64
_NO_LINKS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
)


class DamagedFile(ValueError):
    """What stands in a file is not what was written there."""


class AtomicStorage(Storage):
    """TinyDB's tables in one JSON file that is, at every moment, one whole generation or another.

    `<path>.bak` is the generation before. The last table, `seal`, is a checksum of all that
    stands before it; a file that another program has laid out anew has none and is believed.
    Only a file that this object has read or written becomes the backup: any other is set aside.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        document: Any = dict[str, Any],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Use the file at `path`; `document` is what a document is read as, such as `Raw`."""
        self.path = Path(path)
        self.backup = self.path.with_name(f"{self.path.name}.bak")
        self.kept: list[str] = []
        """The names of the files that were set aside."""
        self._clock = clock
        self._decoder = msgspec.json.Decoder(dict[str, dict[str, document]])
        self._temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        self._is_trusted = False
        self.is_sealed = False
        """Whether what was read last is, byte for byte, what this program has written."""

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Give the tables, None where there is no file.

        Raises `DamagedFile`, and `OSError` where the file cannot be read at all.
        """
        tables = self._tables(self.path)
        self._is_trusted = tables is not None
        return tables

    def read_backup(self) -> dict[str, dict[str, Any]] | None:
        """Give the tables of the generation before, as `read` does."""
        return self._tables(self.backup)

    def write(self, data: Mapping[str, Mapping[Any, Any]]) -> None:
        """Replace the file by `data`; on disk when this returns.

        Raises `StoreUnwritable`; the file and its backup are then as readable as before.
        """
        payload = _with_checksum(data)
        try:
            replace_atomically(
                self.path, payload, temporary=self._temporary, before_replace=self._keep_former
            )
        except OSError as error:
            raise StoreUnwritable(f"{self.path}: {error.strerror or error}") from error

    def mark_untrusted(self) -> None:
        """Never let the file that was read become the backup."""
        self._is_trusted = False

    def quarantine(self, path: Path) -> None:
        """Rename `path` to `<path>.damaged-<UTC stamp>`, replacing nothing."""
        stamp = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y%m%dT%H%M%SZ")
        target = path.with_name(f"{path.name}.damaged-{stamp}")
        count = 1
        while target.exists():
            count += 1
            target = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
        path.rename(target)
        self.kept.append(target.name)

    def clean(self) -> None:
        """Remove the temporary files that dead processes left."""
        pattern = re.compile(rf"{re.escape(self.path.name)}\.(\d+)(\.bak)?\.tmp")
        for path in self.path.parent.iterdir():
            match = pattern.fullmatch(path.name)
            if match and (int(match[1]) == os.getpid() or not is_running(int(match[1]))):
                path.unlink(missing_ok=True)

    def _tables(self, path: Path) -> dict[str, dict[str, Any]] | None:
        try:
            payload = path.read_bytes()
        except FileNotFoundError:
            return None
        seal = _SEAL.search(payload, max(0, len(payload) - _SEAL_ROOM))
        if seal and int(seal[1]) != crc32(memoryview(payload)[: seal.start()]):
            raise DamagedFile(f"{path}: the checksum is wrong")
        self.is_sealed = seal is not None
        try:
            tables: dict[str, dict[str, Any]] = self._decoder.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise DamagedFile(f"{path}: {error}") from error
        tables.pop("seal", None)
        return tables

    def _keep_former(self) -> None:
        """Make the file the backup, so that at least one of the two names is always there."""
        if not self._is_trusted:
            with suppress(FileNotFoundError):
                self.quarantine(self.path)
            self._is_trusted = True  # what stands there next is what `write` puts there
            return
        link = self._temporary.with_suffix(".bak.tmp")
        link.unlink(missing_ok=True)
        try:
            os.link(self.path, link)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self.path.replace(self.backup)
            return
        try:
            link.replace(self.backup)
        finally:
            link.unlink(missing_ok=True)  # renaming one link of a file onto another does nothing


def _with_checksum(data: Mapping[str, Mapping[Any, Any]]) -> bytes:
    body = msgspec.json.encode(data)[:-1]
    comma = b"," if data else b""
    return b'%b%b"seal":{"1":{"crc32":%d}}}' % (body, comma, crc32(body))
