"""A service that cannot be reached: what is queued stays queued."""

import asyncio
from typing import Never

from pan123_tui.domain.errors import RequestNotSent
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.rates import Endpoint
from pan123_tui.domain.task import DownloadRequest, Progress


class UnreachableService:
    """Every call fails before anything is sent."""

    _create_interval_s = 1.0
    _next_create_at = 0.0

    def oldest_request_at(self) -> float | None:
        return None

    def forget_tokens(self) -> None:
        """Do nothing: there is no token."""

    def hand_pace_to(self, successor: object, /) -> None:
        """Do nothing: requests fail at once."""

    def use_rates(self, *, creates_per_s: float, polls_per_s: float) -> None:
        self._create_interval_s = 1 / creates_per_s

    def pause_s(self, endpoint: Endpoint, /) -> float:
        return 0.0

    async def wait_for_create_slot(self) -> None:
        """Keep a distance between creates, as the client does."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._next_create_at - now))
        self._next_create_at = max(now, self._next_create_at) + self._create_interval_s

    async def create_task(self, request: DownloadRequest, /) -> int:
        return _fail()

    def poll_wait_s(self) -> float:
        return 0.0

    async def get_progress(self, task_id: int, /) -> Progress:
        return _fail()

    async def list_folder(
        self, parent_id: int, /, last_id: int = 0, limit: int = 100
    ) -> FolderPage:
        return _fail()

    async def file_detail(self, file_id: int, /) -> Folder | FileEntry:
        return _fail()

    async def create_folder(self, name: str, parent_id: int, /) -> int:
        return _fail()

    async def download_url(self, file_id: int, /) -> str:
        return _fail()

    async def user_info(self) -> Account:
        return _fail()

    async def aclose(self) -> None:
        """Return at once: nothing is open."""


def _fail() -> Never:
    raise RequestNotSent("the line is cut")
