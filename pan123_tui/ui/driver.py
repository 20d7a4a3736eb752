"""The terminal's driver: Textual's own, with another way to read what comes in.

The stock one ends at the first byte that is no UTF-8, spins when the terminal has gone, and
takes an unknown reply for key presses. It reads in `LinuxDriver.run_input_thread`; this is the
one method that is replaced, and the tests in a real terminal watch over it.
"""

import os
import selectors
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, runtime_checkable

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from pan123_tui.ui.intake.intake import Intake
from pan123_tui.ui.intake.sorter import Item, Keys, Pasted, Replied

READ_BYTES = 65_536
WAIT_S = 0.1
"""How long to wait for input before looking whether the program ends."""
SHORT_WAIT_S = 0.015
"""The same while something waits for its rest: an escape, a burst."""


@dataclass
class TerminalReplied(Message):
    """The terminal has answered a question."""

    reply: Replied


@runtime_checkable
class HearsTheEnd(Protocol):
    """An application that wants to know when its terminal has gone."""

    def hear_end_of_input(self) -> None:
        """Leave; called on the input's thread, and nothing may wait for the screen here."""


class TerminalDriver(LinuxDriver):
    """Survives any byte, any silence, and the end of the terminal."""

    def run_input_thread(self) -> None:
        """Read until the program ends or the terminal does."""
        intake, parser = Intake(), XTermParser(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            awake_until = 0.0
            while not self.exit_event.is_set():
                is_busy = intake.is_waiting or monotonic() < awake_until
                ready = selector.select(SHORT_WAIT_S if is_busy else WAIT_S)
                now = monotonic()
                if ready:
                    if not (data := self._read()):
                        self._end()
                        break
                    awake_until = now + 2 * WAIT_S
                    self._dispatch(intake.feed(data, now), parser)
                self._dispatch(intake.tick(now), parser)
                for event in parser.tick():
                    self.process_message(event)
        with suppress(ParseError):
            for _event in parser.feed(""):
                pass

    def _read(self) -> bytes:
        """Give what has arrived; nothing means that the terminal has gone."""
        try:
            return os.read(self.fileno, READ_BYTES)
        except OSError:
            return b""

    def _dispatch(self, items: Iterable[Item], parser: XTermParser) -> None:
        for item in items:
            if isinstance(item, Keys):
                for event in parser.feed(item.text):
                    self.process_message(event)
            elif isinstance(item, Pasted):
                self.process_message(events.Paste(item.text))
            else:
                self.process_message(TerminalReplied(item))

    def _end(self) -> None:
        if isinstance(self._app, HearsTheEnd):
            self._app.hear_end_of_input()
        else:
            self._app.call_later(self._app.exit)


def driver_for(stock: type[Driver]) -> type[Driver]:
    """Give our driver in place of Textual's for a terminal; any other is left as it is."""
    return TerminalDriver if stock is LinuxDriver else stock
