"""How fast the service may be asked."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.task import DownloadRequest


class CloudApi(Protocol):
    """The calls of the open API that the engine makes; each raises a `Pan123Error`."""

    async def wait_for_create_slot(self) -> None:
        """Wait until a link may be handed over: there is a token, and it is our turn.

        Nothing of the link is sent before this returns.
        """

    async def create_task(self, draft: DownloadRequest, /) -> int:
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

    async def create_folder(self, name: str, parent_id: int, /) -> int:
        """Make a folder in `parent_id` (0: the root) and give its id."""

    async def user_info(self) -> Account:
        """Tell whose account it is."""

    async def aclose(self) -> None:
        """Close the connections."""


class Session:
    """The connection in use: opened when the engine starts, replaced with account and rates."""

    def __init__(self, connect: Callable[[], CloudApi]) -> None:
        self._connect = connect
        self._service: CloudApi | None = None

    @property
    def service(self) -> CloudApi:
        """The connection in use, once `open()` has made it."""
        assert self._service is not None  # noqa: S101 - made before any worker starts
        return self._service

    async def open(self) -> CloudApi:
        """Make the first connection and return it."""
        self._service = await asyncio.to_thread(self._connect)
        return self._service

    async def replace(self, connect: Callable[[], CloudApi]) -> CloudApi | None:
        """Use what `connect` makes from now on; return the former connection, still open."""
        former, self._service = self._service, await asyncio.to_thread(connect)
        return former

    async def close(self) -> None:
        """Close the connection in use, if there is one."""
        if self._service is not None:
            await self._service.aclose()


def _new_secret() -> str:
    import secrets  # noqa: PLC0415 - for callbacks only, and the start is felt on every login

    return secrets.token_urlsafe()


def _milliseconds() -> float:
    return round(time.time(), 3)


class Runtime(Struct, frozen=True):
    """The wall clock for what is kept, the monotonic one for waiting, and chance for jitter."""

    clock: Callable[[], float] = _milliseconds
    """Unix seconds, to the millisecond: nothing here is finer, and they are written often."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that only go forward."""
    random: Callable[[], float] = random.random
    """Uniform in 0–1."""
    new_secret: Callable[[], str] = _new_secret
    """A word that nobody guesses and that fits into a URL."""


SYSTEM_RUNTIME = Runtime()
"""The machine's own."""


class PollingConfig(Struct, frozen=True):
    """How fast the service may be asked."""

    creates_per_s: float = 1.0
    polls_per_s: float = 5.0
    shortest_poll_s: float = 2.0
    """No task is polled more often than this."""
    longest_poll_s: float = 120.0
    """Each task is polled this often, if the rate allows."""
    head_start_s: float = 0.0
    """After the tasks are told, so long nothing else is done: whoever draws them has the time."""


DEFAULT_POLLING = PollingConfig()
"""What clients that live with the service use."""
