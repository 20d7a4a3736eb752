"""Textual's terminal driver with a different input thread.

The stock thread stops at the first byte that is not UTF-8, spins when the terminal has gone,
takes unknown replies for keys, and waits for the rest of an unknown sequence until more arrives.
"""

import asyncio
import os
import re
import selectors
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol, runtime_checkable

from rich.color import ColorSystem
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from pan123_tui.ui.terminal.capabilities import detect_capabilities
from pan123_tui.ui.terminal.input_parser import (
    ESC,
    InputPipeline,
    Item,
    KeyInput,
    PasteInput,
    ReplyKind,
    TerminalReply,
)
from pan123_tui.ui.terminal.screen_buffer import ScreenBuffer
from pan123_tui.ui.terminal.shutdown import CLEAR_AND_RESET
from pan123_tui.ui.terminal.type_ahead import TypeAhead
from pan123_tui.ui.textual_private import ContinuedDriver, PlacedStrip, XTermParser, finish_sequence

COLOR_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
}
ROUND_TRIP_S = 2.0
"""Longest time from a query to its reply over a slow line."""
LAST_REPLY_TIMEOUT_S = 1.0
QUERY_DEVICE = "\x1b[c"
"""Every terminal replies to it, after its replies to all queries before."""
_QUERY = re.compile(r"\x1b(\[\?\d+\$p|\[c|\]52;c;\?)")
_LONGEST_QUERY = 20
NO_HOVER = "\x1b[?1003l\x1b[?1002h"
"""Reports the mouse while a button is pressed, no longer each of its moves."""
READ_BYTES = 65_536
TICK_S = 0.015
"""How often time-outs are checked while the rest of a sequence or a paste is awaited."""
_SEQUENCE = re.compile(
    r"(\x1b(?:\[(?:M.{0,3}|\[.?|[0-?]*[ -/]*[@-~]?)|O[\d;]*.?|[^\[O\x1b])?)", re.DOTALL
)
"""One key or mouse event: CSI, SS3, Alt and a character, or Escape."""
_DELETE, _ST_DELETE = "\x1b[3~", "\x1b[P"
_KEYPAD_SIGNS = {
    "57409": ".",
    "57410": "/",
    "57411": "*",
    "57412": "-",
    "57413": "+",
    "57415": "=",
    "57416": ",",
}
_KEYPAD_KEY = re.compile(rf"\x1b\[({'|'.join(_KEYPAD_SIGNS)})(?:;(?:1|65|129|193))?u")
"""Without a modifier other than the locks."""
_LONGEST_ALT_KEY = 2
"""Escape and a character; a longer sequence that is not known must not be typed as text."""
_LONGEST_SEQUENCE = 32
"""Textual's parser types longer ones as text."""


@dataclass
class TerminalReplied(Message):
    """The terminal has answered a query."""

    reply: TerminalReply


@runtime_checkable
class HandlesEof(Protocol):
    """An application that is notified when its terminal has gone."""

    def on_end_of_input(self) -> None:
        """Leave; called on the input thread, must not wait for the screen."""


_ALT_SIGNS = frozenset("0123456789-=")
"""What Textual turns into another character with Alt, which would be typed into a field."""


class MessageParser:
    """Turns items of input into Textual's messages; sequences that it does not know are dropped."""

    def __init__(self, *, debug: bool = False, has_st_delete: bool = False) -> None:
        self._is_debugging = debug
        self._parser = XTermParser(debug)
        self._keys = {_ST_DELETE: _DELETE} if has_st_delete else {}

    def parse(self, items: Iterable[Item]) -> Iterator[Message]:
        """Yield the messages of `items` in their order."""
        for item in items:
            if isinstance(item, KeyInput):
                yield from self._parse_keys(item.text)
            elif isinstance(item, PasteInput):
                yield events.Paste(item.text)
            else:
                yield TerminalReplied(item)

    def _parse_keys(self, text: str) -> Iterator[Message]:
        for part in _SEQUENCE.split(text):
            is_sequence = part.startswith(ESC)
            if not part or (is_sequence and len(part) > _LONGEST_SEQUENCE):
                continue
            if is_sequence and part[1:] in _ALT_SIGNS:
                yield events.Key(f"alt+{part[1]}", None)
                continue
            for message in self._parse_part(self._keys.get(part) or _keypad_sign(part) or part):
                yield _without_alt_text(message)
            # The pipeline has waited for the rest of a sequence, so the parser need not.
            rest = finish_sequence(self._parser)
            if len(part) <= _LONGEST_ALT_KEY:
                yield from map(_without_alt_text, rest)

    def _parse_part(self, part: str) -> Iterator[Message]:
        try:
            yield from self._parser.feed(part)
        except (ValueError, OverflowError):  # a sequence with numbers that Textual cannot read
            self._parser = XTermParser(self._is_debugging)


def _without_alt_text(message: Message) -> Message:
    """Take its character from a key with Alt: it would be typed into a field."""
    if isinstance(message, events.Key) and message.key.startswith("alt+"):
        return events.Key(message.key, None)
    return message


def _keypad_sign(part: str) -> str | None:
    """Return the sign on a key of the keypad in kitty's protocol, which Textual has no text for."""
    match = _KEYPAD_KEY.fullmatch(part)
    return match and _KEYPAD_SIGNS[match[1]]


