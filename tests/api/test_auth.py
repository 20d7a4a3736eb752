"""Where the token comes from: one renewal at a time, early, rarely, and never blindly."""

import asyncio
from pathlib import Path

import pytest

from pan123_tui.api.auth import RefreshingToken
from pan123_tui.api.token_cache import Token, TokenCache
from pan123_tui.domain.credentials import AccessToken, ClientPair
from pan123_tui.domain.errors import (
    InvalidResponse,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    ResponseLost,
    TokenRefused,
)

PAIR = ClientPair("client-1", "secret-1")
HOUR = 3600.0


class Desk:
    """Gives out tokens `t1`, `t2`, … that live for `life_s`, and counts how often it was asked."""

    def __init__(self, path: Path | None = None, *, life_s: float = HOUR) -> None:
        self.now = 1_000_000.0
        self.life_s = life_s
        self.asked = 0
        self.trouble: Pan123Error | None = None
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.path = path

    async def fetch(self) -> Token:
        self.asked += 1
        self.reached.set()
        number = self.asked
        await self.open.wait()
        if self.trouble is not None:
            raise self.trouble
        return Token(f"t{number}", self.now + self.life_s)

    def tokens(self) -> RefreshingToken:
        """A source like the one of a new process."""
        cache = TokenCache(self.path, base_url="https://a.example", pair=PAIR)
        return RefreshingToken(cache, fetch=self.fetch, clock=lambda: self.now)


async def settled() -> None:
    """Wait until no renewal goes on."""
    await asyncio.gather(
        *(task for task in asyncio.all_tasks() if task.get_name() == "token renewal"),
        return_exceptions=True,
    )


async def value(tokens: RefreshingToken) -> str:
    return (await tokens.current()).token


async def test_a_token_is_asked_for_once_and_kept() -> None:
    desk = Desk()
    tokens = desk.tokens()
    assert [await value(tokens) for _ in range(3)] == ["t1", "t1", "t1"]
    assert desk.asked == 1


async def test_many_callers_at_once_share_one_renewal() -> None:
    desk = Desk()
    tokens = desk.tokens()
    assert set(await asyncio.gather(*(value(tokens) for _ in range(50)))) == {"t1"}
    assert desk.asked == 1


async def test_many_refusals_at_once_share_one_renewal() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.current()
    desk.now += 100
    others = await asyncio.gather(*(tokens.replace_rejected(AccessToken("t1")) for _ in range(50)))
    assert set(others) == {AccessToken("t2")}
    assert desk.asked == 2


async def test_a_refusal_that_comes_late_gets_the_token_that_is_already_there() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.current()
    desk.now += 100
    await tokens.replace_rejected(AccessToken("t1"))
    assert await tokens.replace_rejected(AccessToken("t1")) == AccessToken("t2")
    assert desk.asked == 2


@pytest.mark.parametrize(("left_s", "expected"), [(301, "t1"), (300, "t2"), (1, "t2")])
async def test_a_token_is_renewed_five_minutes_before_it_expires(
    left_s: float, expected: str
) -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.current()
    desk.now += HOUR - left_s
    assert await value(tokens) == "t1", "while it is good, nobody waits for the new one"
    await settled()
    assert await value(tokens) == expected


async def test_a_token_that_has_expired_is_renewed_before_anything_is_sent() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.current()
    desk.now += HOUR
    assert await value(tokens) == "t2"


async def test_a_slow_desk_holds_up_nobody_who_has_a_good_token() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.current()
    desk.now += HOUR - 200
    desk.open.clear()
    assert [await value(tokens) for _ in range(5)] == ["t1"] * 5
    await tokens.aclose()


async def test_a_new_process_takes_the_token_from_the_cache(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "token.json")
    await desk.tokens().current()
    assert await value(desk.tokens()) == "t1"
    assert desk.asked == 1


async def test_after_a_refusal_the_token_that_another_process_got_is_taken(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "token.json")
    ours, theirs = desk.tokens(), desk.tokens()
    await ours.current()
    desk.now += 100
    await theirs.current()
    await theirs.replace_rejected(AccessToken("t1"))
    assert await ours.replace_rejected(AccessToken("t1")) == AccessToken("t2")
    assert desk.asked == 2


