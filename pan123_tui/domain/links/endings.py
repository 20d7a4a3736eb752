"""Decide whether a link goes on after what would end it in running text.

A link that stands alone on its line or in quotes may contain any character; elsewhere the text
after it may belong to it or not, and then the end is doubtful.
"""

import re
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
_TAG = re.compile(
    r">|<(?:br|p|a|b|i|u|li|ul|td|tr|th|div|span|img|hr|em|strong|font)\b", re.IGNORECASE
)
_MARKUP = re.compile(
    r"[\"'`]\s*/?>|\s*/>|[\"']\s+[\w-]+=|[\"']\s*[:,}\]]|</|&(?:quot|gt|lt|nbsp|apos|#\d{1,4});"
    r"|\[/(?:url|img|b|i|u|s|code|quote|size|color|center|font|hide)\]",
    re.IGNORECASE,
)
_FILE = rf"(?:{FILE_EXTENSION})+(?![A-Za-z0-9])(?:\?[!-~]*)?"
_LIKE_LINK_END = re.compile(rf"{FILE_EXTENSION}(?:[?#]\S*)?$", re.IGNORECASE)
_FILE_IN_TEXT = re.compile(_FILE, re.IGNORECASE)
_PARAMETER = re.compile(r"[&?][\w.-]+=")
_CONTINUES_PARAMETER = re.compile(r"[|\\\"<>]+[\w.-]+[&=]")
_JOINED_AFTER = re.compile(rf"(?:[|\\]|[{INVISIBLE}])+[A-Za-z0-9]")
_ID = re.compile(r"(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]+")
_BLANKS = " \u00a0\u2000-\u200a\u202f\u205f\u3000"
_NAME_AFTER_BLANK = re.compile(rf"[{_BLANKS}][^\s:：=\-—>→*?\"<>|/\\#]")
_NO_NAME = ",;:，。；：！？"
_SENTENCE_NAME = re.compile(
    rf"(?:[,;]?[{_BLANKS}])?[^\s{_NO_NAME}>][^{_NO_NAME}]*?{_FILE}", re.IGNORECASE
)
_QUERY_GOES_ON = re.compile(
    rf";?[{_BLANKS}](?:[^\s&]*(?:&[\w.-]+=\S*)+|filename\*?=(?:\"[^\"]*\"|\S+))\S*"
)


class LinkEnd(NamedTuple):
    """Where a link ends, at most: if that is unclear it may end earlier."""

    end: int
    is_clear: bool = True


def find_end(line: str, start: int, body: int, end: int, until: int) -> LinkEnd:
    """Return the end of the link that would end at `end` in running text.

    `body` is where its host starts, and `until` where the next link of the line starts.
    """
    if (limit := _container_end(line, start, end, until)) is not None:
        longer_end = end + len(_trimmed(line[end:limit]))
        belongs = _belongs(line[body:end], drop_invisible(line[end:longer_end]))
        if belongs is not False:
            return LinkEnd(longer_end, is_clear=belongs is True)
        until = limit  # the rest of the line is no name, but may begin with the end of one
    elif _closes_earlier(line, start, end):
        return LinkEnd(end)
    longer_end = _sentence_end(line, body, end, min(until, end + _MAX_SENTENCE_CHARS))
    return LinkEnd(longer_end, is_clear=longer_end == end)


def end_in_argument(text: str, body: int, end: int) -> int:
    """Return the end of the link at the start of `text`, which is meant as a whole."""
    longer_end = find_end(text, 0, body, end, len(text)).end
    is_text = _NOTHING_MORE.fullmatch(text, end) or PASSWORD.search(text, end)
    return longer_end if is_text or longer_end > end else len(text)


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


def _belongs(link: str, tail: str) -> bool | None:
    """Return whether `tail`, which fills its container, belongs to `link`; None if unclear."""
    goes_on = bool(_LIKE_LINK_END.search(tail) or _PARAMETER.search(tail))
    path, question, _ = link.partition("?")
    if _is_text(tail, path, goes_on=goes_on):
        return False
    if not question and ends_with_file_extension(path):
        return None if _renames(tail, goes_on=goes_on) else False
    if tail[0] in ",;":  # `url,name`, or a name with a comma
        return None if goes_on or tail[1:2] != " " or _QUERY_GOES_ON.match(tail) else False
    if tail[:3].lower() in {"<br", "<p>"} or (question and _QUERY_GOES_ON.match(tail)):
        return None
    if not re.search(r"\s", tail):
        return True if goes_on or tail.isascii() or tail.find("/") > 0 else None
    return _belongs_with_blank(re.split("[/=]", link)[-1], tail, goes_on=goes_on)


