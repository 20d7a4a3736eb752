"""Texts of many lines: laid out for a width, and scrolled by keys."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.ui.widgets.styled_text import Line, content_of

Layout = Callable[[int], Sequence[Line]]
"""Returns the lines for a width in cells."""


class TextLines(Widget):
    """Shows the lines of a layout."""

    lines_for: reactive[Layout | None] = reactive(None, layout=True)

    def __init__(self, layout: Layout | None = None, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.set_reactive(TextLines.lines_for, layout)

    def render(self) -> Content:
        return content_of(self._laid_out(self.size.width))

    def get_content_height(
        self,
        container: Size,  # noqa: ARG002 - Textual's signature
        viewport: Size,  # noqa: ARG002
        width: int,
    ) -> int:
        """Return the number of lines in `width` cells."""
        return max(len(self._laid_out(width)), 1)

    def _laid_out(self, cells: int) -> Sequence[Line]:
        return self.lines_for(cells) if self.lines_for else ()


class TextScroll(VerticalScroll):
    """Scrolls at once, so that each key starts where the one before it ended.

    Textual scrolls after the next refresh and in steps: of keys that come faster than that, the
    later ones would start in the middle of the way.
    """

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        super().scroll_to(x, y, **{**options, "animate": False, "immediate": True})

    def scroll_end(self, **options: Any) -> None:
        super().scroll_end(**{**options, "animate": False, "immediate": True})
