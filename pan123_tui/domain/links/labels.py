"""Labels: the file name that stands beside a link."""

import html
import re

from pan123_tui.domain.links.endings import FILE_EXTENSION

MAX_LABEL_CHARS = 300
_TAG = re.compile(r"<[^<>]{0,200}>")
_SCHEME = re.compile(r"\w{2,10}://|\w+:\?")
_HREF_BEFORE = re.compile(r"\bhref\s*=\s*[\"']?$", re.IGNORECASE)
_AFTER = re.compile(
    rf"[\"'>]?\s{{0,4}}[,;|\t]\s{{0,4}}"
    rf"(?:\"((?:[^\"]|\"\")+)\"|([^\t|\"]+?{FILE_EXTENSION})\s*(?:[,;|\t]|$))",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:^|[\t|,])\s*\"?([^\t|,\":*?<>/\\]+{FILE_EXTENSION})\"?\s*[\t|,:：=>→—-]*\s*\"?$",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:\d{1,4}[.)、]|[-*•])\s+")


def find_label(line: str, before_from: int, start: int, end: int, until: int) -> tuple[str, int]:
    """Return the label of the link from `start` to `end`, and where the text after both continues.

    `before_from` is the end of the link before, `until` the start of the link after: a name
    between two links is ambiguous and ignored.
    """
    before = line[max(0, start - MAX_LABEL_CHARS) : start]
    if before.lower().endswith("[url="):
        return _between(line, end, "]", "[/")
    if _HREF_BEFORE.search(before[-12:]):
        return _between(line, end, ">", "</a")
    label = ""
    if (markdown := before.removesuffix("<")).endswith("]("):
        label = markdown[markdown.rfind("[") + 1 : -2]
    elif until >= len(line) and (after := _AFTER.match(line[end : end + MAX_LABEL_CHARS])):
        label = after[2] or after[1].replace('""', '"')
    elif before_from == 0 and start <= MAX_LABEL_CHARS:
        named = _BEFORE.search(_LIST_MARK.sub("", before))
        label = named[1] if named else ""
    return _clean_label(label), end


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
