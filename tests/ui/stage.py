"""A bare application with the real stylesheet, for one widget or screen at a time."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from pan123_tui.terminal.textual_private import TerminalApp
from pan123_tui.ui.theme import DEFAULT_THEME, SCREEN_STYLES, THEMES, VERTICAL_BREAKPOINTS
from tests.ui.textual_private import painted

PATIENCE_S = 20.0
STYLESHEET = Path(__file__).parents[2] / "styles.tcss"


class Stage(TerminalApp[None]):
    """Shows `widgets` in our theme called `theme`."""

    CSS_PATH = [STYLESHEET, SCREEN_STYLES]  # noqa: RUF012 - Textual's type
    ENABLE_COMMAND_PALETTE = False
    VERTICAL_BREAKPOINTS = VERTICAL_BREAKPOINTS

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


class StageUser:
    """Uses a screen on a stage as a person does, with the keyboard."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        self.results: list[Any] = []
        """What the screen has returned."""

    @property
    def text(self) -> str:
        return shown(self.pilot.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def reads(self, words: str) -> None:
        """Wait until `words` are on the screen, wherever the lines are wrapped."""
        await self.sees(lambda: words in self.text or words in " ".join(self.text.split()))

    async def sees(self, is_so: Callable[[], object]) -> None:
        """Wait until `is_so()`."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():
                    await asyncio.sleep(0.01)
                    await self.pilot.pause()
        except TimeoutError:
            raise AssertionError(self.text) from None
