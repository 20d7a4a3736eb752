"""The calls on folders and files, a part of the client."""

from pan123_tui.api.connection import ServiceConnection
from pan123_tui.api.rate_limit import Endpoint
from pan123_tui.api.schemas import (
    CreateFolderRequest,
    CreateFolderResponse,
    DownloadInfo,
    FileDetail,
    FileList,
)
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage

LIST_PATH = "/api/v2/file/list"
DETAIL_PATH = "/api/v1/file/detail"
MKDIR_PATH = "/upload/v1/file/mkdir"
DOWNLOAD_PATH = "/api/v1/file/download_info"


class FileCalls(ServiceConnection):
    """The calls on folders and files; each raises as `Pan123Client` says."""

    async def list_folder(self, parent_id: int, last_id: int = 0, limit: int = 100) -> FolderPage:
        """Fetch a page of the folder `parent_id`, 0 for the root (`GET /api/v2/file/list`).

        The page starts after the entry `last_id` and has at most `limit` entries.
        """
        after = {"lastFileId": last_id} if last_id else {}
        request = self._get(LIST_PATH, parentFileId=parent_id, limit=limit, **after)
        return (await self._call(Endpoint.LIST, request, FileList)).page(asked_after=last_id)

    async def file_detail(self, file_id: int) -> Folder | FileEntry:
        """Fetch a folder or file, also from the trash (`GET /api/v1/file/detail`)."""
        request = self._get(DETAIL_PATH, fileID=file_id)
        return (await self._call(Endpoint.DETAIL, request, FileDetail)).entry(file_id)

    async def create_folder(self, name: str, parent_id: int) -> int:
        """Create a folder in `parent_id` and return its id (`POST /upload/v1/file/mkdir`)."""
        request = self._post(MKDIR_PATH, CreateFolderRequest(name, parent_id))
        return (await self._call(Endpoint.MKDIR, request, CreateFolderResponse)).dirID

    async def download_url(self, file_id: int) -> str:
        """Fetch a link to a file that works for a while (`GET /api/v1/file/download_info`)."""
        request = self._get(DOWNLOAD_PATH, fileId=file_id)
        return (await self._call(Endpoint.DOWNLOAD, request, DownloadInfo)).downloadUrl
