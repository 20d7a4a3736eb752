"""Opens and closes the entrance as the settings say."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from pan123_tui.config.settings import Settings
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import BackgroundWorker

if TYPE_CHECKING:
    from pan123_tui.engine.http_server import HttpServer

_log = logging.getLogger(__name__)


class Aria2Switch(BackgroundWorker):
    """Loads nothing of the entrance until it is opened."""

    engine: Engine
    """Set before it runs."""

    def __init__(self, load_secret: Callable[[], str]) -> None:
        """`load_secret` raises `OSError` if the secret cannot be read, or made."""
        self._load_secret = load_secret
        self._address = ""
        self._changed = asyncio.Event()
        self._server: HttpServer | None = None

    def follow(self, settings: Settings, /) -> None:
        if settings.aria2.address != self._address:
            self._address = settings.aria2.address
            self._changed.set()

    def on_event(self, event: EngineEvent, /) -> None:
        if self._server is not None:
            self._server.on_event(event)

    async def run(self) -> None:
        """Listen where the settings say, at another address once they name one."""
        while True:
            self._changed.clear()
            async with asyncio.TaskGroup() as group:
                serving = group.create_task(self._serve(self._address))
                await self._changed.wait()
                serving.cancel()

    async def _serve(self, address: str) -> None:
        if self.engine.status.entrance_problem:  # so that the same one is told again
            self.engine.events.update(notice=None)
        if not address:
            return
        from pan123_tui.engine.aria2.entrance import Aria2Entrance  # noqa: PLC0415 - seldom needed
        from pan123_tui.engine.http_server import HttpServer  # noqa: PLC0415

        try:
            await asyncio.to_thread(self._load_secret)
        except OSError as error:
            problem = Problem(ProblemKind.ARIA2_UNUSABLE, str(error))
            self.engine.events.update(notice=problem)
            return
        self._server = HttpServer(Aria2Entrance(address, self._load_secret))
        self._server.use(self.engine)
        self._server.bound[address].add_done_callback(self._announce)
        try:
            await self._server.run()
        finally:
            self._server = None
            self.engine.events.update(listens_at="")

    def _announce(self, bound: "asyncio.Future[tuple[str, int]]") -> None:
        host, port = bound.result()
        self.engine.events.update(
            listens_at=f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        )
