"""The private names of Textual in use, in one place because any version may change them."""

from collections.abc import Iterable
from typing import Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.message import Message

__all__ = ["MADE_FOR", "XTermParser", "driver_of", "finish_sequence"]

MADE_FOR = "8.2.8"
"""The version of Textual that these names were taken from."""


def driver_of(app: App[Any]) -> Driver | None:
    """Return what reads and writes the terminal; None before the app runs."""
    return app._driver  # noqa: SLF001 - no public name in 8.2.8


def finish_sequence(parser: XTermParser) -> Iterable[Message]:
    """Let the pending sequence of `parser` time out now and return its messages.

    Nothing is returned where no sequence is pending.
    """
    if parser._timeout_time is not None:  # noqa: SLF001 - no public name in 8.2.8
        parser._timeout_time = 0.0  # noqa: SLF001
    return tuple(parser.tick())
