"""Where a link ends.

In running text it ends at its *seam*: the first blank, quote, Chinese text or bracket that is not
its own. Its *tail* is what follows there, on a line or in quotes that hold nothing but the link,
or in a sentence. Where the tail may belong to the link the end is unclear, and the user looks.
Every look-ahead is bounded, so the cost is linear for any text.
"""

import re
from typing import NamedTuple

from pan123_tui.domain.links.url import (
    EMOJI,
    INVISIBLE,
    JOINER,
    MAX_URL_CHARS,
    OTHER_SCHEMES,
    drop_invisible,
)

FILE_EXTENSION = (
    r"\.(?:zipx?|rar|7z|tar|t?gz|bz2|xz|zst|iso|img|dmg|exe|msi|apk|ipa|deb|rpm|jar|bin|torrent"
    r"|mp4|m4v|mkv|avi|mov|wmv|flv|webm|rmvb|rm|ts|m2ts|mpe?g|3gp|m3u8|vob|mp3|m4a|flac|wav|aac"
    r"|ogg|ape|wma|png|gif|jpe?g|tiff?|webp|svg|bmp|heic|psd|pdf|epub|mobi|azw3|txt|docx?|xlsx?"
    r"|pptx?|csv|json|xml|srt|ass|sub|md|html?)"
)
"""Extensions that mark the end of a file name in running text."""
PASSWORD = re.compile("提取码|访问码|密码|解压|口令")
_LOOKAHEAD_CHARS = 200
_MAX_TAIL_CHARS = 4_000
_HARD = (
    rf"[\s\x00-\x20\x7f-\x9f{INVISIBLE}\"<>`|\\，。；“”‘’](?<!{JOINER})"
    r"|(?i:&(?:quot|gt|lt|nbsp|apos|#3[49]);)"
)
_CHINESE = "\u2e80-\u2fff\u3001-\u3007\u3012-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_SIGNS = f"\u20e3\ufe0f{EMOJI}"
_SOFT = rf"[{_CHINESE}{_SIGNS}！？：～、·…—（）【】《》「」『』〈〉〔〕]"
_SCHEME = rf"(?:https?|{'|'.join(OTHER_SCHEMES)})(?=:(?://|\?xt=))"
# Only parts with letters ignore case: with the large character sets that takes 10 ms to compile.
_SEAM = re.compile(
    rf"(?P<hard>{_HARD})|(?P<scheme>(?i:{_SCHEME}))|(?P<soft>{_SOFT})"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<quote>')|(?P<comma>[,;])"
)
_STOP = re.compile(_HARD)
_BREAK = re.compile(rf"{_HARD}|(?i:{_SCHEME})")
_SIGN_RUN = re.compile(rf"(?:[{_SIGNS}]|{JOINER}){{1,60}}")
_LINK_GOES_ON = re.compile(rf"(?!(?i:{_SCHEME}))[\w/=&+%(?#-]", re.ASCII)
_EXTENSION = re.compile(rf"{FILE_EXTENSION}(?![A-Za-z0-9])", re.IGNORECASE)
_ENDS_AS_FILE = re.compile(rf"{FILE_EXTENSION}$", re.IGNORECASE)
_ENDS_AS_DOMAIN = re.compile(r"\.[A-Za-z]{2,}$")
_DOMAIN_GOES_ON = re.compile(rf"[{_CHINESE}{_SIGNS}\w-]{{1,60}}\.[A-Za-z]{{2,}}")
_CODE_IN_QUERY = re.compile(rf"(?:{PASSWORD.pattern})[:：=]?[A-Za-z0-9]+")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_NESTS_AFTER = frozenset("=/?&#@+:%~")
"""After one of these, an inner link belongs to the outer one (`?url=https://…`)."""
_STRUCTURE = frozenset("/=_-.&%~+@#?$")
"""After one of these, Chinese text or a sign belongs to the link (`/下载/`, `=电影`)."""
_NAME_FIELD = re.compile(r"[,;]\s*[^\s,;/?=&\d][^,;/?=&]{0,150}(?:[,;]|$)")

