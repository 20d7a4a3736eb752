"""The text from the terminal, sorted into keys, bracketed pastes, and replies to our questions.

Textual's own parser turns a reply that it does not know into key presses, which fire bindings,
and reads a paste letter by letter, which takes seconds for megabytes: so both are taken out
before it sees them.
"""

import re
from collections.abc import Generator, Iterator
from enum import StrEnum

from msgspec import Struct

HOLD_S = 0.03
"""How long the beginning of what may be a sequence waits for the rest of it."""
SILENCE_S = 2.0
"""A paste or a reply without an end is over when nothing has come for so long."""
MAX_REPLY_CHARS = 16_000_000
PASTE_END = "\x1b[201~"
_BEGIN = re.compile(
    r"\x1b(?:(?P<paste>\[200~)|\](?P<osc>(?=\d))|P(?P<dcs>(?=[>01!]))|\[(?P<device>[?>][\d;]*)c)"
)
_MAYBE_BEGIN = re.compile(r"\x1b(?:\[(?:2(?:00?)?|[?>][\d;]*)?|\]|P)?\Z")
_STRING_END = re.compile(r"\x07|\x1b\\|\x9c")


class ReplyKind(StrEnum):
    """What a terminal's reply comes as."""

    OSC = "osc"
    DCS = "dcs"
    DEVICE = "device"
    """The device attributes, `CSI ? … c`: every terminal gives them."""


class Keys(Struct, frozen=True):
    """Text that was typed, or stands for keys or the mouse."""

    text: str


class Pasted(Struct, frozen=True):
    """A whole paste."""

    text: str


class Replied(Struct, frozen=True):
    """A reply of the terminal, without its beginning and its end."""

    kind: ReplyKind
    body: str


Item = Keys | Pasted | Replied
_Rest = Generator[Item, None, str]
"""Items, and then the text that is still to be sorted."""


class InputSorter:
    """Sorts the text as it comes; sequences may arrive in pieces. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._held = ""
        self._parts: list[str] = []
        self._inside: ReplyKind | None = None
        self._is_pasting = False
        self._heard_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether something has begun that has not ended."""
        return bool(self._held) or self._is_inside

    def feed(self, text: str, now: float) -> list[Item]:
        """Give what is complete with `text`, which came at `now`."""
        self._heard_at = now
        return list(self._sort(self._take_held() + text))

    def tick(self, now: float) -> list[Item]:
        """Give what has waited too long for its rest."""
        silence_s = now - self._heard_at
        if self._is_inside:
            return list(self._give_up()) if silence_s >= SILENCE_S else []
        if self._held and silence_s >= HOLD_S:
            return [Keys(self._take_held())]
        return []

    @property
    def _is_inside(self) -> bool:
        return self._is_pasting or self._inside is not None

    def _take_held(self) -> str:
        held, self._held = self._held, ""
        return held

    def _sort(self, text: str) -> Iterator[Item]:
        while text:
            if self._is_pasting:
                text = yield from self._sort_paste(text)
            elif self._inside is not None:
                text = yield from self._sort_string(self._inside, text)
            else:
                text = yield from self._sort_keys(text)

    def _sort_keys(self, text: str) -> _Rest:
        match = _BEGIN.search(text)
        if match is None:
            maybe = _MAYBE_BEGIN.search(text)
            end = maybe.start() if maybe else len(text)
            self._held = text[end:]
            if end:
                yield Keys(text[:end])
            return ""
        if match.start():
            yield Keys(text[: match.start()])
        if match["paste"]:
            self._is_pasting = True
        elif match["device"] is not None:
            yield Replied(ReplyKind.DEVICE, match["device"])
        else:
            self._inside = ReplyKind.DCS if match["osc"] is None else ReplyKind.OSC
        return text[match.end() :]

    def _sort_paste(self, text: str) -> _Rest:
        end = text.find(PASTE_END)
        if end < 0:
            self._keep(text, _unfinished(text, PASTE_END))
            return ""
        pasted = self._finish(text[:end])
        yield Pasted(pasted.replace("\x00", ""))
        return text[end + len(PASTE_END) :]

    def _sort_string(self, kind: ReplyKind, text: str) -> _Rest:
        match = _STRING_END.search(text)
        if match is None:
            self._keep(text, 1 if text.endswith("\x1b") else 0)
            return ""
        body = self._finish(text[: match.start()])
        if len(body) <= MAX_REPLY_CHARS:
            yield Replied(kind, body)
        return text[match.end() :]

    def _keep(self, text: str, held: int) -> None:
        """Keep `text`, whose last `held` letters may belong to the end."""
        cut = len(text) - held
        self._held = text[cut:]
        self._parts.append(text[:cut])

    def _finish(self, text: str) -> str:
        self._parts.append(text)
        whole = "".join(self._parts)
        self._parts.clear()
        self._is_pasting, self._inside = False, None
        return whole

    def _give_up(self) -> Iterator[Item]:
        """End what has no end: a paste is worth having even so, a reply is not."""
        is_paste = self._is_pasting
        text = self._finish(self._take_held())
        if is_paste and text:
            yield Pasted(text.replace("\x00", ""))


def _unfinished(text: str, mark: str) -> int:
    """Tell how many letters at the end of `text` may be the beginning of `mark`."""
    return next((n for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), 0)
