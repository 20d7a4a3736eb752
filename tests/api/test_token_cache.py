"""The token cache: private, bound to its account, and checked when read."""

import asyncio
import stat
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest
from filelock import FileLock
from msgspec.structs import replace

from pan123_tui.api import token_cache
from pan123_tui.api.token_cache import CachedToken, Token, TokenCache
from pan123_tui.domain.credentials import digest
from pan123_tui.domain.errors import LoginUnsaved, RequestNotSent, RequestTrouble

TOKEN = Token("tok-1", 5000.0)
EMPTY = CachedToken("https://a.example", digest("c1"))


def cache(
    path: Path | None, *, base_url: str = "https://a.example", client: str = "c1"
) -> TokenCache:
    return TokenCache(path, base_url=base_url, account=client)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_what_is_written_is_private_names_no_client_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "state" / "token.json"
    await cache(path).write(replace(EMPTY, token=TOKEN, requested_at=70.0))
    record = await cache(path).read()
    assert (record.token, record.requested_at) == (TOKEN, 70.0)
    async with cache(path).refresh_lock():
        pass
    assert mode(path.parent) == 0o700
    assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    assert '"c1"' not in path.read_text()
    path.chmod(0o644)
    await cache(path).read()
    assert mode(path) == 0o600


@pytest.mark.parametrize("other", [{"base_url": "https://b.example"}, {"client": "c2"}], ids=str)
async def test_another_accounts_token_is_never_used(other: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    await cache(path).write(replace(EMPTY, token=TOKEN, requested_at=70.0))
    assert (await cache(path, **other).read()).token is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"token": {"value": 1}}',
        b'{"token": "x"}',
        b"[" * 100_000,
        msgspec.json.encode(replace(EMPTY, token=Token("two\nlines", 5000.0))),
    ],
    ids=lambda content: content[:20],
)
async def test_a_file_that_is_damaged_or_has_what_cannot_be_sent_is_an_empty_one(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "token.json"
    path.write_bytes(content)
    assert await cache(path).read() == EMPTY


async def test_a_renewal_removes_the_secrets_that_killed_ones_left_but_not_what_is_being_written(
    tmp_path: Path,
) -> None:
    path, writing = tmp_path / "login-1.json", "login-3.json"
    left = [tmp_path / f".{name}.77-88.tmp" for name in (path.name, "login-2.json")]
    kept = [tmp_path / f".{name}.77-88.tmp" for name in (writing, "folders.json")]
    for file in (*left, *kept):
        file.write_text("a refresh token")
    with FileLock(tmp_path / f"{writing}.lock"):
        async with cache(path).refresh_lock():
            pass
    assert [file.exists() for file in (*left, *kept)] == [False, False, True, True]


async def test_waiting_for_the_lock_does_not_block_the_loop(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    steps = []

    async def renew() -> None:
        async with cache(path).refresh_lock():
            steps.append("renewing")

    with FileLock(f"{path}.lock"):
        waiting = asyncio.create_task(renew())
        for _ in range(5):
            await asyncio.sleep(0)
            steps.append("free")
    await waiting
    assert steps == ["free"] * 5 + ["renewing"]


async def test_the_wait_for_a_lock_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_cache, "LONGEST_LOCK_WAIT_S", 0.1)
    path = tmp_path / "token.json"
    locked = pytest.raises(RequestNotSent, match=RequestTrouble.TOKEN_LOCKED)
    with FileLock(f"{path}.lock"), locked:
        async with cache(path).refresh_lock():
            pass


@pytest.mark.parametrize("failure", [NotImplementedError(), PermissionError()], ids=repr)
async def test_where_locks_do_not_work_renewing_goes_on_without_unless_it_may_cost_a_log_in(
    failure: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(FileLock):
        def acquire(self, *_args: object, **_options: object) -> NoReturn:
            raise failure

    monkeypatch.setattr(token_cache, "FileLock", Broken)
    path = tmp_path / "token.json"
    async with cache(path).refresh_lock():
        pass
    login = TokenCache(path, base_url="https://a.example", account="r1", is_precious=True)
    with pytest.raises(LoginUnsaved):
        async with login.refresh_lock():
            pass
