"""Read any text into rows: its links, what is refused and why, and the lines without a link.

Links stay as they are found, because normalizing would invalidate signed ones; only the encoding of
the text around them (`&amp;`, `\\/` in JSON) is undone, and what no link may contain is encoded.
"""

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise
from urllib.parse import unquote

from msgspec.structs import replace

from pan123_tui.domain.links.broken import CUT, Cut, find_rest
from pan123_tui.domain.links.commands import COMMAND, HEADER, PLAIN_COMMAND, take_name
from pan123_tui.domain.links.endings import (
    CODE,
    CODE_LINE,
    NOTHING_MORE,
    PASSWORD,
    START,
    ends_with_file_extension,
    find_ends,
    find_label,
    find_seam,
    is_clear_end,
    is_cut,
)
from pan123_tui.domain.links.file_names import folder_path, last_name
from pan123_tui.domain.links.review import ReviewRow, link_row
from pan123_tui.domain.links.tables import Table, read_head
from pan123_tui.domain.links.url import (
    Doubt,
    RejectionReason,
    check_url,
    drop_invisible,
    duplicate_key,
    encode_link,
    end_of_other_scheme,
    host_of,
    read_full_width,
    unwrap,
)

_MAX_SOURCE_CHARS = 300
_MAX_TEXT = 2_000
_JSON_ESCAPE = re.compile(r"\\/|\\u([0-9a-fA-F]{4})")
_ENTITY = re.compile(r"(?i)&#(?!3[49];|x2[27];)(?:x[0-9a-f]{2}|[0-9]{2,3});")
"""A sign by its number, as web pages write it; not a quote, which may end a link."""
_NAMESPACE = re.compile(r"(?:xmlns(?::\w+)?=|DTD[^<>]{0,60})[\"']$|\"http://www\.w3\.org/$")
_OPTION = re.compile(
    r"\s+(?:out=(.*)|(header|referer|user-agent|load-cookies|http-(?:user|passwd))=.*|dir=(.*)"
    r"|(?:bt-[a-z-]+|[a-z]+-proxy)=.*)"
)
"""A line of an aria2 input file with a name or folder, or an address that is no download."""
_MIRRORS = re.compile(r"\s*https?://\S+(?:\t+https?://\S+)+\s*", re.IGNORECASE)
"""A line of an aria2 input file, or of a table, that has nothing but links."""
_APART = re.compile(r"(?i)[^\S\n]+(?=(?:[a-z0-9-]{1,63}\.){1,8}[a-z0-9]{1,24}(?![\w.-]))")
"""A blank between a scheme and a host."""
_OTHER_PORT = re.compile(r":(?!0*443(?!\d))\d")


_DOUBTS_ABOUT_END = (None, Doubt.END, Doubt.SHORTENED)


