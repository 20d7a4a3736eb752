"""A cell of a table, without Textual."""

from typing import NamedTuple

GAP = 2
"""Blank cells between two columns."""


class Span(NamedTuple):
    """A part of a cell and its style class; empty: the style of the line."""

    text: str
    style_class: str = ""


Cell = tuple[Span, ...]
"""One cell of a table; its texts fill the column's width exactly."""
