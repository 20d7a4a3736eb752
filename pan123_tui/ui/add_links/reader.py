"""Reads texts into rows, a long one in a thread, so that the next key need not wait."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from textual.screen import Screen

from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import ReviewRow

MAX_SYNC_CHARS = 20_000
"""A longer text is read in a thread."""


class TextReader:
    """Reads one text after the other."""

    def __init__(
        self,
        screen: Screen[Any],
        *,
        on_rows: Callable[[Sequence[ReviewRow]], None],
        on_end: Callable[[], None],
    ) -> None:
        """Call `on_rows` with the rows of each text, `on_end` when all long ones are read."""
        self._screen = screen
        self._on_rows, self._on_end = on_rows, on_end
        self.unread: list[str] = []
        """Long texts that are still to be read."""

    def read(self, text: str) -> None:
        """Read `text` now, or after the others that are being read."""
        # Halves of characters are lost anyway, and cannot be saved.
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        whole = whole.replace("\r\n", "\n").replace("\r", "\n")
        if len(whole) <= MAX_SYNC_CHARS and not self.unread:
            self._on_rows(extract(whole))
            return
        self.unread.append(whole)
        if len(self.unread) == 1:
            self._screen.run_worker(self._read_all(), group="read-links")

    async def _read_all(self) -> None:
        while self.unread:
            rows = await asyncio.to_thread(extract, self.unread[0])
            del self.unread[0]
            self._on_rows(rows)
        self._on_end()
