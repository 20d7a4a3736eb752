"""All that comes in, from the bytes of the terminal to keys, pastes and replies."""

import re
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterator
from enum import StrEnum

from msgspec import Struct

MAX_PENDING_S = 0.1
"""How long the rest of a character may be in coming."""
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_GBK_PARTS = re.compile(
    rb"(?P<pairs>(?:[\x81-\xfe][\x80-\xfe])+)|(?P<ascii>[\x00-\x7f]+)|(?P<bad>.)", re.DOTALL
)


class TolerantDecoder:
    """Decodes what has arrived so far; what is no UTF-8 is read as GBK if it looks like it.

    No byte ever raises, and none of ASCII is ever swallowed: the links stay what they are.
    """

    def __init__(self) -> None:
        self._pending = b""

    @property
    def is_waiting(self) -> bool:
        """Whether the beginning of a character waits for its rest."""
        return bool(self._pending)

    def decode(self, data: bytes) -> str:
        """Give the text of `data`, less a character that has not wholly arrived."""
        data = self._pending + data
        self._pending = b""
        decoder = getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(data)
        if _is_rather_gbk(text):
            return self._decode_gbk(data)
        self._pending = decoder.getstate()[0]
        return text

    def flush(self) -> str:
        """Give up waiting for the rest of a character."""
        is_cut, self._pending = self.is_waiting, b""
        return _UNKNOWN if is_cut else ""

    def _decode_gbk(self, data: bytes) -> str:
        parts = []
        for match in _GBK_PARTS.finditer(data):
            if match["ascii"]:
                parts.append(match["ascii"].decode("ascii"))
            elif match["pairs"]:
                parts.append(match["pairs"].decode("gb18030", "replace"))
            elif match.end() == len(data):
                self._pending = match["bad"]
            else:
                parts.append(_UNKNOWN)
        return "".join(parts)


def _is_rather_gbk(text: str) -> bool:
    """Tell whether more of `text` could not be decoded than could, ASCII aside."""
    unknown = text.count(_UNKNOWN)
    if unknown < 2:
        return False
    known = sum(1 for character in text if character >= "\x80") - unknown
    return unknown > known


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


class KeyInput(Struct, frozen=True):
    """Text that was typed, or stands for keys or the mouse."""

    text: str


class PasteInput(Struct, frozen=True):
    """A whole paste."""

    text: str


class TerminalReply(Struct, frozen=True):
    """A reply of the terminal, without its beginning and its end."""

    kind: ReplyKind
    body: str


Item = KeyInput | PasteInput | TerminalReply
_Rest = Generator[Item, None, str]
"""Items, and then the text that is still to be sorted."""


class InputTokenizer:
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
        return list(self._tokenize(self._take_held() + text))

    def tick(self, now: float) -> list[Item]:
        """Give what has waited too long for its rest."""
        silence_s = now - self._heard_at
        if self._is_inside:
            return list(self._give_up()) if silence_s >= SILENCE_S else []
        if self._held and silence_s >= HOLD_S:
            return [KeyInput(self._take_held())]
        return []

    @property
    def _is_inside(self) -> bool:
        return self._is_pasting or self._inside is not None

    def _take_held(self) -> str:
        held, self._held = self._held, ""
        return held

    def _tokenize(self, text: str) -> Iterator[Item]:
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
                yield KeyInput(text[:end])
            return ""
        if match.start():
            yield KeyInput(text[: match.start()])
        if match["paste"]:
            self._is_pasting = True
        elif match["device"] is not None:
            yield TerminalReply(ReplyKind.DEVICE, match["device"])
        else:
            self._inside = ReplyKind.DCS if match["osc"] is None else ReplyKind.OSC
        return text[match.end() :]

    def _sort_paste(self, text: str) -> _Rest:
        end = text.find(PASTE_END)
        if end < 0:
            self._keep(text, _unfinished(text, PASTE_END))
            return ""
        pasted = self._finish(text[:end])
        yield PasteInput(pasted.replace("\x00", ""))
        return text[end + len(PASTE_END) :]

    def _sort_string(self, kind: ReplyKind, text: str) -> _Rest:
        match = _STRING_END.search(text)
        if match is None:
            self._keep(text, 1 if text.endswith("\x1b") else 0)
            return ""
        body = self._finish(text[: match.start()])
        if len(body) <= MAX_REPLY_CHARS:
            yield TerminalReply(kind, body)
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
            yield PasteInput(text.replace("\x00", ""))


