"""A text that may change at any time."""

from textual.visual import VisualType
from textual.widgets import Static


class LiveText(Static):
    """A text that is as large as its content, also where that changes before it is mounted.

    Textual may have measured it by then, and would keep that size.
    """

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show `content`."""
        super().update(content, layout=layout)
        if not self.is_mounted:
            self.call_later(self.refresh, layout=True)
