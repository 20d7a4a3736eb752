r"""Extract the links of any text, in order, what is refused and why, and the other lines.

Links are returned as found, because normalizing would invalidate signed ones; only encodings of
the text around them (thunder://, `&amp;` in HTML, `\/` in JSON, full-width letters) are undone,
and what no link may contain is percent-encoded.
"""

import re
from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from pan123_tui.domain.links import labels, shell_commands
from pan123_tui.domain.links.boundaries import (
    PASSWORD,
    SEARCH_WINDOW_CHARS,
    end_of_link,
    ends_with_file_extension,
)
from pan123_tui.domain.links.endings import LinkEnd, end_in_argument, find_end
from pan123_tui.domain.links.file_names import read_name
from pan123_tui.domain.links.found import ExtractedLink, ExtractionResult, RejectedText
from pan123_tui.domain.links.share_pages import share_page
from pan123_tui.domain.links.signs import (
    ADDRESS_OPTIONS,
    CODE,
    CODE_LINE,
    OPTION,
    START,
    TABLE_HEAD,
    Tail,
    rest_of_cut_link,
)
from pan123_tui.domain.links.url import (
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
_MAX_START_CHARS = 300
_MAX_ALONE_CHARS = 4_100
_GLUED_HTTP = re.compile(r".+(https?)", re.IGNORECASE)
"""A link directly after other letters, as in `linkhttp://`."""
_JSON_LINK = re.compile(r"(?:[^\s\"'<>\\]|\\/|\\u[0-9a-fA-F]{4})+")
_JSON_ESCAPE = re.compile(r"\\/|\\u([0-9a-fA-F]{4})")
_NAMESPACE = re.compile(r"(?:xmlns(?::\w+)?=|DTD[^<>]{0,60})[\"']$|\"http://www\.w3\.org/$")
_MISTYPED = re.compile(r"[^\s\"'<>，。；、]+")


class _ResultBuilder(Struct):
    """Collects the result of an extraction."""

    links: list[ExtractedLink] = field(default_factory=list)
    rejected: list[RejectedText] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    last_line_start: int = 0
    """The index of the first link from the last line that has links."""
    is_table: bool = False
    """Whether a line said that links and names follow, with a comma between them."""
    tail: Tail | None = None

    def add(self, url: str, *, name: str, source: str, look: Look | None = None) -> None:
        reason = check_url(url)
        if reason is not None:
            self.reject(url, reason)
            return
        if share_page(url):
            look = Look.SHARE_PAGE
        self.links.append(ExtractedLink(url, name, source=source, look=look))

    def add_found(
        self,
        line: str,
        start: int,
        found: LinkEnd,
        *,
        name: str = "",
        prefix: str = "",
        look: Look | None = None,
    ) -> None:
        """Add the link at `start` of `line`, to be looked at if its end is unclear."""
        end = found.end
        url = line[start:end]
        if "&amp;" in url and labels.is_in_markup(line, start):
            url = url.replace("&amp;", "&")
        self.add(
            encode_link(prefix + url),
            name=name,
            source=_source_excerpt(line, start, end),
            look=look if found.is_clear else Look.END,
        )
        if len(line) - end < 5 and not line[end:].strip(" .?!"):
            self.tail = Tail(line, start, prefix)

    def reject(self, text: str, reason: RejectionReason) -> None:
        self.rejected.append(RejectedText(text, reason))

    def result(self) -> ExtractionResult:
        return ExtractionResult(tuple(self.links), tuple(self.rejected), tuple(self.texts))

    def change_last_line(self, **changes: object) -> None:
        """Change the links of the last line that has links."""
        for index in range(self.last_line_start, len(self.links)):
            self.links[index] = replace(self.links[index], **changes)

    def join(self, tail: Tail, word: str) -> None:
        """Join the link at the end of the line before with `word`, the whole next line."""
        link = self.links.pop()
        joined = tail.line.rstrip() + word
        self.add(
            encode_link(tail.prefix + joined[tail.start :]),
            name="",
            source=f"{link.source}\n{word}",
            look=Look.WRAPPED,
        )
        self.tail = Tail(joined, tail.start, tail.prefix)


def decode_text(content: bytes) -> str:
    """Decode UTF-16 with a byte order mark, else UTF-8, else GBK; never raises."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    text = content.decode("utf-8-sig", errors="replace")
    return content.decode("gb18030", errors="replace") if is_probably_gbk(text) else text


def extract(text: str) -> ExtractionResult:
    """Extract every link of `text`: a list, a chat, HTML, shell commands, an aria2 input file.

    Takes time linear in the length of the text; never raises.
    """
    builder = _ResultBuilder()
    lines = iter(text.splitlines())
    for line in lines:
        tail, builder.tail = builder.tail, None
        if shell_commands.starts_command(line):
            _extract_command(line, lines, builder)
        elif tail and (word := rest_of_cut_link(tail, line)):
            builder.join(tail, word)
        elif line.strip():
            _extract_line(read_full_width(line), builder)
    return builder.result()


def extract_argument(text: str) -> ExtractionResult:
    """Extract the links of an argument, which is taken whole if it may be a single link."""
    bare = read_full_width(drop_invisible(text).strip())
    match = START.match(bare)
    scheme = (match["known"] or "").lower() if match else ""
    if match is None or scheme not in {"http", "https"} or "\n" in bare:
        return extract(text)
    whole = len(bare)
    if any(char.isspace() for char in bare) or PASSWORD.search(bare):
        end = end_of_link(bare, 0, match.end())
        if end <= match.end() or START.search(bare, end):
            return extract(text)
        whole = end_in_argument(bare, match.end(), end)
    builder = _ResultBuilder()
    builder.add_found(bare, 0, LinkEnd(whole))
    _look_for_code(bare, builder)
    return builder.result()


def split_into_chunks(text: str, *, chars: int = 50_000) -> Iterator[str]:
    """Yield chunks of `text` that together have the same links.

    Chunks start at a line that is neither an option nor the continuation of a command or a link.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", start + chars) + 1 or len(text)
        while end < len(text) and (
            text[end].isspace()
            or shell_commands.continues(text[max(0, end - 10) : end])
            or _is_without_link(text, end)
        ):
            end = text.find("\n", end) + 1 or len(text)
        yield text[start:end]
        start = end


def _is_without_link(text: str, at: int) -> bool:
    """Return whether the line at `at` may be the rest of a cut link, or a code for one."""
    end = text.find("\n", at, at + 500)
    return 0 <= end < at + 400 and not START.search(text, at, end)


def _extract_command(line: str, lines: Iterator[str], builder: _ResultBuilder) -> None:
    """Extract the links of a command with its continuation lines."""
    parts = [line]
    while shell_commands.continues(parts[-1]) and (following := next(lines, None)) is not None:
        parts[-1] = parts[-1].rstrip()[:-1]
        parts.append(following)
    builder.last_line_start = len(builder.links)
    found = shell_commands.parse_command(" ".join(parts))
    for url, name in found:
        builder.add(url, name=name, source=line[:_MAX_SOURCE_CHARS])
    if not found:
        for part in parts:
            _extract_line(part, builder)


def _extract_line(line: str, builder: _ResultBuilder) -> None:
    """Extract the links of one line; one without any is other text."""
    if (option := OPTION.fullmatch(line)) and option[1] == "out":
        name = read_name(option[2].strip())
        builder.change_last_line(name=name, is_named=bool(name))
        return
    if option and option[1] in ADDRESS_OPTIONS and builder.links:
        builder.texts.append(line.strip())
        return
    link_count, rejected_count = len(builder.links), len(builder.rejected)
    at = 0
    label_from = 0
    while match := _next_start(line, at):
        at = label_from = _extract_start(line, match, label_from, builder)
    if len(builder.links) > link_count:
        builder.last_line_start = link_count
        _look_for_code(line, builder)
    elif len(builder.rejected) == rejected_count:
        if CODE_LINE.match(line):
            _look_for_code(line, builder)
        builder.is_table = builder.is_table or TABLE_HEAD.match(line) is not None
        builder.texts.append(line.strip()[:_MAX_TEXT_CHARS])


def _look_for_code(line: str, builder: _ResultBuilder) -> None:
    """Have the links of the last line with links looked at where a code stands beside them."""
    if not CODE.search(line):
        return
    for index in range(builder.last_line_start, len(builder.links)):
        link = builder.links[index]
        if link.look is None and _is_file(link.url):  # the code opens the archive
            continue
        is_below = line.strip() not in link.source and link.source not in line
        source = f"{link.source}\n{line.strip()}" if is_below else link.source
        look = link.look or Look.CODE
        builder.links[index] = replace(link, look=look, source=source[: _MAX_SOURCE_CHARS * 2])


def _is_file(url: str) -> bool:
    path = url.partition("?")[0].lower()
    return ends_with_file_extension(path) and not path.endswith((".html", ".htm"))


def _extract_start(
    line: str, match: re.Match[str], label_from: int, builder: _ResultBuilder
) -> int:
    """Extract the link that begins with `match`; return where it ends."""
    start = match.start()
    if match["typo"]:
        found = _MISTYPED.match(line, start)
        end = found.end() if found else match.end()
        is_http = match["typo"][:4].lower() == "http"
        reason = RejectionReason.NO_SCHEME if is_http else RejectionReason.NOT_HTTP
        builder.reject(line[start:end].rstrip("."), reason)
        return end
    if match["bare"]:
        return _extract_bare(line, match.start("bare"), match.end(), builder)
    scheme = (match["known"] or match["magnet"] or match["other"]).lower()
    if glued := _GLUED_HTTP.fullmatch(scheme):
        start, scheme = start + glued.start(1), glued[1]
    if scheme not in {"http", "https"}:
        return _extract_other_scheme(line, start, match.end(), scheme, builder)
    if match["mark"] and "\\" in match["mark"]:
        return _extract_json(line, start, builder)
    return _extract_http(line, start, match.end(), label_from, builder)


def _extract_bare(line: str, start: int, body: int, builder: _ResultBuilder) -> int:
    """Extract a host without a scheme, and what follows it."""
    end = end_of_link(line, start, start)
    found = find_end(line, start, start, end, _next_link(line, start, end))
    found = LinkEnd(max(found.end, body))
    builder.add_found(line, start, found, prefix="https://", look=Look.SCHEME)
    return found.end


def _next_start(line: str, at: int) -> re.Match[str] | None:
    """Return the match of the next start of a link, searching one window at a time."""
    for begin in range(at, len(line), SEARCH_WINDOW_CHARS):
        if match := START.search(line, begin, begin + SEARCH_WINDOW_CHARS + _MAX_START_CHARS):
            return match
    return None


def _extract_http(
    line: str, start: int, body: int, label_from: int, builder: _ResultBuilder
) -> int:
    end = end_of_link(line, start, body, is_listed=builder.is_table)
    if end <= body:
        if not START.match(line, body):
            builder.reject(line[start:body], RejectionReason.NO_HOST)
        return body
    if _NAMESPACE.search(line[max(0, start - 80) : start]):
        return end
    until = _next_link(line, start, end)
    name, after = labels.tag_label(line, start, end)
    is_certain = (after != end and line[end] in "\"'>] ") or (
        builder.is_table and line[end : end + 1] == ","
    )
    found = LinkEnd(end) if is_certain else find_end(line, start, body, end, until)
    if found.end > end and found.is_clear:
        builder.add_found(line, start, found)
        return found.end
    if not name and after == end:
        name, opening = labels.markdown_label(line, start)
        if (
            opening < start
            and builder.links
            and builder.links[-1].url == line[opening + 1 : start - 2]
        ):
            builder.links.pop()
    if not name and after == end:
        name = labels.adjacent_label(line, label_from, start, end, until)
    if not found.is_clear:
        name = ""
    builder.add_found(line, start, found, name=name)
    return after


def _next_link(line: str, start: int, end: int) -> int:
    """Return where the next link starts after the one from `start` to `end`, or the line's end."""
    window = _MAX_ALONE_CHARS if start < _MAX_START_CHARS else labels.MAX_LABEL_CHARS
    following = START.search(line, end, end + window)
    return following.start() if following else len(line)


def _extract_json(line: str, start: int, builder: _ResultBuilder) -> int:
    """Extract a link with JSON escapes (`https:\\/\\/a.b\\/c`)."""
    match = _JSON_LINK.match(line, start)
    if match is None:
        return start + 1
    url = _JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else "/", match[0])
    builder.add(url, name="", source=_source_excerpt(line, start, match.end()))
    return match.end()


def _extract_other_scheme(
    line: str, start: int, body: int, scheme: str, builder: _ResultBuilder
) -> int:
    end = end_of_other_scheme(line, start, body, scheme)
    text = line[start:end]
    if is_wrapper(scheme):
        link = unwrap(scheme, line[body:end])
    else:
        is_for_page = is_for_web_page(text)
        link = RejectionReason.WEB_PAGE_ONLY if is_for_page else RejectionReason.NOT_HTTP
    if isinstance(link, RejectionReason):
        builder.reject(text, link)
    else:
        name, _ = labels.markdown_label(line, start)
        builder.add(link, name=name, source=_source_excerpt(line, start, end))
    return end


def _source_excerpt(line: str, start: int, end: int) -> str:
    """Return the line, or the part of a long line around the link."""
    if len(line) <= _MAX_SOURCE_CHARS:
        return line.strip()
    return line[max(0, start - 60) : min(end, start + _MAX_SOURCE_CHARS) + 60].strip()
