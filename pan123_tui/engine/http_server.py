"""The HTTP server for whatever other programs send to the engine, on the engine's loop."""

import asyncio
import resource
import socket
from collections import defaultdict
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent, EventListener
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import BackgroundWorker

DEADLINE_S = 10.0
"""Limit for a request and its answer."""
MAX_CONNECTIONS = 64
MAX_UNREAD = 4
"""How many connections from one address may be sending their requests at the same time."""
DESCRIPTOR_SHARE = 8
"""It uses at most this part of the process's descriptors: store and socket need them too."""


class Entrance(EventListener):
    """What other programs may call at one address."""

    engine: Engine
    """Set before anybody can call."""

    def __init__(self, address: str, *routes: BaseRoute, unusable: ProblemKind) -> None:
        """Serve `routes` at `address`, HOST:PORT; `unusable` if nobody can listen there."""
        self.address = address
        self.routes = routes
        self.unusable = unusable


class HttpServer(BackgroundWorker):
    """Serves the entrances; those with the same address in their order.

    A request that is sent slowly never keeps another one out: where there is no room, the
    connection that has been sending for the longest time is ended.
    """

    def __init__(self, *entrances: Entrance) -> None:
        self.entrances = entrances
        self.bound: dict[str, asyncio.Future[tuple[str, int]]] = defaultdict(asyncio.Future)
        """The true host and port of each address, once it listens there."""

    def use(self, engine: Engine) -> None:
        """Have the entrances act on `engine`, before it runs."""
        for entrance in self.entrances:
            entrance.engine = engine

    def on_event(self, event: EngineEvent, /) -> None:
        for entrance in self.entrances:
            entrance.on_event(event)

    async def run(self) -> None:
        """Listen until cancelled; publish a notice about an address that cannot be used."""
        kinds = {entrance.address: entrance.unusable for entrance in self.entrances}
        await asyncio.gather(*(self._serve(address, kind) for address, kind in kinds.items()))

    async def _serve(self, address: str, unusable: ProblemKind) -> None:
        try:
            listening = _listen(address)
        except OSError as error:
            problem = Problem(unusable, f"{address}: {error.strerror or error}")
            self.entrances[0].engine.events.update(notice=problem)
            await asyncio.Event().wait()
            return
        here = [entrance for entrance in self.entrances if entrance.address == address]
        application = Starlette(routes=[route for entrance in here for route in entrance.routes])
        config, state = _config(application), ServerState()
        state.default_headers.extend(config.encoded_headers)
        descriptors, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
        limit = min(MAX_CONNECTIONS, max(descriptors // DESCRIPTOR_SHARE, 1))
        server = await asyncio.get_running_loop().create_server(
            lambda: _Connection(config, state, limit), sock=listening, backlog=limit
        )
        try:
            host, port = listening.getsockname()[:2]
            self.bound[address].set_result((host, port))
            await asyncio.Event().wait()
        finally:
            server.close()
            for connection in list(state.connections):
                connection.transport.abort()


async def read_body(request: Request, *, max_bytes: int) -> bytes | None:
    """Return the body of `request`, or None if it is larger, whatever the headers say.

    Raises `ClientDisconnect`.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)


class _Connection(H11Protocol):
    """Takes one request, and ends after `DEADLINE_S` in any case."""

    def __init__(self, config: uvicorn.Config, state: ServerState, limit: int) -> None:
        super().__init__(config, state, {})
        self._limit = limit

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.made_at = self.loop.time()
        self._deadline = self.loop.call_later(DEADLINE_S, transport.abort)
        others: set[_Connection] = self.connections  # type: ignore[assignment] # all are ours
        usable = [other for other in others if not other.transport.is_closing()]
        sending = [other for other in usable if other.is_sending]
        ours = [other for other in sending if _host(other) == _host(self)]
        if len(ours) > MAX_UNREAD:
            _oldest(ours).transport.abort()
        elif len(usable) > self._limit:
            _oldest(sending).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)

    @property
    def is_sending(self) -> bool:
        return self.cycle is None or self.cycle.more_body


def _host(connection: _Connection) -> str:
    return connection.client[0] if connection.client else ""


def _oldest(connections: Sequence[_Connection]) -> _Connection:
    return min(connections, key=lambda connection: connection.made_at)


def _config(application: Starlette) -> uvicorn.Config:
    config = uvicorn.Config(
        application,
        ws="none",
        http=_Connection,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,  # a path may hold a secret
        server_header=False,
        proxy_headers=False,
        headers=[("Connection", "close")],
    )
    config.load()
    return config


def _listen(address: str) -> socket.socket:
    host, _colon, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), int(port)), family=family)
    listening.setblocking(False)
    return listening
