"""Lists, creates and remembers folders, and fetches the names of those that tasks go to."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from pan123_tui.domain.errors import (
    FolderMissing,
    InvalidResponse,
    Pan123Error,
    RequestNotSent,
    RequestRejected,
)
from pan123_tui.domain.events import (
    Connection,
    EngineEvent,
    EventListener,
    FoldersChanged,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, FolderPage
from pan123_tui.domain.service_facts import Meaning, meaning_of
from pan123_tui.engine.ports import BackgroundWorker, Session
from pan123_tui.system.private_files import write_private

QUIET_S = 1.0
"""Pause before saving, which is not urgent."""
NAMES_AT_ONCE = 50
"""How many folders are fetched before what was seen is saved."""


class Folders(BackgroundWorker):
    """Makes one request at a time, so that polls never wait for folders.

    Unknown folders of tasks, and the folders above them, are fetched once each, those of the
    newest tasks first. The cache can be fetched again, so a file that cannot be read or written is
    not an error.
    """

    def __init__(self, session: Session, listener: EventListener) -> None:
        self._session = session
        self._listener = listener
        self._file: Path | None = None
        self.cache = FolderCache()
        """The folders seen so far."""
        self._lock = asyncio.Lock()
        self._is_saved = True
        self._wanted: dict[int, None] = {}
        """The folders of tasks, in the order in which they are fetched."""
        self._answered: set[int] = set()
        """Folders about which the account's drive has answered, even if they do not exist."""
        self._is_online = False
        self._has_account = False
        """Whether the account in use is known, so that the cache is certainly its own."""
        self._wake = asyncio.Event()

    def keep_in(self, file: Path) -> None:
        """Read the folders seen in former lives from `file`, and keep them there from now on."""
        self._file, self.cache = file, load_folders(file)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Let one request be made; raises `RequestNotSent` if another account is in use by then.

        It would otherwise get folders, and refusals, meant for the former account.
        """
        async with self._lock:
            await self._session.open()
            service = self._session.service
            try:
                yield
            except Pan123Error:
                if service is self._session.service:
                    raise
            if service is not self._session.service:
                raise RequestNotSent

    async def page(self, parent_id: int, *, after: int = 0) -> FolderPage:
        """Fetch a page of the folder `parent_id` (0: the root); raises a `Pan123Error`."""
        async with self._turn():
            page = await self._session.call(lambda service: service.list_folder(parent_id, after))
        found = {parent_id, *(folder.id for folder in page.folders)}
        self._update(self.cache.with_seen(page.folders).with_gone(set(), found=found))
        return page

    async def fetch(self, folder_id: int) -> Folder | None:
        """Fetch the folder `folder_id`; None: it is a file. Raises a `Pan123Error`."""
        async with self._turn():
            entry = await self._session.call(lambda service: service.file_detail(folder_id))
        if not isinstance(entry, Folder):
            return None
        gone = {folder_id} if entry.is_trashed else set()
        cache = self.cache.with_seen([entry])
        self._update(cache.with_gone(gone, found={folder_id} - gone))
        return entry

    async def find(self, folder_id: int) -> Folder | None:
        """Fetch a folder that may not exist; None: it does not, or it is in the trash.

        Raises a `Pan123Error`.
        """
        try:
            folder = await self.fetch(folder_id)
        except FolderMissing:
            return None
        except RequestRejected as error:
            if meaning_of(error.problem) is not Meaning.FILE_MISSING:
                raise
            return None
        return None if folder is None or folder.is_trashed else folder

    async def make(self, name: str, parent_id: int) -> Folder:
        """Create a folder in `parent_id` (0: the root), or return the one of this name.

        Raises a `Pan123Error`.
        """
        try:
            async with self._turn():
                folder_id = await self._session.service.create_folder(name, parent_id)
        except RequestRejected:  # perhaps because somebody has made it meanwhile
            if (found := await self._find(name, parent_id)) is None:
                raise
            return found
        folder = Folder(folder_id, name, parent_id)
        self._update(self.cache.with_seen([folder]))
        return folder

    async def find_or_make(self, name: str, parent_id: int) -> Folder:
        """Do as `make`, but without a request if the folder is known."""
        cache = self.cache
        known = map(cache.folders.get, cache.in_folder(parent_id) if self._has_account else ())
        for folder in known:
            if folder is not None and folder.name == name and not cache.is_gone(folder.id):
                return folder
        return await self.make(name, parent_id)

    async def _find(self, name: str, parent_id: int) -> Folder | None:
        after: int | None = 0
        while after is not None:
            page = await self.page(parent_id, after=after)
            for folder in page.folders:
                if folder.name == name:
                    return folder
            after = page.next_id
        return None

    def note_found(self, folder_id: int) -> None:
        """Record that a folder that was gone is there."""
        self._update(self.cache.with_gone(set(), found={folder_id}))

    def use(self, folder_id: int) -> None:
        """Record that links are sent to a folder."""
        self._update(self.cache.with_recent(folder_id))

    def on_event(self, event: EngineEvent, /) -> None:
        """Note the folders of tasks, and empty the cache when another account is in use."""
        match event:
            case TasksChanged(tasks):
                self._want(task.folder_id for task in tasks)
            case TasksLoaded(_tasks, headers):
                self._want(it.folder_id for it in sorted(headers, key=lambda it: -it.id))
            case StatusChanged(status):
                self._is_online = status.connection is Connection.ONLINE
                self._has_account = status.account is not None
                self._update(self.cache.with_gone({*status.missing_folders}, found=set()))
                if self._is_online and self._next_unknown():
                    self._wake.set()
                if status.account is not None and status.account.uid != self.cache.uid:
                    self._answered.clear()
                    self._update(self.cache.for_account(status.account.uid))

    def _want(self, folder_ids: Iterable[int | None]) -> None:
        wanted = dict.fromkeys(filter(None, folder_ids))
        if not wanted.keys() <= self._wanted.keys():
            self._wanted = wanted | self._wanted
            self._wake.set()

    async def run(self) -> None:
        """Publish the stored folders, then fetch unknown ones and save until cancelled."""
        self._listener.on_event(FoldersChanged(self.cache))
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._fetch_names()
                await asyncio.sleep(QUIET_S)
                if not self._is_saved:
                    await asyncio.to_thread(self._save)
        finally:
            self._save()

    def _next_unknown(self) -> int:
        """Return the next folder to fetch, one of `_wanted` or above it; the root: none."""
        unknown = map(self.cache.unknown_on_path, self._wanted)
        return next((it for it in unknown if it and it not in self._answered), ROOT_ID)

    async def _fetch_names(self) -> None:
        """Fetch some unknown folders; after an error, the rest at the next event."""
        with suppress(Pan123Error):
            for _ in range(NAMES_AT_ONCE):
                if not self._is_online or not (unknown := self._next_unknown()):
                    return
                with suppress(RequestRejected, FolderMissing, InvalidResponse):
                    await self.fetch(unknown)
                self._answered.add(unknown)
            self._wake.set()

    def _update(self, cache: FolderCache) -> None:
        if cache != self.cache:
            self.cache = cache
            self._is_saved = False
            self._wake.set()
            self._listener.on_event(FoldersChanged(cache))

    def _save(self) -> None:
        if self._file is None or self._is_saved:
            return
        self._is_saved = True
        with suppress(OSError, UnicodeEncodeError):
            write_private(self._file, msgspec.json.encode(self.cache))


def load_folders(file: Path) -> FolderCache:
    """Return the folders of a file; none if it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=FolderCache)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return FolderCache()
