"""The draft of the review: a value in memory, saved soon after each change."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self

import msgspec
from msgspec import Struct, field
from textual.app import App

from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.system.private_files import write_private

SAVE_DELAY_S = 0.5
_ADDRESS = re.compile(r"\w+://[^\s，、；]+")


class Draft(Struct, frozen=True):
    text: str = ""
    """The typed text that is not in a row yet."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The values of the fields for all links, by their ids."""
    rows: tuple[ReviewRow, ...] = ()

    @property
    def count(self) -> int:
        """How many links are to be queued or looked at; of a text not yet read, roughly."""
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
    """Holds the draft, and saves it soon after each change, in case of a crash."""

    def __init__(self, app: App[Any], path: Path, on_count: Callable[[int], object]) -> None:
        """`on_count` gets the number of links in the draft whenever that is read or changed."""
        self._app = app
        self._path = path
        self._on_count = on_count
        self._draft = self._saved = Draft()
        self._lock = Lock()

    def read(self) -> Draft:
        """Return the draft; if all of it was saved, another program may have saved one since."""
        if self._draft == self._saved:
            self._draft = self._saved = Draft.read(self._path)
        self._on_count(self._draft.count)
        return self._draft

    def keep(self, draft: Draft) -> None:
        if draft != self._draft:
            self._draft = draft
            self._on_count(draft.count)
            save: Callable[[], Awaitable[None]] = self._save_soon
            self._app.run_worker(save, group="save-draft", exclusive=True)

    async def _save_soon(self) -> None:
        await asyncio.sleep(SAVE_DELAY_S)
        await asyncio.to_thread(self.save)

    def save(self) -> None:
        with self._lock:
            draft = self._draft
            if draft != self._saved and draft.write(self._path):
                self._saved = draft
