"""An engine and the server of its screens in the process of a test, over pairs of sockets."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from pan123_tui.client.engine_client import Streams
from pan123_tui.domain.events import EventListener
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.system.folder_lock import FolderLock


class ServedEngine:
    """Opens the engine when the first screen connects, on its loop."""

    def __init__(self, open_engine: Callable[[EventListener], Engine]) -> None:
        self._open_engine = open_engine
        self._work: set[asyncio.Task[None]] = set()
        self._engine: Engine | None = None
        self._running: asyncio.Task[None] | None = None
        self._server = ScreenServer(FolderLock(Path("/nowhere"), program="engine"))

    async def connect(self, *, may_start: bool) -> Streams:
        """Return the screen's end of a new connection, the `connect` of an `EngineClient`."""
        if self._engine is None:
            engine = self._engine = self._open_engine(self._server)
            self._server.use(engine)
            self._running = self._start(engine.run())
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=theirs)
        self._start(self._server.serve(reader, writer))
        return await asyncio.open_connection(sock=ours)

    async def close(self) -> None:
        """End the engine and the connections."""
        if self._engine is not None and self._running is not None:
            self._engine.stop()
            await asyncio.wait([self._running])
        for work in tuple(self._work):
            work.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task
