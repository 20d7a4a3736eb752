"""Controller of the folder screen: fetches, searches and creates folders of the account."""

from collections import deque
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.folder_paths import fetch_pages, find_folder
from pan123_tui.client.task_model import TaskModel
from pan123_tui.config.settings import Settings
from pan123_tui.domain.commands import CreateFolder, FindFolder, MakeFolderAgain, RedirectFolder
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, PathSearch
from pan123_tui.domain.sorting import natural_key
from pan123_tui.domain.task import Task

MAX_SHOWN_RECENT = 8
MAX_SEARCHED = 300
"""Folders fetched for one search."""
MAX_FOUND = 200


class FolderChoice(Struct, frozen=True):
    """A chosen folder; None stands for the service's default folder."""

    folder: Folder | None = None


def default_folder(settings: Settings) -> Folder | None:
    """Return the folder that the settings name, if any."""
    defaults = settings.defaults
    if defaults.folder_id is None or not defaults.folder_name:
        return None
    return Folder(defaults.folder_id, defaults.folder_name, ROOT_ID)


class FolderController:
    """Returns known folders from the task model, and fetches or creates others by the engine."""

    def __init__(self, client: EngineClient, model: TaskModel) -> None:
        self._client = client
        self._model = model

    @property
    def cache(self) -> FolderCache:
        """The folders that were fetched so far."""
        return self._model.folders

    @property
    def names(self) -> dict[int, str]:
        """The known names by folder id."""
        return self._model.folder_names

    @property
    def recent(self) -> list[int]:
        """The ids of the folders that were last used for links and exist, the latest first.

        Of several with the same path only the newest can exist.
        """
        tasks = sorted(self._model.tasks.values(), key=lambda task: -task.created_at)
        ids = [*self.cache.recent, *(task.folder_id for task in tasks if task.folder_id)]
        newest: dict[object, int] = {}
        for folder_id in dict.fromkeys(ids):
            if not self.is_gone(folder_id):
                key = self.cache.full_path(folder_id) or folder_id
                newest[key] = max(newest.get(key, 0), folder_id)
        return [*newest.values()][:MAX_SHOWN_RECENT]

    def is_gone(self, folder_id: int) -> bool:
        """Return whether a folder is known not to exist any more."""
        is_missing = folder_id in self._model.status.missing_folders
        return is_missing or self.cache.is_gone(folder_id)

    def path(self, folder_id: int) -> tuple[str, ...]:
        """Return the names from the root to a folder, only its own, or none, as far as known."""
        name = self.names.get(folder_id)
        return self.cache.path(folder_id) or ((name,) if name else ())

    async def fetch_pages(self, parent_id: int) -> AsyncIterator[tuple[Folder, ...]]:
        """Yield the folders in `parent_id` (0 is the root) page by page; raises `Pan123Error`."""
        async for folders in fetch_pages(self._client.call, parent_id):
            yield folders

    async def find(self, names: tuple[str, ...], *, makes_missing: bool = False) -> PathSearch:
        """Find the folder at a path from the root, or make it if wanted; raises `Pan123Error`."""
        return await find_folder(self._client.call, names, makes_missing=makes_missing)

    async def find_by_id(self, folder_id: int) -> Folder | None:
        """Ask the service for a folder; None: there is none. Raises `Pan123Error`."""
        return await self._client.call(FindFolder(folder_id))

    async def create(self, name: str, parent_id: int) -> Folder:
        """Create a folder in `parent_id` (0 is the root); raises `Pan123Error`."""
        return await self._client.call(CreateFolder(name, parent_id))

    async def make_again(self, folder_id: int) -> Folder | None:
        """Create a folder that is gone by its name; None: that is not known.

        Raises `Pan123Error`.
        """
        return await self._client.call(MakeFolderAgain(folder_id))

    async def redirect(self, folder_id: int, to: int | None) -> tuple[Task, ...]:
        """Queue the links for a folder for another one (None: the service's own)."""
        return await self._client.call(RedirectFolder(folder_id, to))


class FolderSearch:
    """Finds folders by words, and fetches the account's tree level by level."""

    def __init__(self, controller: FolderController) -> None:
        self._controller = controller
        self._pending: deque[int] = deque([ROOT_ID])
        self.fetched = 0
        """How many folders were fetched so far."""

    @property
    def is_complete(self) -> bool:
        """Whether every folder of the account was fetched."""
        return not self._pending

    @property
    def can_continue(self) -> bool:
        """Whether there is more to fetch, up to `MAX_SEARCHED`."""
        return bool(self._pending) and self.fetched < MAX_SEARCHED

    def find(self, text: str) -> list[tuple[Folder, tuple[str, ...]]]:
        """Return known folders whose path contains all words of `text`, each with its path."""
        words = text.casefold().split()
        found = [
            (folder, path)
            for folder in self._controller.cache.folders.values()
            if _matches(path := self._controller.path(folder.id), words)
            and not self._controller.is_gone(folder.id)
        ]
        found.sort(key=lambda hit: (len(hit[1]), natural_key("/".join(hit[1]))))
        return found[:MAX_FOUND]

    async def fetch_more(self) -> AsyncIterator[None]:
        """Fetch one folder after the other, and yield after each; raises `Pan123Error`.

        The next call continues where this one stopped.
        """
        while self.can_continue:
            children: list[int] = []
            async for folders in self._controller.fetch_pages(self._pending[0]):
                children += [folder.id for folder in folders]
            self._pending.popleft()
            self._pending.extend(children)
            self.fetched += 1
            yield


def _matches(path: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether all words are in `path`, and at least one in the folder's own name."""
    whole, own = "/".join(path).casefold(), path[-1].casefold() if path else ""
    return all(word in whole for word in words) and any(word in own for word in words)
