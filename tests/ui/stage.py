"""A bare application with the real stylesheet, for one widget or screen at a time."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from pan123_tui.ui.theme import DEFAULT_THEME, SCREEN_STYLES, THEMES
from tests.ui.textual_private import painted

STYLESHEET = Path(__file__).parents[2] / "styles.tcss"


class Stage(App[None]):
    """Shows `widgets` in our theme called `theme`."""

    CSS_PATH = [STYLESHEET, SCREEN_STYLES]  # noqa: RUF012 - Textual's type
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widgets: Iterable[Widget] = (), *, theme: str = DEFAULT_THEME) -> None:
        super().__init__()
        self._widgets = tuple(widgets)
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield from self._widgets


async def resize(pilot: Pilot[Any], columns: int, rows: int) -> None:
    """Resize the terminal and wait until the screen has that size."""
    await pilot.resize_terminal(columns, rows)
    async with asyncio.timeout(20):
        while pilot.app.screen.size != (columns, rows):
            await pilot.pause()
    await pilot.pause()


def shown(app: App[Any]) -> str:
    """Return the text on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in painted(app))
