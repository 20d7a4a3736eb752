"""The folders of the account, as the screens know them."""

from collections.abc import Iterable

from msgspec import Struct

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.config.settings import Settings
from pan123_tui.domain.folder_paths import FolderCall
from pan123_tui.domain.folders import ROOT_ID, Folder

MAX_RECENT = 5


def default_folder(settings: Settings) -> Folder | None:
    """Return the folder that the settings name, if any."""
    defaults = settings.defaults
    if defaults.folder_id is None or not defaults.folder_name:
        return None
    return Folder(defaults.folder_id, defaults.folder_name, ROOT_ID)


class KnownFolder(Struct, frozen=True):
    """A folder, and how to type it."""

    folder: Folder
    path: str


class DriveFolders:
    """The folders that the task model knows, and the engine's answers about all others."""

    def __init__(self, client: EngineClient, model: TaskModel) -> None:
        self.call: FolderCall = client.call
        """Has a command about folders carried out."""
        self._model = model

    def name(self, folder_id: int) -> str:
        """Return the name of a folder; empty if it is not known."""
        return self._model.folder_names.get(folder_id, "")

    def is_gone(self, folder_id: int) -> bool:
        """Return whether a folder, or one above it, is known not to exist any more."""
        return self._model.folders.is_gone(folder_id)

    def path(self, folder_id: int) -> str:
        """Return the path of a folder as it is typed; empty if it is not known."""
        return typed_path(self._model.folders.full_path(folder_id))

    @property
    def recent(self) -> list[KnownFolder]:
        """The folders that links were last sent to, the latest first, where their path is known."""
        return self._known(self._model.folders.recent)[:MAX_RECENT]

    def containing(self, part: str) -> list[KnownFolder]:
        """Return the folders whose path is known and contains `part`."""
        known = self._known(self._model.folders.folders)
        return [it for it in known if part.casefold() in it.path.casefold()]

    def _known(self, ids: Iterable[int]) -> list[KnownFolder]:
        cache = self._model.folders
        exist = [cache.folders[it] for it in ids if it in cache.folders and not cache.is_gone(it)]
        return [KnownFolder(it, path) for it in exist if (path := self.path(it.id))]


def typed_path(names: tuple[str, ...]) -> str:
    """Return the path `names` as it is typed, which is never read as an id."""
    path = "/".join(names)
    return f"/{path}" if path.isdigit() else path