def _renames(tail: str, *, goes_on: bool) -> bool:
    """Return whether `tail` may make another file of a complete file name before it."""
    if re.search(r"\s", tail) or tail[0] in "|,;":
        return goes_on and tail.startswith(" (")  # `c.zip (2).zip`
    return bool(goes_on or _CONTINUES_PARAMETER.match(tail) or not tail.strip("~"))


def _belongs_with_blank(last: str, tail: str, *, goes_on: bool) -> bool | None:
    """Return whether `tail` with a blank belongs to a link that ends with the name `last`."""
    starts_with_blank = tail[0].isspace()
    if starts_with_blank and not last:
        return False
    if not goes_on:
        is_one_word = tail[0] == "\u3000" and len(tail.split()) == 1
        return None if is_one_word or "/" in tail or tail[-1] in ")]" else False
    is_name = not starts_with_blank or (_NAME_AFTER_BLANK.match(tail) and not _ID.fullmatch(last))
    return True if is_name and "\t" not in tail else None


def _is_text(tail: str, path: str, *, goes_on: bool) -> bool:
    """Return whether `tail` is certainly no part of the link with the host and `path`."""
    return bool(
        _NOTHING_MORE.fullmatch(tail)
        or tail[0] == "\t"
        or _MARKUP.match(tail)
        or (_TAG.match(tail) and (not goes_on or "</" in tail))
        or (PASSWORD.search(tail) and not goes_on)
        or ("/" not in path and tail[0] not in ".:/\\" and not _is_host_part(path, tail))
    )


def _sentence_end(line: str, body: int, end: int, limit: int) -> int:
    """Return where the link ends if the words after it belong to it, or `end`."""
    tail = line[end:limit]
    path, question, _ = line[body:end].partition("?")
    if not tail or "/" not in path or _MARKUP.match(tail) or PASSWORD.search(tail[:4]):
        return end
    if question and (parameter := _QUERY_GOES_ON.match(tail)):
        return end + len(_trimmed(parameter[0]))
    return end + _length_in_text(tail, path, in_query=bool(question))


def _length_in_text(tail: str, path: str, *, in_query: bool) -> int:
    """Return how much of `tail`, which follows `path`, may belong to the link."""
    word = "" if tail[0].isspace() else _trimmed(tail.split(maxsplit=1)[0])
    file, name = _FILE_IN_TEXT.search(word), _SENTENCE_NAME.match(tail)
    words = name[0].strip(",;").split() if name else []
    if "</" in word:
        return 0
    if not in_query and ends_with_file_extension(path):
        if tail.startswith(" ("):  # `c.zip (2).zip`
            return name.end() if name and len(words) == 1 else 0
        is_joined = file and file.end() == len(word) and word[0] not in "|,;"
        return len(word) if is_joined or not word.strip("~") else 0
    if file:
        return file.end()
    if _PARAMETER.search(word) or _JOINED_AFTER.match(word):
        return len(word)
    most_words = 1 if tail[0] in ",;" else _MAX_SENTENCE_WORDS
    is_name = len(words) <= most_words and not (tail[0].isspace() and path[-1] == "/")
    return len(_trimmed(name[0])) if name and is_name else 0


def _is_host_part(host: str, tail: str) -> bool:
    """Return whether `tail` completes the host that an invisible character has split."""
    return "." not in host and re.match(r"[A-Za-z0-9-]*\.[A-Za-z0-9]", tail) is not None


def _trimmed(text: str) -> str:
    """Return `text` without blanks and the punctuation of a sentence at its end."""
    trimmed = re.sub(rf"[\s{INVISIBLE}{_SENTENCE_MARKS}]+$", "", text[-80:])
    return text[:-80] + trimmed
