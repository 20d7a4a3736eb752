"""The layout of all helps."""

import re
from collections.abc import Iterable, Iterator

import click

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import N_, _, language

_MIN_CELLS = 11
_USAGE_WORDS = (N_("[OPTIONS]"), N_("[COMMAND] [ARGS]"))
"""The words of click's usage lines, which it does not translate."""
_UNWRAPPED = "\b\n"
"""Begins a paragraph whose lines click leaves as they are."""
_OPENING, _CLOSING = "“（《", "，。：；、！？”）》…"
_PIECE = re.compile(rf"[{_OPENING}]*(?:[!-~]+|[^\s{_OPENING}])[{_CLOSING}]*\s*")
"""What stays on one line: a word of Latin letters, or a character, with its punctuation."""


class HelpFormatter(click.HelpFormatter):
    """Wraps Chinese by cells, and ends headings with the colon of the current language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        start = len(self.buffer)
        for words in _USAGE_WORDS:
            args = args.replace(words, _(words))
        super().write_usage(prog, args, prefix)
        # click puts a blank after the colon, which a full-width one has in itself.
        self.buffer[start:] = [line.replace("： ", "：", 1) for line in self.buffer[start:]]

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(_("{heading}:").format(heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text(_wrapped(text, self.width - 2 * self.current_indent))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms, each with its explanation beside it."""
        rows = list(rows)
        column = min(max((len(term) for term, _text in rows), default=0), col_max) + col_spacing
        cells = self.width - self.current_indent - column
        wrapped = [(term, _wrapped(text, cells)) for term, text in rows]
        super().write_dl(wrapped, col_max, col_spacing)


def _wrapped(text: str, cells: int) -> str:
    """Return Chinese `text` with its lines at most `cells` wide, which click counts as letters."""
    if language() == "en":
        return text
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        it if it.startswith(_UNWRAPPED) else _UNWRAPPED + "\n".join(_lines(it, cells))
        for it in paragraphs
    )


def _lines(paragraph: str, cells: int) -> Iterator[str]:
    line = ""
    for piece in _PIECE.findall(paragraph.replace("\n", " ")):
        if line and width(line) + width(piece.rstrip()) > max(cells, _MIN_CELLS):
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()