class _Reader:
    def __init__(self) -> None:
        self.links: list[ReviewRow] = []
        self.refused: list[ReviewRow] = []
        self.texts: list[ReviewRow] = []
        self._line_start = 0
        """The index of the first link of the last line that has any."""
        self._table = Table()
        self._cut = Cut()
        self._tool = ""
        self._has_options = False
        """Of the command that is being read: whether it may do more than download."""
        self._written = ""
        """The line that is being read, with its full-width signs."""

    def read(self, text: str) -> None:
        # Python on Windows may write a table with two line ends after each line.
        at, text = 0, "\n".join(text.replace("\r\r\n", "\n").splitlines())
        if ":\\/\\/" in text or "\\u0026" in text:
            text = _JSON_ESCAPE.sub(
                lambda escape: chr(int(escape[1], 16)) if escape[1] else "/", text
            )
        if "&#" in text:
            text = _ENTITY.sub(lambda sign: unescape(sign[0]), text)
        text = re.sub("&(?:amp;)+", "&", text)
        for command in COMMAND.finditer(text):
            start = text.rfind("\n", 0, command.start()) + 1
            self._read_lines(text[at:start])
            at = command.end()
            if START.search(text, start, command.start()):
                self._read_line(text[start : command.start()])
            self._cut = Cut()
            # Chrome writes `^` before all signs of a command for Windows.
            line = re.sub(r"\^(?=\S)", "", command[0]) if ' ^"' in command[0] else command[0]
            self._read_command(line, command["tool"].lower())
        self._read_lines(text[at:])

    def _read_lines(self, text: str) -> None:
        for line, below in pairwise([*text.split("\n"), ""]):
            if not line.strip():
                self._cut = (
                    self._cut._replace(is_full=False) if CUT.search(self._cut.url) else Cut()
                )
                self._table = self._table.at(line)
            elif not self._join(line, below):
                self._read_line(line)

    def add(
        self,
        url: str,
        *,
        label: str = "",
        source: str = "",
        doubt: Doubt | None = None,
        longer: str = "",
    ) -> bool:
        """Add the row of `url`; return whether it is a link that the service takes."""
        if reason := check_url(url):
            self.refused.append(ReviewRow(url, reason=reason))
            return False
        if self._has_options:  # whose line may have a secret
            source, doubt = f"{self._tool} … '{url}'", Doubt.COMMAND
        row = link_row(url, label=label, source=source, doubt=doubt)
        self.links.append(replace(row, longer=longer) if longer else row)
        return True

    def _join(self, line: str, below: str) -> bool:
        """Join the link that ends the previous line to the first word; return whether they fit."""
        cut, self._cut = self._cut, Cut()
        rest = find_rest(cut, read_full_width(line), below)
        if rest is None:
            return False
        row, longer = self.links[-1], encode_link(cut.url + rest.word)
        doubt = Doubt.WRAPPED if row.doubt in _DOUBTS_ABOUT_END else row.doubt
        source = f"{row.source}\n{rest.word}"
        self.links[-1] = replace(row, doubt=doubt, longer=longer, source=source)
        if rest.after:
            self._read_line(rest.after)
        else:
            self._cut = Cut(longer + rest.punctuation, cut.line, rest.is_full)
        return True

    def _read_command(self, command: str, tool: str) -> None:
        """Read the links of a download command; the address in a header is none to download."""
        name, line = take_name(command, tool)
        self._tool, self._has_options = tool, not PLAIN_COMMAND.fullmatch(line)
        headers = [it[:_MAX_TEXT] for it in HEADER.findall(line)]
        self.texts += [ReviewRow(it, reason=RejectionReason.NO_LINK) for it in headers]
        if self._read_line(HEADER.sub("", line), command) and name:
            self._take_as_mirrors(name)
        self._tool, self._has_options = "", False

    def _read_line(self, line: str, written: str = "") -> bool:
        """Read the links of a line, and return whether it has any; else it is other text."""
        self._written, line = written or line, read_full_width(line)
        self._table = self._table.at(line)
        option = _OPTION.fullmatch(line) if self.links else None
        if option and option.lastindex:
            self._take_as_mirrors(
                last_name(option[1] or ""), option[2], folder_path(option[3] or "")
            )
            return False
        link_count, other_count, at = len(self.links), len(self.refused) + len(self.texts), 0
        while not option and (match := START.search(line, at)):
            at = self._read_address(line, match, at)
        if len(self.links) > link_count:
            self._line_start = link_count
            if _MIRRORS.fullmatch(line) and _is_one_file(self.links[link_count:]):
                self._take_as_mirrors()
            if folder := self._table.folder_in(self._written):
                self.links[link_count:] = [
                    replace(it, folder=folder) for it in self.links[link_count:]
                ]
            if not self._tool:
                self._find_code(line)
            return True
        if len(self.refused) + len(self.texts) == other_count:
            self._read_text(line)
        return False

    def _read_text(self, line: str) -> None:
        """Read a line without a link; an access code in it, or names of columns, are for others."""
        if CODE_LINE.match(line):
            self._find_code(line)
        self._table = read_head(line) or self._table
        texts = [it.strip()[:_MAX_TEXT] for it in self._written.split("\n")]
        self.texts += [ReviewRow(text, reason=RejectionReason.NO_LINK) for text in texts]

    def _read_address(self, line: str, match: re.Match[str], before_from: int) -> int:
        """Read the address that begins with `match`; return where it ends."""
        start, body, typo = match.start(), match.end(), match["typo"]
        scheme = (match["known"] or match["magnet"] or match["other"] or typo or "http").lower()
        if scheme in {"http", "https"}:
            return self._read_http(line, match, before_from)
        end = end_of_other_scheme(line, start, body, scheme)
        found = unwrap(line[start:end])
        if typo:
            found = RejectionReason.NO_SCHEME if scheme[:4] == "http" else RejectionReason.NOT_HTTP
        if isinstance(found, RejectionReason):
            text = line[start:end].rstrip(".") if typo else line[start:end]
            self.refused.append(ReviewRow(text, reason=found))
        else:
            self.add(found[0], source=self._excerpt(start, end), doubt=found[1])
        return end

    def _read_http(self, line: str, match: re.Match[str], before_from: int) -> int:
        start, body, prefix, doubt = match.start(), match.end(), "", None
        if not match["bare"] and (apart := _APART.match(line, body)):
            start, body, prefix, doubt = apart.end(), apart.end(), match[0], Doubt.SCHEME
        elif match["bare"]:
            start = body = match.start("bare")
            prefix = "http://" if _OTHER_PORT.match(line, match.end()) else "https://"
            doubt = Doubt.SCHEME
        is_field, is_clear = self._table.field_end(line, start, body)
        seam = is_field or max(find_seam(line, start, body), match.end())
        if seam <= body:
            if not START.match(line, body):
                self.refused.append(ReviewRow(line[start:body], reason=RejectionReason.BAD_HOST))
            return body
        if _NAMESPACE.search(line[max(0, start - 80) : start]):
            return seam
        following = START.search(line, seam)
        until = following.start() if following else len(line)
        is_whole = is_field or (self._tool and line[start - 1] not in "\"'")
        end, latest = (seam, seam) if is_whole else find_ends(line, start, body, seam, until)
        label = "" if self._tool else find_label(line, before_from, start, end, until)
        address = line.find("://", start, end) + 1 or start
        # Below a table, a comma may still be one of its own.
        is_clear = is_clear and not self._table.may_have_ended_in(line[start:end])
        if end < latest or end > seam:
            label, doubt = "", Doubt.END
        elif is_cut(line, body, end):
            doubt = doubt or Doubt.SHORTENED
        elif (
            not (is_clear and (label or is_clear_end(line, body, end)))
            or line[address:end] != self._written[address:end]
        ):
            doubt = doubt or Doubt.END
        url = encode_link(prefix + line[start:end])
        longer = encode_link(prefix + line[start:latest]) if latest > end else ""
        source = self._excerpt(start, latest)
        rest = line[latest:].rstrip()
        may_go_on = not self._tool and len(rest) < 5 and not rest.strip(" .?!")
        if self.add(url, label=label, source=source, doubt=doubt, longer=longer) and may_go_on:
            self._cut = Cut((longer or url) + rest, self._written.rstrip())
        return latest

    def _take_as_mirrors(self, name: str = "", option: str | None = None, folder: str = "") -> None:
        """Take the links of the latest line that has any as addresses of one file, called `name`.

        The first without a doubt is queued, into `folder`; the others are its duplicates.
        """
        rows = self.links[self._line_start :]
        for place, row in enumerate(rows, self._line_start):
            key, is_mirror = rows[0].key, row.is_mirror or row.key != rows[0].key
            mirror = replace(
                row,
                name=name or row.name,
                folder=folder or row.folder,
                key=key,
                is_mirror=is_mirror,
            )
            if option:  # whose value may be a secret
                source, doubt = f"{row.source}\n  {option}=…", row.doubt or Doubt.COMMAND
                mirror = replace(mirror, source=source, doubt=doubt)
            self.links[place] = mirror

    def _excerpt(self, start: int, end: int) -> str:
        """Return the line, or the part of a long one around the link; reading it finds the same."""
        if len(self._written) <= _MAX_SOURCE_CHARS:
            return self._written.strip()
        return self._written[max(0, start - 60) : min(end, start + _MAX_SOURCE_CHARS) + 60].strip()

    def _find_code(self, line: str) -> None:
        """If `line` holds an access code, mark the links of the latest line that has any."""
        if not CODE.search(line):
            return
        for index, row in enumerate(self.links[self._line_start :], self._line_start):
            path = row.text.partition("?")[0].lower()
            is_file = ends_with_file_extension(path) and not path.endswith((".html", ".htm"))
            if row.doubt is None and is_file:
                continue  # the code may open an archive
            source, text = row.source, line.strip()[:_MAX_SOURCE_CHARS]
            if text not in source and source not in line:
                source += f"\n{text}"
            self.links[index] = replace(row, doubt=row.doubt or Doubt.CODE, source=source)


