"""What is shown instead of a broken screen where the terminal is too small."""

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from pan123_tui.i18n import _
from pan123_tui.ui.least_size import FLOOR


class TooSmallScreen(ModalScreen[None]):
    """Says how large the terminal has to be; all goes on behind it."""

    def compose(self) -> ComposeResult:
        yield Static(id="too-small", markup=False)

    def on_resize(self) -> None:
        size = self.app.size
        self.query_one(Static).update(
            Content(
                _(
                    "Too small: {width}x{height}.\nAt least {least_width}x{least_height}, please."
                ).format(
                    width=size.width,
                    height=size.height,
                    least_width=FLOOR.width,
                    least_height=FLOOR.height,
                )
            )
        )
