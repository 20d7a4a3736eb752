"""Finds, creates and remembers folders, and fetches the names of those that tasks go to."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from pan123_tui.domain.errors import (
    FolderMissing,
    InvalidResponse,
    Pan123Error,
    RequestRejected,
)
from pan123_tui.domain.events import (
    Connection,
    EngineEvent,
    EventListener,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.folders import (
    MAX_PAGES,
    ROOT_ID,
    Folder,
    FolderPage,
    FolderSearch,
    FolderTree,
    is_same_name,
)
from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.service_facts import Meaning, meaning_of
from pan123_tui.engine.ports import BackgroundWorker, Session
from pan123_tui.system.private_files import write_private

QUIET_S = 1.0
"""Pause before saving, which is not urgent."""


class Folders(BackgroundWorker):
    """Makes one request at a time, so that polls never wait for folders.

    Unknown folders of tasks, and the folders above them, are fetched once each, those of the
    newest tasks first. The tree can be fetched again, so a file that cannot be read or written is
    not an error.
    """

    def __init__(self, session: Session, listener: EventListener) -> None:
        self._session = session
        self._listener = listener
        self._file: Path | None = None
        self.tree = FolderTree()
        """The folders seen so far."""
        self._lock = asyncio.Lock()
        self._is_saved = True
        self._wanted: dict[int, None] = {}
        """The folders of tasks, in the order in which they are fetched."""
        self._answered: set[int] = set()
        """Folders about which the account's drive has answered, even if they do not exist."""
        self._status = Status()
        self._wake = asyncio.Event()

    def keep_in(self, file: Path) -> None:
        """Read the folders seen in former lives from `file`, and keep them there from now on."""
        self._file, self.tree = file, load_folders(file)

    @asynccontextmanager
    async def _turn(self, folder_id: int) -> AsyncIterator[None]:
        """Let one request about a folder be made; if that is gone, note it, and say so."""
        async with self._lock:
            await self._session.open()
            refusal = None
            try:
                yield
            except Pan123Error as error:
                refusal = error
            if refusal and meaning_of(refusal.problem) is Meaning.FILE_MISSING:
                no = refusal.problem  # a folder is a file too
                refusal = FolderMissing(no.message, code=no.code, trace_id=no.trace_id)
            if isinstance(refusal, FolderMissing) and folder_id != ROOT_ID:
                self.note(folder_id, is_gone=True)
            if refusal:
                raise refusal

    async def page(self, parent_id: int, *, after: int = 0) -> FolderPage:
        """Fetch a page of the folder `parent_id` (0: the root); raises a `Pan123Error`."""
        async with self._turn(parent_id):
            page = await self._session.call(lambda service: service.list_folder(parent_id, after))
        found = {parent_id, *(folder.id for folder in page.folders)}
        self._update(self.tree.with_seen(page.folders).with_gone(*found, is_gone=False))
        return page

    async def pages(self, parent_id: int) -> AsyncIterator[FolderPage]:
        """Fetch the pages of a folder one after the other; raises a `Pan123Error`."""
        after: int | None = 0
        for _ in range(MAX_PAGES):
            if after is None:
                break
            page = await self.page(parent_id, after=after)
            yield page
            after = page.next_id

    async def fetch(self, folder_id: int) -> Folder | None:
        """Fetch a folder; None: there is none, or it is in the trash. Raises a `Pan123Error`."""
        try:
            async with self._turn(folder_id):
                entry = await self._session.call(lambda service: service.file_detail(folder_id))
        except FolderMissing:
            return None
        folder = entry if isinstance(entry, Folder) else None
        exists = folder is not None and not folder.is_trashed
        tree = self.tree.with_seen([folder] if folder else [])
        self._update(tree.with_gone(folder_id, is_gone=not exists))
        return folder if exists else None

    async def find(
        self, target: int | tuple[str, ...], *, makes_missing: bool = False
    ) -> FolderSearch:
        """Find a folder by its id, or by its path from the root; if wanted, make what is missing.

        Raises a `Pan123Error`.
        """
        if isinstance(target, int):
            return FolderSearch(await self.fetch(target))
        folder = Folder(ROOT_ID, "", ROOT_ID)
        for depth, name in enumerate(target):
            same, others = await self.look_for(name, folder.id)
            if same is not None:
                folder = same
                continue
            missing = target[depth:]
            problem = next(filter(None, map(check_name, missing)), None) if makes_missing else None
            if problem or not makes_missing:
                return FolderSearch(None, target[:depth], missing, tuple(others), problem)
            for below in missing:
                folder = await self.make(below, folder.id)
            break
        return FolderSearch(folder, target)

    async def look_for(self, name: str, parent_id: int) -> tuple[Folder | None, list[str]]:
        """Return the folder called `name`, and the names of the folders read before it.

        The service allows a name once per folder, so no further page is read.
        """
        others: list[str] = []
        async for page in self.pages(parent_id):
            for folder in page.folders:
                if is_same_name(folder.name, name):
                    return folder, others
                others.append(folder.name)
        return None, others

    async def make(self, name: str, parent_id: int) -> Folder:
        """Create a folder in `parent_id` (0: the root), or return the one of this name.

        Raises a `Pan123Error`.
        """
        try:
            async with self._turn(parent_id):
                folder_id = await self._session.service.create_folder(name, parent_id)
        except RequestRejected:  # perhaps because somebody has made it meanwhile
            found, _others = await self.look_for(name, parent_id)
            if found is None:
                raise
            return found
        folder = Folder(folder_id, name, parent_id)
        self._update(self.tree.with_seen([folder]))
        return folder

    async def find_or_make(self, name: str, parent_id: int) -> Folder:
        """Do as `make`, but without a request if the folder is known."""
        # With the account in use unknown, the tree may be another one's.
        known = self.tree.children(parent_id) if self._status.account else ()
        same = (folder for folder in known if folder.name == name)
        return next(same, None) or await self.make(name, parent_id)

    def note(self, folder_id: int, *, is_gone: bool) -> None:
        self._update(self.tree.with_gone(folder_id, is_gone=is_gone))

    def use(self, folder_id: int) -> None:
        self._update(self.tree.with_recent(folder_id))

    def on_event(self, event: EngineEvent, /) -> None:
        """Note the folders of tasks, and empty the tree when another account is in use."""
        match event:
            case TasksChanged(tasks):
                self._want(task.folder_id for task in tasks)
            case TasksLoaded(tasks):
                self._want(task.folder_id for task in reversed(tasks))
            case StatusChanged(status):
                self._status = status
                for gone in status.missing_folders:
                    self.note(gone, is_gone=True)
                if self._is_online and self._next_unknown():
                    self._wake.set()
                if status.account is not None and status.account.uid != self.tree.uid:
                    self._answered.clear()
                    self._update(self.tree.for_account(status.account.uid))

    def _want(self, folder_ids: Iterable[int | None]) -> None:
        wanted = dict.fromkeys(filter(None, folder_ids))
        if not wanted.keys() <= self._wanted.keys():
            self._wanted = wanted | self._wanted
            self._wake.set()

    @property
    def _is_online(self) -> bool:
        return self._status.connection is Connection.ONLINE

    async def run(self) -> None:
        """Publish the stored folders, then fetch unknown ones and save until cancelled."""
        self._listener.on_event(FoldersChanged(self.tree))
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                with suppress(Pan123Error):  # then the rest at the next event
                    while self._is_online and (unknown := self._next_unknown()):
                        with suppress(RequestRejected, InvalidResponse):
                            await self.fetch(unknown)
                        self._answered.add(unknown)
                await asyncio.sleep(QUIET_S)
                if not self._is_saved:
                    await asyncio.to_thread(self._save)
        finally:
            self._save()

    def _next_unknown(self) -> int:
        """Return the next folder to fetch, one of `_wanted` or above it; the root: none."""
        unknown = map(self.tree.unknown_on_path, self._wanted)
        return next((it for it in unknown if it and it not in self._answered), ROOT_ID)

    def _update(self, tree: FolderTree) -> None:
        if tree != self.tree:
            self.tree = tree
            self._is_saved = False
            self._wake.set()
            self._listener.on_event(FoldersChanged(tree))

    def _save(self) -> None:
        if self._file is None or self._is_saved:
            return
        self._is_saved = True
        with suppress(OSError, UnicodeEncodeError):
            write_private(self._file, msgspec.json.encode(self.tree))


def load_folders(file: Path) -> FolderTree:
    """Return the folders of a file; none if it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=FolderTree)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return FolderTree()
