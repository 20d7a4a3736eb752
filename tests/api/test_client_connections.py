"""The client over real sockets: one keep-alive pool, broken connections, and no listener."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from pan123_tui.api.client import Pan123Client
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import RequestNotSent
from pan123_tui.domain.task import DownloadRequest
from tests.api_stage import client_at

DOWNLOAD = DownloadRequest("http://host.example/a")
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
            await client.create_task(DOWNLOAD)