def _unfinished(text: str, mark: str) -> int:
    """Tell how many letters at the end of `text` may be the beginning of `mark`."""
    return next((n for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), 0)


BURST_HOLD_S = 0.05
"""A person needs longer from one key to the next."""
BURST_QUIET_S = 0.3
"""A paste is over when nothing has come for so long; a line over SSH comes in pieces."""
_LINK = re.compile(r"(?:https?|thunder)://", re.IGNORECASE)
_SCHEMES = ("http://", "https://", "thunder://")
_LONGEST_SCHEME = max(map(len, _SCHEMES))
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class UnbracketedPasteDetector:
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

    def feed(self, text: str, now: float) -> list[KeyInput | PasteInput]:
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

    def tick(self, now: float) -> list[KeyInput | PasteInput]:
        """Give what has waited long enough."""
        silence_s = now - self._heard_at
        if self._burst and silence_s >= BURST_QUIET_S:
            return self.flush()
        if self._held and silence_s >= BURST_HOLD_S:
            return self.flush()
        return []

    def flush(self) -> list[KeyInput | PasteInput]:
        """Give everything that is held back."""
        held, self._held = self._held, ""
        burst = "".join(self._burst)
        self._burst.clear()
        return [*_keys(held), *([PasteInput(burst)] if burst else [])]

    def _collect(self, text: str) -> list[KeyInput | PasteInput]:
        """Add `text` to the burst, up to a key that is no text."""
        stop = _NOT_TEXT.search(text)
        if stop is None:
            self._burst.append(text)
            return []
        self._burst.append(text[: stop.start()])
        return [*self.flush(), *_keys(text[stop.start() :])]


def _keys(text: str) -> list[KeyInput | PasteInput]:
    return [KeyInput(text)] if text else []


def _beginning_at_end(text: str) -> int:
    """Tell how many letters at the end of `text` may begin a link."""
    tail = text[-_LONGEST_SCHEME:].lower()
    longest = range(min(len(tail), _LONGEST_SCHEME - 1), 0, -1)
    return next((n for n in longest if any(scheme.startswith(tail[-n:]) for scheme in _SCHEMES)), 0)


class InputPipeline:
    """Gives the items of what has arrived; times are monotonic seconds."""

    def __init__(self) -> None:
        self._decoder = TolerantDecoder()
        self._sorter = InputTokenizer()
        self._bursts = UnbracketedPasteDetector()
        self._heard_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether `tick` should be called soon, though nothing arrives."""
        return self._decoder.is_waiting or self._sorter.is_waiting or self._bursts.is_waiting

    def feed(self, data: bytes, now: float) -> list[Item]:
        """Take `data`, which arrived at `now`."""
        self._heard_at = now
        text = self._decoder.decode(data)
        return self._gathered(self._sorter.feed(text, now), now) if text else []

    def tick(self, now: float) -> list[Item]:
        """Give what has waited long enough for its rest."""
        items: list[Item] = []
        if self._decoder.is_waiting and now - self._heard_at >= MAX_PENDING_S:
            items += self._sorter.feed(self._decoder.flush(), now)
        items += self._sorter.tick(now)
        return [*self._gathered(items, now), *self._bursts.tick(now)]

    def _gathered(self, items: list[Item], now: float) -> list[Item]:
        """Collect bursts among the keys, and keep everything in its order."""
        gathered: list[Item] = []
        for item in items:
            if isinstance(item, KeyInput):
                gathered += self._bursts.feed(item.text, now)
            else:
                gathered += [*self._bursts.flush(), item]
        return gathered
