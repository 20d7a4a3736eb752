"""Cuts what the terminal sends into whole sequences, which Textual's parser names."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence

from textual import events
from textual.constants import ESCAPE_DELAY
from textual.message import Message

from pan123_tui.terminal.textual_private import KeyParser

SEQUENCE_TIMEOUT_S = ESCAPE_DELAY
"""Longest wait for the rest of an escape sequence; ESCDELAY sets it."""
UNFINISHED_TIMEOUT_S = 2.0
"""A paste or a reply that lacks its end mark is closed after this much silence."""
LINK_START_TIMEOUT_S = 0.05
"""Longest gap between the keys of an unbracketed paste; people type more slowly."""
_TOO_QUICK_FOR_HANDS = 4
"""This many letters without such a gap are from a paste."""
PASTE_IDLE_S = 0.3
"""An unbracketed paste ends after this much silence, because SSH delivers it in pieces."""
ESC = "\x1b"
_PASTE, _OSC, _DCS = "\x1b[200~", "\x1b]", "\x1bP"
_STRING = re.compile(r"\x1b\[200~|\x1b\](?=\d)|\x1bP(?=[>01!])")
"""The beginning of a paste or a reply, which has an end mark."""
_REPLY_END = re.compile(r"\x07|\x1b\\|\x9c")
_END = {_PASTE: re.compile(r"\x1b\[201~"), _OSC: _REPLY_END, _DCS: _REPLY_END}
_TOKEN = re.compile(
    r"(?P<device>\x1b\[[?>][\d;]*c)"
    r"|(?P<text>[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+)"
    # CSI, SS3, Alt and a character, Escape, or a control character
    r"|\x1b(?:\[(?:M.{0,3}|\[.?|[0-?]*[ -/]*[@-~]?)|O[\d;]*.?|[^\[O\x1b])?|.",
    re.DOTALL,
)
_UNFINISHED = re.compile(
    r"\x1b(?:\[(?:\[|M.{0,2}|[0-?]{0,256}[ -/]{0,4})?|\]|P|O[\d;]{0,8})?\Z", re.DOTALL
)
"""The part of a sequence at the end of a read: CSI, SS3, OSC, DCS, or ESC alone."""
_INTRODUCERS = ("", "[", "]", "P", "O")
_LONGEST_SEQUENCE = 32
"""Textual's parser types longer ones as text."""
_KEYPAD_KEYS = ("decimal", "divide", "multiply", "subtract", "add", "equal", "separator")
_KEYPAD_SIGNS = dict(zip(_KEYPAD_KEYS, "./*-+=,", strict=True))
"""The keys of the keypad in kitty's protocol, whose names no binding has."""


class TerminalReply(Message):
    """The terminal has told its device attributes, which every terminal does on request."""


