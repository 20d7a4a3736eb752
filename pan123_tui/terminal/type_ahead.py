"""Type-ahead: deliver each key once the focus is where the previous key moved it.

Textual sends every key at once to the widget that has the focus at that moment. Keys read together,
as after a stall of a slow line, would all reach the first widget, and keys typed while the program
starts would reach a table without rows.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

LOAD_TIMEOUT_S = 2.0
"""Longest wait for what the first key acts on; after that it is delivered all the same."""
SETTLE_TIMEOUT_S = 2.0
"""Longest wait for the effect of a key; after that the next one is delivered all the same."""
COMMAND_TIMEOUT_S = 1.0
"""Longest wait for what a command does, since a lost engine may never answer."""
QUIET_ROUNDS = 2
"""Rounds without a new message after which nothing more is expected of a key."""


@runtime_checkable
class LoadsFirst(Protocol):
    """An app whose keys have nothing to act on before it has loaded."""

    has_loaded: asyncio.Event


@runtime_checkable
class ActsLater(Protocol):
    """A screen that is still acting on a key after all messages are processed."""

    has_acted: asyncio.Event


@contextmanager
def holding_keys(has_acted: asyncio.Event) -> Iterator[None]:
    """Within the block, hold back keys, for a second at most: they are for the next screen."""
    has_acted.clear()
    patience = asyncio.get_running_loop().call_later(COMMAND_TIMEOUT_S, has_acted.set)
    try:
        yield
    finally:
        patience.cancel()
        has_acted.set()


class TypeAhead:
    """Posts input to the app in its order; waits after each key, not after the mouse."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._pending: deque[Message] = deque()
        self._delivery: asyncio.Task[None] | None = None
        self._has_begun = False

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
        app: object = self._app
        if isinstance(app, LoadsFirst) and not self._has_begun:
            with suppress(TimeoutError):
                await asyncio.wait_for(app.has_loaded.wait(), LOAD_TIMEOUT_S)
        self._has_begun = True
        while self._pending:
            message = self._pending.popleft()
            self._app.post_message(message)
            if isinstance(message, events.Key | events.Paste):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._settle(), SETTLE_TIMEOUT_S)

    async def _settle(self) -> None:
        """Wait until everything that a key may have reached has nothing left to do."""
        quiet = 0
        while quiet < QUIET_ROUNDS and self._app.is_running:
            for pump in self._reached():
                has_processed = asyncio.Event()
                if pump.call_later(has_processed.set):
                    await has_processed.wait()
            is_quiet = not any(pump.message_queue_size for pump in self._reached())
            screen: object = self._app.screen if self._app.screen_stack else None
            if isinstance(screen, ActsLater) and not screen.has_acted.is_set():
                await screen.has_acted.wait()
                is_quiet = False
            quiet = quiet + 1 if is_quiet else 0

    def _reached(self) -> Sequence[MessagePump]:
        """Return the focused widget and its ancestors up to the app: where messages bubble."""
        if not self._app.screen_stack:
            return [self._app]
        screen = self._app.screen
        return (screen.focused or screen).ancestors_with_self
