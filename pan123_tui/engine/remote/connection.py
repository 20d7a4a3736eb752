"""One connection of a screen: reads what it asks for, and sends it one update at a time."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from msgspec import Struct

from pan123_tui.client.protocol import (
    HANDSHAKE_TIMEOUT_S,
    PROTOCOL,
    Acknowledge,
    Call,
    Ending,
    Failure,
    FrameInvalid,
    Hello,
    Ping,
    Pong,
    Received,
    Result,
    Subscribe,
    read_hello,
    read_screen_message,
    to_frame,
    to_raw,
)
from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.engine.remote.answers import CommandAnswers
from pan123_tui.engine.remote.feed import ScreenFeed

GOODBYE_S = 0.2
"""How long a screen may take to be told that the engine ends."""
STALLED_S = 60.0
"""A screen that takes nothing for so long is let go."""
_log = logging.getLogger(__name__)


class Screens(Protocol):
    """The part of the server that a connection needs."""

    @property
    def hello(self) -> Hello:
        """Who serves."""

    @property
    def is_paused(self) -> bool:
        """Whether the user has paused sending."""

    @property
    def store_problem(self) -> Problem | None:
        """Why nothing can be saved, if it cannot."""

    def attach(self, connection: "ScreenConnection") -> None:
        """Take a screen that has said hello."""

    def feed(self, screen_id: str, engine_id: str, sequence: int) -> ScreenFeed:
        """Return the feed of a screen."""

    async def detach(self, connection: "ScreenConnection") -> None:
        """Let a screen go whose connection has ended."""


def _is_stop(call: Call) -> bool:
    return bytes(call.command) == bytes(to_raw(StopEngine()))


class ScreenConnection:
    """Serves one screen until either side closes the connection."""

    def __init__(
        self,
        screens: Screens,
        answers: CommandAnswers,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.screen_id = ""
        self._screens = screens
        self._answers = answers
        self._reader = reader
        self._writer = writer
        self._feed: ScreenFeed | None = None
        self._work: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._pong: asyncio.Task[None] | None = None
        """The latest: while the screen does not take it, it answers all further pings."""
        self._sent_at = 0.0
        self._is_closed = False

    def wake(self) -> None:
        """Look for news to send."""
        self._wake.set()

    def close(self, *, says_goodbye: bool = False) -> None:
        """End the connection at once, whatever was read already.

        With `says_goodbye` the screen is told that the engine ends by somebody's wish.
        """
        self._is_closed = True
        if says_goodbye and self.screen_id:
            self._writer.write(to_frame(Ending()))
            self._writer.close()  # which sends what the screen takes
            asyncio.get_running_loop().call_later(GOODBYE_S, self._writer.transport.abort)
        else:
            self._writer.transport.abort()

    async def run(self) -> None:
        """Serve until the connection ends."""
        try:
            hello = await self._shake_hands()
            if hello.protocol != PROTOCOL:
                await self._obey_stop()
            elif hello.id:
                self.screen_id = hello.id
                self._screens.attach(self)
                try:
                    await self._read()
                finally:
                    for work in self._work:
                        work.cancel()
                    await self._screens.detach(self)
        except (OSError, EOFError, TimeoutError):
            pass
        except FrameInvalid as error:
            _log.warning("a screen sent what is no message: %s", error)
        except Exception:  # noqa: BLE001 - else the log would not know why its screen is gone
            _log.exception("a screen is let go")

    async def _shake_hands(self) -> Hello:
        """Exchange hellos and return that of the screen."""
        async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
            hello = await read_hello(self._reader)
            await self._write(self._screens.hello)
        return hello

    async def _obey_stop(self) -> None:
        """End the engine if a screen of another version asks for that, and for nothing else."""
        async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
            message = await read_screen_message(self._reader)
            if isinstance(message, Call) and _is_stop(message):
                await self._answer(message)
                await self._reader.read()

    async def _read(self) -> None:
        while not self._is_closed:
            match await read_screen_message(self._reader):
                case Subscribe(engine_id, sequence):
                    self._subscribe(engine_id, sequence)
                case Acknowledge(sequence):
                    self._acknowledge(sequence)
                case Call() as call:
                    self._start(partial(self._answer, call))
                case Received(request_id):
                    self._answers.forget(request_id)
                case Ping() if self._pong is None or self._pong.done():
                    self._pong = self._start(partial(self._write, Pong()))

    def _subscribe(self, engine_id: str, sequence: int) -> None:
        if self._feed is None:
            self._feed = self._screens.feed(self.screen_id, engine_id, sequence)
            self._start(partial(self._send_updates, self._feed))

    def _acknowledge(self, sequence: int) -> None:
        if self._feed is not None:
            self._feed.acknowledge(sequence, after_s=time.monotonic() - self._sent_at)
            self.wake()

    async def _answer(self, call: Call) -> None:
        answer = await self._answers.answer(call, self.screen_id)
        if isinstance(answer, Problem):
            await self._write(Failure(call.id, answer))
            return
        after = self._feed.after if self._feed else 0
        screens = self._screens
        try:
            await self._write(
                Result(call.id, answer, after, screens.store_problem, screens.is_paused)
            )
        except FrameInvalid as error:
            await self._write(Failure(call.id, Problem(ProblemKind.INTERNAL, str(error))))

    async def _send_updates(self, feed: ScreenFeed) -> None:
        """Send what is new whenever the screen has taken the update before."""
        while True:
            self._wake.clear()
            update = feed.next_update()
            if update is None:
                await self._wake.wait()
                continue
            self._sent_at = time.monotonic()
            await self._write(update)
            async with asyncio.timeout(STALLED_S):
                while feed.is_waiting_for(update.sequence):
                    self._wake.clear()
                    await self._wake.wait()

    async def _write(self, message: Struct) -> None:
        """Send `message`; raises `TimeoutError` where the screen takes nothing."""
        self._writer.write(to_frame(message))
        async with asyncio.timeout(STALLED_S):
            await self._writer.drain()

    async def _closing_after_trouble(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - else its screen would wait for nothing
            is_line = isinstance(error, OSError | EOFError)
            level = logging.INFO if is_line else logging.ERROR
            _log.log(level, "a screen is let go: %r", error, exc_info=not is_line)
            self.close()

    def _start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._closing_after_trouble(work))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task
