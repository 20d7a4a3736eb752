"""`sent.json`: the links that were sent and are no longer in the list."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import convert, to_builtins
from tinydb import TinyDB
from tinydb.table import Document

from pan123_tui.domain.errors import StoreUnwritable
from pan123_tui.domain.sent_links import SentLink
from pan123_tui.store.atomic_storage import WriteBehind


class SentLinks:
    """A table with the fingerprint of each link, so that the file tells no addresses.

    It may be large and is seldom needed, so that nothing of it stays in memory.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sent.json"

    def find(self, fingerprints: Iterable[int]) -> dict[int, SentLink]:
        """Return those that are remembered. Raises `StoreUnwritable` if they cannot be read."""
        table = TinyDB(self._path, storage=WriteBehind()).table("sent")
        try:
            found = table.get(doc_ids=list(fingerprints))
        except OSError as error:
            raise StoreUnwritable(f"{self._path}: {error.strerror or error}") from error
        return {it.doc_id: convert(it, SentLink) for it in found}

    def add(self, links: Mapping[int, SentLink]) -> None:
        """Remember `links`, by their fingerprints; they are on disk on return.

        Raises `StoreUnwritable`.
        """
        behind = WriteBehind()
        table = TinyDB(self._path, storage=behind).table("sent")
        table.remove(doc_ids=links)
        table.insert_multiple(Document(to_builtins(it), number) for number, it in links.items())
        _flush_twice(behind)

    def forget(self) -> int:
        """Forget all links, and return how many there were. Raises `StoreUnwritable`."""
        behind = WriteBehind()
        database = TinyDB(self._path, storage=behind)
        count = len(database.table("sent"))
        database.drop_tables()
        _flush_twice(behind)
        return count


def _flush_twice(behind: WriteBehind) -> None:
    for _ in range(2):  # so that the backup is equal
        behind.flush()
