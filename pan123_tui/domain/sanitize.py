"""Make outside text safe to show: hidden characters are escaped, secrets are redacted."""

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

TruncateAt = Literal["end", "middle"]
"""Where a text that is too wide is cut."""

ELLIPSIS = "…"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Stands for bytes that could not be decoded."""
MAX_COMBINING = 4
"""Combining marks per letter; more are escaped, as they would draw over other rows."""
MAX_LABEL_CHARS = 60
_CHARS_PER_CELL = 1 + MAX_COMBINING
"""The most characters in one cell, which bounds how much is read to truncate a text."""

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_BLANK_LETTERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
"""Letters and marks that are drawn blank."""
_SELECTORS = frozenset("\ufe0e\ufe0f")
_EMOJI_JOINERS = frozenset("\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_WIDE_SINCE_16 = (
    range(0x2630, 0x2638),
    range(0x268A, 0x2690),
    range(0x4DC0, 0x4E00),
    range(0x1D300, 0x1D377),
)
"""Symbols that have been wide since Unicode 16, which older Python versions do not know."""
_JAMO = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))
"""Hangul vowels and finals, drawn into the syllable before them."""

# As texts these are compiled on first use.
_USERINFO = r"(?i)(?P<scheme>\b[a-z][a-z0-9+.-]{0,30}://)[^\s/?#@]*@"
_QUERY = r"(?i)(?P<path>\bhttps?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*"
_BEARER = r"(?i)\bBearer\s+[^\s\"',]+"
_JWT = r"\beyJ[\w-]{8,}\.[\w.-]+"

MIN_SECRET_CHARS = 8
"""Tokens are longer than this; removing shorter texts everywhere would spoil ordinary ones."""
_NEW_SECRETS: deque[str] = deque(maxlen=32)
"""Tokens received while running; a renewal brings two, and older ones no longer work."""

_HIDDEN = -1


def width(text: str) -> int:
    """Return the cells that a sanitized `text` takes."""
    if text.isascii():
        return len(text)
    return sum(max(_cell_width(char), 0) for char in text)


def sanitize(text: str, max_width: int | None = None, *, truncate_at: TruncateAt = "end") -> str:
    """Return `text` with hidden characters escaped, truncated to at most `max_width` cells.

    The parts of an emoji stand side by side. The cost depends on `max_width` alone.
    """
    if max_width is None:
        return "".join(piece for piece, _ in _pieces(text))
    if len(text) <= max_width and _is_plain(text):
        return text
    reach = max(max_width, 0) * _CHARS_PER_CELL + _CHARS_PER_CELL
    head = list(_pieces(text[:reach]))
    if len(text) <= reach and sum(cells for _, cells in head) <= max_width:
        return "".join(piece for piece, _ in head)
    room = max_width - width(ELLIPSIS)
    if room < 0:
        return ""
    if truncate_at == "end":
        return "".join(_take(head, room)) + ELLIPSIS
    tail = _take(reversed(list(_pieces(text[-reach:]))), room // 2)
    return "".join((*_take(head, room - room // 2), ELLIPSIS, *reversed(tail)))


@lru_cache(maxsize=1024)
def pad_or_truncate(text: str, cells: int) -> str:
    """Return sanitized `text` in exactly `cells` cells; cached, as table rows repeat few words."""
    shown = sanitize(text, cells)
    return shown + " " * (cells - width(shown))


def encodable(text: str) -> str:
    """Return `text`, in which half characters, as of an undecodable path, could not be saved."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_label(text: str) -> str:
    """Return `text` as a label of visible characters, without the quotes that filter terms use."""
    visible = (char if char.isprintable() else " " for char in text)
    words = "".join(visible).replace('"', "'").split()
    return " ".join(words)[:MAX_LABEL_CHARS].rstrip()


