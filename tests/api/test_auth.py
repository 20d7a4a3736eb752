"""Token renewal: one at a time, early, at most once a minute, and only when needed."""

import asyncio
from pathlib import Path

import pytest

from pan123_tui.api.auth import RefreshingToken
from pan123_tui.api.token_cache import Token, TokenCache
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import (
    InvalidResponse,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    RequestTrouble,
    ResponseLost,
    TokenRefused,
)

HOUR = 3600.0


class FakeTokenService:
    """Issues tokens `t1`, `t2`, … that live for `life_s`, and counts its requests."""

    def __init__(self, path: Path | None = None, *, life_s: float = HOUR) -> None:
        self.now = 1_000_000.0
        self.life_s = life_s
        self.turn_s = 0.0
        self.request_count = 0
        self.failure: Pan123Error | None = None
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.path = path

    async def fetch(self) -> Token:
        self.request_count += 1
        self.reached.set()
        number = self.request_count
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        return Token(f"t{number}", self.now + self.life_s)

    async def turn(self) -> None:
        self.now += self.turn_s

    def tokens(self) -> RefreshingToken:
        """Return the tokens of a new process."""
        cache = TokenCache(self.path, base_url="https://a.example", account="client-1")
        return RefreshingToken(cache, fetch=self.fetch, clock=lambda: self.now, turn=self.turn)


async def wait_idle() -> None:
    """Wait until no renewal is in progress."""
    await asyncio.gather(
        *(task for task in asyncio.all_tasks() if task.get_name() == "token renewal"),
        return_exceptions=True,
    )


async def value(tokens: RefreshingToken) -> str:
    return (await tokens.current()).token


async def test_many_callers_and_many_refusals_at_once_share_one_renewal_each() -> None:
    service = FakeTokenService()
    tokens = service.tokens()
    assert set(await asyncio.gather(*(value(tokens) for _ in range(50)))) == {"t1"}
    service.now += 100
    others = await asyncio.gather(*(tokens.replace_rejected(AccessToken("t1")) for _ in range(50)))
    assert set(others) == {AccessToken("t2")}
    assert await tokens.replace_rejected(AccessToken("t1")) == AccessToken("t2"), "a late one"
    assert service.request_count == 2


@pytest.mark.parametrize(
    ("left_s", "at_once", "then"),
    [(301, "t1", "t1"), (300, "t1", "t2"), (1, "t1", "t2"), (0, "t2", "t2")],
)
async def test_a_token_is_renewed_five_minutes_before_it_expires_and_used_meanwhile(
    left_s: float, at_once: str, then: str
) -> None:
    service = FakeTokenService()
    tokens = service.tokens()
    await tokens.current()
    service.now += HOUR - left_s
    assert await value(tokens) == at_once
    await wait_idle()
    assert await value(tokens) == then


async def test_after_a_refusal_the_token_that_another_process_got_is_taken(tmp_path: Path) -> None:
    service = FakeTokenService(tmp_path / "token.json")
    ours, theirs = service.tokens(), service.tokens()
    await ours.current()
    service.now += 100
    await theirs.current()
    await theirs.replace_rejected(AccessToken("t1"))
    assert await ours.replace_rejected(AccessToken("t1")) == AccessToken("t2")
    assert service.request_count == 2


async def test_never_more_than_one_renewal_a_minute_even_after_a_restart(tmp_path: Path) -> None:
    service = FakeTokenService(tmp_path / "token.json")
    tokens = service.tokens()
    await tokens.current()
    service.now += 59
    assert await tokens.replace_rejected(AccessToken("t1")) is None
    assert await service.tokens().replace_rejected(AccessToken("t1")) is None
    with pytest.raises(TokenRefused):
        await tokens.current()
    assert service.request_count == 1
    service.now += 2
    assert await value(tokens) == "t2"


@pytest.mark.parametrize("turn_s", [0.0, 10.0])
async def test_a_request_for_a_token_that_a_crash_interrupted_counts_from_when_it_was_sent(
    tmp_path: Path, turn_s: float
) -> None:
    service = FakeTokenService(tmp_path / "token.json")
    service.turn_s = turn_s
    service.open.clear()
    crashing = service.tokens()
    interrupted = asyncio.create_task(crashing.current())
    await service.reached.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await crashing.aclose()
    with pytest.raises(RequestNotSent):  # not cancelled: its caller may live on
        await interrupted
    service.open.set()
    service.now += 59
    with pytest.raises(RequestNotSent, match=RequestTrouble.TOKEN_IS_NEW):
        await service.tokens().current()
    service.now += 1
    assert await value(service.tokens()) == "t2"


async def test_a_cancelled_caller_leaves_the_renewal_to_the_others() -> None:
    service = FakeTokenService()
    service.open.clear()
    tokens = service.tokens()
    first, second = (asyncio.create_task(value(tokens)) for _ in range(2))
    await service.reached.wait()
    first.cancel()
    service.open.set()
    assert await second == "t1"
    assert service.request_count == 1


@pytest.mark.parametrize(
    ("failure", "raised", "requests"),
    [
        (RequestNotSent("dns"), RequestNotSent, 2),
        (RateLimited("slow", code=429), RateLimited, 2),
        (ResponseLost("cut"), RequestNotSent, 1),
        (InvalidResponse("html", code=502), RequestNotSent, 1),
        (TokenRefused("clientSecret错误", code=1, trace_id="t"), TokenRefused, 1),
    ],
    ids=repr,
)
async def test_only_what_surely_made_no_token_is_tried_again_at_once(
    failure: Pan123Error, raised: type[Pan123Error], requests: int, tmp_path: Path
) -> None:
    service = FakeTokenService(tmp_path / "token.json")
    tokens = service.tokens()
    service.failure = failure
    for _ in range(2):
        with pytest.raises(raised) as caught:
            await tokens.current()
        assert type(caught.value) is raised
        assert str(caught.value) == failure.problem.message
    assert service.request_count == requests
    service.failure = None
    if raised is TokenRefused:  # a restart with a corrected secret need not wait
        assert await value(service.tokens()) == "t2"


async def test_a_token_that_cannot_be_renewed_yet_is_still_used(tmp_path: Path) -> None:
    service = FakeTokenService(tmp_path / "token.json")
    tokens = service.tokens()
    await tokens.current()
    service.now += HOUR - 200
    service.failure = RequestNotSent("dns")
    for _ in range(5):
        assert await value(tokens) == "t1"
        await wait_idle()
    assert service.request_count == 2, "and no renewal is tried with every request"
    restarted = service.tokens()
    with pytest.raises(RequestNotSent):
        await restarted.current()
    assert await value(restarted) == "t1", "it is still on disk"
    service.now += 60
    service.failure = None
    await value(tokens)
    await wait_idle()
    assert await value(tokens) == "t4"


async def test_a_clock_that_is_ahead_does_not_renew_with_every_request() -> None:
    service = FakeTokenService(life_s=-HOUR)
    tokens = service.tokens()
    assert [await value(tokens) for _ in range(5)] == ["t1"] * 5
    assert service.request_count == 1


async def test_a_clock_that_jumped_back_does_not_block_renewals() -> None:
    service = FakeTokenService()
    tokens = service.tokens()
    await tokens.current()
    service.now -= 86_400
    assert await tokens.replace_rejected(AccessToken("t1")) == AccessToken("t2")


async def test_a_disk_that_refuses_costs_no_token(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    service = FakeTokenService(blocked / "token.json")
    tokens = service.tokens()
    assert await value(tokens) == "t1"
    service.now += 30
    assert await tokens.replace_rejected(AccessToken("t1")) is None
