"""The engine in this process, on a thread and an event loop of its own."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from pan123_tui.domain.commands import Command
from pan123_tui.domain.events import EngineEvent, EventListener
from pan123_tui.engine.client import PendingUpdates, UpdateBuffer
from pan123_tui.engine.commands import execute

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine


_log = logging.getLogger(__name__)
T = TypeVar("T")
EngineFactory = Callable[[EventListener], "Engine"]
"""Loads the tasks and builds the engine; called on the engine's thread."""


class EngineBridge:
    """The `EngineClient` of an engine in this process: it never waits for the screen."""

    def __init__(self, open_engine: EngineFactory) -> None:
        self._open_engine = open_engine
        self._ready: Future[tuple[asyncio.AbstractEventLoop, Engine]] = Future()
        self._ended = threading.Event()
        self._updates = UpdateBuffer()
        self.on_command_done: Callable[[], object] = lambda: None
        """Called on the screen's loop after a command, when its updates are pending."""

    def run(self, announce: Callable[[], object]) -> None:
        """Run the engine in this thread until `stop()`.

        `announce` is called on this thread for the first update after each `drain()`.
        """
        self._updates.announce = announce
        try:
            asyncio.run(self._run())
        except BaseException as error:
            _log.exception("the engine broke")
            if not self._ready.done():
                self._ready.set_exception(error)
            raise
        finally:
            self._ended.set()

    def drain(self) -> PendingUpdates:
        """Return and clear the pending updates."""
        return self._updates.drain()

    async def call(self, command: Command[T]) -> T:
        """Carry out `command` on the engine's loop and return its result."""
        # A caller that is cancelled must not cancel what all others wait for.
        loop, engine = await asyncio.shield(asyncio.wrap_future(self._ready))
        result = asyncio.run_coroutine_threadsafe(execute(engine, command), loop)
        try:
            # Or the caller's end would cut a change between its saving and its publication.
            return await asyncio.shield(asyncio.wrap_future(result))
        finally:
            self.on_command_done()

    def send(self, command: Command[Any]) -> None:
        """Carry out `command` without waiting; do nothing unless the engine runs."""
        if (running := self._running()) and not self._ended.is_set():
            loop, engine = running
            asyncio.run_coroutine_threadsafe(execute(engine, command), loop)

    def stop(self, timeout_s: float) -> bool:
        """Stop the engine from any thread; return whether it ended within `timeout_s`."""
        if (running := self._running()) and not self._ended.is_set():
            loop, engine = running
            loop.call_soon_threadsafe(engine.stop)
        return self._ended.wait(timeout_s)

    def save_now(self) -> None:
        """Save everything from this thread, when the engine did not end in time."""
        if running := self._running():
            running[1].save_now()

    def take_over(self) -> None:
        """Do nothing: this process is the holder."""

    def _running(self) -> "tuple[asyncio.AbstractEventLoop, Engine] | None":
        is_ready = self._ready.done() and self._ready.exception() is None
        return self._ready.result() if is_ready else None

    def on_event(self, event: EngineEvent, /) -> None:
        """Merge `event` into the pending updates."""
        self._updates.merge(lambda pending: pending.add(event))

    async def _run(self) -> None:
        engine = self._open_engine(self)
        self._ready.set_result((asyncio.get_running_loop(), engine))
        await engine.run()
