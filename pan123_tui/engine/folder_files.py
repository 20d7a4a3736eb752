"""Lists the files of a whole folder, page by page within the rate."""

import asyncio

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.folders import MAX_PAGES, ROOT_ID, FileEntry, FolderPage
from pan123_tui.engine.ports import CloudApi, Session

PAGE_INTERVAL_S = 0.4


class FolderFiles:
    """Lists files, and caches the id of the service's own folder for the account in use."""

    def __init__(self, session: Session, *, page_interval_s: float = PAGE_INTERVAL_S) -> None:
        self._session = session
        self._page_interval_s = page_interval_s
        self._default_folder: int | None = None
        self._found_by: CloudApi | None = None
        """The client of the account whose folder that is."""

    async def files(self, folder_id: int | None) -> list[FileEntry]:
        """Return the files of a folder (None: the service's own); raises a `Pan123Error`."""
        if folder_id is None:
            folder_id = await self.default_folder()
            if folder_id is None:
                return []
        return [file for page in await self._pages(folder_id) for file in page.files]

    async def default_folder(self) -> int | None:
        """Return the id of the service's own folder, None if there is none yet."""
        service = self._session.service
        if self._default_folder is None or self._found_by is not service:
            self._default_folder, self._found_by = None, service
            for page in await self._pages(ROOT_ID):
                for folder in page.folders:
                    if folder.name == DEFAULT_FOLDER:
                        self._default_folder = folder.id
        return self._default_folder

    async def _pages(self, folder_id: int) -> list[FolderPage]:
        pages: list[FolderPage] = []
        last_id: int | None = 0
        while last_id is not None and len(pages) < MAX_PAGES:
            page = await self._session.service.list_folder(folder_id, last_id)
            pages.append(page)
            last_id = page.next_id
            await asyncio.sleep(self._page_interval_s if last_id is not None else 0)
        return pages