async def test_never_more_than_one_renewal_a_minute_even_after_a_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "token.json")
    tokens = desk.tokens()
    await tokens.current()
    desk.now += 59
    assert await tokens.replace_rejected(AccessToken("t1")) is None
    assert await desk.tokens().replace_rejected(AccessToken("t1")) is None
    with pytest.raises(TokenRefused):
        await tokens.current()
    assert desk.asked == 1
    desk.now += 2
    assert await value(tokens) == "t2"


async def test_a_request_for_a_token_that_a_crash_interrupted_counts_as_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "token.json")
    desk.open.clear()
    crashing = desk.tokens()
    interrupted = asyncio.create_task(crashing.current())
    await desk.reached.wait()
    await crashing.aclose()
    with pytest.raises(RequestNotSent, match="closed"):  # not cancelled: its caller may live on
        await interrupted
    desk.open.set()
    with pytest.raises(RequestNotSent):
        await desk.tokens().current()
    desk.now += 60
    assert await value(desk.tokens()) == "t2"


async def test_a_caller_that_gives_up_leaves_the_renewal_to_the_others() -> None:
    desk = Desk()
    desk.open.clear()
    tokens = desk.tokens()
    first, second = (asyncio.create_task(value(tokens)) for _ in range(2))
    await desk.reached.wait()
    first.cancel()
    desk.open.set()
    assert await second == "t1"
    assert desk.asked == 1


@pytest.mark.parametrize(
    "trouble", [RequestNotSent("dns"), RateLimited("slow", code=429)], ids=repr
)
async def test_what_surely_made_no_token_may_be_tried_again_at_once(
    trouble: Pan123Error, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "token.json")
    tokens = desk.tokens()
    desk.trouble = trouble
    with pytest.raises(type(trouble)):
        await tokens.current()
    desk.trouble = None
    assert await value(tokens) == "t2"


@pytest.mark.parametrize(
    "trouble",
    [ResponseLost("cut"), InvalidResponse("html", code=502), InvalidResponse("x", code=403)],
    ids=repr,
)
async def test_without_a_token_the_request_itself_was_not_sent(trouble: Pan123Error) -> None:
    desk = Desk()
    desk.trouble = trouble
    tokens = desk.tokens()
    for _ in range(2):
        with pytest.raises(RequestNotSent):
            await tokens.current()
    assert desk.asked == 1


async def test_a_refused_client_id_is_not_asked_with_again_for_a_minute(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "token.json")
    desk.trouble = TokenRefused("clientSecret错误", code=1, trace_id="t")
    tokens = desk.tokens()
    for _ in range(3):
        with pytest.raises(TokenRefused) as caught:
            await tokens.current()
        assert caught.value.problem.message == "clientSecret错误"
    assert desk.asked == 1
    desk.trouble = None
    assert await value(desk.tokens()) == "t2", "a restart with a mended secret need not wait"


async def test_a_token_that_cannot_be_renewed_yet_is_still_used() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.current()
    desk.now += HOUR - 200
    desk.trouble = RequestNotSent("dns")
    for _ in range(5):
        assert await value(tokens) == "t1"
        await settled()
    assert desk.asked == 2, "and the desk is not asked again with every request"
    desk.now += 60
    desk.trouble = None
    await value(tokens)
    await settled()
    assert await value(tokens) == "t3"


async def test_a_clock_that_is_ahead_does_not_renew_with_every_request() -> None:
    desk = Desk(life_s=-HOUR)
    tokens = desk.tokens()
    assert [await value(tokens) for _ in range(5)] == ["t1"] * 5
    assert desk.asked == 1


async def test_a_clock_that_jumped_back_does_not_block_renewals() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.current()
    desk.now -= 86_400
    assert await tokens.replace_rejected(AccessToken("t1")) == AccessToken("t2")


async def test_a_disk_that_refuses_costs_no_token(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    desk = Desk(blocked / "token.json")
    tokens = desk.tokens()
    assert await value(tokens) == "t1"
    desk.now += 30
    assert await tokens.replace_rejected(AccessToken("t1")) is None
