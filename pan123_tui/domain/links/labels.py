"""Labels: the file name that the text around a link suggests."""

import html
import re

from pan123_tui.domain.links.endings import FILE_EXTENSION, PASSWORD, ends_with_file_extension

MAX_LABEL_CHARS = 300
_TAG = re.compile(r"<[^<>]{0,200}>")
_SCHEME = re.compile(r"\w{2,10}://|\w+:\?")
_HREF_BEFORE = re.compile(r"\bhref\s*=\s*[\"']?$", re.IGNORECASE)
_FIELD_AFTER = re.compile(
    r"[\"'>]?\s{0,4}(?:[,;|]\s{0,4}|\t)(?:\"((?:[^\"]|\"\"){1,300})\"|([^\t|\"]+))"
)
_FIELD_BEFORE = re.compile(
    r"(?:^|[\t|,])\"?([^\t|,\"$]*[^\t|,\"$\d\s][^\t|,\"$]*)\"?(?:[,$]|\s?[\t|]\s?)\"?$"
)
_FILE = re.compile(
    rf"^\s*[:：=\-—>→]*\s*([^\s:*?\"<>|/\\][^:*?\"<>|/\\]*{FILE_EXTENSION})\W{{0,3}}$",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:\d{1,4}[.)、]|[-*•])\s+")


def find_label(line: str, before_from: int, start: int, end: int, until: int) -> tuple[str, int]:
    """Return the label of the link from `start` to `end`, and where the text after both continues.

    `before_from` is the end of the link before, `until` the start of the link after.
    """
    before = line[max(0, start - MAX_LABEL_CHARS) : start]
    if before.lower().endswith("[url="):
        return _between(line, end, "]", "[/")
    if _HREF_BEFORE.search(before[-12:]):
        return _between(line, end, ">", "</a")
    markdown = before.removesuffix("<")
    if markdown.endswith("]("):
        return _clean_label(markdown[markdown.rfind("[") + 1 : -2]), end
    return _field_beside(line, before_from, start, end, until), end


def _field_beside(line: str, before_from: int, start: int, end: int, until: int) -> str:
    """Return the name in the field beside a link (`url,name`, `name<Tab>url`, `name.mp4 url`).

    A field between two links is ambiguous and ignored.
    """
    if until >= len(line):
        after = line[end : end + MAX_LABEL_CHARS]
        if field := _FIELD_AFTER.match(after):
            name = _first_field(field)
            is_sentence = after.lstrip("\"' ")[:1] in (",", ";") and line[:start].strip("\"' ")
            is_name = ends_with_file_extension(name) if is_sentence else not PASSWORD.search(name)
            return name if is_name else ""
        if file := _FILE.match(after.lstrip("\"'")):
            return _clean_label(file[1])
    if before_from == 0 and 0 < start <= MAX_LABEL_CHARS:
        listed = _LIST_MARK.sub("", line[:start])
        if named := _FIELD_BEFORE.search(listed) or _FILE.match(listed):
            return _clean_label(named[1])
    return ""


def _first_field(field: re.Match[str]) -> str:
    """Return the field after the link; it includes a comma if only then it has an extension."""
    if field[1]:
        return _clean_label(field[1].replace('""', '"'))
    first = field[2].partition(",")[0]
    has_comma = _FILE.match(field[2]) is not None and _FILE.match(first) is None
    return _clean_label(field[2] if has_comma else first)


def _between(line: str, end: int, opening: str, closing: str) -> tuple[str, int]:
    first = line.find(opening, end, end + MAX_LABEL_CHARS)
    last = line.find(closing, first, first + MAX_LABEL_CHARS) if first >= 0 else -1
    if last < 0:
        return "", end
    return _clean_label(html.unescape(_TAG.sub("", line[first + len(opening) : last]))), last


def _clean_label(text: str) -> str:
    """Return `text` as one line, or an empty string if it contains a link."""
    words = " ".join(text.split()).strip("*_`\"'")
    return "" if _SCHEME.search(words) else words
