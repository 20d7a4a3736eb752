"""Textual's terminal driver with a different input thread.

The stock thread stops at the first byte that is not UTF-8, spins when the terminal has gone,
takes unknown replies for keys, and waits for the rest of an unknown sequence until more arrives.
"""

import os
import re
import selectors
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from pan123_tui.ui.terminal.capabilities import detect_capabilities
from pan123_tui.ui.terminal.input_parser import (
    ESC,
    InputPipeline,
    Item,
    KeyInput,
    PasteInput,
    TerminalReply,
)
from pan123_tui.ui.terminal.shutdown import CLEAR_AND_RESET
from pan123_tui.ui.textual_private import XTermParser, finish_sequence

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
            yield from self._parse_part(self._keys.get(part) or _keypad_sign(part) or part)
            # The pipeline has waited for the rest of a sequence, so the parser need not.
            rest = finish_sequence(self._parser)
            if len(part) <= _LONGEST_ALT_KEY:
                yield from rest

    def _parse_part(self, part: str) -> Iterator[Message]:
        try:
            yield from self._parser.feed(part)
        except (ValueError, OverflowError):  # a sequence with numbers that Textual cannot read
            self._parser = XTermParser(self._is_debugging)


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


class TerminalDriver(LinuxDriver):
    """Survives any byte, any silence and the end of the terminal; sleeps while nothing comes."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, **options: Any
    ) -> None:
        mouse = mouse and detect_capabilities(os.environ).has_mouse
        super().__init__(app, debug=debug, mouse=mouse, **options)
        self.app, self.is_debugging = app, debug
        self.exit_event = self._leaving = WakingEvent()

    def run_input_thread(self) -> None:
        """Read until the program or the terminal ends."""
        pipeline = InputPipeline()
        has_st_delete = detect_capabilities(os.environ).has_st_delete
        parser = MessageParser(debug=self.is_debugging, has_st_delete=has_st_delete)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._leaving, selectors.EVENT_READ)
            while True:
                ready = selector.select(TICK_S if pipeline.is_waiting else None)
                now = monotonic()
                if self._leaving.is_set():
                    break
                items: list[Item] = []
                if ready:
                    if not (data := self._read()):
                        self._end()
                        break
                    items += pipeline.feed(data, now)
                items += pipeline.tick(now)
                for message in parser.parse(items):
                    self.process_message(message)

    def stop_application_mode(self) -> None:
        """Restore the terminal; Textual forgets the mouse in pixels and leaves the screen full."""
        self.write(CLEAR_AND_RESET)
        super().stop_application_mode()

    def _read(self) -> bytes:
        """Return what has arrived; nothing if the terminal has gone."""
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
    """Return our driver in place of Textual's for a terminal, else `stock`."""
    return TerminalDriver if stock is LinuxDriver else stock