def _is_one_file(rows: Sequence[ReviewRow]) -> bool:
    """Return whether several hosts have one file, by its name."""
    names, hosts = {row.shown_name for row in rows}, {host_of(row.text) for row in rows}
    return len(names) == 1 and len(hosts) == len(rows) > 1 and ends_with_file_extension(*names)


def extract(text: str) -> tuple[ReviewRow, ...]:
    """Return the rows of any text, in linear time: links, what is refused, lines without a link."""
    reader = _Reader()
    reader.read(text)
    return (*reader.links, *reader.refused, *reader.texts)


def has_addresses(text: str) -> bool:
    """Return whether `text` has links, or anything that may have been meant as one."""
    return not all(row.is_mere_text for row in extract(text))


def extract_argument(text: str) -> tuple[ReviewRow, ...]:
    """Return the rows of an argument, which is whole where a pasted text leaves the end unclear.

    A tab or a bar separates columns, so what has one is read as if it were pasted.
    """
    rows, whole = extract(text), encode_link(drop_invisible(text).strip())
    row = rows[0] if len(rows) == 1 else None
    is_clear = row and row.doubt in (None, Doubt.END) and not PASSWORD.search(text)
    if row is None or not is_clear or not whole.startswith(row.text) or re.search(r"[\t|]", text):
        return rows
    is_file = row.doubt is None and ends_with_file_extension(row.text)
    ends_there = is_file or NOTHING_MORE.fullmatch(unquote(whole.removeprefix(row.text)))
    link = row.text if ends_there else whole
    return (replace(row, text=link, key=duplicate_key(link), doubt=None),)
