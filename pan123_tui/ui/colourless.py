"""No colours: what NO_COLOR asks for, with the bold, underlined and reversed kept."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class ColourlessFilter(LineFilter):
    """Leaves no colour, not even the greys that Textual draws in their place."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.style is None else Segment(segment.text, segment.style.without_color)
            for segment in segments
        ]
