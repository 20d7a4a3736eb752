"""The palette: every action with its key, searched as you type."""

from textual.command import CommandPalette
from textual.widgets import Input

from pan123_tui.i18n import _


class Palette(CommandPalette):
    """Textual's palette in the language in use, with a cursor that stands still."""

    def __init__(self) -> None:
        super().__init__(id="--command-palette", placeholder=_("Search all actions"))

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
