"""One file of tasks: read from its newest readable generation, written whole."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import cast

from msgspec import Raw
from tinydb import TinyDB

from pan123_tui.store.records import Meta, Page, RawTables, Tables, decode_page, encode_meta
from pan123_tui.store.storage import AtomicStorage, DamagedFile


class Shelf:
    """A TinyDB file with the tables `tasks`, `meta` and, if need be, `quarantine`.

    TinyDB's own `Table.update` parses and rewrites the whole file for each call (65 ms at 10,000
    tasks), and `Table.get` parses it for each look-up. So the tables go through `db.storage`,
    once in and once out, and a document stays encoded (`msgspec.Raw`) until it is wanted.
    """

    def __init__(
        self,
        path: Path,
        *,
        decode: Callable[[RawTables], Page] = decode_page,
        decode_sealed: Callable[[RawTables], Page] | None = None,
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
    def kept(self) -> tuple[str, ...]:
        """The names of the files that keep what was damaged, or of a backup without its file."""
        return (*self._storage.kept, *(path.name for path in self._damaged), *self._orphan)

    def load(self) -> Page:
        """Give the newest generation that can be read, an empty page if there is none.

        Raises `StoreNewer`, and `OSError` where the files cannot be read at all.
        """
        page = self._page(self._storage.path, self._storage.read)
        if page is None:
            page = self._page(self._storage.backup, self._storage.read_backup)
            if page is not None and not self._damaged:
                self._orphan = (self._storage.backup.name,)
        return page or Page()

    def set_damaged_aside(self) -> None:
        """Rename the generations that `load` could not make sense of."""
        while self._damaged:
            try:
                self._storage.set_aside(self._damaged[0])
            except OSError:  # `save` tries again, before it replaces anything
                return
            del self._damaged[0]

    def save(self, tasks: Mapping[int, Raw], meta: Meta, quarantine: Iterable[Raw] = ()) -> None:
        """Replace the file; on disk when this returns. Raises `StoreUnwritable`."""
        tables: dict[str, Mapping[int, Raw]] = {"tasks": tasks, "meta": {1: encode_meta(meta)}}
        if misfits := dict(enumerate(quarantine, 1)):
            tables["quarantine"] = misfits
        self._storage.write(tables)

    def clean(self) -> None:
        """Remove what dead processes left half written."""
        self._storage.clean()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _page(self, path: Path, read: Callable[[], Tables | None]) -> Page | None:
        try:
            tables = read()
            if tables is None:
                return None
            return (self._decode_sealed if self._storage.is_sealed else self._decode)(tables)
        except DamagedFile:
            self._storage.distrust()
            self._damaged.append(path)
            return None
