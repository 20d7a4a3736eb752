"""How many cells the terminal takes for the signs of frames.

Unicode leaves their width open, and terminals set up for Chinese, Japanese or Korean may draw them
two cells wide, which shifts all that follows on the line.
"""

from textual import events

_ROW = 2
"""A report from the first row looks like F3 with a modifier."""
WIDTH_QUERY = f"\x1b[{_ROW};1H─\x1b[6n\r\x1b[K"
"""Draws a sign, asks where the cursor is then, and erases it; sent before the first frame."""


def shows_wide_signs(report: events.CursorPosition) -> bool:
    """Return whether the reply to the query says that the sign took two cells."""
    return (report.x, report.y) == (2, _ROW - 1)
