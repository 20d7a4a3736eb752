"""The draft of the review, saved soon after each change."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Self

import msgspec
from msgspec import Struct, field
from textual.widget import Widget

from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.system.private_files import write_private

SAVE_DELAY_S = 0.5
"""Pause after the last change before the draft is saved."""
_ADDRESS = re.compile(r"\w+://[^\s，、；]+")


class Draft(Struct, frozen=True):
    """What was entered in the review."""

    text: str = ""
    """The typed text that is not in a row yet."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The values of the fields for all links, by their ids."""
    rows: tuple[ReviewRow, ...] = ()

    @property
    def count(self) -> int:
        """How many links are neither skipped nor known to be in the list; the same one counts once.

        Of a text that no review has read yet, they are counted roughly.
        """
        pasted = {*_ADDRESS.findall(self.text)} - {row.text for row in self.rows}
        return sum(row.keep or row.waits for row in self.rows) + len(pasted)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to save; fields alone are no draft."""
        return not (self.rows or self.text.strip())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the draft of an earlier run, or an empty one if there is none."""
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return msgspec.json.decode(path.read_bytes(), type=cls)
        return cls()

    def write(self, path: Path) -> bool:
        """Save the draft, or delete the file if it is empty; return whether that was possible."""
        with suppress(OSError, UnicodeEncodeError):
            if self.is_empty:
                path.unlink(missing_ok=True)
            else:
                write_private(path, msgspec.json.encode(self))
            return True
        return False


class DraftKeeper:
    """Saves the draft of one screen, in a thread, soon after each change and at the end."""

    def __init__(self, path: Path | None, screen: Widget, current: Callable[[], Draft]) -> None:
        """`current` returns what the screen has now; without `path` nothing is saved."""
        self._path = path
        self._screen = screen
        self._current = current
        self._draft: Draft | None = None
        self._was_used = False
        """Whether there was ever anything to save: if not, another screen's draft stays."""
        self._lock = Lock()

    def read(self) -> Draft:
        """Return an earlier draft, or an empty one if there is none."""
        self._draft = Draft.read(self._path) if self._path else Draft()
        self._was_used = not self._draft.is_empty
        return self._draft

    def keep(self) -> None:
        """Save the draft after a pause without changes."""
        save: Callable[[], Awaitable[None]] = self._save_soon
        self._screen.run_worker(save, group="save-draft", exclusive=True)

    def close(self) -> int | None:
        """Save what the screen has now; a late thread must not replace the next screen's draft.

        Return how many links wait in it; None if it never was this screen's.
        """
        self._take()
        self._write()
        self._path = None
        return self._draft.count if self._draft is not None and self._was_used else None

    async def _save_soon(self) -> None:
        await asyncio.sleep(SAVE_DELAY_S)
        self._take()
        await asyncio.to_thread(self._write)

    def _take(self) -> None:
        if self._draft is not None:  # the former one is in the screen
            self._draft = self._current()
            self._was_used = self._was_used or not self._draft.is_empty

    def _write(self) -> None:
        with self._lock:  # so the last writer has the newest draft
            if self._path and self._draft is not None and self._was_used:
                self._draft.write(self._path)