class WakingEvent(threading.Event):
    """An event that a selector sees as readable while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self._receiver.fileno()

    def set(self) -> None:
        """Set the event and wake the selector."""
        if not self.is_set():
            super().set()
            self._sender.send(b"\0")

    def clear(self) -> None:
        """Reset the event."""
        if self.is_set():
            super().clear()
            self._receiver.recv(1)


class TerminalDriver(ContinuedDriver):
    """Survives any byte, any silence and the end of the terminal; sleeps while nothing comes.

    It sends only what the terminal does not show.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, **options: Any
    ) -> None:
        capabilities = detect_capabilities(os.environ)
        self.has_mouse = mouse and capabilities.has_mouse
        super().__init__(app, debug=debug, mouse=self.has_mouse, **options)
        self.app, self.is_debugging = app, debug
        self._screen_buffer = ScreenBuffer(can_erase=capabilities.can_erase)
        self._queried_at = -ROUND_TRIP_S
        self._device_queries = self._device_replies = 0
        self._has_replied = threading.Event()
        """Whether all of these queries have been replied to."""
        self.exit_event = self._leaving = WakingEvent()
        self._type_ahead = TypeAhead(app)
        self._app_loop = asyncio.get_running_loop()

    def send_message(self, message: Message) -> None:
        """Send `message` to the app, a key after the effect of the former one."""
        self._app_loop.call_soon_threadsafe(self._type_ahead.feed, message)

    def run_input_thread(self) -> None:
        """Read until the program or the terminal ends."""
        pipeline = InputPipeline()
        has_st_delete = detect_capabilities(os.environ).has_st_delete
        parser = MessageParser(debug=self.is_debugging, has_st_delete=has_st_delete)
        with _open_input(self.fileno) as terminal, selectors.SelectSelector() as selector:
            selector.register(terminal, selectors.EVENT_READ)
            selector.register(self._leaving, selectors.EVENT_READ)
            while True:
                ready = selector.select(TICK_S if pipeline.is_waiting else None)
                now = monotonic()
                if self._leaving.is_set():
                    break
                items: list[Item] = []
                if ready and (data := _read(terminal)) is not None:
                    if not data:
                        self._end()
                        break
                    items += pipeline.feed(data, now)
                items += pipeline.tick(now)
                for message in parser.parse(items):
                    self.process_message(message)

    def start_application_mode(self) -> None:
        """Prepare the terminal; the mouse is reported while a button is pressed only."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.has_mouse:
            self.write(NO_HOVER)
        self.forget_screen()

    def changes(self, size: Size, strips: Iterable[PlacedStrip]) -> Callable[[], str] | None:
        """Return a function that encodes what differs in `strips`; None if nothing does."""
        colors = COLOR_SYSTEMS.get(self.app.console.color_system or "", ColorSystem.TRUECOLOR)
        return self._screen_buffer.changes(size, strips, colors)

    def forget_screen(self) -> None:
        """Forget what the terminal shows, because other programs may have written to it."""
        self._screen_buffer.clear()

    def write(self, data: str) -> None:
        """Write `data`, and remember when a reply may come."""
        if len(data) <= _LONGEST_QUERY and _QUERY.search(data):
            self._queried_at = monotonic()
            self._device_queries += data.count(QUERY_DEVICE)
        super().write(data)

    def process_message(self, message: Message) -> None:
        """Pass on what the terminal has sent."""
        if isinstance(message, TerminalReplied) and message.reply.kind is ReplyKind.DEVICE:
            self._device_replies += 1
            if self._device_replies >= self._device_queries:
                self._has_replied.set()
        super().process_message(message)

    def stop_application_mode(self) -> None:
        """Restore the terminal; Textual forgets the mouse in pixels and leaves the screen full."""
        self.write(CLEAR_AND_RESET)
        if self._queried_at + ROUND_TRIP_S > monotonic():
            self._await_replies()
        super().stop_application_mode()

    def _await_replies(self) -> None:
        """Wait until all replies have come, which the shell would take for typed text."""
        self._has_replied.clear()
        self.write(QUERY_DEVICE)
        self._has_replied.wait(LAST_REPLY_TIMEOUT_S)

    def _end(self) -> None:
        if isinstance(self.app, HandlesEof):
            self.app.on_end_of_input()
        else:
            self.app.call_later(self.app.exit)


@contextmanager
def _open_input(fileno: int) -> Iterator[int]:
    """Yield a descriptor of the terminal whose reads do not block, where it can be opened.

    After job control another program may have read what the selector has seen. The shell shares
    `fileno` itself, which must block for it.
    """
    try:
        terminal = os.open(os.ttyname(fileno), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        terminal = os.dup(fileno)
    try:
        yield terminal
    finally:
        os.close(terminal)


def _read(terminal: int) -> bytes | None:
    """Return what has arrived: None if nothing has, and b"" if the terminal has gone."""
    try:
        return os.read(terminal, READ_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def driver_for(stock: type[Driver]) -> type[Driver]:
    """Return our driver in place of Textual's for a terminal, else `stock`."""
    return TerminalDriver if stock is LinuxDriver else stock
