"""The notice of a terminal that is too small."""

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from pan123_tui.i18n import _

MIN_SIZE = Size(40, 12)


def is_too_small(size: Size) -> bool:
    """Return whether `size` is below `MIN_SIZE`."""
    return size.width < MIN_SIZE.width or size.height < MIN_SIZE.height


class TooSmallScreen(ModalScreen[None]):
    """Shows the size that the terminal needs; the screens below keep working."""

    def compose(self) -> ComposeResult:
        yield Static(id="too-small", markup=False)

    def on_resize(self) -> None:
        width, height = self.app.size
        text = _("Too small: {width}x{height}.\nAt least {least_width}x{least_height}, please.")
        self.query_one(Static).update(
            text.format(
                width=width,
                height=height,
                least_width=MIN_SIZE.width,
                least_height=MIN_SIZE.height,
            )
        )
