"""Split the bytes of the terminal into keys, pastes and replies.

Times are monotonic seconds.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterator
from enum import StrEnum

from msgspec import Struct
from textual.constants import ESCAPE_DELAY

from pan123_tui.domain.sanitize import REPLACEMENT, is_probably_gbk

CHARACTER_TIMEOUT_S = 0.1
"""Longest wait for the remaining bytes of a character."""
SEQUENCE_TIMEOUT_S = ESCAPE_DELAY
"""Longest wait for the rest of an escape sequence; a user sets it with ESCDELAY."""
UNFINISHED_TIMEOUT_S = 2.0
"""A paste or a reply that lacks its end mark is closed after this much silence."""
LINK_START_TIMEOUT_S = 0.05
"""Longest gap between the keys of an unbracketed paste; people type more slowly."""
_TOO_QUICK_FOR_HANDS = 4
"""So many letters without such a gap are from a paste."""
PASTE_IDLE_S = 0.3
"""An unbracketed paste ends after this much silence, because SSH delivers it in pieces."""
MAX_REPLY_CHARS = 16_000_000
ESC = "\x1b"
PASTE_END = "\x1b[201~"
_GBK_PARTS = re.compile(
    rb"(?P<pairs>(?:[\x81-\xfe][\x80-\xfe])+)|(?P<ascii>[\x00-\x7f]+)|(?P<bad>.)", re.DOTALL
)
_START = re.compile(
    r"\x1b(?:(?P<paste>\[200~)|\](?P<osc>(?=\d))|P(?P<dcs>(?=[>01!]))|\[(?P<device>[?>][\d;]*)c)"
)
_UNFINISHED = re.compile(
    r"\x1b(?:\[(?:\[|M.{0,2}|[0-?]{0,256}[ -/]{0,4})?|\]|P|O[\d;]{0,8})?\Z", re.DOTALL
)
"""The part of a sequence at the end of a read: CSI, SS3, OSC, DCS, or ESC alone."""
_SEQUENCE_INTRODUCERS = "[]PO"
_ALT_INTRODUCER = re.compile(r"\x1b(?:P(?=[^>01!])|\](?=\D))", re.DOTALL)
"""Alt and P or ], which begin no reply; Textual would wait for the end of one."""
_STRING_END = re.compile(r"\x07|\x1b\\|\x9c")
_LINK = re.compile(r"(?:https?|thunder)://", re.IGNORECASE)
_SCHEMES = ("http://", "https://", "thunder://")
_LONGEST_SCHEME = max(map(len, _SCHEMES))
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class ReplyKind(StrEnum):
    """The type of control sequence that a terminal replies with."""

    OSC = "osc"
    DCS = "dcs"
    DEVICE = "device"
    """Device attributes, `CSI ? … c`, which every terminal sends on request."""


class KeyInput(Struct, frozen=True):
    """Typed text, or whole sequences of keys and mouse events."""

    text: str


class PasteInput(Struct, frozen=True):
    """A whole paste."""

    text: str


class TerminalReply(Struct, frozen=True):
    """A reply of the terminal, without its introducer and terminator."""

    kind: ReplyKind
    body: str


Item = KeyInput | PasteInput | TerminalReply
_Remaining = Generator[Item, None, str]
"""Yields items and returns the text that is still to be tokenized."""


class InputPipeline:
    """Decodes, tokenizes and detects pastes; items keep the order of their arrival."""

    def __init__(self) -> None:
        self._decoder = TolerantDecoder()
        self._tokenizer = InputTokenizer()
        self._paste_detector = UnbracketedPasteDetector()
        self._last_input_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether `tick` must be called although nothing arrives."""
        stages = (self._decoder, self._tokenizer, self._paste_detector)
        return any(stage.is_waiting for stage in stages)

    def feed(self, data: bytes, now: float) -> list[Item]:
        """Return the items that `data`, received at `now`, completes."""
        self._last_input_at = now
        text = self._decoder.decode(data)
        return self._detect_pastes(self._tokenizer.feed(text, now), now) if text else []

    def tick(self, now: float) -> list[Item]:
        """Return the items whose time-out is over at `now`."""
        items: list[Item] = []
        if self._decoder.is_waiting and now - self._last_input_at >= CHARACTER_TIMEOUT_S:
            items += self._tokenizer.feed(self._decoder.flush(), now)
        items += self._tokenizer.tick(now)
        return [*self._detect_pastes(items, now), *self._paste_detector.tick(now)]

    def _detect_pastes(self, items: list[Item], now: float) -> list[Item]:
        detected: list[Item] = []
        for item in items:
            if isinstance(item, KeyInput):
                detected += self._paste_detector.feed(item.text, now)
            else:
                detected += [*self._paste_detector.flush(), item]
        return detected


