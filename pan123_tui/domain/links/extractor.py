"""Read any text into rows: its links, what is refused and why, and the lines without a link.

A line is searched for addresses; each one is followed to its end (`endings`), judged, and becomes
a row. Links stay as they are found, because normalizing would invalidate signed ones; only the
encoding of the text around them (thunder://, `&amp;`, `\\/` in JSON, full-width letters) is undone,
and what no link may contain is percent-encoded.
"""

import re
from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from pan123_tui.domain.links import shell_commands
from pan123_tui.domain.links.endings import (
    FILE_EXTENSION,
    PASSWORD,
    LinkEnd,
    ends_with_file_extension,
    find_end,
    find_seam,
    is_nothing,
)
from pan123_tui.domain.links.file_names import read_name
from pan123_tui.domain.links.labels import MAX_LABEL_CHARS, find_label
from pan123_tui.domain.links.review import ReviewRow, link_row, refused_row
from pan123_tui.domain.links.share_pages import share_page
from pan123_tui.domain.links.url import (
    INVISIBLE,
    OTHER_SCHEMES,
    Look,
    RejectionReason,
    check_url,
    drop_invisible,
    encode_link,
    end_of_other_scheme,
    is_for_web_page,
    is_wrapper,
    read_full_width,
    unwrap,
)
from pan123_tui.domain.sanitize import is_probably_gbk

