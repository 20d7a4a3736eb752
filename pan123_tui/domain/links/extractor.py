r"""Extract the links of any text, in order, and what is rejected and why.

Links are returned as found, because normalizing would invalidate signed ones; only encodings of
the text around them (thunder://, `&amp;` in HTML, `\/` in JSON) are undone, and what no link may
contain is percent-encoded.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

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
from pan123_tui.domain.links.file_names import clean_name, read_name, split_name
from pan123_tui.domain.links.url import (
    OTHER_SCHEMES,
    RejectionReason,
    check_url,
    drop_invisible,
    encode_link,
    end_of_other_scheme,
    is_wrapper,
    unwrap,
)
from pan123_tui.domain.sanitize import is_probably_gbk

_MAX_SOURCE_CHARS = 300
_MAX_START_CHARS = 40
_MAX_ALONE_CHARS = 4_100
_MAX_EXPLAINED_CHARS = 2_000
"""A longer line without a link is rejected without a closer look for the reason."""
_START = re.compile(
    rf"(?P<known>https?|{'|'.join(OTHER_SCHEMES)})(?P<mark>://|:\\/\\/)|(?P<magnet>magnet):\?"
    r"|(?<![a-z0-9+.-])(?P<other>[a-z][a-z0-9+.-]{1,15})://",
    re.IGNORECASE,
)
_GLUED_HTTP = re.compile(r".+(https?)", re.IGNORECASE)
"""A link directly after other letters, as in `linkhttp://`."""
_JSON_LINK = re.compile(r"(?:[^\s\"'<>\\]|\\/|\\u[0-9a-fA-F]{4})+")
_JSON_ESCAPE = re.compile(r"\\/|\\u([0-9a-fA-F]{4})")
_NAMESPACE = re.compile(r"(?:xmlns(?::\w+)?=|DTD[^<>]{0,60})[\"']$|\"http://www\.w3\.org/$")
_OPTION = re.compile(r"\s+([a-z][a-z0-9-]+)=(.*)")
_COMMENT = re.compile(
    r"\s*(?:#|//\s|(?:提取码|访问码|密码|解压密码|解压码)\s*[:：]?|url\s*[,;\t]\s*(?:file_?)?name\b)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[a-z!][^<>]{0,300}>", re.IGNORECASE)
_FOREIGN_LINE = re.compile(rf"\s*({'|'.join(OTHER_SCHEMES)}):\S", re.IGNORECASE)
_BARE_LINK = re.compile(
    r"\s*(?:https?\b\s*[:：/\\]\S*|(?:[\w-]{1,63}\.){1,9}[a-z]{2,18}(?:[:/?#]\S*)?)\s*",
    re.IGNORECASE,
)


class ExtractedLink(Struct, frozen=True):
    """A link that the service may accept."""

    url: str
    """As found or unwrapped; if its end is doubtful, the shorter of the two."""
    name: str = ""
    """The name that the text around the link suggests or asks for, or empty."""
    is_named: bool = False
    """Whether it asks for the name; a mere label is often a word for the link (“download”)."""
    source: str = ""
    """The line that contains the link, or the part of it around the link."""
    longer_url: str = ""
    """The link with the text after it, which may belong to it; empty if its end is certain."""

    @property
    def file_name(self) -> str:
        """The valid name, empty if there is none but a label without an extension."""
        if self.is_named:
            return self.name
        name = clean_name(self.name)
        return name if split_name(name)[1] else ""


class RejectedText(Struct, frozen=True):
    """A link or a line that cannot be queued."""

    text: str
    reason: RejectionReason


class ExtractionResult(Struct, frozen=True):
    """The links and the rejected parts of a text, in its order."""

    links: tuple[ExtractedLink, ...] = ()
    rejected: tuple[RejectedText, ...] = ()


class _ResultBuilder(Struct):
    """Collects the result of an extraction."""

    links: list[ExtractedLink] = field(default_factory=list)
    rejected: list[RejectedText] = field(default_factory=list)
    last_line_start: int = 0
    """The index of the first link from the last line that has links."""

    def add(self, url: str, *, name: str, source: str, longer_url: str = "") -> None:
        reason = check_url(url)
        if reason is None:
            self.links.append(ExtractedLink(url, name, source=source, longer_url=longer_url))
        else:
            self.reject(url, reason)

    def add_found(self, line: str, start: int, found: LinkEnd, *, name: str = "") -> None:
        """Add the link at `start` of `line`, with the longer one if the end is doubtful."""
        end, longer_end = found
        url, longer_url = line[start:end], line[start:longer_end] if longer_end > end else ""
        if "&amp;" in url and labels.is_in_markup(line, start):
            url, longer_url = (text.replace("&amp;", "&") for text in (url, longer_url))
        self.add(
            encode_link(url),
            name=name,
            source=_source_excerpt(line, start, end),
            longer_url=longer_url and encode_link(longer_url),
        )

    def reject(self, text: str, reason: RejectionReason) -> None:
        self.rejected.append(RejectedText(text, reason))

    def result(self) -> ExtractionResult:
        return ExtractionResult(tuple(self.links), tuple(self.rejected))

    def name_last_line(self, name: str) -> None:
        """Set the name of the links of the last line, as an option in an aria2 input file does."""
        for index in range(self.last_line_start, len(self.links)):
            self.links[index] = replace(self.links[index], name=name, is_named=bool(name))


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
        if shell_commands.starts_command(line):
            _extract_command(line, lines, builder)
        elif line.strip():
            _extract_line(line, builder)
    return builder.result()


def extract_argument(text: str) -> ExtractionResult:
    """Extract the links of an argument, which is taken whole if it may be a single link."""
    bare = drop_invisible(text).strip()
    match = _START.match(bare)
    scheme = (match["known"] or "").lower() if match else ""
    if match is None or scheme not in {"http", "https"} or "\n" in bare:
        return extract(text)
    if any(char.isspace() for char in bare) or PASSWORD.search(bare):
        end = end_of_link(bare, 0, match.end(), heads_line=False)
        if end <= match.end() or _START.search(bare, end):
            return extract(text)
        found = end_in_argument(bare, match.end(), end)
    else:
        found = LinkEnd(len(bare), len(bare))
    builder = _ResultBuilder()
    builder.add_found(bare, 0, found)
    return builder.result()


def merge_results(results: Sequence[ExtractionResult]) -> ExtractionResult:
    """Join the results of several texts in their order."""
    return ExtractionResult(
        tuple(chain.from_iterable(result.links for result in results)),
        tuple(chain.from_iterable(result.rejected for result in results)),
    )


def split_into_chunks(text: str, *, chars: int = 50_000) -> Iterator[str]:
    """Yield chunks of `text` that together have the same links.

    Chunks start at a line that is neither an option nor the continuation of a command.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", start + chars) + 1 or len(text)
        while end < len(text) and (
            text[end].isspace() or shell_commands.continues(text[max(0, end - 10) : end])
        ):
            end = text.find("\n", end) + 1 or len(text)
        yield text[start:end]
        start = end


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
    """Extract the links of one line; without any, reject the line as a whole."""
    link_count, rejected_count = len(builder.links), len(builder.rejected)
    at = 0
    label_from = 0
    while match := _next_start(line, at):
        scheme = (match["known"] or match["magnet"] or match["other"]).lower()
        start = match.start()
        if glued := _GLUED_HTTP.fullmatch(scheme):
            start, scheme = start + glued.start(1), glued[1]
        if scheme not in {"http", "https"}:
            at = _extract_other_scheme(line, start, match.end(), scheme, builder)
        elif match["mark"] and "\\" in match["mark"]:
            at = _extract_json(line, start, builder)
        else:
            at = _extract_http(line, start, match.end(), label_from, builder)
        label_from = at
    if len(builder.links) > link_count:
        builder.last_line_start = link_count
    elif len(builder.rejected) == rejected_count and not at:
        _reject_line(line, builder)


