"""Runs the simulator on loopback, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.service.http_api import make_app
from tests.service.world import World


class AbortableProtocol(H11Protocol):
    """Passes each request its connection, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SimulatorServer:
    """A simulator in a thread with its own loop, which a test may end early."""

    def __init__(self, world: World | None = None, *, port: int = 0) -> None:
        """Open the port at once, so that its number and errors are known."""
        self.world = world or World()
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.setblocking(False)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            make_app(self.world),
            http=AbortableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_keep_alive=75,  # as common gateways; uvicorn's 5 s would race slow pollers
        )
        self._server = uvicorn.Server(config)
        self._cancel: Callable[[], object] = lambda: None
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close everything, hanging requests included, within a second."""
        if self._thread.is_alive():
            self._cancel()
            self._thread.join(1.0)
            self._socket.close()

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        """Serve until the end; cancelling is 0.2 s faster than uvicorn's own shutdown."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        loop = asyncio.get_running_loop()
        self._cancel = lambda: loop.call_soon_threadsafe(serving.cancel)
        self._is_up.set()
        try:
            await serving
        finally:
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)  # lets the connections close
