"""What the dashboard remembers from one run to the next: how one last looked at the tasks."""

from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec
from msgspec import Struct

from pan123_tui.domain.query import Query
from pan123_tui.domain.sorting import SortKey
from pan123_tui.domain.views import View
from pan123_tui.private_file import write_private


class Memory(Struct, frozen=True):
    """The last look; a line above the table says what a kept search or filter hides."""

    view: View = View.ALL
    search: str = ""
    filter: str = ""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False
    is_detail_open: bool = False
    theme: str = ""
    """The theme chosen in the program; empty: none."""
    theme_before: str = ""
    """What the settings said then: a theme that is set there later goes before it."""

    @property
    def query(self) -> Query:
        """What the dashboard begins with."""
        return Query(self.view, self.search, self.filter, self.sort, self.reverse)

    def theme_over(self, configured: str) -> str:
        """Choose between the theme of the settings and the remembered one."""
        return self.theme if self.theme and configured == self.theme_before else configured


class MemoryFile:
    """Keeps the memory in a small file; what cannot be read or written costs nobody anything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def read(self) -> Memory:
        """Give what the last run left, or a fresh memory where that is damaged or missing."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._path.read_bytes(), type=Memory)
        return Memory()

    def write(self, memory: Memory) -> None:
        """Keep `memory`; from any thread."""
        with self._lock, suppress(OSError):
            write_private(self._path, msgspec.json.encode(memory))
