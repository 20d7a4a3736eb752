"""What the engine asks of the service, so that it runs without knowing HTTP."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from pan123_tui.domain.events import Account
from pan123_tui.domain.folder import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.task import Draft


class Service(Protocol):
    """The calls of the open API that the engine makes; each raises a `Pan123Error`."""

    async def ready_to_create(self) -> None:
        """Wait until a link may be handed over: there is a token, and it is our turn.

        Nothing of the link is sent before this returns.
        """

    async def create_task(self, draft: Draft, /) -> int:
        """Hand `draft` to the service and give its taskID."""

    def poll_wait_s(self) -> float:
        """Return after how many seconds a poll would be sent at once; 0: now."""

    async def get_progress(self, task_id: int, /) -> Progress:
        """Ask how far the task `task_id` is."""

    async def list_folder(
        self, parent_id: int, /, last_id: int = 0, limit: int = 100
    ) -> FolderPage:
        """Give a page of the folder `parent_id` (0: the root), after the entry `last_id`."""

    async def file_detail(self, file_id: int, /) -> Folder | FileEntry:
        """Fetch the folder or file `file_id`, from the trash too."""

    async def make_folder(self, name: str, parent_id: int, /) -> int:
        """Make a folder in `parent_id` (0: the root) and give its id."""

    async def user_info(self) -> Account:
        """Tell whose account it is."""

    async def aclose(self) -> None:
        """Close the connections."""


class Session:
    """The connection in use: opened when the engine starts, replaced with account and rates."""

    def __init__(self, connect: Callable[[], Service]) -> None:
        self._connect = connect
        self._service: Service | None = None

    @property
    def service(self) -> Service:
        """The connection in use, once `open()` has made it."""
        assert self._service is not None  # noqa: S101 - made before any worker starts
        return self._service

    async def open(self) -> Service:
        """Make the first connection and return it."""
        self._service = await asyncio.to_thread(self._connect)
        return self._service

    async def replace(self, connect: Callable[[], Service]) -> Service | None:
        """Use what `connect` makes from now on; return the former connection, still open."""
        former, self._service = self._service, await asyncio.to_thread(connect)
        return former

    async def close(self) -> None:
        """Close the connection in use, if there is one."""
        if self._service is not None:
            await self._service.aclose()
