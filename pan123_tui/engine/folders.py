"""The account's folders: read page by page, looked up, made, and remembered between runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from pan123_tui.domain.errors import RateLimited
from pan123_tui.domain.events import EngineEvent, FoldersChanged, StatusChanged
from pan123_tui.domain.folder import Folder, FolderBook, FolderPage
from pan123_tui.engine.service import Service, Session
from pan123_tui.private_file import write_private

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
        self._book = _read(file) if file else FolderBook()
        self._turn = asyncio.Lock()
        self._unsaved = asyncio.Event()

    @property
    def book(self) -> FolderBook:
        """The folders that were seen so far."""
        return self._book

    async def page(self, parent_id: int, *, after: int = 0) -> FolderPage:
        """Give a page of the folder `parent_id` (0: the root); raises a `Pan123Error`."""
        async with self._turn:
            page = await self._asked(lambda service: service.list_folder(parent_id, after))
        self._keep(self._book.saw(page.folders))
        return page

    async def look_up(self, folder_id: int) -> Folder | None:
        """Fetch the folder `folder_id`; None: it is a file. Raises a `Pan123Error`."""
        async with self._turn:
            entry = await self._asked(lambda service: service.file_detail(folder_id))
        if not isinstance(entry, Folder):
            return None
        self._keep(self._book.saw([entry]))
        return entry

    async def make(self, name: str, parent_id: int) -> Folder:
        """Make a folder in `parent_id` (0: the root); raises a `Pan123Error`."""
        async with self._turn:
            folder_id = await self._session.service.make_folder(name, parent_id)
        folder = Folder(folder_id, name, parent_id)
        self._keep(self._book.saw([folder]))
        return folder

    async def use(self, folder_id: int) -> None:
        """Take note that links are sent to a folder."""
        self._keep(self._book.used(folder_id))

    def hear(self, event: EngineEvent, /) -> None:
        """Forget the folders when the account becomes another one."""
        if isinstance(event, StatusChanged) and (account := event.status.account):
            self._keep(self._book.of(account.uid))

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

    async def settled(self) -> None:
        """Nothing is ever left to do."""

    async def _asked(self, call: Callable[[Service], Awaitable[T]]) -> T:
        for _ in range(TRIES - 1):
            # After such an answer, the next turn of this endpoint comes late enough.
            with suppress(RateLimited):
                return await call(self._session.service)
        return await call(self._session.service)

    def _keep(self, book: FolderBook) -> None:
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


def _read(file: Path) -> FolderBook:
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return FolderBook()
    return FolderBook({folder.id: folder for folder in kept.folders}, kept.recent, kept.uid)
