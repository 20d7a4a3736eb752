"""The layout of all helps."""

from collections.abc import Iterable

import click

from pan123_tui.cli.wrapping import wrapped_lines
from pan123_tui.i18n import N_, _

_USAGE_WORDS = (N_("[OPTIONS]"), N_("[COMMAND] [ARGS]"))
"""The words of click's usage lines, which it does not translate."""
_UNWRAPPED = "\b\n"
"""Begins a paragraph whose lines click leaves as they are."""


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
    """Return `text` with its lines at most `cells` wide, where click counts signs, not cells."""
    if text.isascii():
        return text
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        it if it.startswith(_UNWRAPPED) else _UNWRAPPED + "\n".join(wrapped_lines(it, cells))
        for it in paragraphs
    )
