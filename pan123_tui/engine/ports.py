"""What the engine needs from outside: the open API, clocks, chance, and other workers."""

import asyncio
import os
import random
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from msgspec import Struct

from pan123_tui.config.schema import SETTINGS
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import Credentials
from pan123_tui.domain.errors import RateLimited
from pan123_tui.domain.events import Account, EventListener
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.service_facts import Endpoint
from pan123_tui.domain.task import DownloadRequest

MAX_TRIES = 3
"""How often a call that exceeds the service's rate is tried."""
T = TypeVar("T")


class CloudApi(Protocol):
    """The calls of `Pan123Client` that the engine makes; each raises a `Pan123Error`."""

    def forget_tokens(self) -> None: ...
    def pause_s(self, endpoint: Endpoint, /) -> float: ...
    def poll_wait_s(self) -> float: ...
    async def wait_for_create_slot(self) -> None: ...
    async def create_task(self, request: DownloadRequest, /) -> int: ...
    async def get_progress(self, task_id: int, /) -> Progress: ...
    async def list_folder(self, parent_id: int, /, last_id: int = 0) -> FolderPage: ...
    async def file_detail(self, file_id: int, /) -> Folder | FileEntry: ...
    async def create_folder(self, name: str, parent_id: int, /) -> int: ...
    async def download_url(self, file_id: int, /) -> str: ...
    async def user_info(self) -> Account: ...
    async def aclose(self) -> None: ...


class BackgroundWorker(EventListener):
    """Runs on the engine's loop while the engine does."""

    @abstractmethod
    async def run(self) -> None:
        """Work until cancelled."""

    async def wait_idle(self) -> None:
        """Wait until all work known so far is done, if the engine should not end before that."""


async def wait_at_most(wait_s: float | None, wake: asyncio.Event) -> None:
    """Wait until `wake` is set, but at most `wait_s` seconds (None: without an end)."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await wake.wait()


class ServiceConfig(Struct, frozen=True):
    """How the service is used: the account, through the client made for it, and the settings."""

    connect: Callable[[], CloudApi]
    settings: Settings
    credentials: Credentials | None = None
    login_variable: str = ""
    """The variable that the account comes from; empty for the saved account."""

    def has_account_of(self, other: "ServiceConfig") -> bool:
        """Return whether both name the same account of the same service."""
        addresses = {it.settings.service.base_url for it in (self, other)}
        return self.credentials == other.credentials and len(addresses) == 1

    def works_as(self, other: "ServiceConfig") -> bool:
        """Return whether an engine does the same with both."""
        mine, others = self.settings, other.settings
        changed = (it for it in SETTINGS.values() if mine.value(it) != others.value(it))
        return self.has_account_of(other) and all(it.is_of_screen for it in changed)


class Session:
    """Holds the client in use."""

    def __init__(self, connect: Callable[[], CloudApi]) -> None:
        self._connect = connect
        self._service: CloudApi | None = None
        self._opening = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._service is not None

    @property
    def service(self) -> CloudApi:
        """The client in use; `open()` comes first."""
        assert self._service is not None  # noqa: S101 - opened before any worker starts
        return self._service

    async def call(self, call: Callable[[CloudApi], Awaitable[T]]) -> T:
        """Return the result of `call`; it is repeated if it had no effect because of the rate.

        The client waits long enough before the next request of an endpoint. Raises a `Pan123Error`.
        """
        await self.open()
        for _ in range(MAX_TRIES - 1):
            with suppress(RateLimited):
                return await call(self.service)
        return await call(self.service)

    async def open(self) -> None:
        """Create the client, or wait until `change()` is done."""
        async with self._opening:
            if self._service is None:
                self._service = await asyncio.to_thread(self._connect)

    async def change(self, connect: Callable[[], CloudApi]) -> None:
        """Use the client of `connect` once the former one has the answers to its requests."""
        async with self._opening:
            await self.service.aclose()
            self._service = await asyncio.to_thread(connect)


class Runtime(Struct, frozen=True):
    """Clocks and random sources, replaced in tests."""

    clock: Callable[[], float] = lambda: round(time.time(), 3)
    """Unix seconds, rounded to the millisecond to keep the stored times short."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds of a clock that never goes back, for waits."""
    random: Callable[[], float] = random.random
    """Uniform in 0–1, for jitter."""
    new_secret: Callable[[], str] = lambda: os.urandom(24).hex()
    """An unguessable word that fits into a URL."""


SYSTEM_RUNTIME = Runtime()
