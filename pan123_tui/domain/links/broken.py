"""Links that a chat, a mail or a terminal has broken into lines."""

import re
from typing import NamedTuple

from pan123_tui.domain.links.endings import CODE_LINE, SIZE, START, ends_with_file_extension

_RULE = re.compile(r"[\W_]{3,}$")
_NO_REST = (START, CODE_LINE, _RULE, re.compile(r"\S*://"), re.compile("(?i)[a-z][a-z0-9-]*="))
_SIZE_ALONE = re.compile(rf"^[\s(（\[]*{SIZE}[\])）]?\s*$")
_NEXT_WORD = re.compile(r"[>|\s]*([^\s>|][^\s>]{1,399}|\w)[\s>]*")
"""After the signs of a quoted mail."""
CUT = re.compile(r"[-_=&%?+~,]$|%[0-9a-f]$", re.IGNORECASE)
_OPEN_QUERY = re.compile(r"[?&][\w.-]*$")
_MAIL_WIDTH = 60
"""From this length a line may have been broken by a mail program or a terminal."""
_MIN_WIDTH = 20
"""From this length a word that others follow may fill a line of a broken link."""


class Cut(NamedTuple):
    """A link that may go on in the next line."""

    url: str = ""
    line: str = ""
    """In which it begins."""
    is_full: bool = False
    """Whether the line before is one in the middle of it."""


class Rest(NamedTuple):
    word: str
    punctuation: str
    after: str
    """The remaining text of its line."""
    is_full: bool


def find_rest(cut: Cut, line: str, below: str) -> Rest | None:
    """Return the rest of the link `cut` at the start of `line`; None: it does not go on there."""
    if not cut.url or (first := _NEXT_WORD.match(line)) is None:
        return None
    is_option = line[0].isspace() and not cut.line[0].isspace()
    is_field = cut.is_full or (_OPEN_QUERY.search(cut.url) and not is_option)
    if any(it.match(first[1]) for it in _NO_REST[: -1 if is_field else None]):
        return None
    after = _SIZE_ALONE.sub("", line[first.end() :])
    file, path = _file_and_path(first[1])
    is_split = "." not in path[1:] and ends_with_file_extension(cut.url[-5:] + path)
    is_file = ends_with_file_extension(path) or is_split
    word = file if is_file else first[1]
    width = len(cut.line)
    is_full = not after and len(line.rstrip()) >= max(_MIN_WIDTH, width * 0.75)
    is_broken = cut.is_full or (is_full and _may_be_rest(below))
    is_mail = width >= _MAIL_WIDTH and len(word) > 1 and re.search(r"[\d_/-]", word)
    is_open = f"<{cut.url}" in cut.line
    is_likely = bool(is_broken or is_mail or is_open or CUT.search(cut.url))
    if "?" not in cut.url[:-1] and ends_with_file_extension(cut.url.rstrip(" .?!")):
        is_query = cut.url.endswith("?") and (cut.is_full or "=" in word)
        goes_on = not after and (is_query or is_split)
    elif after:
        goes_on = (is_file or is_open) and word.isascii() and is_likely
    else:
        goes_on = is_file or (word.isascii() and bool(is_likely or re.search("[%&=/]", word)))
    return Rest(word, first[1][len(word) :], after, is_full) if goes_on and word else None


def _file_and_path(word: str) -> tuple[str, str]:
    """Return `word` without the punctuation at its end, and what precedes its query."""
    file = word.rstrip(".,;:!?")
    return file, file.partition("?")[0]


def _may_be_rest(line: str) -> bool:
    """Return whether a link may end in `line`: it is a word, or begins with a file's name."""
    first = _NEXT_WORD.match(line)
    if first is None or not first[1].isascii() or any(it.match(first[1]) for it in _NO_REST[:-1]):
        return False
    return first.end() == len(line) or ends_with_file_extension(_file_and_path(first[1])[1])
