"""What is shown instead of a broken screen where the terminal is too small."""

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from pan123_tui.i18n import _

MIN_SIZE = Size(40, 12)


def is_too_small(size: Size) -> bool:
    """Tell whether nothing of use can be drawn on `size`."""
    return size.width < MIN_SIZE.width or size.height < MIN_SIZE.height


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
                    least_width=MIN_SIZE.width,
                    least_height=MIN_SIZE.height,
                )
            )
        )
