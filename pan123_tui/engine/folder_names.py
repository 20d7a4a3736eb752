"""Names for the folders that tasks go to: looked for in the tree, slowly, and only if unknown."""

import asyncio
from collections import deque
from collections.abc import Iterable

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import (
    Connection,
    EngineEvent,
    StatusChanged,
    TasksArchived,
    TasksChanged,
)
from pan123_tui.domain.folder import ROOT_ID
from pan123_tui.engine.folders import Folders

INTERVAL_S = 1.0
MOST_READ = 40
"""How many folders are read for it in one run: a name is not worth more."""


class FolderNames:
    """A companion of the engine: the service tells a folder's name only in the list it is in."""

    def __init__(
        self, folders: Folders, *, interval_s: float = INTERVAL_S, most_read: int = MOST_READ
    ) -> None:
        self._folders = folders
        self._interval_s = interval_s
        self._most_read = most_read
        self._wanted: set[int] = set()
        self._waiting: deque[tuple[int, int]] = deque([(ROOT_ID, 0)])
        """What to read next: a folder, and the entry to go on after."""
        self._read = 0
        self._is_online = False
        self._news = asyncio.Event()

    def hear(self, event: EngineEvent, /) -> None:
        """Notice folders that tasks go to, and whether the service answers."""
        match event:
            case TasksChanged(tasks):
                self._want(task.folder_id for task in tasks)
            case TasksArchived(ended):
                self._want(task.folder_id for task in ended.containing('"folder_id":'))
            case StatusChanged(status):
                self._is_online = status.connection is Connection.ONLINE
                self._news.set()

    def _want(self, folder_ids: Iterable[int | None]) -> None:
        wanted = {folder_id for folder_id in folder_ids if folder_id}
        if not wanted <= self._wanted:
            self._wanted |= wanted
            self._news.set()

    async def run(self, _tasks: object, /) -> None:
        """Read folder after folder while a name is missing, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._look()

    async def _look(self) -> None:
        while self._waiting and self._read < self._most_read and self._is_needed():
            parent_id, after = self._waiting[0]
            try:
                page = await self._folders.page(parent_id, after=after)
            except Pan123Error:
                return  # the next news brings another try
            self._read += 1
            self._waiting.popleft()
            self._waiting.extend((folder.id, 0) for folder in page.folders)
            if page.next_id is not None:
                self._waiting.appendleft((parent_id, page.next_id))
            await asyncio.sleep(self._interval_s)

    async def settled(self) -> None:
        """Nothing has to wait for a name."""

    def _is_needed(self) -> bool:
        return self._is_online and not self._wanted <= self._folders.book.folders.keys()
