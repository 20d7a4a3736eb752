"""Dialogs that need neither the task model nor the engine, and their base class."""

from textual.screen import ModalScreen, ScreenResultType

from pan123_tui.terminal.textual_private import UncutScreen
from pan123_tui.ui.theme import SCREEN_STYLES


class Dialog(ModalScreen[ScreenResultType], UncutScreen[ScreenResultType]):
    """A modal screen that is dismissed once: if not on top, as soon as it is on top again."""

    CSS_PATH = SCREEN_STYLES
    _pending: tuple[ScreenResultType | None] | None = None
    """The result of a screen that was covered when it should have closed."""

    def on_screen_resume(self) -> None:
        if self._pending is not None:
            self.close(self._pending[0])

    def close(self, result: ScreenResultType | None = None) -> None:
        """Dismiss the screen, unless that was done before, as by a key pressed twice."""
        if self.is_active:
            self.dismiss(result)
        elif self in self.app.screen_stack and self._pending is None:
            self._pending = (result,)

    def action_cancel(self) -> None:
        self.close()