class TolerantDecoder:
    """Decodes UTF-8, or GBK where most of a read is not UTF-8.

    No byte raises, and ASCII bytes are never swallowed, so links stay intact.
    """

    def __init__(self) -> None:
        self._pending = b""

    @property
    def is_waiting(self) -> bool:
        """Whether a character is incomplete."""
        return bool(self._pending)

    def decode(self, data: bytes) -> str:
        """Return the text of `data` without an incomplete last character."""
        data = self._pending + data
        self._pending = b""
        decoder = getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(data)
        if is_probably_gbk(text):
            return self._decode_gbk(data)
        self._pending = decoder.getstate()[0]
        return text

    def flush(self) -> str:
        """Return a replacement for the incomplete character, if there is one."""
        is_incomplete, self._pending = self.is_waiting, b""
        return REPLACEMENT if is_incomplete else ""

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
                parts.append(REPLACEMENT)
        return "".join(parts)


class InputTokenizer:
    """Separates keys, bracketed pastes and replies, which may arrive in pieces.

    A terminal writes the bytes of one key at once. So ESC followed by a character in the same
    read is Alt and that character; in a later read they are two keys, unless they begin a
    sequence that a slow line has split.
    """

    def __init__(self) -> None:
        self._held = ""
        self._is_split_after_escape = False
        self._parts: list[str] = []
        self._reply_kind: ReplyKind | None = None
        self._is_pasting = False
        self._last_input_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether a sequence, a paste or a reply is incomplete."""
        return bool(self._held) or self._is_inside

    def feed(self, text: str, now: float) -> list[Item]:
        """Return the items that `text`, received at `now`, completes."""
        self._last_input_at = now
        held = self._take_held()
        if not self._is_inside and len(held) == 2 and _ALT_INTRODUCER.match(held + text):
            return [*self._held_keys(held), *self._tokenize(text)]
        self._is_split_after_escape = held == ESC and not self._is_inside
        if self._is_split_after_escape and text[:1] not in _SEQUENCE_INTRODUCERS:
            return [KeyInput(held), *self._tokenize(text)]
        return list(self._tokenize(held + text))

    def tick(self, now: float) -> list[Item]:
        """Return the items whose time-out is over at `now`."""
        silence_s = now - self._last_input_at
        if self._is_inside:
            return list(self._close_unfinished()) if silence_s >= UNFINISHED_TIMEOUT_S else []
        if not self._held or silence_s < SEQUENCE_TIMEOUT_S:
            return []
        return self._held_keys(self._take_held())

    def _held_keys(self, held: str) -> list[Item]:
        """Return the keys of a `held` sequence that has not gone on."""
        if self._is_split_after_escape and len(held) == 2:
            return [KeyInput(held[0]), KeyInput(held[1])]
        return [KeyInput(held)]

    @property
    def _is_inside(self) -> bool:
        return self._is_pasting or self._reply_kind is not None

    def _take_held(self) -> str:
        held, self._held = self._held, ""
        return held

    def _tokenize(self, text: str) -> Iterator[Item]:
        while text:
            if self._is_pasting:
                text = yield from self._tokenize_paste(text)
            elif self._reply_kind is not None:
                text = yield from self._tokenize_reply(self._reply_kind, text)
            else:
                text = yield from self._tokenize_keys(text)

    def _tokenize_keys(self, text: str) -> _Remaining:
        match = _START.search(text)
        alt = _ALT_INTRODUCER.search(text)
        if alt and (match is None or alt.start() < match.start()):
            yield KeyInput(text[: alt.end()])
            return text[alt.end() :]
        if match is None:
            unfinished = _UNFINISHED.search(text)
            end = unfinished.start() if unfinished else len(text)
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
            self._reply_kind = ReplyKind.DCS if match["osc"] is None else ReplyKind.OSC
        return text[match.end() :]

    def _tokenize_paste(self, text: str) -> _Remaining:
        end = text.find(PASTE_END)
        if end < 0:
            self._append(text, _prefix_length_at_end(text, (PASTE_END,)))
            return ""
        yield PasteInput(self._finish(text[:end]).replace("\x00", ""))
        return text[end + len(PASTE_END) :]

    def _tokenize_reply(self, kind: ReplyKind, text: str) -> _Remaining:
        match = _STRING_END.search(text)
        if match is None:
            self._append(text, 1 if text.endswith(ESC) else 0)
            return ""
        body = self._finish(text[: match.start()])
        if len(body) <= MAX_REPLY_CHARS:
            yield TerminalReply(kind, body)
        return text[match.end() :]

    def _append(self, text: str, held: int) -> None:
        """Store `text` and hold back its last `held` characters, which may belong to the end."""
        cut = len(text) - held
        self._held = text[cut:]
        self._parts.append(text[:cut])

    def _finish(self, text: str) -> str:
        self._parts.append(text)
        whole = "".join(self._parts)
        self._parts.clear()
        self._is_pasting, self._reply_kind = False, None
        return whole

    def _close_unfinished(self) -> Iterator[Item]:
        """Yield an unfinished paste; drop an unfinished reply."""
        is_paste = self._is_pasting
        text = self._finish(self._take_held())
        if is_paste and text:
            yield PasteInput(text.replace("\x00", ""))


class UnbracketedPasteDetector:
    """Turns a burst of keys that contains a link into a paste.

    Only the letters of `http`, `https` and `thunder` are delayed, and only while each follows
    the one before within `LINK_START_TIMEOUT_S`; all other keys pass at once.
    """

    def __init__(self) -> None:
        self._held = ""
        self._burst: list[str] = []
        self._last_input_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether any text is held back."""
        return bool(self._held or self._burst)

    def feed(self, text: str, now: float) -> list[KeyInput | PasteInput]:
        """Return the items that `text`, received at `now`, completes.

        However late that is: only `tick` knows that nothing arrived, not a reader that was slow.
        """
        self._last_input_at = now
        if self._burst:
            return self._extend_burst(text)
        text, self._held = self._held + text, ""
        stop = _NOT_TEXT.search(text)
        end = stop.start() if stop else len(text)
        if _LINK.search(text, 0, end):
            return self._extend_burst(text)
        if stop is None:
            end -= _prefix_length_at_end(text[-_LONGEST_SCHEME:].lower(), _SCHEMES)
            self._held = text[end:]
            return _keys(text[:end])
        return _keys(text)

    def tick(self, now: float) -> list[KeyInput | PasteInput]:
        """Return the items whose time-out is over at `now`."""
        is_paste = self._burst or len(self._held) >= _TOO_QUICK_FOR_HANDS
        timeout_s = PASTE_IDLE_S if is_paste else LINK_START_TIMEOUT_S
        is_over = self.is_waiting and now - self._last_input_at >= timeout_s
        return self.flush() if is_over else []

    def flush(self) -> list[KeyInput | PasteInput]:
        """Return everything that is held back."""
        held, self._held = self._held, ""
        burst = "".join(self._burst)
        self._burst.clear()
        return [*_keys(held), *([PasteInput(burst)] if burst else [])]

    def _extend_burst(self, text: str) -> list[KeyInput | PasteInput]:
        """Add `text` to the burst, up to a key that is not text."""
        stop = _NOT_TEXT.search(text)
        if stop is None:
            self._burst.append(text)
            return []
        self._burst.append(text[: stop.start()])
        return [*self.flush(), *_keys(text[stop.start() :])]


def _keys(text: str) -> list[KeyInput | PasteInput]:
    return [KeyInput(text)] if text else []


def _prefix_length_at_end(text: str, marks: tuple[str, ...]) -> int:
    """Return how many characters at the end of `text` may begin one of `marks`."""
    longest = min(len(text), max(map(len, marks)) - 1)
    return next(
        (n for n in range(longest, 0, -1) if any(mark.startswith(text[-n:]) for mark in marks)), 0
    )
