"""Tables in a text: which of their columns have links and folders, where a field ends."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from pan123_tui.domain.links.endings import (
    FILE_EXTENSION,
    START,
    ends_with_file_extension,
    find_seam,
)
from pan123_tui.domain.links.file_names import folder_path

_LIKE_LINK = re.compile(rf"(?!.*{FILE_EXTENSION}$)[\w.~-]+", re.ASCII | re.IGNORECASE)
_LINK_COLUMN = re.compile(r"(?i)(?:\w{1,9}[ _-])?(?:ur[li]|link|href)s?|\w{0,4}(?:链接|[地网]址)")
_FOLDER_COLUMN = re.compile(r"(?i)folder|dir(?:ectory)?|\w{0,2}(?:文件夹|目录)")
_QUOTED = re.compile(r'"[^"]*"')
_MAX_LINE = 2_000


class Table(NamedTuple):
    separator: str = ""
    columns: Sequence[bool] = (False,)
    """Which of them have links; one: the table has ended."""
    folder: int = -1
    """The column that names folders, if any does."""

    def at(self, line: str) -> "Table":
        """Return the table as it is at `line`, which ends it if it has too few fields."""
        goes_on = line.strip() and line.count(self.separator) >= len(self.columns) - 1
        return self if goes_on else Table(self.separator)

    def may_have_ended_in(self, link: str) -> bool:
        """Return whether what follows a comma in `link`, below the table, may be another field."""
        return len(self.columns) == 1 and self.separator != "" and self.separator in link

    def folder_in(self, line: str) -> str:
        """Return the folder that `line` names; empty: none."""
        if self.folder < 0 or len(self.columns) < 2 or len(line) > _MAX_LINE:
            return ""
        hidden = _QUOTED.sub(lambda quoted: quoted[0].replace(self.separator, "\0"), line)
        fields = hidden.split(self.separator)
        if len(fields) != len(self.columns):
            return ""
        return folder_path(fields[self.folder].strip(' "').replace("\0", self.separator))

    def field_end(self, line: str, start: int, body: int) -> tuple[int, bool]:
        """Return where a link that begins a field ends, or 0, and whether its commas are clear."""
        separator, columns = self.separator, self.columns
        if separator in ("", "\t") or len(line) > _MAX_LINE:  # no link has a tab
            return 0, True
        before = _QUOTED.sub("", line[:start]).rstrip()
        place = before.count(separator)
        if before[-1:] not in ("", separator) or not any(columns[place : place + 1]):
            return 0, True
        fields = _QUOTED.sub(lambda quoted: '"' * len(quoted[0]), line[start:]).split(separator)
        first, extra = fields[0].rstrip(), len(fields) - len(columns[place:])
        is_file = "?" not in first and ends_with_file_extension(first)
        others = (it for i, it in enumerate(fields, place) if i not in (place, self.folder))
        may_go_on = (re.search(r"[/?=]|&\w", it) for it in others if not START.match(it.lstrip()))
        if any(may_go_on) or (extra > 0 and not is_file):
            return 0, False
        end = start + len(first)
        is_clear = is_file or len(columns) > 2 or not _LIKE_LINK.fullmatch(fields[-1])
        return (end if find_seam(line[:end], start, body) == end else 0), is_clear


def read_head(line: str) -> Table | None:
    """Return the table of which `line` is the head, if it names a column of links."""
    table = None
    for separator in ",;\t":
        names = [it.strip(' "\ufeff') for it in line.split(separator)]
        columns = [_LINK_COLUMN.fullmatch(it) is not None for it in names]
        if any(columns) and len(columns) > 1 and max(map(len, names)) <= 20:
            folders = (i for i, it in enumerate(names) if _FOLDER_COLUMN.fullmatch(it))
            table = Table(separator, columns, next(folders, -1))
    return table
