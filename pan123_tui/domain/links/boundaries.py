"""Find where a link ends in running text, also directly before Chinese text, emoji or brackets.

Every look-ahead is bounded and each character is read a fixed number of times, so the cost is
linear for any text.
"""

import re

from pan123_tui.domain.links.url import EMOJI, INVISIBLE, JOINER, MAX_URL_CHARS, OTHER_SCHEMES

LOOKAHEAD_CHARS = 200
SEARCH_WINDOW_CHARS = 50_000
"""How much one search covers, because `re` blocks other threads meanwhile."""
_HARD = (
    rf"[\s\x00-\x20\x7f-\x9f{INVISIBLE}\"<>`|\\，。；“”‘’](?<!{JOINER})"
    r"|(?i:&(?:quot|gt|lt|nbsp|apos|#3[49]);)"
)
_CHINESE = "\u2e80-\u2fff\u3001-\u3007\u3012-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_SIGNS = f"\u20e3\ufe0f{EMOJI}"
_SOFT = rf"[{_CHINESE}{_SIGNS}！？：～、·…—（）【】《》「」『』〈〉〔〕]"
_SCHEMES = rf"(?:https?|{'|'.join(OTHER_SCHEMES)})(?=:(?://|\\/\\/|\?xt=))"
FILE_EXTENSION = (
    r"\.(?:zipx?|rar|7z|tar|t?gz|bz2|xz|zst|iso|img|dmg|exe|msi|apk|ipa|deb|rpm|jar|bin|torrent"
    r"|mp4|m4v|mkv|avi|mov|wmv|flv|webm|rmvb|rm|ts|m2ts|mpe?g|3gp|m3u8|vob|mp3|m4a|flac|wav|aac"
    r"|ogg|ape|wma|png|gif|jpe?g|tiff?|webp|svg|bmp|heic|psd|pdf|epub|mobi|azw3|txt|docx?|xlsx?"
    r"|pptx?|csv|json|xml|srt|ass|sub|md|html?)"
)
"""Extensions that mark the end of a file name in running text."""
# Only parts with letters ignore case: with the large character sets that takes 10 ms to compile.
_EVENT = re.compile(
    rf"(?P<hard>{_HARD})|(?P<scheme>(?i:{_SCHEMES}))|(?P<soft>{_SOFT})"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<quote>')|(?P<comma>[,;])"
)
_SIGN_RUN = re.compile(rf"(?:[{_SIGNS}]|{JOINER}){{1,60}}")
_ENDS_AFTER_SIGNS = re.compile(
    rf"[.?!,;:~-]*(?:{_HARD}|[{_CHINESE}！？：～、·…—（）]|$)|(?i:{_SCHEMES})"
)
"""What follows signs that do not belong to a link."""
_CLOSING = frozenset("\"'`)>]）”")
_HARD_STOP = re.compile(_HARD)
_BREAK = re.compile(rf"{_HARD}|(?i:{_SCHEMES})")
_EXTENSION = re.compile(rf"{FILE_EXTENSION}(?![A-Za-z0-9])", re.IGNORECASE)
_ENDS_AS_FILE = re.compile(rf"{FILE_EXTENSION}$", re.IGNORECASE)
_ENDS_AS_DOMAIN = re.compile(r"\.[A-Za-z]{2,}$")
_DOMAIN_CONTINUES = re.compile(rf"[{_CHINESE}{_SIGNS}\w-]{{1,60}}\.[A-Za-z]{{2,}}")
PASSWORD = re.compile("提取码|访问码|密码|解压|口令")
_CSV_FIELD = re.compile(r"[,;]\s*[^\s,;/?=&\d][^,;/?=&\r\n]{0,200}(?:[,;]|$)")
_SEPARATOR = re.compile(r"[,;](?![\w.-]+=)")
_PAGES = re.compile(r"\.html?\s*$", re.IGNORECASE)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_NESTS_AFTER = frozenset("=/?&#@+:%~")
"""After one of these, an inner link belongs to the outer one (`?url=https://…`)."""
_STRUCTURE = frozenset("/=_-.&%~+@#?$")
"""After one of these, Chinese text or a sign belongs to the link (`/下载/`, `=电影`)."""
_MAX_COMMAS = 20


def end_of_link(line: str, start: int, body: int, *, is_listed: bool = False) -> int:
    """Return the end of the http link in `line` that starts at `start`, with its host at `body`.

    `is_listed` means that the line is one of a table whose head says `url,name`.
    """
    end = _first_break(line, start, body, is_listed=is_listed)
    return _strip_punctuation(line, start, body, end)


def ends_with_file_extension(text: str) -> bool:
    """Return whether `text` ends with the extension of a file."""
    return _ENDS_AS_FILE.search(text[-10:]) is not None


def _first_break(line: str, start: int, body: int, *, is_listed: bool) -> int:
    """Return the position of the first character that ends the link."""
    scanner = _LinkScanner(line, start, body, is_listed=is_listed)
    limit = start + MAX_URL_CHARS
    for event in _EVENT.finditer(line, body, limit):
        at, kind = event.start(), event.lastgroup or "hard"
        if kind == "hard":
            return at
        end = scanner.end_at(kind, at)
        if end is not None:
            return end
    return _end_of_overlong(line, limit)