class InputParser:
    """Turns the bytes of the terminal into messages, in their order and however they are split.

    A terminal writes the bytes of one key at once. So ESC followed by a character in the same
    read is Alt and that character; in a later read they are two keys, unless they may begin a
    sequence that a slow line has split.
    """

    def __init__(self, link_starts: Sequence[str], *, joins_escape: bool = False) -> None:
        """`link_starts` are the beginnings of links, by which a paste is told from typing.

        `joins_escape`: Escape and the next key come at once, as from GNU screen within 0.3 s and
        from tmux before 3.5 within 0.5 s. Then these are two keys.
        """
        self._joins_escape = joins_escape
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._paste_detector = UnbracketedPasteDetector(link_starts)
        self._names = KeyParser()
        self._held = ""
        """The beginning of a sequence, a paste or a reply whose rest is awaited."""
        self._last_input_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether `tick` must be called although nothing arrives."""
        return bool(self._held) or self._paste_detector.is_waiting

    def feed(self, data: bytes, now: float) -> list[Message]:
        """Return the messages that `data`, received at `now` (monotonic seconds), completes."""
        self._last_input_at = now
        text = self._decoder.decode(data)
        held, self._held = self._held, ""
        if held == ESC and text[:1] not in _INTRODUCERS:
            return [*self._keys(ESC), *self._parse(text)]
        return list(self._parse(held + text))

    def tick(self, now: float) -> list[Message]:
        """Return the messages whose time-out is over at `now`."""
        silence_s = now - self._last_input_at
        messages: list[Message] = []
        opening = _STRING.match(self._held)
        if self._held and silence_s >= (UNFINISHED_TIMEOUT_S if opening else SEQUENCE_TIMEOUT_S):
            held, self._held = self._held, ""
            if opening is None:
                messages += self._keys(held)
            elif opening[0] == _PASTE:
                messages.append(_paste(held.removeprefix(_PASTE)))
        return [*messages, *self._typed(self._paste_detector.tick(silence_s))]

    def _parse(self, text: str) -> Iterator[Message]:
        """Yield what is complete, and hold the rest."""
        at = 0
        while at < len(text):
            if opening := _STRING.match(text, at):
                yield from self._typed(self._paste_detector.flush())
                end = _END[opening[0]].search(text, opening.end())
                if end is None:
                    self._held = text[at:]
                    return
                if opening[0] == _PASTE:  # of replies nothing is read
                    yield _paste(text[opening.end() : end.start()])
                at = end.end()
                continue
            if _UNFINISHED.match(text, at):
                self._held = text[at:]
                return
            if (token := _TOKEN.match(text, at)) is None:
                raise AssertionError("each character begins a token")
            at = token.end()
            if token["text"]:
                yield from self._typed(self._paste_detector.feed(token["text"]))
                continue
            yield from self._typed(self._paste_detector.flush())
            if token["device"]:
                yield TerminalReply()
            else:
                yield from self._keys(token[0])

    def _typed(self, items: list[str | events.Paste]) -> Iterator[Message]:
        for item in items:
            if isinstance(item, str):
                # Before the program has set it up, a terminal turns Enter into a line feed.
                yield from self._names.feed(item.replace("\n", "\r"))
            else:
                yield item

    def _keys(self, sequence: str) -> Iterator[Message]:
        """Yield the keys of a whole sequence, or of one whose rest never came."""
        if sequence == ESC:
            yield events.Key("escape", ESC)
        elif sequence[:1] == ESC and len(sequence) == 2 and sequence[1].isprintable():
            if self._joins_escape:
                yield events.Key("escape", ESC)
                yield from self._names.feed(sequence[1])
            else:
                yield events.Key(f"alt+{sequence[1]}", None)
        elif len(sequence) <= _LONGEST_SEQUENCE:
            for message in self._named(sequence):
                if isinstance(message, events.Key) and message.key.startswith("alt+"):
                    yield events.Key(message.key, None)  # its character would be typed
                elif isinstance(message, events.Key) and message.key in _KEYPAD_SIGNS:
                    yield from self._names.feed(_KEYPAD_SIGNS[message.key])
                else:
                    yield message

    def _named(self, sequence: str) -> list[Message]:
        try:
            return self._names.parse_whole(sequence)
        except (ValueError, OverflowError):  # numbers that Textual cannot read
            self._names = KeyParser()
            return []


def _paste(text: str) -> events.Paste:
    return events.Paste(text.replace("\x00", ""))


class UnbracketedPasteDetector:
    """Turns a burst of text that contains a link into a paste.

    Only the letters of the `link_starts`, such as `https://`, are delayed, and only while each
    follows the one before within `LINK_START_TIMEOUT_S`; all other text passes at once.
    """

    def __init__(self, link_starts: Sequence[str]) -> None:
        self._link_starts = link_starts
        self._held = ""
        self._burst: list[str] = []

    @property
    def is_waiting(self) -> bool:
        return bool(self._held or self._burst)

    def feed(self, text: str) -> list[str | events.Paste]:
        """Return what `text` completes; only `tick` ends a paste, as reading may be slow."""
        text, self._held = self._held + text, ""
        lowered = text.lower()
        if self._burst or any(start in lowered for start in self._link_starts):
            self._burst.append(text)
            return []
        longest = max(map(len, self._link_starts)) - 1
        ends = range(max(0, len(text) - longest), len(text))
        may_begin = (
            n for n in ends if any(it.startswith(text[n:].lower()) for it in self._link_starts)
        )
        end = next(may_begin, len(text))
        self._held = text[end:]
        return [text[:end]] if end else []

    def tick(self, silence_s: float) -> list[str | events.Paste]:
        """Return what is held back, if its time-out is over."""
        is_paste = self._burst or len(self._held) >= _TOO_QUICK_FOR_HANDS
        timeout_s = PASTE_IDLE_S if is_paste else LINK_START_TIMEOUT_S
        return self.flush() if silence_s >= timeout_s else []

    def flush(self) -> list[str | events.Paste]:
        held, burst = self._held, "".join(self._burst)
        self._held, self._burst = "", []
        return [*([held] if held else []), *([events.Paste(burst)] if burst else [])]
