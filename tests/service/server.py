"""Runs the simulator on loopback, in a thread or in the foreground, and sends its callbacks."""

import asyncio
import contextlib
import functools
import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.service.http_api import make_app
from tests.service.tasks import Callback
from tests.service.world import World

_POLL_INTERVAL_S = 0.1
_TIMEOUT_S = 5.0


class CallbackSender:
    """Sends each due callback of `world` once, whatever the response, until cancelled."""

    def __init__(self, world: World, *, loopback_only: bool = True) -> None:
        self._world = world
        self._loopback_only = loopback_only
        self._pending: set[asyncio.Task[None]] = set()

    @functools.cached_property
    def _client(self) -> httpx.AsyncClient:
        """Created for the first callback: most simulators never send one."""
        return httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)

    async def run(self) -> None:
        """Send due callbacks concurrently, checking ten times a second."""
        try:
            while True:
                for callback in self._world.take_due_callbacks():
                    sending = asyncio.create_task(self._send(callback))
                    self._pending.add(sending)
                    sending.add_done_callback(self._pending.discard)
                await asyncio.sleep(_POLL_INTERVAL_S)
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
    """Return whether `url` is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


LOOPBACK = "127.0.0.1"


class AbortableProtocol(H11Protocol):
    """Passes each request its connection, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SimulatorServer:
    """A simulator in a thread with its own loop, without output and signal handlers.

    Usable as a context manager. It accepts requests once `start` has returned.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        port: int = 0,
        loopback_only: bool = True,
    ) -> None:
        self.world = world or World()
        self._socket = _open_socket(LOOPBACK, port)
        self.base_url = _url_of(self._socket)
        self._server = _make_server(self.world)
        self._loopback_only = loopback_only
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._is_up = threading.Event()
        self._cancel: Callable[[], object] = lambda: None

    def start(self) -> Self:
        """Start the thread and wait until requests are accepted."""
        self._thread.start()
        self._is_up.wait()
        return self

    def stop(self) -> None:
        """Close everything, hanging requests included, within a second."""
        if self._thread.is_alive():
            self._cancel()
            self._thread.join(1.0)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._serve_until_cancelled())

    async def _serve_until_cancelled(self) -> None:
        """Serve until `stop`; cancelling is 0.2 s faster than uvicorn's own shutdown."""
        loop, serving = asyncio.get_running_loop(), asyncio.current_task()
        if serving is not None:
            self._cancel = functools.partial(loop.call_soon_threadsafe, serving.cancel)
        self._is_up.set()
        try:
            await _serve(self._server, self._socket, self.world, self._loopback_only)
        finally:
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)  # lets the connections close


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

    `speed` applies only without a given `world`. `on_ready` receives the base URL once connections
    are accepted. Callbacks go to this machine only unless `loopback_only` is off. Raises `OSError`
    if the address cannot be used.
    """
    world = world or World(speed=speed)
    listening = _open_socket(host, port)
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
            http=AbortableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=75,  # as common gateways; uvicorn's 5 s would race slow pollers
        )
    )


def _open_socket(host: str, port: int) -> socket.socket:
    """Open the port first, so that its number and errors are known at once."""
    listening = socket.create_server((host, port))
    listening.setblocking(False)
    return listening


def _url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"
