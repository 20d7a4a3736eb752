"""Runs the simulator on loopback, in a thread, and sends its callbacks."""

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
    """Sends each due callback once, whatever the response, and to this machine only."""

    def __init__(self, world: World) -> None:
        self._world = world
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
        if not is_loopback(callback.to):
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


class AbortableProtocol(H11Protocol):
    """Passes each request its connection, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SimulatorServer:
    """A simulator in a thread with its own loop, without output and signal handlers.

    Usable as a context manager. It accepts requests once `start` has returned.
    """

    def __init__(self, world: World | None = None, *, port: int = 0) -> None:
        """Open the port at once, so that its number and errors are known."""
        self.world = world or World()
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.setblocking(False)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = _make_server(self.world)
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
        sender = asyncio.create_task(CallbackSender(self.world).run())
        self._is_up.set()
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)  # lets the connections close


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
            timeout_keep_alive=75,  # as common gateways; uvicorn's 5 s would race slow pollers
        )
    )
