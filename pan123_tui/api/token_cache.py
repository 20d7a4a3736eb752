"""The token on disk, shared by every process of the user, and the lock around its renewal."""

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
"""A renewal takes less, since its time-outs do."""


class Token(SecretStruct, frozen=True):
    """An access token; `expires_at` in Unix seconds, as the service said."""

    value: str
    expires_at: float

    @property
    def access(self) -> AccessToken:
        """The token by itself; raises `ValueError` if it cannot be sent."""
        return AccessToken(self.value)


class CachedToken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the cache file holds."""

    base_url: str = ""
    client: str = ""
    """A hash of the client id: a token is never used for another account."""
    token: Token | None = None
    asked_at: float = 0.0
    """When a token was last asked for, unless that surely made none (Unix seconds)."""


class TokenCache:
    """The cache file of one account at one service; without a path it keeps nothing."""

    def __init__(self, path: Path | None, *, base_url: str, pair: ClientPair) -> None:
        self._path = path
        self._base_url = base_url
        self._client = hashlib.sha256(pair.client_id.encode()).hexdigest()

    async def read(self) -> CachedToken:
        """Give this account's record; an empty one if there is none or it cannot be read."""
        return await asyncio.to_thread(self._read)

    async def write(self, *, token: Token | None, asked_at: float) -> None:
        """Replace the record, on disk when this returns.

        A disk that refuses costs the next process a renewal and nobody anything else.
        """
        record = CachedToken(self._base_url, self._client, token, asked_at)
        await asyncio.to_thread(self._write, record)

    @asynccontextmanager
    async def refresh_lock(self) -> AsyncIterator[None]:
        """Hold the lock between processes; waiting for it does not block the loop.

        Raises `NotReached` if another process holds it for longer than a renewal takes.
        """
        lock = await self._acquired()
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    async def _acquired(self) -> FileLock | None:
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
                return None  # a folder without locks: better two renewals than no token
            else:
                return lock
        raise RequestNotSent("another process has been renewing the access token for too long")

    def _read(self) -> CachedToken:
        if self._path is None:
            return CachedToken()
        with suppress(OSError):
            restrict_permissions(self._path)
        try:
            record = msgspec.json.decode(self._path.read_bytes(), type=CachedToken)
        except (OSError, ValueError, RecursionError):
            return CachedToken()
        if (record.base_url, record.client) != (self._base_url, self._client):
            return CachedToken()
        if record.token is not None and not is_header_safe(record.token.value):
            return CachedToken()
        return record

    def _write(self, record: CachedToken) -> None:
        if self._path is not None:
            with suppress(OSError):
                write_private(self._path, msgspec.json.encode(record))
