"""The folders of an account, as a test gives them, without any service."""

import asyncio
from collections.abc import Mapping
from itertools import chain

from pan123_tui.domain.errors import FolderMissing
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from tests.unreachable_service import UnreachableService

Pages = dict[int, list[list[Folder]]]


class PaperDrive(UnreachableService):
    """Has the folders that a test gives it, and makes more."""

    def __init__(self, pages: Pages | None = None) -> None:
        """`pages` are those of each folder."""
        self.pages = pages or {}
        self.made: list[Folder] = []
        self.listed: list[tuple[int, int]] = []
        """The pages that were read: of which folder, and after which entry."""
        self.trouble: Exception | None = None
        """Why nothing can be read or made."""
        self.refusals: Mapping[int, Exception] = {}
        """Why a folder cannot be read."""
        self.answers = asyncio.Event()
        """Whether questions are answered yet."""
        self.answers.set()

    async def list_folder(
        self, parent_id: int, /, last_id: int = 0, limit: int = 100
    ) -> FolderPage:
        await self._may_answer()
        self.listed.append((parent_id, last_id))
        pages = self.pages.get(parent_id, [[]])
        more = last_id + 1 if last_id + 1 < len(pages) else None
        return FolderPage(tuple(pages[last_id]), next_id=more)

    async def file_detail(self, file_id: int, /) -> Folder | FileEntry:
        await self._may_answer()
        if file_id in self.refusals:
            raise self.refusals[file_id]
        for folder in chain.from_iterable(chain.from_iterable(self.pages.values())):
            if folder.id == file_id:
                return folder
        raise FolderMissing("no such folder", code=1)

    async def create_folder(self, name: str, parent_id: int, /) -> int:
        await self._may_answer()
        self.made.append(Folder(20 + len(self.made), name, parent_id))
        return self.made[-1].id

    async def _may_answer(self) -> None:
        await self.answers.wait()
        if self.trouble is not None:
            raise self.trouble
