"""Names for the folders that tasks go to: each unknown one is looked up once."""

import asyncio
from collections.abc import Iterable

from pan123_tui.domain.errors import BadAnswer, Pan123Error, Refused
from pan123_tui.domain.events import (
    Connection,
    EngineEvent,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.engine.folders import Folders

INTERVAL_S = 1.0
"""Between two look-ups: a name is never urgent."""


class FolderNames:
    """A companion of the engine: looks up the folders of the tasks, and the folders above them."""

    def __init__(self, folders: Folders, *, interval_s: float = INTERVAL_S) -> None:
        self._folders = folders
        self._interval_s = interval_s
        self._wanted: set[int] = set()
        self._answered: set[int] = set()
        """Those that the service said something of, if only that there is no such folder."""
        self._is_online = False
        self._news = asyncio.Event()

    def hear(self, event: EngineEvent, /) -> None:
        """Notice folders that tasks go to, and whether the service answers."""
        match event:
            case TasksChanged(tasks):
                self._want(task.folder_id for task in tasks)
            case TasksLoaded(tasks):
                self._want(header.folder_id for header in tasks.headers())
            case StatusChanged(status):
                self._is_online = status.connection is Connection.ONLINE
                self._news.set()

    def _want(self, folder_ids: Iterable[int | None]) -> None:
        wanted = {folder_id for folder_id in folder_ids if folder_id}
        if not wanted <= self._wanted:
            self._wanted |= wanted
            self._news.set()

    async def run(self, _tasks: object, /) -> None:
        """Look up what is unknown, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._is_online and (unknown := self._unknown()):
                try:
                    await self._look_up(min(unknown))
                except Pan123Error:
                    break  # the next news brings another try
                await asyncio.sleep(self._interval_s)

    def _unknown(self) -> set[int]:
        return self._wanted - self._answered - self._folders.book.folders.keys()

    async def _look_up(self, folder_id: int) -> None:
        try:
            folder = await self._folders.look_up(folder_id)
        except (Refused, BadAnswer):
            folder = None
        self._answered.add(folder_id)
        if folder is not None:
            self._want([folder.parent_id])

    async def settled(self) -> None:
        """Nothing has to wait for a name."""
