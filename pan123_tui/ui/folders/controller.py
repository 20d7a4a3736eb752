"""The search for a folder: through what is known at once, then through what was not read yet."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, FolderPage
from pan123_tui.domain.sorting import natural_key
from pan123_tui.ui.engine_bridge import EngineBridge
from pan123_tui.ui.task_model import TaskModel

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine


MAX_PAGES = 300
"""A folder is read no further: 30,000 entries."""
MAX_SHOWN_RECENT = 8


class FolderChoice(Struct, frozen=True):
    """A folder that was chosen; None: the one that the service takes by itself."""

    folder: Folder | None = None


class FolderController:
    """Knows names through the mirror; reads and makes folders through the bridge."""

    def __init__(self, bridge: EngineBridge, model: TaskModel) -> None:
        self._bridge = bridge
        self._model = model

    @property
    def book(self) -> FolderCache:
        """The folders that were seen so far."""
        return self._model.folders

    @property
    def names(self) -> dict[int, str]:
        """The names that are known, by id."""
        return self._model.folder_names

    @property
    def recent(self) -> list[int]:
        """The ids of the folders that links were sent to lately, the latest first."""
        tasks = sorted(self._model.tasks.values(), key=lambda task: -task.created_at)
        ids = [*self.book.recent, *(task.folder_id for task in tasks if task.folder_id)]
        return list(dict.fromkeys(ids))[:MAX_SHOWN_RECENT]

    def path(self, folder_id: int) -> tuple[str, ...]:
        """Give the names from the root down to a folder, or at least its own, if known."""
        name = self.names.get(folder_id)
        return self.book.path(folder_id) or ((name,) if name else ())

    async def pages(self, parent_id: int) -> AsyncIterator[tuple[Folder, ...]]:
        """Read the folders in `parent_id` (0: the root), page by page; raises a `Pan123Error`."""
        after = 0
        for _ in range(MAX_PAGES):
            page = await self._bridge.call(partial(_page, parent_id=parent_id, after=after))
            yield page.folders
            if page.next_id is None:
                return
            after = page.next_id

    async def make(self, name: str, parent_id: int) -> Folder:
        """Make a folder in `parent_id` (0: the root); raises a `Pan123Error`."""
        return await self._bridge.call(lambda engine: engine.folders.make(name, parent_id))


async def _page(engine: "Engine", *, parent_id: int, after: int) -> FolderPage:
    return await engine.folders.page(parent_id, after=after)


MAX_READ = 300
"""So many folders are read for a search."""
MAX_FOUND = 200


class FolderSearch:
    """Reads the account's tree level by level, goes on where it stopped, and finds by words."""

    def __init__(self, desk: FolderController) -> None:
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
        found.sort(key=lambda hit: (len(hit[1]), natural_key("/".join(hit[1]))))
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