_LINE_START = re.compile(rf"[\s{INVISIBLE}]*(?:(?:\d{{1,4}}[.)、]|[-*•])\s+)?")
_CLOSERS = {'"': '"', "'": "'", "`": "`", "<": ">", ">": "<", "“": "”", "|": "|"}
"""What ends a link that follows the key."""
_OPENERS = dict(zip(")]}）】》」』〉〕”’\"'", "([{（【《「『〈〔“‘\"'", strict=True))
_MARKS = ".,;:!?，。；：！？、·…—～"
_END_OF_TEXT = re.compile(rf"[\s{INVISIBLE}{_MARKS}]+$")
_NOTHING_MORE = re.compile(rf"[\s{INVISIBLE}{_MARKS}\"'`*_<>|\\()\[\]{{}}（）【】”’》」]*")
_MARKUP = re.compile(
    r"[\"'`]\s*/?>|\s*/>|[\"']\s+[\w-]+=|[\"']\s*[:,}\]]|</|>[^<>]*</|&(?:[a-z]+|#\d{1,4});"
    r"|\[/(?:url|img|b|i|u|s|code|quote|size|color|center|font|hide)\]",
    re.IGNORECASE,
)
_TAG = re.compile(
    r">|<(?:br|p|a|b|i|u|li|ul|td|tr|th|div|span|img|hr|em|strong|font)\b", re.IGNORECASE
)
_FILE = rf"(?:{FILE_EXTENSION})+(?![A-Za-z0-9])(?:\?[!-~]*)?"
_BLANK = "[ \u00a0\u2000-\u200a\u202f\u205f\u3000]"
_LIKE_LINK_END = re.compile(rf"{FILE_EXTENSION}(?:[?#]\S*)?$|[&?][\w.-]+=", re.IGNORECASE)
_QUERY_GOES_ON = re.compile(
    rf";?{_BLANK}(?:[^\s&]*(?:&[\w.-]+=\S*)+|filename\*?=(?:\"[^\"]*\"|\S+))\S*"
)
_ANOTHER_FILE = re.compile(
    rf"~+(?!\S)|[^\s|,;]\S*?{_FILE}(?=[\s{_MARKS}]|$)|[ ]\(\S*?{_FILE}", re.IGNORECASE
)
"""What makes another file of a complete name, as in `c.zip (2).zip`."""
_NAME_GOES_ON = re.compile(
    rf"\S*?{_FILE}|\S*[&?][\w.-]+=\S*|(?:[|\\]|[{INVISIBLE}])+[A-Za-z0-9]\S*"
    rf"|[,;]?{_BLANK}?(?:[^\s,;:，。；：！？>]+\s+){{0,6}}?[^\s,;:，。；：！？>]+?{_FILE}",
    re.IGNORECASE,
)
"""What may belong to the name at the end of a path or a query, up to seven words."""
_NAME_AFTER_BLANK = re.compile(rf"{_BLANK}[^\s:：=\-—>→*?\"<>|/\\#]")
_ID = re.compile(r"(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]+")


class LinkEnd(NamedTuple):
    """Where a link ends, at most: if that is unclear it may end earlier."""

    end: int
    is_clear: bool = True


def ends_with_file_extension(text: str) -> bool:
    """Return whether `text` ends with the extension of a file."""
    return _ENDS_AS_FILE.search(text[-10:]) is not None


def is_nothing(text: str) -> bool:
    """Return whether `text` is punctuation alone, which belongs to no link."""
    return _NOTHING_MORE.fullmatch(text) is not None


def find_seam(line: str, start: int, body: int, *, is_listed: bool = False) -> int:
    """Return where the link at `start` of `line`, with its host at `body`, ends in running text.

    `is_listed` means that the line is one of a table whose head says `url,name`.
    """
    opened = dict.fromkeys("([{", 0)
    kept_until = body
    ends = False
    limit = start + MAX_URL_CHARS
    for event in _SEAM.finditer(line, body, limit):
        at, char = event.start(), event[0]
        match event.lastgroup:
            case "soft":
                if at >= kept_until:
                    kept_until = _kept_until(line, body, at)
                ends = kept_until <= at
            case "open":
                opened[char] += 1
                is_after_file = ends_with_file_extension(line[max(body, at - 10) : at])
                ends = line.startswith("[/", at) or (is_after_file and not _file_end(line, at))
            case "close":
                opened[_PAIRS[char]] -= 1
                ends = opened[_PAIRS[char]] < 0
            case "comma":
                ends = (is_listed and char == ",") or _starts_name(line, start, at)
            case "quote":
                ends = line[start - 1 : start] == "'"
            case "scheme":
                ends = at == body or line[at - 1] not in _NESTS_AFTER
            case _:
                ends = True
        if ends:
            return _before_punctuation(line, start, body, at)
    stop = _STOP.search(line, limit)  # too long for a link
    return _before_punctuation(line, start, body, stop.start() if stop else len(line))


