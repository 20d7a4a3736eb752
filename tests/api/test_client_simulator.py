"""The real client over real HTTP: every fault of the simulator, and broken connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

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


async def test_an_expired_token_is_renewed_and_the_call_repeated(service: SimulatorServer) -> None:
    now = service.world.clock()
    async with aclosing(client_at(service.base_url, PAIR, clock=lambda: now)) as client:
        await client.user_info()
        service.world.tokens.expire_all()
        now += 61
        await client.create_task(DownloadRequest(URL))
    requests = service.world.stats.requests
    assert (requests["access_token"], requests["create"]) == (2, 2)
    assert service.world.stats.creates[URL] == 1


async def test_a_token_that_is_refused_again_is_not_renewed_again(service: SimulatorServer) -> None:
    service.world.faults.add(FaultKind.TOKENS_EXCEEDED, "create", times=None)
    async with client_for(service, PAIR) as client:
        for _ in range(5):
            with pytest.raises(TokenRefused):
                await client.create_task(DownloadRequest(URL))
    assert service.world.stats.requests["access_token"] == 1


# Peers that are no service

BODY = b'{"code":0,"message":"ok","data":{"process":1.5,"status":0},"x-traceID":"t"}'
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def client_to(port: int, *, scheme: str = "http") -> aclosing[Pan123Client]:
    return aclosing(client_at(f"{scheme}://127.0.0.1:{port}", AccessToken("tok")))


@asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[int]:
    """Yield the port at which `peer` serves each connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await peer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_never_more_than_five_connections_are_open() -> None:
    connections: list[asyncio.StreamReader] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(reader)
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(REPLY)
            await writer.drain()

    async with listening(peer) as port, client_to(port) as client:
        await asyncio.gather(*(client.get_progress(7) for _ in range(100)))
    assert len(connections) <= 5


@pytest.mark.parametrize("greeting", [b"SSH-2.0-nothing\r\n", b""], ids=["not TLS", "closed"])
async def test_without_a_tls_handshake_nothing_was_sent(greeting: bytes) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(greeting)
        await writer.drain()

    async with listening(peer) as port, client_to(port, scheme="https") as client:
        with pytest.raises(RequestNotSent):
            await client.create_task(DownloadRequest(URL))