def _next_start(line: str, at: int) -> re.Match[str] | None:
    """Return the match of the next start of a link, searching one window at a time."""
    for begin in range(at, len(line), SEARCH_WINDOW_CHARS):
        if match := _START.search(line, begin, begin + SEARCH_WINDOW_CHARS + _MAX_START_CHARS):
            return match
    return None


def _extract_http(
    line: str, start: int, body: int, label_from: int, builder: _ResultBuilder
) -> int:
    heads_line = start < 10 and not line[:start].strip()
    end = end_of_link(line, start, body, heads_line=heads_line)
    if end <= body:
        if not _START.match(line, body):
            builder.reject(line[start:body], RejectionReason.NO_HOST)
        return body
    if _NAMESPACE.search(line[max(0, start - 80) : start]):
        return end
    until = _next_link(line, start, end)
    name, after = labels.tag_label(line, start, end)
    found = find_end(line, start, body, end, until) if after == end else LinkEnd(end, end)
    if found.end > end:
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
    if found.longer_end > end and line[end] not in "\t|,;":
        name = ""
    builder.add_found(line, start, found, name=name)
    return after


def _next_link(line: str, start: int, end: int) -> int:
    """Return where the next link starts after the one from `start` to `end`, or the line's end."""
    window = _MAX_ALONE_CHARS if start < _MAX_START_CHARS else labels.MAX_LABEL_CHARS
    following = _START.search(line, end, end + window)
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
    link = unwrap(scheme, line[body:end]) if is_wrapper(scheme) else RejectionReason.NOT_HTTP
    if isinstance(link, RejectionReason):
        builder.reject(text, link)
    else:
        name, _ = labels.markdown_label(line, start)
        builder.add(link, name=name, source=_source_excerpt(line, start, end))
    return end


def _reject_line(line: str, builder: _ResultBuilder) -> None:
    """Reject a line without a link, unless it belongs to the links around it."""
    if option := _OPTION.fullmatch(line):
        if option[1] == "out":
            builder.name_last_line(read_name(option[2].strip()))
        return
    if len(line) > _MAX_EXPLAINED_CHARS:
        builder.reject(line.strip(), RejectionReason.NO_LINK)
        return
    if _COMMENT.match(line) or _MARKUP.search(line):
        return
    shown = line.strip()
    if _FOREIGN_LINE.match(line):
        builder.reject(shown, RejectionReason.NOT_HTTP)
    elif _BARE_LINK.fullmatch(line) and not _is_file_name(shown):
        builder.reject(shown, RejectionReason.NO_SCHEME)
    else:
        builder.reject(shown, RejectionReason.NO_LINK)


def _is_file_name(text: str) -> bool:
    """Return whether `text` is the mere name of a file, which a host may look like."""
    is_path = "/" in text or text.lower().startswith("www.")
    return ends_with_file_extension(text) and not is_path


def _source_excerpt(line: str, start: int, end: int) -> str:
    """Return the line, or the part of a long line around the link."""
    if len(line) <= _MAX_SOURCE_CHARS:
        return line.strip()
    return line[max(0, start - 60) : min(end, start + _MAX_SOURCE_CHARS) + 60].strip()
