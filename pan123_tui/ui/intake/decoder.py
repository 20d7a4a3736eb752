"""Bytes to text, from a terminal that may send something else than UTF-8."""

import re
from codecs import getincrementaldecoder

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
