"""Lines that end between words, or between two Chinese characters."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

from pan123_tui.domain.sanitize import width
from pan123_tui.wording.line_breaks import PIECE

_MIN_CELLS = 11


def wrapped_lines(paragraph: str, cells: int) -> Iterator[str]:
    """Yield the lines of `paragraph`, each at most `cells` wide where its words allow."""
    line = ""
    for piece in PIECE.findall(paragraph.replace("\n", " ")):
        if line and width(line) + width(piece.rstrip()) > max(cells, _MIN_CELLS):
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def fitted_message(text: str) -> str:
    """Return `text` as standard error takes it: wrapped for a terminal, but for indented lines."""
    cells = 0
    with suppress(OSError, ValueError):  # it is no terminal
        cells = os.get_terminal_size(sys.stderr.fileno()).columns
    if not cells:
        return text
    return "\n".join(
        line if line[:1].isspace() else "\n".join(wrapped_lines(line, cells))
        for line in text.split("\n")
    )


def print_fitted(text: str) -> None:
    """Print a message to the user on standard error, where click may not be imported."""
    print(fitted_message(text), file=sys.stderr)  # noqa: T201