def add_secrets(*secrets: str) -> None:
    """Make `redact` remove `secrets` too, whichever part of the program calls it."""
    for secret in secrets:
        if len(secret) >= MIN_SECRET_CHARS and secret not in _NEW_SECRETS:
            _NEW_SECRETS.append(secret)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without `secrets`, tokens, and the query and userinfo of every URL."""
    for secret in (*tuple(_NEW_SECRETS), *secrets):
        if secret:
            text = text.replace(secret, _cut_urls(secret) if "://" in secret else ELLIPSIS)
    text = _cut_urls(text)
    text = re.sub(_BEARER, f"Bearer {ELLIPSIS}", text)
    return re.sub(_JWT, ELLIPSIS, text)


def _cut_urls(text: str) -> str:
    text = re.sub(_USERINFO, rf"\g<scheme>{ELLIPSIS}@", text)
    return re.sub(_QUERY, rf"\g<path>?{ELLIPSIS}", text)


def hide_password(text: str) -> str:
    """Return `text` without the passwords in its addresses, which who looks on need not read."""
    address = r"(?i)(\b[a-z][a-z0-9+.-]{0,30}://[^\s/?#\\@:]*:)[^\s/?#\\]*@"
    return re.sub(address, r"\1•••@", text)


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """Yield the visible pieces of `text`, each a letter with its marks, with their widths."""
    if _is_plain(text):
        yield from ((char, 1) for char in text)
        return
    base, piece, width_of_piece, marks = "", "", 0, 0
    for char in text:
        cells = _cell_width(char)
        is_joiner = char in _EMOJI_JOINERS and unicodedata.category(base or char) == "So"
        is_drawn_into = cells == 0 or char in _SELECTORS or is_joiner
        if base and cells <= 0 and marks < MAX_COMBINING and is_drawn_into:
            piece += char * (cells == 0)
            marks += 1
            continue
        if piece:
            yield piece, width_of_piece
        base = char if cells > 0 else ""
        piece = base or char.encode("unicode_escape").decode()
        width_of_piece, marks = cells if base else len(piece), 0
    if piece:
        yield piece, width_of_piece


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


@lru_cache(maxsize=8192)
def _cell_width(char: str) -> int:
    """Return the width of `char`, 0 if it is drawn into the cell before, or `_HIDDEN`."""
    # Importing wcwidth takes 55 ms and rich.cells 16 ms, too long for `pan123-tui list`.
    category = unicodedata.category(char)
    is_joiner = char in _SELECTORS or char in _EMOJI_JOINERS
    if is_joiner or category in _HIDDEN_CATEGORIES or char in _BLANK_LETTERS:
        return _HIDDEN
    code = ord(char)
    if category in ("Mn", "Me", "Mc") or any(code in letters for letters in _JAMO):
        return 0
    is_wide_now = any(code in symbols for symbols in _WIDE_SINCE_16)
    return 2 if is_wide_now or unicodedata.east_asian_width(char) in "WF" else 1


def _take(pieces: Iterable[tuple[str, int]], room: int) -> list[str]:
    taken = []
    for piece, cells in pieces:
        room -= cells
        if room < 0:
            break
        taken.append(piece)
    return taken


_UTF_16 = b"\xff\xfe", b"\xfe\xff"
"""Its byte order marks."""


def decode_file(content: bytes) -> str | None:
    """Return the text of a file, decoded as by `decode_text`; None: it is no text."""
    text = decode_text(content)
    has_ascii = any(character < "\x80" for character in text)
    is_other = content.startswith(_UTF_16) and text and not has_ascii
    is_garbled = "\0" in text or text.count(REPLACEMENT) > max(1, len(text) // 10)
    return None if is_other or is_garbled else text


def decode_text(content: bytes) -> str:
    """Decode UTF-16 with a byte order mark, else UTF-8, else GBK; never raises."""
    if content.startswith(_UTF_16):
        return content.decode("utf-16", errors="replace")
    text = content.decode("utf-8-sig", errors="replace")
    lost = text.count(REPLACEMENT)
    known = sum(1 for character in text if character >= "\x80") - lost
    is_gbk = lost > max(known, 1)  # most of it, in several places, is lost
    return content.decode("gb18030", errors="replace") if is_gbk else text
