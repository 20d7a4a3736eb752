"""Serves the engine to screens and commands, over a socket in the data folder."""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Callable
from contextlib import closing, suppress

from msgspec.structs import replace

from pan123_tui.client.protocol import Hello
from pan123_tui.domain.errors import SocketUnusable, StoreLost
from pan123_tui.domain.events import EngineEvent
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import BackgroundWorker
from pan123_tui.engine.remote.answers import CommandAnswers
from pan123_tui.engine.remote.connection import ScreenConnection
from pan123_tui.system.folder_lock import FolderLock, bind_socket, inode

CHECK_INTERVAL_S = 5.0
_log = logging.getLogger(__name__)


class ScreenServer(BackgroundWorker):
    """The background worker to which screens and commands connect; before it runs, `use` it."""

    _answers: CommandAnswers

    def __init__(
        self,
        lock: FolderLock,
        *,
        login: Callable[[str], str] = lambda _engine_id: "",
        must_listen: bool = False,
    ) -> None:
        """Listen in the folder of `lock` as long as it is held; `login` returns `Hello.login`.

        An engine that nobody could reach otherwise `must_listen`.
        """
        self._lock = lock
        self._login = login
        self._must_listen = must_listen
        self._hello = Hello(
            id=secrets.token_hex(8),
            program=lock.program,
            pid=os.getpid(),
            started_at=time.time(),
        )
        self._unused_since = time.monotonic()
        self._connections: dict[ScreenConnection, asyncio.Task[None]] = {}
        """The connections, with the tasks that serve them, even before they have said hello."""
        self._says_goodbye = True

    def use(self, engine: Engine) -> None:
        """Show `engine` to the screens, and have it carry out their commands."""
        self._answers = CommandAnswers(engine)

    def end_silently(self) -> None:
        """End without a goodbye: a screen that connects at the last moment starts an engine."""
        self._says_goodbye = False

    @property
    def unused_s(self) -> float:
        """How long nobody has been connected who needs the engine."""
        is_used = any(connection.keeps_engine for connection in self._connections)
        return 0.0 if is_used else time.monotonic() - self._unused_since

    @property
    def hello(self) -> Hello:
        return replace(self._hello, login=self._login(self._hello.id))

    def on_event(self, event: EngineEvent, /) -> None:
        for connection in self._connections:
            if connection.feed is not None:
                connection.feed.send(event)

    async def run(self) -> None:
        """Serve until cancelled; bind again if the socket is deleted."""
        try:
            while True:
                try:
                    await self._serve()
                except (OSError, StoreLost) as error:
                    if self._must_listen:
                        raise SocketUnusable(str(error)) from error
                    _log.warning("no socket for screens: %s", error)
                    await asyncio.sleep(CHECK_INTERVAL_S)
        finally:
            is_wanted = self._answers.engine.is_stopping
            for connection in self._connections:
                connection.close(says_goodbye=self._says_goodbye and is_wanted)
            await self._answers.cancel()  # first: a screen may wait for its turn to ask
            await asyncio.gather(*self._connections.values(), return_exceptions=True)

    async def _serve(self) -> None:
        """Accept screens until the socket is gone; one that has taken its place is left alone."""
        self._lock.check()  # another program may own the path by now
        bound, path = bind_socket(self._lock.folder)
        number = inode(path)
        try:
            with bound:
                self._lock.add_socket(path)
                self._must_listen = False  # later it may be bound again
                with closing(await asyncio.start_unix_server(self.serve, sock=bound)):
                    while number is not None and inode(path) == number:  # noqa: ASYNC110 - a file
                        await asyncio.sleep(CHECK_INTERVAL_S)
        finally:
            if number is not None and inode(path) == number:
                with suppress(OSError):
                    path.unlink()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one screen, however it is connected, until it has gone."""
        work = asyncio.current_task()
        assert work is not None  # noqa: S101 - its caller runs as a task
        connection = ScreenConnection(self._answers, reader, writer)
        self._connections[connection] = work
        try:
            await connection.run(self.hello)
        finally:
            del self._connections[connection]
            writer.close()
            if connection.keeps_engine:
                self._unused_since = time.monotonic()
        await self._answers.engine.set_visible((), screen_id=connection.id)
