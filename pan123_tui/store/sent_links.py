"""`sent.json`: the links that were sent and are no longer in the list."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from msgspec import convert, to_builtins
from tinydb import TinyDB
from tinydb.table import Document, Table

from pan123_tui.domain.errors import StoreUnwritable
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.task import SentLink, Task, TaskState
from pan123_tui.store.atomic_storage import WriteBehind

_NOT_AT_THE_SERVICE = frozenset({TaskState.QUEUED, TaskState.SUBMITTING, TaskState.REJECTED})


class SentLinks:
    """A table with a number made from each link, so that the file tells no addresses.

    It may be large and is seldom needed, so that nothing of it stays in memory.
    """

    def __init__(self, folder: Path) -> None:
        self.is_wanted = True
        self._path = folder / "sent.json"
        self._unsaved: dict[str, SentLink] = {}
        self._writing = Lock()

    def note(self, task: Task) -> None:
        """Remember the link of `task`, which the list is about to lose, with the next save."""
        if self.is_wanted and (sent := sent_link(task)):
            self._unsaved[duplicate_key(task.url)] = sent

    def find(self, keys: Iterable[str]) -> dict[str, SentLink]:
        """Return what became of those links, given and returned by their duplicate keys.

        Raises `StoreUnwritable` if the file cannot be read.
        """
        if not self.is_wanted:
            return {}
        numbers = {_number(key): key for key in keys}
        noted = dict(self._unsaved)  # which a save in another thread empties
        found = self._open()[1].get(doc_ids=[*numbers])
        known = {numbers[it.doc_id]: convert(it, SentLink) for it in found}
        return known | {key: noted[key] for key in noted.keys() & {*numbers.values()}}

    def save(self) -> None:
        """Write what was noted, which is on disk on return. Raises `StoreUnwritable`."""
        if not self._unsaved:
            return
        with self._writing:
            links = dict(self._unsaved)
            documents = {_number(key): to_builtins(it) for key, it in links.items()}
            behind, table = self._open()
            table.remove(doc_ids=documents)
            table.insert_multiple(Document(it, number) for number, it in documents.items())
            _flush_twice(behind)
            for key, link in links.items():
                if self._unsaved.get(key) is link:
                    del self._unsaved[key]

    def replace_damaged(self, *, read_only: bool = False) -> tuple[str, ...]:
        """Return names of the files that keep damaged data, which are replaced unless `read_only`.

        A file that cannot be read or written is for `find` and `save` to tell of.
        """
        damaged: tuple[str, ...] = ()
        with suppress(StoreUnwritable):
            behind = self._open()[0]
            damaged = behind.storage.damaged
            if damaged and not read_only:
                behind.storage.quarantine_damaged()
                damaged = behind.storage.damaged
                _flush_twice(behind)
        return damaged

    def forget(self) -> int:
        """Forget all links, and return how many there were. Raises `StoreUnwritable`."""
        with self._writing:
            self._unsaved.clear()
            behind, table = self._open()
            count = len(table)
            table.truncate()
            _flush_twice(behind)
        return count

    def _open(self) -> tuple[WriteBehind, Table]:
        behind = WriteBehind()
        table = TinyDB(self._path, storage=behind).table("sent")
        try:
            behind.read()
        except NotADirectoryError:  # whoever opens the store is told so
            behind.write({})
        except OSError as error:
            raise StoreUnwritable(f"{self._path}: {error.strerror or error}") from error
        return behind, table


def sent_link(task: Task) -> SentLink | None:
    """Return what to remember of the link of `task`; None if the service does not have it."""
    entries = [it for it in task.timeline if it.state not in _NOT_AT_THE_SERVICE]
    if not (entries and task.has_link):
        return None
    return SentLink(int(entries[-1].at), entries[-1].state)


def _number(key: str) -> int:
    """Return 63 bits that stand for the duplicate key of a link."""
    from hashlib import blake2b  # noqa: PLC0415 - it loads OpenSSL, which a list does not need

    digest = blake2b(key.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1 or 1


def _flush_twice(behind: WriteBehind) -> None:
    for _ in range(2):  # so that the backup is equal
        behind.flush()