class _LinkScanner:
    """The state of the scan of one link: open brackets, and text and signs that belong to it."""

    def __init__(self, line: str, start: int, body: int, *, is_listed: bool) -> None:
        self._line = line
        self._start = start
        self._body = body
        self._commas_left = 0 if line[:start].strip("\"' ") else _MAX_COMMAS
        self._is_listed = is_listed
        self._is_quoted = line[start - 1 : start] == "'"
        self._open = {"(": 0, "[": 0, "{": 0}
        self._kept_until = body

    def end_at(self, kind: str, at: int) -> int | None:
        """Return the end of the link if the character of this kind at `at` ends it."""
        match kind:
            case "soft":
                return self._end_at_soft(at)
            case "open" | "close":
                return at if self._is_foreign_bracket(kind, at) else None
            case "comma":
                self._commas_left -= 1
                ends = self._commas_left >= 0 and (
                    (self._is_listed and self._line[at] == ",")
                    or _is_csv(self._line, self._start, at)
                )
            case "scheme":
                ends = at == self._body or self._line[at - 1] not in _NESTS_AFTER
            case _:
                ends = self._is_quoted
        return at if ends else None

    def _is_foreign_bracket(self, kind: str, at: int) -> bool:
        """Count the bracket at `at` and return whether it belongs to the text around the link."""
        char = self._line[at]
        if kind == "open":
            self._open[char] += 1
            before = self._line[max(self._body, at - 10) : at]
            return self._line.startswith("[/", at) or (
                ends_with_file_extension(before) and not _file_end(self._line, at)
            )
        self._open[_PAIRS[char]] -= 1
        return self._open[_PAIRS[char]] < 0

    def _end_at_soft(self, at: int) -> int | None:
        if at < self._kept_until:
            return None
        self._kept_until = _kept_until(self._line, self._body, at)
        if self._kept_until > at:
            return None
        return _before_brackets(self._line, self._body, at)


def _end_of_overlong(line: str, at: int) -> int:
    """Return the end of a run of characters that is too long for a link."""
    for begin in range(at, len(line), SEARCH_WINDOW_CHARS):
        if stop := _HARD_STOP.search(line, begin, begin + SEARCH_WINDOW_CHARS):
            return stop.start()
    return len(line)


def _kept_until(line: str, body: int, at: int) -> int:
    """Return up to where Chinese text or signs at `at` belong to the link, or at most `at`."""
    before = line[max(body, at - 12) : at].rstrip("([{")
    if ends_with_file_extension(before):
        return at
    if file_end := _file_end(line, at):
        return file_end
    before = before.rstrip("!")  # the sentence's, as in `/c.mp4!好看`, unless it begins a name
    if ends_with_file_extension(before.rstrip("~")) or PASSWORD.match(line, at):
        return at
    if at - body <= LOOKAHEAD_CHARS and not any(mark in line[body:at] for mark in "/?#"):
        return at + 1 if _belongs_to_host(line, body, at) else at
    signs = _SIGN_RUN.match(line, at)
    if signs and not _ENDS_AFTER_SIGNS.match(line, signs.end()):
        return signs.end()
    is_word = signs or line[at].isalnum()
    goes_on = before[-1:] in _STRUCTURE or not before[-1:].isascii()
    return at + 1 if is_word and goes_on else at


def _belongs_to_host(line: str, body: int, at: int) -> bool:
    """Return whether Chinese text or a sign at `at` is part of a domain that goes on after it."""
    host = line[max(body, at - LOOKAHEAD_CHARS) : at]
    domain = _DOMAIN_CONTINUES.match(line, at)
    is_inner = line[at].isalnum() or (domain and _SIGN_RUN.match(line, at))
    return bool(is_inner and (domain or not _ENDS_AS_DOMAIN.search(host)))


def _file_end(line: str, at: int) -> int:
    """Return where a file extension soon after `at` ends, before the next break, or 0."""
    limit = at + LOOKAHEAD_CHARS
    stop = _BREAK.search(line, at, limit)
    found = _EXTENSION.search(line, at, stop.start() if stop else limit)
    return found.end() if found else 0


def _before_brackets(line: str, body: int, at: int) -> int:
    """Return the position before the opening brackets that precede `at`."""
    while at > body and line[at - 1] in "([{":
        at -= 1
    return at


def _is_csv(line: str, start: int, at: int) -> bool:
    """Return whether the comma or semicolon at `at` clearly separates a link from a name."""
    ahead = line[at : at + LOOKAHEAD_CHARS + 50]
    field = _CSV_FIELD.match(ahead)
    if field is None or _PAGES.search(ahead):
        return False
    in_query = "?" in line[start:at] if at - start < 4 * LOOKAHEAD_CHARS else True
    is_file = ends_with_file_extension(line[max(start, at - 10) : at])
    if is_file and not in_query:
        return True
    is_named_file = ends_with_file_extension(field[0].rstrip(',; "')) and not field[0].isascii()
    is_name = " " in field[0].strip(",; ") or is_named_file
    # A link that has kept a separator keeps them all: a list has one before its name.
    return is_name and (is_file or not _SEPARATOR.search(line, start, at))


def _strip_punctuation(line: str, start: int, body: int, end: int) -> int:
    """Return `end` without the punctuation of the sentence around the link."""
    marks = ".,;:!?'([{·…—～"
    before = line[start - 1 : start]
    if before in {"*", "_", "~"}:
        marks += before
    while end > body and line[end - 1] in marks:
        end -= 1
    if line[end : end + 1] in _CLOSING or "?" in line[body:end]:
        return end
    file_end = end
    while file_end > body and line[file_end - 1] == "~":  # the sentence's, as in `/c.mp4~好看`
        file_end -= 1
    return file_end if ends_with_file_extension(line[max(body, file_end - 10) : file_end]) else end
