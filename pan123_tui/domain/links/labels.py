"""The name beside a link in its line; apart from `file_names`, which every start imports."""

import re

from pan123_tui.domain.links.endings import FILE_EXTENSION

_AFTER = re.compile(
    rf"[\"'>]?\s{{0,4}}[,;|\t]\s{{0,4}}(?:\d{{1,15}}[,;|\t]\s{{0,4}})?"
    rf"(?:\"((?:[^\"]|\"\")+)\"|([^\t|\"]+?{FILE_EXTENSION})\s*(?:[,;|\t]|$))",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:^|[\t|,])\s*(?:\"([^\"]+{FILE_EXTENSION})\"|\"?([^\t|,\":*?<>/\\]+{FILE_EXTENSION})\"?)"
    r"\s*[\t|,:：=>→—-]*\s*\"?$",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:\d{1,4}[.)、]|[-*•])\s+")
_MAX_LABEL_CHARS = 300


def find_label(line: str, before_from: int, start: int, end: int, until: int) -> str:
    """Return the name beside a link; other links end at `before_from` and begin at `until`."""
    before = line[max(0, start - _MAX_LABEL_CHARS) : start]
    label = ""
    if (markdown := before.removesuffix("<")).endswith("]("):
        label = markdown[markdown.rfind("[") + 1 : -2]
    elif until >= len(line) and (after := _AFTER.match(line[end : end + _MAX_LABEL_CHARS])):
        label = after[2] or after[1].replace('""', '"')
    elif before_from == 0 and start <= _MAX_LABEL_CHARS:
        named = _BEFORE.search(_LIST_MARK.sub("", before))
        label = (named[1] or named[2]) if named else ""
    return " ".join(label.split()).strip("*_`\"'")
