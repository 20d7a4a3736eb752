"""A bare application with the real stylesheet, for one widget or screen at a time."""

from collections.abc import Iterable
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widget import Widget

from pan123_tui.ui.theme import DEFAULT_THEME, THEMES
from tests.ui.textual_private import painted

STYLESHEET = Path(__file__).parents[2] / "styles.tcss"


class Stage(App[None]):
    """Shows `widgets` in our theme called `theme`."""

    CSS_PATH = STYLESHEET
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widgets: Iterable[Widget] = (), *, theme: str = DEFAULT_THEME) -> None:
        super().__init__()
        self._widgets = tuple(widgets)
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield from self._widgets


def shown(app: App[None]) -> str:
    """Return the text on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in painted(app))
