"""Type-ahead: deliver each key once the focus is where the previous key moved it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message

TIMEOUT_S = 2.0
"""Longest wait for what a key acts on, and for its effect; then the next one is delivered."""
QUIET_ROUNDS = 2
"""Rounds without a new message after which nothing more is expected of a key."""


class TypeAhead:
    """Posts input to the app in its order; waits after a key or a text, not after the mouse."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._pending: deque[Message] = deque()
        self._delivery: asyncio.Task[None] | None = None
        self._awaited: deque[asyncio.Event] = deque()

    def hold_until(self, event: asyncio.Event) -> None:
        """Hold back the next keys until `event` is set: they are for what is there then."""
        self._awaited.append(event)

    @contextmanager
    def holding(self) -> Iterator[None]:
        self.hold_until(is_over := asyncio.Event())
        try:
            yield
        finally:
            is_over.set()

    def feed(self, message: Message) -> None:
        """Deliver `message` now, or after the input that is waiting."""
        if not isinstance(message, events.InputEvent | events.Paste):
            self._app.post_message(message)
            return
        self._pending.append(message)
        if self._delivery is None or self._delivery.done():
            self._delivery = asyncio.create_task(self._deliver(), name="type-ahead")

    async def wait_idle(self) -> None:
        """Wait until all input is delivered and has had its effect."""
        if self._delivery is not None:
            await self._delivery

    async def _deliver(self) -> None:
        await self._wait_for(self._released())
        while self._pending:
            message = self._pending.popleft()
            is_text = self._is_text(message)
            self._app.post_message(message)
            if is_text and self._pending and self._is_text(self._pending[0]):
                continue
            if isinstance(message, events.Key | events.Paste):
                await self._wait_for(self._settled())

    def _is_text(self, message: Message) -> bool:
        """Return whether the focused widget takes `message` as text, which moves no focus."""
        return isinstance(message, events.Key) and self._reached()[0].check_consume_key(
            message.key, message.character
        )

    async def _wait_for(self, waiting: Awaitable[object]) -> None:
        try:
            await asyncio.wait_for(waiting, TIMEOUT_S)
        except TimeoutError:
            self._awaited.clear()

    async def _released(self) -> bool:
        """Wait until nothing holds keys back; return whether anything did."""
        was_held = False
        while self._awaited:
            was_held |= not self._awaited[0].is_set()
            await self._awaited[0].wait()
            self._awaited.popleft()
        return was_held

    async def _settled(self) -> None:
        """Wait until everything that a key may have reached has nothing left to do."""
        quiet = 0
        while quiet < QUIET_ROUNDS and self._app.is_running:
            for pump in self._reached():
                has_processed = asyncio.Event()
                if pump.call_later(has_processed.set):
                    await has_processed.wait()
            is_busy = any(pump.message_queue_size for pump in self._reached())
            quiet = 0 if await self._released() or is_busy else quiet + 1

    def _reached(self) -> Sequence[DOMNode]:
        """Return the focused widget and its ancestors up to the app: where messages bubble."""
        if not self._app.screen_stack:
            return [self._app]
        screen = self._app.screen
        return (screen.focused or screen).ancestors_with_self
