"""The draft of the review, saved soon after each change."""

import asyncio
from pathlib import Path
from threading import Lock

from textual.widget import Widget

from pan123_tui.config.state_files import Draft, DraftFile
from pan123_tui.ui.alarms import call_after

SAVE_DELAY_S = 0.5
"""Pause after the last change before the draft is saved."""


class DraftKeeper:
    """Saves the newest draft of one screen in a thread."""

    def __init__(self, path: Path | None, screen: Widget) -> None:
        """Without `path` nothing is saved."""
        self._file = DraftFile(path) if path else None
        self._screen = screen
        self._draft: Draft | None = None
        self._was_used = False
        """Whether there was ever something to save: else another screen's draft stays."""
        self._timer: asyncio.TimerHandle | None = None
        self._lock = Lock()

    def read(self) -> Draft:
        """Return the draft of an earlier time, an empty one if there is none."""
        return self._file.read() if self._file else Draft()

    def take(self, draft: Draft) -> None:
        """Save `draft` at the next time, or at the end."""
        self._draft = draft
        self._was_used = self._was_used or bool(draft.rows or draft.text.strip())

    def keep(self, draft: Draft) -> None:
        """Save `draft` after a pause without changes."""
        self.take(draft)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = call_after(self._screen, SAVE_DELAY_S, self._start_writing)

    def close(self) -> None:
        """Save the last draft; a late thread must not replace that of the next screen."""
        self._write()
        self._file = None

    def _start_writing(self) -> None:
        self._screen.run_worker(self._write, thread=True, group="save-draft")

    def _write(self) -> None:
        with self._lock:  # so the last to write has the newest
            if self._file and self._draft is not None and self._was_used:
                self._file.write(self._draft)
