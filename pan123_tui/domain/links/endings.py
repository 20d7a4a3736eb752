"""Decide whether a link goes on after what would end it in running text.

A link that stands alone on its line or in quotes may contain any character; elsewhere the text
after it may belong to it or not, and then the end is doubtful.
"""

import re
from enum import Enum, auto
from typing import NamedTuple

from pan123_tui.domain.links.boundaries import FILE_EXTENSION, PASSWORD, ends_with_file_extension
from pan123_tui.domain.links.url import INVISIBLE, drop_invisible

_MAX_TAIL_CHARS = 4_000
_MAX_SENTENCE_CHARS = 200
_MAX_SENTENCE_WORDS = 7
_LINE_START = re.compile(rf"[\s{INVISIBLE}]*(?:(?:\d{{1,4}}[.)、]|[-*•])\s+)?")
_CLOSERS = {'"': '"', "'": "'", "`": "`", "<": ">", ">": "<", "“": "”", "|": "|"}
"""What ends a link that follows the key."""
_OPENERS = dict(zip(")]}）】》」』〉〕”’\"'", "([{（【《「『〈〔“‘\"'", strict=True))
_SENTENCE_MARKS = ".,;:!?，。；：！？、·…—～"
_NOTHING_MORE = re.compile(rf"[\s{INVISIBLE}{_SENTENCE_MARKS}\"'`*_<>|\\()\[\]{{}}（）【】”’》」]*")
_MARKUP = re.compile(
    r"[\"'`]?\s*/?>|[\"']\s+[\w-]+=|[\"']\s*[:,}\]]|</"
    r"|<(?:br|p|a|b|i|u|li|ul|td|tr|th|div|span|img|hr|em|strong|font)\b"
    r"|&(?:quot|gt|lt|nbsp|apos|#\d{1,4});"
    r"|\[/(?:url|img|b|i|u|s|code|quote|size|color|center|font|hide)\]",
    re.IGNORECASE,
)
_LIKE_LINK_END = re.compile(rf"{FILE_EXTENSION}(?:[?#]\S*)?$", re.IGNORECASE)
_FILE_IN_TEXT = re.compile(rf"{FILE_EXTENSION}(?![A-Za-z0-9])(?:\?[!-~]*)?", re.IGNORECASE)
_PARAMETER = re.compile(r"[&?][\w.-]+=")
_CONTINUES_PARAMETER = re.compile(r"[|\\\"<>]+[\w.-]+[&=]")
_JOINED_AFTER = re.compile(rf"(?:[|\\]|[{INVISIBLE}])+[A-Za-z0-9]")
_ID = re.compile(r"(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]+")
_BLANKS = " \u00a0\u2000-\u200a\u202f\u205f\u3000"
_NAME_AFTER_BLANK = re.compile(rf"[{_BLANKS}][^\s:：=\-—>→*?\"<>|/\\#(]")
_SENTENCE_NAME = re.compile(
    rf"[,;]?[{_BLANKS}][^\s,;:，。；：！？<>\"|][^,;:，。；：！？<>\"|]*?{FILE_EXTENSION}(?![A-Za-z0-9])"
    r"(?:\?[!-~]*)?",
    re.IGNORECASE,
)


class LinkEnd(NamedTuple):
    """Where a link ends, and where it ends if the text after that belongs to it too."""

    end: int
    longer_end: int
    """Equal to `end` unless the end is doubtful."""


class _Choice(Enum):
    SHORTER = auto()
    LONGER = auto()
    DOUBTFUL = auto()


def find_end(line: str, start: int, body: int, end: int, until: int) -> LinkEnd:
    """Return the end of the link that would end at `end` in running text.

    `body` is where its host starts, and `until` where the next link of the line starts.
    """
    limit = _container_end(line, start, end, until)
    if limit is None:
        if _closes_earlier(line, start, end):
            return LinkEnd(end, end)
        longer_end = _sentence_end(line, body, end, min(until, end + _MAX_SENTENCE_CHARS))
        return LinkEnd(end, longer_end)
    longer_end = end + len(_trimmed(line[end:limit]))
    match _choose(line[body:end], drop_invisible(line[end:longer_end])):
        case _Choice.SHORTER:
            return LinkEnd(end, end)
        case _Choice.LONGER:
            return LinkEnd(longer_end, longer_end)
        case _:
            return LinkEnd(end, longer_end)


def end_in_argument(text: str, body: int, end: int) -> LinkEnd:
    """Return the end of the link at the start of `text`, which may be meant as a whole."""
    found = find_end(text, 0, body, end, len(text))
    if found.longer_end > end or _NOTHING_MORE.fullmatch(text, end) or PASSWORD.search(text, end):
        return found
    return LinkEnd(end, len(text))


def _container_end(line: str, start: int, end: int, until: int) -> int | None:
    """Return the end of the line or quotes that contain nothing but the link, or None."""
    closer = _CLOSERS.get(line[start - 1 : start])
    if closer is not None:
        close = line.find(closer, end, min(until, end + _MAX_SENTENCE_CHARS))
        if close >= 0 and not (closer in "\"'`”" and line[close + 1 : close + 2].isalnum()):
            return close
    is_last = until >= len(line) and len(line) - end <= _MAX_TAIL_CHARS
    is_first = start < 40 and _LINE_START.fullmatch(line, 0, start) is not None
    return len(line) if is_last and is_first else None


