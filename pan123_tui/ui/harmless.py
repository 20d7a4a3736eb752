"""The last net: nothing that a terminal obeys leaves in a text, whichever widget has drawn it.

Widgets spell such characters out (`domain.visible`); an editor of Textual's holds them as they
were pasted, and would hand an escape sequence on to the terminal.
"""

import re
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, line ends, what turns the text around, and halves of characters."""
_STAND_IN = "\ufffd"


class HarmlessFilter(LineFilter):
    """Puts a stand-in of the same width in the place of each such character."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            Segment(_OBEYED.sub(_stand_in, segment.text), segment.style, segment.control)
            if segment.control is None and _OBEYED.search(segment.text)
            else segment
            for segment in segments
        ]


def _stand_in(match: re.Match[str]) -> str:
    return _stand_in_of(match[0])


@lru_cache(256)
def _stand_in_of(char: str) -> str:
    return _STAND_IN * cell_len(char)
