"""Log-ins: the newest refresh token is never lost, never sent by two, and renewed in time."""

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import pytest

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.api.login import USUAL_LIFE_S, Grant, RotatingToken, parse_grant, renew_login
from pan123_tui.api.token_cache import Token, TokenCache
from pan123_tui.domain.credentials import AccessToken, RefreshToken
from pan123_tui.domain.errors import (
    LoginDoubtful,
    LoginRefused,
    LoginUnsaved,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    ServiceUnavailable,
)
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import Endpoint
from tests.api_stage import in_no_time

LIFE_S = 7200.0
LOGIN = RefreshToken("entered", client_id="app")


class FakeService:
    """Renews refresh tokens, each of which works once: `entered`, `r1`, `r2`, …"""

    def __init__(self, path: Path | None = None) -> None:
        self.now = 1_000_000.0
        self.path = path
        self.valid = LOGIN.token
        self.number = 0
        self.asked: list[str] = []
        self.failure: BaseException | None = None
        self.is_answer_lost = False
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def renew(self, entered: RefreshToken, newest: str) -> Grant:
        token = newest or entered.token
        self.asked.append(token)
        self.reached.set()
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        if token != self.valid:
            raise LoginRefused("invalid")
        self.number += 1
        self.valid = f"r{self.number}"
        if self.is_answer_lost:
            raise LoginDoubtful("cut")
        return Grant(Token(f"a{self.number}", self.now + LIFE_S), self.valid)

    def tokens(self, login: RefreshToken = LOGIN) -> RotatingToken:
        """Return the tokens of a new process."""
        cache = TokenCache(
            self.path, base_url="https://a.example", account=login.token, is_precious=True
        )
        fetch = partial(self.renew, login)
        return RotatingToken(cache, fetch=fetch, clock=lambda: self.now, turn=self.turn)

    async def turn(self) -> None:
        """Wait for nothing."""


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    return FakeService(tmp_path / "login.json")


async def value(tokens: RotatingToken) -> str:
    return (await tokens.current()).token


async def test_each_renewal_uses_the_newest_token_in_each_process(service: FakeService) -> None:
    tokens = service.tokens()
    assert await value(tokens) == "a1"
    service.now += LIFE_S
    assert await value(tokens) == "a2"
    assert await value(service.tokens()) == "a2"
    service.now += LIFE_S
    assert await value(service.tokens()) == "a3"
    assert service.asked == ["entered", "r1", "r2"]


async def test_without_a_file_the_chain_lives_in_memory() -> None:
    service = FakeService()
    tokens = service.tokens()
    await tokens.current()
    service.now += LIFE_S
    assert await value(tokens) == "a2"


async def test_another_entered_token_goes_before_the_former_chain(service: FakeService) -> None:
    await service.tokens().current()
    service.valid = "newer"
    assert await value(service.tokens(RefreshToken("newer", client_id="app"))) == "a2"
    assert service.asked == ["entered", "newer"]


async def test_a_lost_answer_is_said_and_its_token_not_sent_at_once(service: FakeService) -> None:
    service.is_answer_lost = True
    ours, theirs = service.tokens(), service.tokens()
    for tokens in (ours, theirs, service.tokens(), ours):
        with pytest.raises(LoginDoubtful):
            await tokens.current()
    assert service.asked == ["entered"]
    service.now += 60
    with pytest.raises(LoginRefused):
        await theirs.current()
    assert service.asked == ["entered", "entered"]
    with pytest.raises(LoginRefused):
        await theirs.current()
    assert len(service.asked) == 2


async def test_a_refused_call_after_a_lost_answer_says_it_was_lost(service: FakeService) -> None:
    tokens = service.tokens()
    await tokens.current()
    service.now += LIFE_S - 100
    service.is_answer_lost = True
    assert await value(tokens) == "a1"
    await asyncio.wait([task for task in asyncio.all_tasks() if "renewal" in task.get_name()])
    with pytest.raises(LoginDoubtful):
        await tokens.replace_rejected(AccessToken("a1"))
    with pytest.raises(LoginDoubtful):
        await service.tokens().replace_rejected(AccessToken("a1"))


@pytest.mark.parametrize(
    ("failure", "asked"),
    [(RequestNotSent("dns"), 2), (RateLimited("slow"), 2), (ServiceUnavailable("busy"), 1)],
    ids=repr,
)
async def test_a_renewal_that_surely_used_up_nothing_may_be_tried_again_at_once(
    service: FakeService, failure: Pan123Error, asked: int
) -> None:
    tokens = service.tokens()
    service.failure = failure
    for _ in range(2):
        with pytest.raises(type(failure)):
            await tokens.current()
    assert len(service.asked) == asked
    service.failure = None
    service.now += 60
    assert await value(service.tokens()) == "a1"


