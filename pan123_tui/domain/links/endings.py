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
            if not (line[end : end + 1].isspace() or line.startswith("~", end)):
                return LinkEnd(end, end)
            # The rest of the line is no name, but may begin with the end of one.
            until = min(limit, end + _MAX_SENTENCE_CHARS)
            return LinkEnd(end, _sentence_end(line, body, end, until))
        case _Choice.LONGER:
            return LinkEnd(longer_end, longer_end)
        case _:
            return LinkEnd(end, longer_end)


def end_in_argument(text: str, body: int, end: int) -> int:
    """Return the end of the link at the start of `text`, which is meant as a whole."""
    found = find_end(text, 0, body, end, len(text))
    is_text = _NOTHING_MORE.fullmatch(text, end) or PASSWORD.search(text, end)
    return found.longer_end if is_text or found.longer_end > end else len(text)


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
    goes_on = bool(_LIKE_LINK_END.search(tail) or _PARAMETER.search(tail))
    path, question, _ = link.partition("?")
    if _is_text(tail, path, goes_on=goes_on):
        return _Choice.SHORTER
    if (question and _QUERY_GOES_ON.match(tail)) or tail.lower().startswith(("<br", "<p>")):
        return _Choice.DOUBTFUL
    if not question and ends_with_file_extension(path):
        return _choose_after_file(tail, goes_on=goes_on)
    if tail[0] in ",;":  # `url,name`, or a name with a comma
        return _Choice.DOUBTFUL if goes_on or tail[1:2] != " " else _Choice.SHORTER
    if re.search(r"\s", tail):
        return _choose_at_blank(link, tail, goes_on=goes_on)
    is_joined = goes_on or tail.isascii() or tail.find("/") > 0
    return _Choice.LONGER if is_joined else _Choice.DOUBTFUL


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


def _choose_after_file(tail: str, *, goes_on: bool) -> _Choice:
    """Choose after a complete file name, which mostly ends the link."""
    if re.search(r"\s", tail) or tail[0] in "|,;":
        is_numbered = goes_on and tail.startswith(" (")  # `c.zip (2).zip`
        return _Choice.DOUBTFUL if is_numbered else _Choice.SHORTER
    is_doubtful = goes_on or _CONTINUES_PARAMETER.match(tail) or not tail.strip("~")
    return _Choice.DOUBTFUL if is_doubtful else _Choice.SHORTER


def _choose_at_blank(link: str, tail: str, *, goes_on: bool) -> _Choice:
    last = re.split("[/=]", link)[-1]
    starts_with_blank = tail[0].isspace()
    if starts_with_blank and not last:
        return _Choice.SHORTER
    if not goes_on:
        is_one_word = tail[0] == "\u3000" and len(tail.split()) == 1
        is_doubtful = is_one_word or "/" in tail or tail[-1] in ")]" or _joins(tail)
        return _Choice.DOUBTFUL if is_doubtful else _Choice.SHORTER
    is_name = not starts_with_blank or (_NAME_AFTER_BLANK.match(tail) and not _ID.fullmatch(last))
    return _Choice.LONGER if is_name and "\t" not in tail else _Choice.DOUBTFUL


def _joins(tail: str) -> bool:
    """Return whether the first word of `tail` follows without a blank and looks like a link."""
    word = "" if tail[0].isspace() else tail.split(maxsplit=1)[0]
    return bool(_FILE_IN_TEXT.search(word) or _PARAMETER.search(word) or _JOINED_AFTER.match(word))


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
    if "</" in word:
        return 0
    if not in_query and ends_with_file_extension(path):
        return _length_after_file(word, tail)
    if file := _FILE_IN_TEXT.search(word):
        return file.end()
    is_joined = _PARAMETER.search(word) or _JOINED_AFTER.match(word)
    return len(word) if is_joined else _length_of_name(tail, path)


def _length_after_file(word: str, tail: str) -> int:
    """Return how much of `tail`, or of its first `word`, may belong to a complete file name."""
    if tail.startswith(" ("):  # `c.zip (2).zip`
        name = _SENTENCE_NAME.match(tail)
        return name.end() if name and len(name[0].split()) == 1 else 0
    if not word.strip("~"):  # a backup, or the end of a sentence
        return len(word)
    file = _FILE_IN_TEXT.search(word)
    return file.end() if file and file.end() == len(word) and word[0] not in "|,;" else 0


def _length_of_name(tail: str, path: str) -> int:
    """Return the length of the file name that starts `tail`, after a `path`, or 0."""
    name = _SENTENCE_NAME.match(tail)
    most_words = 1 if tail[0] in ",;" else _MAX_SENTENCE_WORDS
    is_name = name and len(name[0].strip(",;").split()) <= most_words
    if not name or not is_name or (tail[0].isspace() and path[-1] == "/"):
        return 0
    return len(_trimmed(name[0]))


def _is_host_part(host: str, tail: str) -> bool:
    """Return whether `tail` completes the host that an invisible character has split."""
    return "." not in host and re.match(r"[A-Za-z0-9-]*\.[A-Za-z0-9]", tail) is not None


def _trimmed(text: str) -> str:
    """Return `text` without blanks and the punctuation of a sentence at its end."""
    trimmed = re.sub(rf"[\s{INVISIBLE}{_SENTENCE_MARKS}]+$", "", text[-80:])
    return text[:-80] + trimmed
