"""The folders of the account, as the screens of this folder use them."""

from msgspec import Struct

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.folder_paths import FolderCall
from pan123_tui.client.task_model import TaskModel
from pan123_tui.config.settings import Settings
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache

MAX_SHOWN_RECENT = 8


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
    """The folders that the task model knows, and the engine's answers about others."""

    def __init__(self, client: EngineClient, model: TaskModel) -> None:
        self._client = client
        self._model = model

    @property
    def call(self) -> FolderCall:
        """What has a command about folders carried out."""
        return self._client.call

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
