"""What has ended since a screen was last looked at, said until the user has read it."""

from collections import Counter
from math import inf

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.query import View
from pan123_tui.domain.task import Shown, count_ended
from pan123_tui.i18n import _, key_of
from pan123_tui.wording.notes import outcome_text, since_text

READ_S = 60.0
"""How long it is still said while the user works."""


class EndedSince:
    """How many tasks have ended since `left_at`, in Unix seconds; 0: that does not matter."""

    def __init__(self, left_at: float) -> None:
        self._left_at = left_at
        self._read_by = inf
        """When it has been read: a minute after the first key."""
        self._ended: Counter[Shown] | None = None
        """The number for each word, once all tasks are known."""

    @property
    def action_id(self) -> str:
        """The action that shows what has ended, or the worst of it."""
        is_bad = self._ended and (self._ended[Shown.FAILED] or self._ended[Shown.UNSURE])
        return f"view.show_{View.TROUBLE if is_bad else View.DONE}"

    def begin_to_read(self, now: float) -> None:
        """Say it for a minute more: the user is here."""
        self._read_by = min(self._read_by, now + READ_S)

    def follow(self, action_id: str) -> bool:
        """Say it no more if an action shows it, or clears the screen; return whether one does."""
        if is_read := action_id in ("view.back", self.action_id):
            self._left_at = 0.0
        return is_read

    def texts(self, model: TaskModel, now: float) -> tuple[str, ...]:
        """Return what is to be said, ever shorter; nothing if all has been read."""
        is_known = model.is_loaded and model.is_complete
        if not (self._left_at and now < self._read_by and is_known):
            return ()
        if self._ended is None:
            self._ended = count_ended(model.tasks.values(), since=self._left_at)
        if not self._ended:
            return ()
        key = key_of(self.action_id)
        shows = _("press {key} to see").format(key=key)
        full = since_text(self._left_at, self._ended, now=now)
        short = outcome_text(self._ended)
        return f"{full} · {shows}", f"{full} · {key}", f"{short} · {key}", short
