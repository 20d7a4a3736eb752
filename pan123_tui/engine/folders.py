"""Names for the folders that tasks go to: each unknown one is looked up once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from pan123_tui.config.private_files import write_private
from pan123_tui.domain.errors import InvalidResponse, Pan123Error, RateLimited, RequestRejected
from pan123_tui.domain.events import (
    Connection,
    EngineEvent,
    FoldersChanged,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.folders import Folder, FolderCache, FolderPage
from pan123_tui.engine.ports import CloudApi, Session

T = TypeVar("T")

SAVE_AFTER_S = 2.0
TRIES = 3
"""How often a call is made while the service says "too often"."""


class _Kept(msgspec.Struct, frozen=True):
    """What the file holds."""

    folders: tuple[Folder, ...]
    recent: tuple[int, ...] = ()
    uid: int | None = None


class Folders:
    """A companion of the engine: asks for one page at a time, so that progress never waits for it.

    What is remembered can be seen again: a file that cannot be read or written is no error.
    """

    def __init__(
        self,
        session: Session,
        listen: Callable[[EngineEvent], None],
        *,
        file: Path | None = None,
    ) -> None:
        self._session = session
        self._listen = listen
        self._file = file
        self._book = _read(file) if file else FolderCache()
        self._turn = asyncio.Lock()
        self._unsaved = asyncio.Event()

    @property
    def book(self) -> FolderCache:
        """The folders that were seen so far."""
        return self._book

    async def page(self, parent_id: int, *, after: int = 0) -> FolderPage:
        """Give a page of the folder `parent_id` (0: the root); raises a `Pan123Error`."""
        async with self._turn:
            page = await self._asked(lambda service: service.list_folder(parent_id, after))
        self._keep(self._book.with_seen(page.folders))
        return page

    async def look_up(self, folder_id: int) -> Folder | None:
        """Fetch the folder `folder_id`; None: it is a file. Raises a `Pan123Error`."""
        async with self._turn:
            entry = await self._asked(lambda service: service.file_detail(folder_id))
        if not isinstance(entry, Folder):
            return None
        self._keep(self._book.with_seen([entry]))
        return entry

    async def make(self, name: str, parent_id: int) -> Folder:
        """Make a folder in `parent_id` (0: the root); raises a `Pan123Error`."""
        async with self._turn:
            folder_id = await self._session.service.create_folder(name, parent_id)
        folder = Folder(folder_id, name, parent_id)
        self._keep(self._book.with_seen([folder]))
        return folder

    async def use(self, folder_id: int) -> None:
        """Take note that links are sent to a folder."""
        self._keep(self._book.with_recent(folder_id))

    def on_event(self, event: EngineEvent, /) -> None:
        """Forget the folders when the account becomes another one."""
        if isinstance(event, StatusChanged) and (account := event.status.account):
            self._keep(self._book.for_account(account.uid))

    async def run(self, _tasks: object, /) -> None:
        """Tell what is known from the last run, then save what changes, for ever."""
        self._listen(FoldersChanged(self._book))
        try:
            while True:
                await self._unsaved.wait()
                await asyncio.sleep(SAVE_AFTER_S)
                await asyncio.to_thread(self._save)
        finally:
            self._save()

    async def wait_idle(self) -> None:
        """Nothing is ever left to do."""

    async def _asked(self, call: Callable[[CloudApi], Awaitable[T]]) -> T:
        for _ in range(TRIES - 1):
            # After such an answer, the next turn of this endpoint comes late enough.
            with suppress(RateLimited):
                return await call(self._session.service)
        return await call(self._session.service)

    def _keep(self, book: FolderCache) -> None:
        if book != self._book:
            self._book = book
            self._unsaved.set()
            self._listen(FoldersChanged(book))

    def _save(self) -> None:
        if self._file is None or not self._unsaved.is_set():
            return
        self._unsaved.clear()
        book = self._book
        kept = _Kept(tuple(book.folders.values()), book.recent, book.uid)
        with suppress(OSError, UnicodeEncodeError):
            write_private(self._file, msgspec.json.encode(kept))


def _read(file: Path) -> FolderCache:
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return FolderCache()
    return FolderCache({folder.id: folder for folder in kept.folders}, kept.recent, kept.uid)


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

    def on_event(self, event: EngineEvent, /) -> None:
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
        except (RequestRejected, InvalidResponse):
            folder = None
        self._answered.add(folder_id)
        if folder is not None:
            self._want([folder.parent_id])

    async def wait_idle(self) -> None:
        """Nothing has to wait for a name."""
