"""Runs the simulator on loopback, in a thread."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from pan123_tui.simulator.server import LoopbackServer
from tests.service.http_api import make_app
from tests.service.world import World


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
