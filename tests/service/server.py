"""Runs the simulator on loopback, in a thread, and sends its callbacks."""

import asyncio
import ipaddress
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
from uvicorn.protocols.http.h11_impl import H11Protocol

from pan123_tui.simulator.server import LoopbackServer
from tests.service.http_api import make_app
from tests.service.world import Callback, World

_POLL_INTERVAL_S = 0.1
_TIMEOUT_S = 5.0


async def send_callbacks(world: World) -> None:
    """Send each due callback once, whatever the response, and to this machine only."""
    sending: set[asyncio.Task[None]] = set()
    while True:
        for callback in filter(_is_to_this_machine, world.take_due_callbacks()):
            task = asyncio.create_task(_send(callback))
            sending.add(task)
            task.add_done_callback(sending.discard)
        await asyncio.sleep(_POLL_INTERVAL_S)


async def _send(callback: Callback) -> None:
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
        with suppress(httpx.HTTPError, httpx.InvalidURL):
            await client.post(callback.to, json=callback.body)


def _is_to_this_machine(callback: Callback) -> bool:
    host = urlsplit(callback.to).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class AbortableProtocol(H11Protocol):
    """Passes each request its connection, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SimulatorServer(LoopbackServer):
    """A simulator in a thread, which a test may end early."""

    def __init__(self, world: World | None = None, *, port: int = 0) -> None:
        self.world = world or World()
        super().__init__(make_app(self.world), port=port, http=AbortableProtocol)

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close everything, hanging requests included, within a second."""
        if self._thread.is_alive():
            super().__exit__()

    async def _serve(self) -> None:
        sender = asyncio.create_task(send_callbacks(self.world))
        try:
            await super()._serve()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
