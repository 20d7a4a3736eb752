"""The real client over real HTTP: every fault of the simulator, and broken connections."""

from contextlib import aclosing

import pytest

from pan123_tui.api.client import Pan123Client
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.errors import (
    AccountBlocked,
    InvalidResponse,
    Pan123Error,
    QuotaExhausted,
    RateLimited,
    RequestNotSent,
    ResponseLost,
    ServiceError,
    ServiceUnavailable,
    TokenRefused,
)
from pan123_tui.domain.task import DownloadRequest
from tests.api_stage import client_at
from tests.engine_stage import until
from tests.service.accounts import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer

SERVICE_SPEED = 1.0
READY = AccessToken(ACCESS_TOKEN)
PAIR = ClientPair(CLIENT_ID, CLIENT_SECRET)
URL = "http://host.example/10min/a.bin"
SURELY_NOT_SENT = (RequestNotSent, ServiceError)


def client_for(
    service: SimulatorServer, credentials: Credentials = READY
) -> aclosing[Pan123Client]:
    return aclosing(client_at(service.base_url, credentials))


K = FaultKind
CREATE_FAULTS: dict[type[Pan123Error] | None, set[FaultKind]] = {
    InvalidResponse: {K.HTTP_502, K.HTTP_502_AFTER, K.REDIRECT, K.GATEWAY_JSON}
    | {K.CUT_JSON, K.NOT_JSON},
    ResponseLost: {K.DROP_BEFORE, K.DROP_AFTER, K.HANG, K.HANG_AFTER},
    RateLimited: {K.HTTP_429, K.CODE_42902},
    TokenRefused: {K.TOKEN_EXPIRED, K.TOKENS_EXCEEDED},
    QuotaExhausted: {K.QUOTA},
    ServiceUnavailable: {K.BUSY, K.HTTP_403, K.REFUSE},
    AccountBlocked: {K.LOGIN_INVALID},
    None: {K.NUMBERS_AS_TEXT},
}
"""The faults that can affect a create, by the error that they are."""


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [(kind, error) for error, kinds in CREATE_FAULTS.items() for kind in sorted(kinds)],
)
async def test_the_error_of_a_failed_create_shows_whether_the_task_may_exist(
    service: SimulatorServer,
    kind: FaultKind,
    meaning: type[Pan123Error] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if kind in (FaultKind.HANG, FaultKind.HANG_AFTER):
        monkeypatch.setattr("pan123_tui.api.client.CREATE_READ_S", 0.2)
    service.world.faults.add(kind, "create")
    error: Pan123Error | None = None
    async with client_for(service) as client:
        try:
            await client.create_task(DownloadRequest(URL))
        except Pan123Error as caught:
            error = caught
    assert type(error) is (meaning or type(None))
    # It may read more slowly than the client gives up.
    await until(lambda: service.world.stats.requests["create"] > 0)
    created = service.world.stats.creates[URL]
    may_exist = not isinstance(error, SURELY_NOT_SENT) and getattr(
        error, "may_have_taken_effect", True
    )
    assert created <= may_exist, "an error that rules the task out must be right"
    assert service.world.stats.requests["create"] == 1, "nothing is sent twice"