def _kept_until(line: str, body: int, at: int) -> int:
    """Return up to where Chinese text or signs at `at` belong to the link, or at most `at`."""
    before = line[max(body, at - 12) : at].rstrip("([{")
    is_field = before.endswith((",", ";")) and line[at].isalnum() and line[body:at].isascii()
    if is_field or ends_with_file_extension(before):
        return at
    if file_end := _file_end(line, at):
        return file_end
    if before.endswith("?") and (code := _CODE_IN_QUERY.match(line, at)):
        return code.end()
    before = before.rstrip("!")  # the sentence's, as in `/c.mp4!好看`, unless it begins a name
    if ends_with_file_extension(before.rstrip("~")) or PASSWORD.match(line, at):
        return at
    signs = _SIGN_RUN.match(line, at)
    if not signs and not line[at].isalnum():
        return at
    if at - body <= _LOOKAHEAD_CHARS and not any(mark in line[body:at] for mark in "/?#"):
        goes_on = _DOMAIN_GOES_ON.match(line, at) or (
            line[at].isalnum() and not _ENDS_AS_DOMAIN.search(line[body:at])
        )
    elif signs and _LINK_GOES_ON.match(line, signs.end()):
        at, goes_on = signs.end() - 1, True
    else:
        goes_on = before[-1:] in _STRUCTURE or not re.split("[/=]", before)[-1].isascii()
    return at + bool(goes_on)


def _file_end(line: str, at: int) -> int:
    """Return where a file extension soon after `at` ends, before the next break, or 0."""
    limit = at + _LOOKAHEAD_CHARS
    stop = _BREAK.search(line, at, limit)
    found = _EXTENSION.search(line, at, stop.start() if stop else limit)
    return found.end() if found else 0


def _starts_name(line: str, start: int, at: int) -> bool:
    """Return whether the comma or semicolon at `at` separates a link to a file from a name."""
    is_first = start < 40 and not line[:start].strip("\"' ")
    is_file = ends_with_file_extension(line[max(start, at - 10) : at])
    if not (is_first and is_file) or "?" in line[start:at]:
        return False
    return _NAME_FIELD.match(line, at, at + _LOOKAHEAD_CHARS) is not None


def _before_punctuation(line: str, start: int, body: int, end: int) -> int:
    """Return `end` without the punctuation of the sentence around the link."""
    before = line[start - 1 : start]
    marks = ".,;:!?'([{·…—～" + (before if before in {"*", "_", "~"} else "")
    link = line[body:end].rstrip(marks)
    file = link.rstrip("~")  # the sentence's, as in `/c.mp4~好看`
    is_closed = line[body + len(link) :][:1] in tuple("\"'`)>]）”")
    is_file = ends_with_file_extension(file) and "?" not in file and not is_closed
    return body + len(file if is_file else link)


def find_end(line: str, start: int, body: int, seam: int, until: int) -> LinkEnd:
    """Return the end of the link with this seam; the next link of the line starts at `until`."""
    if seam == len(line):
        return LinkEnd(seam)
    link = line[body:seam]
    limit, is_quoted = _container_end(line, start, seam, until)
    if limit is not None:
        longer = seam + len(_trimmed(line[seam:limit]))
        belongs = _belongs(link, drop_invisible(line[seam:longer]), is_quoted=is_quoted)
        if belongs is not False:
            return LinkEnd(longer, is_clear=belongs is True)
        until = limit  # the rest is no name, but may begin with the end of one
    elif _closes_earlier(line, start, seam):
        return LinkEnd(seam)
    longer = seam + _length_in_text(link, line[seam : min(until, seam + _LOOKAHEAD_CHARS)])
    return LinkEnd(longer, is_clear=longer == seam)


