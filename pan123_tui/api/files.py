"""The calls on folders and files, a part of the client."""

from collections.abc import Sequence

import msgspec

from pan123_tui.api.connection import ServiceConnection
from pan123_tui.api.rate_limit import Endpoint
from pan123_tui.api.schemas import (
    CreateFolderRequest,
    CreateFolderResponse,
    DownloadInfo,
    FileDetail,
    FileList,
    MoveFilesRequest,
    RenameFileRequest,
)
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage

LIST_PATH = "/api/v2/file/list"
DETAIL_PATH = "/api/v1/file/detail"
MKDIR_PATH = "/upload/v1/file/mkdir"
DOWNLOAD_PATH = "/api/v1/file/download_info"
RENAME_PATH = "/api/v1/file/name"
MOVE_PATH = "/api/v1/file/move"


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
        request = self._with_body("POST", MKDIR_PATH, CreateFolderRequest(name, parent_id))
        return (await self._call(Endpoint.MKDIR, request, CreateFolderResponse)).dirID

    async def download_url(self, file_id: int) -> str:
        """Fetch a link to a file that works for a while (`GET /api/v1/file/download_info`)."""
        request = self._get(DOWNLOAD_PATH, fileId=file_id)
        return (await self._call(Endpoint.DOWNLOAD, request, DownloadInfo)).downloadUrl

    async def rename_file(self, file_id: int, name: str) -> None:
        """Rename a file (`PUT /api/v1/file/name`)."""
        request = self._with_body("PUT", RENAME_PATH, RenameFileRequest(file_id, name))
        await self._call(Endpoint.RENAME, request, msgspec.Raw)

    async def move_files(self, file_ids: Sequence[int], folder_id: int) -> None:
        """Move at most 100 files to a folder, 0 for the root (`POST /api/v1/file/move`)."""
        body = MoveFilesRequest(fileIDs=tuple(file_ids), toParentFileID=folder_id)
        request = self._with_body("POST", MOVE_PATH, body)
        await self._call(Endpoint.MOVE, request, msgspec.Raw)
