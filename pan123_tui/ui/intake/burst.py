"""A paste without brackets: keys that come faster than anybody types, and begin a link."""

import re

from pan123_tui.ui.intake.sorter import Keys, Pasted

HOLD_S = 0.05
"""A person needs longer from one key to the next."""
QUIET_S = 0.3
"""A paste is over when nothing has come for so long; a line over SSH comes in pieces."""
_LINK = re.compile(r"(?:https?|thunder)://", re.IGNORECASE)
_SCHEMES = ("http://", "https://", "thunder://")
_LONGEST_SCHEME = max(map(len, _SCHEMES))
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class BurstDetector:
    """Holds back what may begin a link for a moment, and collects the burst that follows.

    Only the letters of `http`, `https` and `thunder` are ever held, and only while each follows
    the one before at once; every other key goes on in the same instant.
    """

    def __init__(self) -> None:
        self._held = ""
        self._burst: list[str] = []
        self._heard_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether something is held back."""
        return bool(self._held or self._burst)

    def feed(self, text: str, now: float) -> list[Keys | Pasted]:
        """Give what `text`, which came at `now` (monotonic seconds), settles."""
        settled = self.tick(now)
        self._heard_at = now
        if self._burst:
            return settled + self._collect(text)
        text, self._held = self._held + text, ""
        stop = _NOT_TEXT.search(text)
        end = stop.start() if stop else len(text)
        if _LINK.search(text, 0, end):
            return settled + self._collect(text)
        if stop is None:
            end -= _beginning_at_end(text)
            self._held = text[end:]
            return [*settled, *_keys(text[:end])]
        return [*settled, *_keys(text)]

    def tick(self, now: float) -> list[Keys | Pasted]:
        """Give what has waited long enough."""
        silence_s = now - self._heard_at
        if self._burst and silence_s >= QUIET_S:
            return self.flush()
        if self._held and silence_s >= HOLD_S:
            return self.flush()
        return []

    def flush(self) -> list[Keys | Pasted]:
        """Give everything that is held back."""
        held, self._held = self._held, ""
        burst = "".join(self._burst)
        self._burst.clear()
        return [*_keys(held), *([Pasted(burst)] if burst else [])]

    def _collect(self, text: str) -> list[Keys | Pasted]:
        """Add `text` to the burst, up to a key that is no text."""
        stop = _NOT_TEXT.search(text)
        if stop is None:
            self._burst.append(text)
            return []
        self._burst.append(text[: stop.start()])
        return [*self.flush(), *_keys(text[stop.start() :])]


def _keys(text: str) -> list[Keys | Pasted]:
    return [Keys(text)] if text else []


def _beginning_at_end(text: str) -> int:
    """Tell how many letters at the end of `text` may begin a link."""
    tail = text[-_LONGEST_SCHEME:].lower()
    longest = range(min(len(tail), _LONGEST_SCHEME - 1), 0, -1)
    return next((n for n in longest if any(scheme.startswith(tail[-n:]) for scheme in _SCHEMES)), 0)
