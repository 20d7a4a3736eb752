"""Textual's driver with an input thread that ends with its terminal and uses `input_parser`."""

import asyncio
import os
import selectors
import signal
import threading
from contextlib import suppress
from time import monotonic
from typing import Any

from textual.message import Message

from pan123_tui.terminal.input_parser import InputParser, TerminalReply
from pan123_tui.terminal.shutdown import CLEAR_AND_RESET
from pan123_tui.terminal.textual_private import ContinuedDriver, TerminalApp

ROUND_TRIP_S = 2.0
"""Longest time that a reply to a query may take on a slow line."""
LAST_REPLY_TIMEOUT_S = 1.0
QUERY_DEVICE = "\x1b[c"
"""Every terminal replies to this, after its replies to all earlier queries."""
NO_HOVER = "\x1b[?1003l\x1b[?1002h"
"""Have the mouse reported only while a button is pressed, not at each move."""
READ_BYTES = 65_536
TICK_S = 0.015
"""How often time-outs are checked while the rest of a sequence or a paste is awaited."""


class TerminalDriver(ContinuedDriver):
    """Survives any byte, any silence and the end of the terminal; sleeps while nothing comes."""

    def __init__(
        self, app: TerminalApp[Any], *, debug: bool = False, mouse: bool = True, **options: Any
    ) -> None:
        self.has_mouse = mouse and app.capabilities.has_mouse
        super().__init__(app, debug=debug, mouse=self.has_mouse, **options)
        self.app = app
        self._has_replied = threading.Event()
        self._end = os.pipe()
        """Readable once the input thread should end."""
        self._app_loop = asyncio.get_running_loop()

    def send_message(self, message: Message) -> None:
        """Send `message` to the app; a key only after the effect of the previous one."""
        if isinstance(message, TerminalReply):
            self._has_replied.set()
        self._app_loop.call_soon_threadsafe(self.app.type_ahead.feed, message)

    def run_input_thread(self) -> None:
        parser = InputParser(
            self.app.LINK_STARTS, joins_escape=bool(self.app.capabilities.multiplexer)
        )
        with selectors.SelectSelector() as selector:
            for source in (self.fileno, self._end[0]):
                selector.register(source, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(TICK_S if parser.is_waiting else None)
                now = monotonic()
                messages: list[Message] = []
                if any(key.fd == self.fileno for key, _events in ready):
                    data = b""
                    with suppress(OSError):  # the terminal has gone
                        data = os.read(self.fileno, READ_BYTES)
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)
                        break
                    messages += parser.feed(data, now)
                for message in (*messages, *parser.tick(now)):
                    self.process_message(message)

    def disable_input(self) -> None:
        """End the input thread, which sleeps until there is something to read."""
        os.write(self._end[1], b".")
        super().disable_input()
        os.read(self._end[0], 1)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.app.queried_at = monotonic()  # Textual's own queries
        if self.has_mouse:
            self.write(NO_HOVER)
        self.app.forget_screen()

    def stop_application_mode(self) -> None:
        """Restore the terminal; Textual neither resets pixel mouse mode nor clears the screen."""
        self.write(CLEAR_AND_RESET)
        if self.app.queried_at + ROUND_TRIP_S > monotonic():
            # The shell would take replies still on their way for typed text.
            self._has_replied.clear()
            self.write(QUERY_DEVICE)
            self._has_replied.wait(LAST_REPLY_TIMEOUT_S)
        super().stop_application_mode()
