"""The cache of access tokens on disk, shared by all processes of a user, with its lock."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from pan123_tui.api.schemas import SecretStruct
from pan123_tui.domain.credentials import AccessToken, digest, is_header_safe
from pan123_tui.domain.errors import LoginUnsaved, RequestNotSent, RequestTrouble
from pan123_tui.domain.sanitize import add_secrets
from pan123_tui.system.private_files import make_private_folder, restrict_permissions, write_private

LOCK_POLL_S = 0.05
LONGEST_LOCK_WAIT_S = 90.0
"""Longer than any renewal, which its own time-outs end earlier."""
REFRESH_MARGIN_S = 300.0
MIN_REFRESH_INTERVAL_S = 60.0
"""Only three tokens of a client id are valid at once: more renewals would log others out."""


class Token(SecretStruct, frozen=True, omit_defaults=True):
    """An access token; `expires_at` is when it expires in Unix seconds."""

    value: str
    expires_at: float

    @property
    def access(self) -> AccessToken:
        """The token without its expiry time; raises `ValueError` if it cannot be sent."""
        return AccessToken(self.value)

    @property
    def renew_at(self) -> float:
        return self.expires_at - REFRESH_MARGIN_S


class CachedToken(SecretStruct, frozen=True, omit_defaults=True):
    """Content of the cache file."""

    base_url: str = ""
    client: str = ""
    """SHA-256 of the client id, or of the refresh token that the user entered: a token is never
    used for another account, nor after another refresh token was entered."""
    token: Token | None = None
    requested_at: float = 0.0
    """When a token was last requested, unless that certainly created none (Unix seconds)."""
    refresh_token: str = ""
    """The refresh token for the next renewal; empty: use the entered one, or none is needed."""
    is_unanswered: bool = False
    """Whether the answer to the latest renewal with `refresh_token` has not come."""


class TokenCache:
    """The cache file of one account at one service; without a path nothing is kept.

    `account` is the client id or the entered refresh token. A cache that `is_precious` holds what
    cannot be fetched again: if its file or lock cannot be used, `LoginUnsaved` is raised, while
    losing another cache only costs another renewal.
    """

    def __init__(
        self, path: Path | None, *, base_url: str, account: str, is_precious: bool = False
    ) -> None:
        self._path = path
        self._is_precious = is_precious
        self._memory = CachedToken(base_url, digest(account))
        self._empty = self._memory
        self._writing = threading.Lock()

    async def read(self) -> CachedToken:
        """Return this account's entry, an empty one if there is none."""
        return await asyncio.to_thread(self._read)

    async def write(self, entry: CachedToken) -> None:
        """Replace the entry; on return it is on disk, unless the disk refuses."""
        with suppress(LoginUnsaved):
            await asyncio.to_thread(self.save, entry)

    def save(self, entry: CachedToken) -> None:
        """Replace the entry, which is synced to the disk on return; raises `LoginUnsaved`.

        It blocks: nothing can come between the answer that brought `entry` and the disk.
        """
        _hide(entry)
        self._memory = entry
        with self._writing:
            if (path := self._path) is None:
                return
            try:
                write_private(path, msgspec.json.encode(entry))
            except OSError as error:
                raise _unusable(path, error) from None

    def forget(self) -> None:
        """Delete the file, and keep nothing on disk from now on."""
        with self._writing, suppress(OSError):
            path, self._path = self._path, None
            if path is not None:
                path.unlink(missing_ok=True)

    @asynccontextmanager
    async def refresh_lock(self) -> AsyncIterator[None]:
        """Hold the lock between processes; raises `RequestNotSent` after `LONGEST_LOCK_WAIT_S`."""
        if (path := self._path) is None:
            yield
            return
        with suppress(OSError):
            make_private_folder(path.parent)
            _remove_leftovers(path)
        lock = FileLock(f"{path}.lock", mode=0o600, thread_local=False)
        try:
            async with asyncio.timeout(LONGEST_LOCK_WAIT_S):
                while not lock.is_locked:
                    try:
                        lock.acquire(blocking=False)
                    except Timeout:
                        await asyncio.sleep(LOCK_POLL_S)
        except TimeoutError:
            raise RequestNotSent(RequestTrouble.TOKEN_LOCKED.value) from None
        except (OSError, NotImplementedError) as error:
            if self._is_precious:  # otherwise two renewals are better than no token
                raise _unusable(path, error) from None
        try:
            yield
        finally:
            lock.release()

    def _read(self) -> CachedToken:
        if (path := self._path) is None:
            return self._memory if self._is_precious else self._empty
        with suppress(OSError):
            restrict_permissions(path)
        try:
            entry = _decode(path)
        except FileNotFoundError:
            return self._empty
        except (OSError, ValueError, RecursionError) as error:
            if self._is_precious:
                raise _unusable(path, error) from None
            return self._empty
        if (entry.base_url, entry.client) != (self._empty.base_url, self._empty.client):
            return self._empty
        if entry.token is not None and not is_header_safe(entry.token.value):
            return msgspec.structs.replace(entry, token=None) if self._is_precious else self._empty
        _hide(entry)
        return entry


def _remove_leftovers(path: Path) -> None:
    """Delete what killed processes have left while they wrote `path` or another login's file."""
    kind = path.stem.partition("-")[0]
    for left in path.parent.glob(f".{kind}*.json.*.tmp"):
        written, _process, _end = left.name[1:].rsplit(".", 2)
        lock = FileLock(path.with_name(f"{written}.lock"), mode=0o600)
        with suppress(OSError, NotImplementedError, Timeout):
            lock.acquire(blocking=False)
            left.unlink()
        lock.release()


def _decode(path: Path) -> CachedToken:
    return msgspec.json.decode(path.read_bytes(), type=CachedToken)


def _hide(entry: CachedToken) -> None:
    """Keep the tokens of `entry` out of everything that is written or shown."""
    add_secrets(entry.refresh_token)
    if entry.token is not None:
        add_secrets(entry.token.value)


def _unusable(path: Path, error: Exception) -> LoginUnsaved:
    reason = error.strerror if isinstance(error, OSError) else type(error).__name__
    return LoginUnsaved(f"{path}: {reason}")
