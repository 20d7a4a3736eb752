"""The access token on disk, shared by the user's processes, and the lock around its renewal."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from pan123_tui.api.schemas import SecretStruct
from pan123_tui.config.private_files import make_private_folder, restrict_permissions, write_private
from pan123_tui.domain.credentials import AccessToken, ClientPair, is_header_safe
from pan123_tui.domain.errors import RequestNotSent

LOCK_POLL_S = 0.05
LONGEST_LOCK_WAIT_S = 90.0
"""Longer than a renewal, whose time-outs end it earlier."""


class Token(SecretStruct, frozen=True):
    """An access token; `expires_at` is the service's `expiredAt` in Unix seconds."""

    value: str
    expires_at: float

    @property
    def access(self) -> AccessToken:
        """The token without its expiry; raises `ValueError` if it cannot be sent."""
        return AccessToken(self.value)


class CachedToken(
    msgspec.Struct, frozen=True, omit_defaults=True, rename={"requested_at": "asked_at"}
):
    """Content of the cache file."""

    base_url: str = ""
    client: str = ""
    """SHA-256 of the client id, so that a token is never used for another account."""
    token: Token | None = None
    requested_at: float = 0.0
    """When a token was last asked for, unless that surely created none (Unix seconds)."""


class TokenCache:
    """The cache file of one account at one service; without a path nothing is kept."""

    def __init__(self, path: Path | None, *, base_url: str, pair: ClientPair) -> None:
        self._path = path
        self._base_url = base_url
        self._client = hashlib.sha256(pair.client_id.encode()).hexdigest()

    async def read(self) -> CachedToken:
        """Return this account's entry, an empty one if there is none or it cannot be read."""
        return await asyncio.to_thread(self._read)

    async def write(self, *, token: Token | None, requested_at: float) -> None:
        """Replace the entry; it is on disk when this returns.

        A failed write is ignored: it only costs the next process a renewal.
        """
        entry = CachedToken(self._base_url, self._client, token, requested_at)
        if self._path is not None:
            with suppress(OSError):
                await asyncio.to_thread(write_private, self._path, msgspec.json.encode(entry))

    @asynccontextmanager
    async def refresh_lock(self) -> AsyncIterator[None]:
        """Hold the lock between processes; waiting for it does not block the loop.

        Raises `RequestNotSent` after `LONGEST_LOCK_WAIT_S`.
        """
        lock = await self._acquire_lock()
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    async def _acquire_lock(self) -> FileLock | None:
        if self._path is None:
            return None
        with suppress(OSError):
            make_private_folder(self._path.parent)
        lock = FileLock(f"{self._path}.lock", mode=0o600, thread_local=False)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LONGEST_LOCK_WAIT_S
        while loop.time() < deadline:
            try:
                lock.acquire(blocking=False)
            except Timeout:
                await asyncio.sleep(LOCK_POLL_S)
            except (OSError, NotImplementedError):
                return None  # without locks, two renewals are better than no token
            else:
                return lock
        raise RequestNotSent("another process has been renewing the access token for too long")

    def _read(self) -> CachedToken:
        if self._path is None:
            return CachedToken()
        with suppress(OSError):
            restrict_permissions(self._path)
        try:
            entry = msgspec.json.decode(self._path.read_bytes(), type=CachedToken)
        except (OSError, ValueError, RecursionError):
            return CachedToken()
        is_ours = (entry.base_url, entry.client) == (self._base_url, self._client)
        is_usable = entry.token is None or is_header_safe(entry.token.value)
        return entry if is_ours and is_usable else CachedToken()