async def test_a_disk_that_refuses_uses_up_no_token(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    service = FakeService(tmp_path / "file" / "login.json")
    with pytest.raises(LoginUnsaved):
        await service.tokens().current()
    assert service.asked == []


async def test_an_answer_that_the_disk_refused_is_saved_later_and_not_used_before(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, replace = service.tokens(), Path.replace

    def replace_until_full(path: Path, target: Path) -> Path:
        if service.number:  # the answer has come
            raise OSError(28, "full")
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_until_full)
        with pytest.raises(LoginUnsaved, match="full"):
            await tokens.current()
    assert await value(tokens) == "a1"
    assert await value(service.tokens()) == "a1"
    assert service.asked == ["entered"]
    service.now += LIFE_S
    assert await value(service.tokens()) == "a2"  # another process, whose answer is newer
    service.now += LIFE_S
    assert await value(tokens) == "a3"


async def test_closing_waits_for_the_answer_of_a_renewal(service: FakeService) -> None:
    service.open.clear()
    tokens = service.tokens()
    asking = asyncio.create_task(tokens.current())
    await service.reached.wait()
    closing = asyncio.create_task(tokens.aclose())
    await asyncio.sleep(0)
    service.open.set()
    await closing
    await asking
    assert await value(service.tokens()) == "a1"
    assert service.asked == ["entered"]


async def test_what_is_forgotten_is_not_written_by_a_late_renewal(service: FakeService) -> None:
    assert service.path is not None
    service.open.clear()
    tokens = service.tokens()
    asking = asyncio.create_task(tokens.current())
    await service.reached.wait()
    tokens.forget()
    closing = asyncio.create_task(tokens.aclose())
    service.open.set()
    await closing
    await asking
    assert not service.path.exists()


def answer(content: object, status: int = 200) -> httpx.Response:
    if isinstance(content, bytes):
        return httpx.Response(status, content=content)
    return httpx.Response(status, json=content)


def parsed(response: httpx.Response) -> Grant:
    return parse_grant(response, LOGIN, now=1000.0, redactor=lambda text: redact(text, ["app"]))


GRANTED = {"token_type": "Bearer", "access_token": "a", "refresh_token": "r", "expires_in": 3600}


@pytest.mark.parametrize(
    ("content", "token", "refresh"),
    [
        (GRANTED, Token("a", 4600.0), "r"),
        ({**GRANTED, "expires_in": "3600"}, Token("a", 4600.0), "r"),
        ({**GRANTED, "expires_in": None}, Token("a", 1000 + USUAL_LIFE_S), "r"),
        ({"access_token": "a", "refresh_token": "r", "text": ""}, Token("a", 8200.0), "r"),
        ({"access_token": "a"}, Token("a", 8200.0), "entered"),
        ({"code": 0, "message": "ok", "data": GRANTED}, Token("a", 4600.0), "r"),
    ],
)
def test_an_answer_with_tokens_is_taken_whatever_its_form(
    content: object, token: Token, refresh: str
) -> None:
    granted = parsed(answer(content))
    assert (granted.token, granted.refresh_token) == (token, refresh)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer({"code": 401, "message": "refresh_token无效"}), LoginRefused),
        (answer({"code": 1, "message": "client_id错误"}), LoginRefused),
        (answer({"error": "invalid_grant"}, 400), LoginRefused),
        (answer({"error": {"reason": "odd"}}, 400), RequestNotSent),
        (answer({"text": "token used"}), LoginRefused),
        (answer({"text": "server trouble"}, 500), LoginDoubtful),
        (answer({"code": 0, "data": {}}), LoginDoubtful),
        (answer({"access_token": "two words"}), LoginDoubtful),
        (answer(b"<html>", 502), LoginDoubtful),
        (answer(b"<html>", 200), LoginDoubtful),
        (answer(b"", 302), RequestNotSent),
        (answer({"code": 429, "message": "x"}), RateLimited),
        (answer({"code": 500, "message": "服务繁忙"}), ServiceUnavailable),
        (answer({"message": "no Route"}, 403), ServiceUnavailable),
    ],
)
def test_an_answer_without_tokens_tells_whether_the_log_in_may_be_lost(
    response: httpx.Response, error: type[Pan123Error]
) -> None:
    with pytest.raises(Pan123Error) as caught:
        parsed(response)
    assert type(caught.value) is error
    assert "app" not in str(caught.value)


async def test_a_renew_address_gets_the_whole_token_whatever_its_signs() -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["token"])
        return answer(GRANTED)

    login = RefreshToken("a+b/c&d=%41#", renew_url="https://b.example/?token={refresh_token}&x=1")
    connection = ServiceConnection("https://a.example", transport=httpx.MockTransport(reply))
    await renew_login(connection, login, "")
    assert asked == [login.token]


@pytest.mark.parametrize(
    ("reply", "waited_s"),
    [(answer(GRANTED), 1.02), (answer({"code": 429, "message": "slow"}), 1.0)],
    ids=["granted", "refused"],
)
def test_renewals_keep_their_rate_and_its_pauses(reply: httpx.Response, waited_s: float) -> None:
    async def main() -> float:
        connection = ServiceConnection(
            "https://a.example",
            transport=httpx.MockTransport(lambda _request: reply),
            random=lambda: 1.0,
        )
        with suppress(Pan123Error):
            await Pan123Client(connection, LOGIN).user_info()
        return connection.pacers[Endpoint.TOKEN].wait_s

    assert in_no_time(main()) == pytest.approx(waited_s, abs=0.03)
