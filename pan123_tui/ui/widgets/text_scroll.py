"""A place for a long text that scrolls by keys."""

from typing import Any

from textual.containers import VerticalScroll


class TextScroll(VerticalScroll):
    """Scrolls at once, so that each key starts where the one before it ended.

    Textual scrolls after the next refresh and in steps: of keys that come faster than that, the
    later ones would start in the middle of the way.
    """

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        super().scroll_to(x, y, **{**options, "animate": False, "immediate": True})

    def scroll_end(self, **options: Any) -> None:
        super().scroll_end(**{**options, "animate": False, "immediate": True})
