"""A text that may change at any time."""

from textual.visual import VisualType
from textual.widgets import Static


class LiveText(Static):
    """A text that is as large as its content, also where that changes while it is mounted.

    Textual measures a widget before it is mounted, and then keeps that size.
    """

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show `content`."""
        super().update(content, layout=layout)
        self.clear_cached_dimensions()
