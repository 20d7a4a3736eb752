"""The private names of Textual in use: any version may change them, so they stand here alone."""

from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver

__all__ = ["MADE_FOR", "ParseError", "XTermParser", "driver_of"]

MADE_FOR = "8.2.8"
"""The version of Textual that these names were taken from."""


def driver_of(app: App[Any]) -> Driver | None:
    """Return what reads and writes the terminal; None before the app runs."""
    return app._driver  # noqa: SLF001 - no public name in 8.2.8
