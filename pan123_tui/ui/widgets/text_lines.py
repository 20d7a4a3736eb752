"""A widget of styled lines, which costs little however many there are."""

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from pan123_tui.ui.widgets.styled_text import Line, changed_rows, content_of

Layout = Callable[[int], Sequence[Line]]
"""Returns the lines for a width in cells."""


class TextLines(Widget):
    """Shows the lines of a layout, of which only changed ones are repainted."""

    def __init__(self, layout: Layout, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._layout = layout
        self._lines: Sequence[Line] = ()
        self._cells = 0

    def show(self, layout: Layout) -> None:
        """Show the lines of another layout."""
        self._layout = layout
        if not self._cells:
            return
        lines = layout(self._cells)
        if changed := changed_rows(self._lines, lines, self.outer_size.width):
            is_other_height = len(lines) != len(self._lines)
            self._lines = lines
            self.refresh(*([] if is_other_height else changed), layout=is_other_height)

    def render(self) -> Content:
        """Return the lines, laid out again if the width is another one."""
        # A scroll bar that appears or disappears changes the width before any event.
        if self._cells != self.size.width:
            self._cells = self.size.width
            self._lines = self._layout(self._cells)
        return content_of(self._lines)

    def get_content_height(
        self,
        container: Size,  # noqa: ARG002 - Textual's signature
        viewport: Size,  # noqa: ARG002
        width: int,
    ) -> int:
        """Return the number of lines in `width` cells."""
        return max(len(self._layout(width)), 1)
