"""The search for a folder: through what is known at once, then through what was not read yet."""

from collections import deque
from collections.abc import AsyncIterator, Sequence

from pan123_tui.domain.folder import ROOT_ID, Folder
from pan123_tui.domain.sorting import natural
from pan123_tui.ui.folder_desk import FolderDesk

MAX_READ = 300
"""So many folders are read for a search."""
MAX_FOUND = 200


class FolderSearch:
    """Reads the account's tree level by level, goes on where it stopped, and finds by words."""

    def __init__(self, desk: FolderDesk) -> None:
        self._desk = desk
        self._waiting: deque[int] = deque([ROOT_ID])
        self.read = 0
        """How many folders were read so far."""

    @property
    def is_complete(self) -> bool:
        """Whether every folder of the account was read."""
        return not self._waiting

    @property
    def may_go_on(self) -> bool:
        """Whether there is more to read, within bounds."""
        return bool(self._waiting) and self.read < MAX_READ

    def find(self, text: str) -> list[tuple[Folder, tuple[str, ...]]]:
        """Give the known folders whose path holds all words of `text`, each with its path."""
        words = text.casefold().split()
        found = [
            (folder, path)
            for folder in self._desk.book.folders.values()
            if _holds(path := self._desk.path(folder.id), words)
        ]
        found.sort(key=lambda hit: (len(hit[1]), natural("/".join(hit[1]))))
        return found[:MAX_FOUND]

    async def go_on(self) -> AsyncIterator[None]:
        """Read one folder after the other; yields after each. Raises a `Pan123Error`."""
        while self.may_go_on:
            parent_id = self._waiting[0]
            inside: list[int] = []
            async for folders in self._desk.pages(parent_id):
                inside += [folder.id for folder in folders]
            self._waiting.popleft()
            self._waiting.extend(inside)
            self.read += 1
            yield


def _holds(path: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether the words are in `path`, one of them at least in the folder's own name."""
    whole, own = "/".join(path).casefold(), path[-1].casefold() if path else ""
    return all(word in whole for word in words) and any(word in own for word in words)
