"""Runs the simulator on loopback: embedded in a thread of its own, or in the foreground."""

import asyncio
import contextlib
import functools
import ipaddress
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pan123_tui.simulator.http_api import make_app
from pan123_tui.simulator.tasks import Callback
from pan123_tui.simulator.world import World

_LOOK_EVERY_S = 0.1
_TIMEOUT_S = 5.0


class CallbackSender:
    """Sends each due callback of `world` once, whatever the answer, until cancelled."""

    def __init__(self, world: World, *, loopback_only: bool = True) -> None:
        self._world = world
        self._loopback_only = loopback_only
        self._under_way: set[asyncio.Task[None]] = set()

    @functools.cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made for the first callback: most simulators never send one."""
        return httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)

    async def run(self) -> None:
        """Look for due callbacks ten times a second and send them side by side."""
        try:
            while True:
                for callback in self._world.take_due_callbacks():
                    sending = asyncio.create_task(self._send(callback))
                    self._under_way.add(sending)
                    sending.add_done_callback(self._under_way.discard)
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            if "_client" in self.__dict__:
                await self._client.aclose()

    async def _send(self, callback: Callback) -> None:
        counts = self._world.stats.callbacks
        if self._loopback_only and not is_loopback(callback.to):
            counts["withheld"] += 1
            return
        try:
            await self._client.post(callback.to, json=callback.body)
        except (httpx.HTTPError, httpx.InvalidURL):
            counts["failed"] += 1
        else:
            counts["sent"] += 1


def is_loopback(url: str) -> bool:
    """Tell whether `url` leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


LOOPBACK = "127.0.0.1"


class CuttableProtocol(H11Protocol):
    """Hands each request its connection, so that a fault can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SimulatorServer:
    """A simulator in a thread with a loop of its own; silent, and without signal handlers.

    Usable as a context manager. It answers from the moment that `start` returns.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        port: int = 0,
        loopback_only: bool = True,
    ) -> None:
        self.world = world or World()
        self._socket = _listen(LOOPBACK, port)
        self.base_url = _url_of(self._socket)
        self._server = _make_server(self.world)
        self._loopback_only = loopback_only
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._is_up = threading.Event()
        self._cancel: Callable[[], object] = lambda: None

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        self._is_up.wait()
        return self

    def stop(self) -> None:
        """Close everything, hanging requests too; returns within a second."""
        if self._thread.is_alive():
            self._cancel()
            self._thread.join(1.0)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._serve_until_cancelled())

    async def _serve_until_cancelled(self) -> None:
        """Serve until `stop`; uvicorn's own way to end would take two tenths of a second more."""
        loop, serving = asyncio.get_running_loop(), asyncio.current_task()
        if serving is not None:
            self._cancel = functools.partial(loop.call_soon_threadsafe, serving.cancel)
        self._is_up.set()
        try:
            await _serve(self._server, self._socket, self.world, self._loopback_only)
        finally:
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)  # lets the connections notice it


def serve(
    host: str = LOOPBACK,
    port: int = 0,
    *,
    speed: float = 1.0,
    world: World | None = None,
    loopback_only: bool = True,
    on_ready: Callable[[str], None] = lambda _base_url: None,
) -> None:
    """Run a simulator in the foreground until SIGINT or SIGTERM.

    `speed` is for a world made here, not for a given `world`. `on_ready` gets the base URL once
    connections are accepted. Callbacks go to this machine only, unless `loopback_only` is off.
    Raises `OSError` where the address cannot be used.
    """
    world = world or World(speed=speed)
    listening = _listen(host, port)
    on_ready(_url_of(listening))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_make_server(world), listening, world, loopback_only))


async def _serve(
    server: uvicorn.Server, listening: socket.socket, world: World, loopback_only: bool
) -> None:
    sender = asyncio.create_task(CallbackSender(world, loopback_only=loopback_only).run())
    try:
        await server.serve(sockets=[listening])
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


def _make_server(world: World) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            make_app(world),
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=75,  # as the usual gateways; uvicorn's 5 s would race slow pollers
        )
    )


def _listen(host: str, port: int) -> socket.socket:
    """Open the port before anything runs, so that its number and its errors come at once."""
    listening = socket.create_server((host, port))
    listening.setblocking(False)
    return listening


def _url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"