def _closes_earlier(line: str, start: int, end: int) -> bool:
    """Return whether the character at `end` closes a bracket or quote from before the link."""
    opener = _OPENERS.get(line[end : end + 1])
    if opener is None or (opener in "\"'" and line[end + 1 : end + 2].isalnum()):
        return False
    return opener in line[max(0, start - _MAX_SENTENCE_CHARS) : start]


def _choose(link: str, tail: str) -> _Choice:
    """Choose between `link` (without its scheme) and `link + tail`, which fills its container."""
    goes_on = _LIKE_LINK_END.search(tail) is not None
    path, question, _ = link.partition("?")
    if (
        _NOTHING_MORE.fullmatch(tail)
        or tail[0] == "\t"
        or _MARKUP.match(tail)
        or (PASSWORD.search(tail) and not goes_on)
        or ("/" not in path and tail[0] not in ".:/\\" and not _is_host_part(link, tail))
    ):
        return _Choice.SHORTER
    if tail[0] in ",;":  # `url,name`
        return _Choice.DOUBTFUL if tail[1:2] == " " else _Choice.SHORTER
    if not question and ends_with_file_extension(path):
        return _choose_after_file(tail, goes_on=goes_on)
    if re.search(r"\s", tail):
        return _choose_at_blank(path, tail, goes_on=goes_on, in_query=bool(question))
    if goes_on or tail.isascii() or _PARAMETER.search(tail) or tail.find("/") > 0:
        return _Choice.LONGER
    return _Choice.DOUBTFUL


def _choose_after_file(tail: str, *, goes_on: bool) -> _Choice:
    """Choose after a complete file name, which mostly ends the link."""
    if re.search(r"\s", tail) or tail[0] == "|":
        is_numbered = goes_on and tail.startswith(" (")  # `c.zip (2).zip`
        return _Choice.DOUBTFUL if is_numbered else _Choice.SHORTER
    is_parameter = _PARAMETER.search(tail) or _CONTINUES_PARAMETER.match(tail)
    return _Choice.DOUBTFUL if goes_on or is_parameter else _Choice.SHORTER


def _choose_at_blank(path: str, tail: str, *, goes_on: bool, in_query: bool) -> _Choice:
    last = path.rpartition("/")[2]
    if tail[0].isspace() and not last:
        return _Choice.SHORTER
    if not goes_on:
        is_doubtful = "/" in tail or tail[-1] in ")]" or _joins(tail)
        return _Choice.DOUBTFUL if is_doubtful else _Choice.SHORTER
    is_plain_name = not tail[0].isspace() or _NAME_AFTER_BLANK.match(tail)
    is_certain = is_plain_name and not in_query and not _ID.fullmatch(last) and "\t" not in tail
    return _Choice.LONGER if is_certain else _Choice.DOUBTFUL


def _joins(tail: str) -> bool:
    """Return whether the first word of `tail` follows without a blank and looks like a link."""
    word = "" if tail[0].isspace() else tail.split(maxsplit=1)[0]
    return bool(_FILE_IN_TEXT.search(word) or _PARAMETER.search(word) or _JOINED_AFTER.match(word))


def _sentence_end(line: str, body: int, end: int, limit: int) -> int:
    """Return where the link ends if the words after it belong to it, or `end`."""
    tail = line[end:limit]
    if not tail or _MARKUP.match(tail) or PASSWORD.match(tail, 1):
        return end
    path, question, _ = line[body:end].partition("?")
    is_file = not question and ends_with_file_extension(path)
    if "/" not in path or (is_file and (tail[0].isspace() or tail[0] in "|,;")):
        return end
    if name := _SENTENCE_NAME.match(tail):
        most_words = 1 if tail[0] in ",;" else _MAX_SENTENCE_WORDS
        is_near = path[-1] != "/" and len(name[0].strip(",;").split()) <= most_words
        return end + len(_trimmed(name[0])) if is_near else end
    word = _trimmed(tail.split(maxsplit=1)[0]) if not tail[0].isspace() else ""
    if file := _FILE_IN_TEXT.search(word):
        return end + (file.end() if not is_file or file.end() == len(word) else 0)
    is_joined = _PARAMETER.search(word) or (_JOINED_AFTER.match(word) and not is_file)
    return end + len(word) if is_joined else end


def _is_host_part(link: str, tail: str) -> bool:
    """Return whether `tail` completes the host that an invisible character has split."""
    return "." not in link and re.match(r"[A-Za-z0-9-]*\.[A-Za-z0-9]", tail) is not None


def _trimmed(text: str) -> str:
    """Return `text` without blanks and the punctuation of a sentence at its end."""
    trimmed = re.sub(rf"[\s{INVISIBLE}{_SENTENCE_MARKS}]+$", "", text[-80:])
    return text[:-80] + trimmed
