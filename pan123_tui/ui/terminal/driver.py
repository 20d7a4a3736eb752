"""The terminal's driver: Textual's own, with another way to read what comes in.

The stock one ends at the first byte that is no UTF-8, spins when the terminal has gone, and
takes an unknown reply for key presses. It reads in `LinuxDriver.run_input_thread`; this is the
one method that is replaced, and the tests in a real terminal watch over it.
"""

import os
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.constants import ESCAPE_DELAY
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from pan123_tui.ui.terminal.input_parser import (
    InputPipeline,
    Item,
    KeyInput,
    PasteInput,
    TerminalReply,
)
from pan123_tui.ui.textual_private import ParseError, XTermParser


class WakingEvent(threading.Event):
    """Readable, as a selector sees it, while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting, self._waking = socket.socketpair()
        self._waiting.setblocking(False)

    def fileno(self) -> int:
        """Give what to select on."""
        return self._waiting.fileno()

    def set(self) -> None:
        """Set it and wake whoever waits."""
        if not self.is_set():
            super().set()
            self._waking.send(b"\0")

    def clear(self) -> None:
        """Take it back."""
        if self.is_set():
            super().clear()
            self._waiting.recv(1)


READ_BYTES = 65_536
SHORT_WAIT_S = 0.015
"""How long to wait for the rest of what has begun: an escape, a burst."""


@dataclass
class TerminalReplied(Message):
    """The terminal has answered a question."""

    reply: TerminalReply


@runtime_checkable
class HandlesEof(Protocol):
    """An application that wants to know when its terminal has gone."""

    def on_end_of_input(self) -> None:
        """Leave; called on the input's thread, and nothing may wait for the screen here."""


class KeyReader:
    """Hands keys to Textual's parser and everything else past it, in the order of arrival.

    An escape stays in the parser for a moment, because it may begin a sequence; what is no key
    waits behind it.
    """

    def __init__(self, tell: Callable[[Message], None], *, debug: bool = False) -> None:
        """`tell` takes each event."""
        self._tell = tell
        self._parser = XTermParser(debug)
        self._items: deque[Item] = deque()
        self._escape_until = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether `tick` should be called soon, though nothing arrives."""
        return bool(self._items) or monotonic() < self._escape_until + ESCAPE_DELAY

    def take(self, items: Iterable[Item]) -> None:
        """Take what has arrived."""
        self._items.extend(items)
        self._go_on()

    def tick(self) -> None:
        """Tell what has waited long enough."""
        is_escape_over = monotonic() >= self._escape_until
        for event in self._parser.tick():
            self._tell(event)
        if is_escape_over:
            self._go_on()

    def close(self) -> None:
        """Drop what is unfinished."""
        with suppress(ParseError):
            for _event in self._parser.feed(""):
                pass

    def _go_on(self) -> None:
        while self._items:
            item = self._items[0]
            if not isinstance(item, KeyInput) and monotonic() < self._escape_until:
                return
            self._items.popleft()
            if isinstance(item, KeyInput):
                self._press(item.text)
            elif isinstance(item, PasteInput):
                self._tell(events.Paste(item.text))
            else:
                self._tell(TerminalReplied(item))

    def _press(self, text: str) -> None:
        for event in self._parser.feed(text):
            self._tell(event)
        self._escape_until = monotonic() + ESCAPE_DELAY if text.endswith("\x1b") else 0.0


class TerminalDriver(LinuxDriver):
    """Survives any byte, any silence, and the end of the terminal; asleep while nothing comes."""

    def __init__(self, app: App[Any], *, debug: bool = False, **options: Any) -> None:
        super().__init__(app, debug=debug, **options)
        self.app, self.is_debugging = app, debug
        self.exit_event = self._leaving = WakingEvent()

    def run_input_thread(self) -> None:
        """Read until the program ends or the terminal does."""
        intake, reader = InputPipeline(), KeyReader(self.process_message, debug=self.is_debugging)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._leaving, selectors.EVENT_READ)
            while True:
                is_busy = intake.is_waiting or reader.is_waiting
                ready = selector.select(SHORT_WAIT_S if is_busy else None)
                now = monotonic()
                if self._leaving.is_set():
                    break
                if ready:
                    if not (data := self._read()):
                        self._end()
                        break
                    reader.take(intake.feed(data, now))
                reader.take(intake.tick(now))
                reader.tick()
        reader.close()

    def _read(self) -> bytes:
        """Give what has arrived; nothing means that the terminal has gone."""
        try:
            return os.read(self.fileno, READ_BYTES)
        except OSError:
            return b""

    def _end(self) -> None:
        if isinstance(self.app, HandlesEof):
            self.app.on_end_of_input()
        else:
            self.app.call_later(self.app.exit)


def driver_for(stock: type[Driver]) -> type[Driver]:
    """Give our driver in place of Textual's for a terminal; any other is left as it is."""
    return TerminalDriver if stock is LinuxDriver else stock