def _container_end(line: str, start: int, seam: int, until: int) -> tuple[int | None, bool]:
    """Return the end of the quotes or of the line that hold the link alone, and which it is."""
    closer = ")" if line.endswith("](", 0, start) else _CLOSERS.get(line[start - 1 : start])
    if closer is not None:
        close = line.find(closer, seam, min(until, seam + _LOOKAHEAD_CHARS))
        is_inner = closer in "\"'`”" and line[close + 1 : close + 2].isalnum()
        if close >= 0 and not is_inner and line[start - 1] not in line[seam:close]:
            return close, True
    is_last = until >= len(line) and len(line) - seam <= _MAX_TAIL_CHARS
    is_alone = is_last and start < 40 and _LINE_START.fullmatch(line, 0, start)
    return (len(line) if is_alone else None), False


def _closes_earlier(line: str, start: int, seam: int) -> bool:
    """Return whether the character at `seam` closes a bracket or quote from before the link."""
    opener = _OPENERS.get(line[seam : seam + 1])
    if opener is None or (opener in "\"'" and line[seam + 1 : seam + 2].isalnum()):
        return False
    return opener in line[max(0, start - _LOOKAHEAD_CHARS) : start]


def _belongs(link: str, tail: str, *, is_quoted: bool) -> bool | None:
    """Return whether `tail`, which fills its container, belongs to `link`; None if unclear."""
    goes_on = _LIKE_LINK_END.search(tail) is not None
    path, question, _ = link.partition("?")
    if _is_text(path, tail, goes_on=goes_on):
        return False
    if not question and ends_with_file_extension(path):
        return None if _ANOTHER_FILE.match(tail) and goes_on else False
    if tail[0] in ",;":  # `url,name`, or a name with a comma
        return None if goes_on or tail[1:2] != " " else False
    if _TAG.match(tail) or (question and _QUERY_GOES_ON.match(tail)):
        return None
    if not re.search(r"\s", tail):
        return True if goes_on or is_quoted or tail.isascii() or "/" in tail else None
    last = re.split("[/=]", link)[-1]
    is_raw_name = not question and not last.isascii()
    return _belongs_with_blank(last, tail, goes_on=goes_on, is_raw_name=is_raw_name)


def _is_text(path: str, tail: str, *, goes_on: bool) -> bool:
    """Return whether `tail` is certainly no part of the link with the host and `path`."""
    if is_nothing(tail) or tail[0] == "\t" or _MARKUP.match(tail) or _is_after_host(path, tail):
        return True
    return not goes_on and bool(_TAG.match(tail) or PASSWORD.search(tail))


def _belongs_with_blank(last: str, tail: str, *, goes_on: bool, is_raw_name: bool) -> bool | None:
    """Return whether `tail` with a blank belongs to a link that ends with the name `last`."""
    starts_with_blank = tail[0].isspace()
    if starts_with_blank and not last:
        return False
    has_comma = "," in last or ";" in last
    if goes_on:
        is_name = _NAME_AFTER_BLANK.match(tail) and not _ID.fullmatch(last)
        is_one = not (has_comma or "\t" in tail) and (is_name or not starts_with_blank)
        return True if is_one else None
    # A name in Chinese or with brackets may have blanks; other words are a sentence.
    is_name = is_raw_name or has_comma or "/" in tail or tail[-1] in ")]"
    return None if is_name and not _NAME_GOES_ON.match(tail) else False


def _is_after_host(path: str, tail: str) -> bool:
    """Return whether `path` is a host alone, which `tail` does not complete."""
    return "/" not in path and not re.match(r"[.:/\\]|[\w-]*\.\w", tail, re.ASCII)


def _length_in_text(link: str, tail: str) -> int:
    """Return how much of the sentence's `tail` may belong to `link`."""
    path, question, _ = link.partition("?")
    is_text = _MARKUP.match(tail) or PASSWORD.search(tail[:4]) or _is_after_host(path, tail)
    if is_text or (path.endswith("/") and tail[:1].isspace()):
        return 0
    if not question and ends_with_file_extension(path):
        found = _ANOTHER_FILE.match(tail)
    else:
        found = (_QUERY_GOES_ON.match(tail) if question else None) or _NAME_GOES_ON.match(tail)
    return len(_trimmed(found[0])) if found else 0


def _trimmed(text: str) -> str:
    """Return `text` without blanks and the punctuation of a sentence at its end."""
    return text[:-80] + _END_OF_TEXT.sub("", text[-80:])
