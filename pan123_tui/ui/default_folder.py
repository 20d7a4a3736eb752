"""The folder that the settings name for new links."""

from pan123_tui.domain.folder import ROOT_ID, Folder
from pan123_tui.settings import Settings


def default_folder(settings: Settings) -> Folder | None:
    """Give the folder that the settings name; None: they name none."""
    given = settings.defaults
    if given.folder_id is None or not given.folder_name:
        return None
    return Folder(given.folder_id, given.folder_name, ROOT_ID)