_MAX_SOURCE_CHARS = 300
_MAX_TEXT_CHARS = 2_000
_MAX_ALONE_CHARS = 4_100
_HOST = r"(?:[a-z0-9-]{1,63}\.){1,8}"
_NO_DOMAIN = rf"(?!(?:{FILE_EXTENSION[5:-1]}|js|php|css|java|cpp|cfg|ini|conf|log)(?![a-z0-9-]))"
START = re.compile(
    rf"(?P<known>https?|{'|'.join(OTHER_SCHEMES)})://|(?P<magnet>magnet):\?"
    r"|(?<![a-z0-9+.-])(?P<other>[a-z][a-z0-9+.-]{1,15})://"
    rf"|(?<![a-z0-9])(?P<typo>https?:/(?=[^\s/])|https?(?::|//)(?={_HOST}[a-z])"
    rf"|(?:{'|'.join(OTHER_SCHEMES)}):/?(?=[^\s/]{{1,60}}/))"
    rf"|(?:(?<![a-z0-9_@.%/\\{INVISIBLE}-])|(?<![a-z0-9_@.%/:\\-])//)(?P<bare>www\.{_HOST}[a-z]{{2,24}}"
    rf"|{_HOST}{_NO_DOMAIN}[a-z]{{2,24}}(?=(?::\d{{1,5}})?/[^\s/])"
    r"|\d{1,3}(?:\.\d{1,3}){3}(?=(?::\d{1,5})?/[^\s/]))",
    re.IGNORECASE,
)
"""What a link begins with, or what was meant as one: a mistyped scheme, a host with a path."""
_GLUED_HTTP = re.compile(r".+(https?)", re.IGNORECASE)
"""A link directly after other letters, as in `linkhttp://`."""
_JSON_ESCAPE = re.compile(r"\\/|\\u([0-9a-fA-F]{4})")
_NAMESPACE = re.compile(r"(?:xmlns(?::\w+)?=|DTD[^<>]{0,60})[\"']$|\"http://www\.w3\.org/$")
_MISTYPED = re.compile(r"[^\s\"'<>，。；、]+")
_OPTION = re.compile(r"\s+([a-z][a-z0-9-]+)=(.*)")
_ADDRESS_OPTIONS = frozenset({"referer", "header", "all-proxy", "http-proxy", "https-proxy"})
"""Options of an aria2 input file with an address that is no download."""
_TABLE_HEAD = re.compile(
    r"\s*\"?(?:url|link|链接|地址)\"?\s*[,;\t]\s*\"?(?:file_?)?(?:name|名)", re.IGNORECASE
)
_CODE = re.compile(
    r"(?<!解压)(?<!压缩包)(?:提取码|访问码|取件码|密码|口令)"
    r"|(?:\b|_)(?:pwd|passcode|password|access code)\b\s*[:：=]",
    re.IGNORECASE,
)
_CODE_LINE = re.compile(rf"\W{{0,6}}(?:{_CODE.pattern})", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"[a-z][a-z0-9-]*=", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[>|\s]*(\S{2,400})\s*")
"""The word that a line begins with, after the signs of a quoted mail."""
_OTHER_PORT = re.compile(r":(?!0*443(?!\d))\d")
_CUT = re.compile(r"[-_=&%?+~,]$|%[0-9a-f]$", re.IGNORECASE)
_MAIL_WIDTH = 60
"""From this length a line may have been broken by a mail program or a terminal."""


class _CutLink(Struct, frozen=True):
    """The link at the end of the line before, which may go on in the next one."""

    line: str
    start: int
    prefix: str
    """What the link lacked before it."""


class _Rows(Struct):
    """The rows of a text, as they are found."""

    links: list[ReviewRow] = field(default_factory=list)
    refused: list[ReviewRow] = field(default_factory=list)
    texts: list[ReviewRow] = field(default_factory=list)
    last_line_start: int = 0
    """The index of the first link from the last line that has links."""
    is_table: bool = False
    """Whether a line said that links and names follow, with a comma between them."""
    cut: _CutLink | None = None
    as_written: str = ""
    """The line that is being read, with its full-width signs; empty if it has none."""

    def add(self, url: str, *, label: str = "", source: str = "", look: Look | None = None) -> None:
        if (reason := check_url(url)) is not None:
            self.refuse(url, reason)
        else:
            look = Look.SHARE_PAGE if share_page(url) else look
            self.links.append(link_row(url, label=label, source=source, look=look))

    def add_found(
        self,
        line: str,
        start: int,
        found: LinkEnd,
        *,
        label: str = "",
        prefix: str = "",
        look: Look | None = None,
    ) -> None:
        """Add the link at `start` of `line`, to be looked at if its end is unclear."""
        url = encode_link(prefix + line[start : found.end].replace("&amp;", "&"))
        written = self.as_written or line
        address = line.find("://", start, found.end) + 1 or start
        if not found.is_clear or line[address : found.end] != written[address : found.end]:
            look = look if look and found.is_clear else Look.END
        self.add(url, label=label, source=_excerpt(written, start, found.end), look=look)
        if len(line) - found.end < 5 and not line[found.end :].strip(" .?!"):
            self.cut = _CutLink(line, start, prefix)

    def refuse(self, text: str, reason: RejectionReason) -> None:
        self.refused.append(refused_row(text, reason))

    def add_text(self, line: str) -> None:
        self.texts.append(refused_row(line.strip()[:_MAX_TEXT_CHARS], RejectionReason.NO_LINK))

    def join(self, cut: _CutLink, word: str) -> None:
        """Join the link at the end of the line before with `word`, the whole next line."""
        link = self.links.pop()
        joined = cut.line.rstrip() + word
        url = encode_link(cut.prefix + joined[cut.start :])
        self.add(url, source=f"{link.source}\n{word}", look=Look.WRAPPED)
        self.cut = _CutLink(joined, cut.start, cut.prefix)


def decode_text(content: bytes) -> str:
    """Decode UTF-16 with a byte order mark, else UTF-8, else GBK; never raises."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    text = content.decode("utf-8-sig", errors="replace")
    return content.decode("gb18030", errors="replace") if is_probably_gbk(text) else text


def extract(text: str) -> tuple[ReviewRow, ...]:
    """Return the rows of any text: links, then what is refused, then the lines without a link.

    Takes time linear in the length of the text; never raises.
    """
    rows = _Rows()
    lines = iter(text.splitlines())
    for line in lines:
        cut, rows.cut = rows.cut, None
        if shell_commands.starts_command(line):
            _read_command(line, lines, rows)
        elif cut and (rest := _rest_of_cut_link(cut, line)):
            rows.join(cut, rest[0])
            if rest[1]:
                rows.cut = None
                _read_readable(rest[1], rows)
        elif line.strip():
            _read_readable(line, rows)
    return (*rows.links, *rows.refused, *rows.texts)


def has_addresses(text: str) -> bool:
    """Return whether `text` has links, or anything that may have been meant as one."""
    return not all(row.is_mere_text for row in extract(text))


def extract_argument(text: str) -> tuple[ReviewRow, ...]:
    """Return the rows of an argument, which is taken whole if it may be a single link."""
    written = _unescaped(drop_invisible(text).strip())
    bare = read_full_width(written)
    match = re.match("https?://", bare, re.IGNORECASE)
    has_blank = any(map(str.isspace, bare))
    is_text = "\n" in bare or PASSWORD.search(bare) or (has_blank and START.search(bare, 8))
    if match is None or is_text:
        return extract(text)
    rows = _Rows(as_written=written)
    seam = find_seam(bare, 0, match.end())
    rows.add_found(bare, 0, LinkEnd(seam if is_nothing(bare[seam:]) else len(bare)))
    return (*rows.links, *rows.refused)


def _unescaped(line: str) -> str:
    """Return `line` without the escapes of JSON."""
    if ":\\/\\/" in line:
        line = _JSON_ESCAPE.sub(lambda it: chr(int(it[1], 16)) if it[1] else "/", line)
    return line


def _read_readable(line: str, rows: _Rows) -> None:
    """Read `line` without the escapes of JSON and with its links in ASCII letters."""
    rows.as_written = _unescaped(line)
    _read_line(read_full_width(rows.as_written), rows)
    rows.as_written = ""


def _read_command(line: str, lines: Iterator[str], rows: _Rows) -> None:
    """Read the links of a command with its continuation lines."""
    parts = [line]
    while shell_commands.continues(parts[-1]) and (following := next(lines, None)) is not None:
        parts[-1] = parts[-1].rstrip()[:-1]
        parts.append(following)
    rows.last_line_start = len(rows.links)
    found = shell_commands.parse_command(" ".join(parts))
    for url, name in found:
        rows.add(url, label=name, source=line[:_MAX_SOURCE_CHARS])
    if not found:
        for part in parts:
            _read_line(part, rows)


def _read_line(line: str, rows: _Rows) -> None:
    """Read the links of one line; one without any is other text."""
    option = _OPTION.fullmatch(line)
    if option and option[1] == "out":
        name = read_name(option[2].strip())
        rows.links[rows.last_line_start :] = [
            replace(row, name=name, label_name="") for row in rows.links[rows.last_line_start :]
        ]
        return
    if option and option[1] in _ADDRESS_OPTIONS and rows.links:
        rows.add_text(line)
        return
    link_count, refused_count = len(rows.links), len(rows.refused)
    at = 0
    while match := START.search(line, at):
        at = _read_address(line, match, at, rows)
    if len(rows.links) > link_count:
        rows.last_line_start = link_count
        _look_for_code(line, rows)
    elif len(rows.refused) == refused_count:
        if _CODE_LINE.match(line):
            _look_for_code(line, rows)
        rows.is_table = rows.is_table or _TABLE_HEAD.match(line) is not None
        rows.add_text(line)


def _read_address(line: str, match: re.Match[str], before_from: int, rows: _Rows) -> int:
    """Read the address that begins with `match`; return where it ends."""
    start, body = match.start(), match.end()
    if match["typo"]:
        found = _MISTYPED.match(line, start)
        end = found.end() if found else body
        is_http = match["typo"][:4].lower() == "http"
        reason = RejectionReason.NO_SCHEME if is_http else RejectionReason.NOT_HTTP
        rows.refuse(line[start:end].rstrip("."), reason)
        return end
    if match["bare"]:
        start = match.start("bare")
        seam = max(find_seam(line, start, start), body)
        bare = find_end(line, start, start, seam, _next_address(line, start, seam))
        prefix = "http://" if _OTHER_PORT.match(line, body) else "https://"
        rows.add_found(line, start, bare, prefix=prefix, look=Look.SCHEME)
        return bare.end
    scheme = (match["known"] or match["magnet"] or match["other"]).lower()
    if glued := _GLUED_HTTP.fullmatch(scheme):
        start, scheme = start + glued.start(1), glued[1]
    if scheme in {"http", "https"}:
        return _read_http(line, start, body, before_from, rows)
    end = end_of_other_scheme(line, start, body, scheme)
    link = _unwrapped(scheme, line[start:end], line[body:end])
    if isinstance(link, RejectionReason):
        rows.refuse(line[start:end], link)
    else:
        label, _ = find_label(line, before_from, start, end, end)
        rows.add(link, label=label, source=_excerpt(line, start, end))
    return end


def _unwrapped(scheme: str, text: str, body: str) -> str | RejectionReason:
    if is_wrapper(scheme):
        return unwrap(scheme, body)
    return RejectionReason.WEB_PAGE_ONLY if is_for_web_page(text) else RejectionReason.NOT_HTTP


def _read_http(line: str, start: int, body: int, before_from: int, rows: _Rows) -> int:
    seam = find_seam(line, start, body, is_listed=rows.is_table)
    if seam <= body:
        if not START.match(line, body):
            rows.refuse(line[start:body], RejectionReason.NO_HOST)
        return body
    if _NAMESPACE.search(line[max(0, start - 80) : start]):
        return seam
    if line.startswith(f"]({line[start:seam]})", seam):  # the label of a link is the link
        return seam
    until = _next_address(line, start, seam)
    is_field = rows.is_table and line.startswith(",", seam)
    found = LinkEnd(seam) if is_field else find_end(line, start, body, seam, until)
    label, after = find_label(line, before_from, start, found.end, until)
    rows.add_found(line, start, found, label=label if found.is_clear else "")
    return after


def _next_address(line: str, start: int, end: int) -> int:
    """Return where the next address after `end` starts, or the end of the line."""
    window = _MAX_ALONE_CHARS if start < MAX_LABEL_CHARS else MAX_LABEL_CHARS
    following = START.search(line, end, end + window)
    return following.start() if following else len(line)


def _rest_of_cut_link(cut: _CutLink, line: str) -> tuple[str, str] | None:
    """Return the first word of `line` if it may be the rest of the link before, and what follows.

    A word that is not alone there must be the end of a file's name.
    """
    first = _NEXT_WORD.match(line)
    link = cut.line[cut.start :].rstrip()
    if first is None or any(it.match(first[1]) for it in (START, _CODE_LINE, _ASSIGNMENT)):
        return None
    after = line[first.end() :]
    file = first[1].rstrip(".,;:!?")
    is_file = ends_with_file_extension(file.partition("?")[0])
    rest = file if is_file else first[1]
    if "?" not in link and ends_with_file_extension(link):
        return None
    is_cut = _CUT.search(link) is not None
    is_broken = len(cut.line.rstrip()) >= _MAIL_WIDTH and bool(re.search(r"[\d_/-]", rest))
    if after:
        return (rest, after) if is_file and rest.isascii() and (is_cut or is_broken) else None
    goes_on = is_cut or is_broken or re.search(r"[%&=/]", rest)
    return (rest, "") if is_file or (rest.isascii() and goes_on) else None


def _look_for_code(line: str, rows: _Rows) -> None:
    """Have the links of the last line with links looked at where a code stands beside them."""
    if not _CODE.search(line):
        return
    for index in range(rows.last_line_start, len(rows.links)):
        row = rows.links[index]
        if row.look is None and _is_file(row.text):  # the code opens the archive
            continue
        is_below = line.strip() not in row.source and row.source not in line
        source = f"{row.source}\n{line.strip()}" if is_below else row.source
        look = row.look or Look.CODE
        rows.links[index] = replace(row, look=look, source=source[: _MAX_SOURCE_CHARS * 2])


def _is_file(url: str) -> bool:
    path = url.partition("?")[0].lower()
    return ends_with_file_extension(path) and not path.endswith((".html", ".htm"))


def _excerpt(line: str, start: int, end: int) -> str:
    """Return the line, or the part of a long line around the link."""
    if len(line) <= _MAX_SOURCE_CHARS:
        return line.strip()
    return line[max(0, start - 60) : min(end, start + _MAX_SOURCE_CHARS) + 60].strip()
