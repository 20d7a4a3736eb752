"""The folder desk: the account's folders, as the screens ask for them and name them."""

from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from pan123_tui.domain.folder import Folder, FolderBook, FolderPage
from pan123_tui.ui.bridge import Bridge
from pan123_tui.ui.mirror import Mirror

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine

MAX_PAGES = 300
"""A folder is read no further: 30,000 entries."""
MAX_SHOWN_RECENT = 8


class Pick(Struct, frozen=True):
    """A folder that was chosen; None: the one that the service takes by itself."""

    folder: Folder | None = None


class FolderDesk:
    """Knows names through the mirror; reads and makes folders through the bridge."""

    def __init__(self, bridge: Bridge, mirror: Mirror) -> None:
        self._bridge = bridge
        self._mirror = mirror

    @property
    def book(self) -> FolderBook:
        """The folders that were seen so far."""
        return self._mirror.folders

    @property
    def names(self) -> dict[int, str]:
        """The names that are known, by id."""
        return self._mirror.folder_names

    @property
    def recent(self) -> list[int]:
        """The ids of the folders that links were sent to lately, the latest first."""
        tasks = sorted(self._mirror.tasks.values(), key=lambda task: -task.created_at)
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
