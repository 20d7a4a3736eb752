r"""Any text to links: what can be queued, in order, and what is refused and why.

The link is given exactly as it was found, for a signed one breaks when it is tidied; only what
is wrapped (thunder://, `&amp;` in HTML, `\/` in JSON) is unwrapped.
"""

import re
from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from pan123_tui.domain.links import labels, shell_commands
from pan123_tui.domain.links.boundaries import SEARCH_WINDOW_CHARS, end_of_link
from pan123_tui.domain.links.schemes import OTHER_SCHEMES, end_of_other_scheme, is_wrapper, unwrap
from pan123_tui.domain.links.url import RejectionReason, check_url


def decode_text(content: bytes) -> str:
    """Decode text: UTF-8, UTF-16 with its mark, else GBK; raises nothing."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


__all__ = [
    "ExtractedLink",
    "ExtractionResult",
    "RejectedText",
    "RejectionReason",
    "extract",
    "split_into_chunks",
]

_MAX_SOURCE_CHARS = 300
_MAX_START_CHARS = 40
_MAX_EXPLAINED_CHARS = 2_000
"""A longer line is not looked at for what it might have meant."""
_START = re.compile(
    rf"(?P<known>https?|{'|'.join(OTHER_SCHEMES)})(?P<mark>://|:\\/\\/)|(?P<magnet>magnet):\?"
    r"|(?<![a-z0-9+.-])(?P<other>[a-z][a-z0-9+.-]{1,15})://",
    re.IGNORECASE,
)
_HTTP_TAIL = re.compile(r"https?$", re.IGNORECASE)
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
    """A link that the service may take."""

    url: str
    """Exactly as it was found or unwrapped."""
    name: str = ""
    """The name that the text around it suggests, or empty."""
    source: str = ""
    """The line that it came from, or the part of it around the link."""
    may_be_truncated: bool = False
    """Whether what follows it after a blank may belong to it."""


class RejectedText(Struct, frozen=True):
    """A link or a line that gives nothing to queue."""

    text: str
    reason: RejectionReason


class ExtractionResult(Struct, frozen=True):
    """All that a text gave, in its order."""

    links: tuple[ExtractedLink, ...] = ()
    rejected: tuple[RejectedText, ...] = ()


class _ResultBuilder(Struct):
    """What has been picked so far."""

    links: list[ExtractedLink] = field(default_factory=list)
    rejected: list[RejectedText] = field(default_factory=list)
    last_line_start: int = 0
    """How many links there were before the last line that had some."""

    def add(self, url: str, *, name: str, source: str, is_cut: bool = False) -> None:
        reason = check_url(url)
        if reason is None:
            self.links.append(ExtractedLink(url, name, source, is_cut))
        else:
            self.reject(url, reason)

    def reject(self, text: str, reason: RejectionReason) -> None:
        self.rejected.append(RejectedText(text, reason))

    def name_last_line(self, name: str) -> None:
        """Give `name` to the links of the last line, as an aria2 input file does."""
        for at in range(self.last_line_start, len(self.links)):
            self.links[at] = replace(self.links[at], name=name)


def extract(text: str) -> ExtractionResult:
    """Find every link in `text`, whatever it is: a list, a chat, HTML, commands, an aria2 file.

    Takes time linear in the text, and raises nothing.
    """
    basket = _ResultBuilder()
    lines = iter(text.splitlines())
    for line in lines:
        if shell_commands.starts_command(line):
            _extract_command(line, lines, basket)
        elif line.strip():
            _extract_line(line, basket)
    return ExtractionResult(tuple(basket.links), tuple(basket.rejected))


def split_into_chunks(text: str, *, chars: int = 50_000) -> Iterator[str]:
    """Cut a long `text` into pieces that give the same links one by one.

    It is cut before a line that stands for itself: no option and no rest of a command.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", start + chars) + 1 or len(text)
        while end < len(text) and (text[end].isspace() or _continues(text, end)):
            end = text.find("\n", end) + 1 or len(text)
        yield text[start:end]
        start = end


def _continues(text: str, end: int) -> bool:
    """Tell whether the line that ends before `end` is continued in the next one."""
    return shell_commands.continues(text[max(0, end - 10) : end])


def _extract_command(line: str, lines: Iterator[str], basket: _ResultBuilder) -> None:
    """Read a command, with the lines that continue it."""
    parts = [line]
    while shell_commands.continues(parts[-1]) and (following := next(lines, None)) is not None:
        parts[-1] = parts[-1].rstrip()[:-1]
        parts.append(following)
    basket.last_line_start = len(basket.links)
    found = shell_commands.parse_command(" ".join(parts))
    for url, name in found:
        basket.add(url, name=name, source=line[:_MAX_SOURCE_CHARS])
    if not found:
        for part in parts:
            _extract_line(part, basket)


def _extract_line(line: str, basket: _ResultBuilder) -> None:
    """Read one line from left to right; what it does not give is refused as a whole."""
    links, refused = len(basket.links), len(basket.rejected)
    at = 0
    label_from = 0
    while match := _next_start(line, at):
        start = match.start() + _skipped(match)
        scheme = (match["known"] or match["magnet"] or match["other"])[
            start - match.start() :
        ].lower()
        if scheme not in {"http", "https"}:
            at = _extract_other_scheme(line, start, match.end(), scheme, basket)
        elif match["mark"] and "\\" in match["mark"]:
            at = _extract_json(line, start, basket)
        else:
            at = _extract_http(line, start, match.end(), label_from, basket)
        label_from = at
    if len(basket.links) > links:
        basket.last_line_start = links
    elif len(basket.rejected) == refused and not at:
        _reject_line(line, basket)


def _next_start(line: str, at: int) -> re.Match[str] | None:
    """Find where the next link begins, a window at a time."""
    for begin in range(at, len(line), SEARCH_WINDOW_CHARS):
        if match := _START.search(line, begin, begin + SEARCH_WINDOW_CHARS + _MAX_START_CHARS):
            return match
    return None


def _skipped(match: re.Match[str]) -> int:
    """Tell how many letters are glued before an http that the match begins with."""
    other = match["other"]
    tail = _HTTP_TAIL.search(other) if other else None
    return tail.start() if tail else 0


def _extract_http(line: str, start: int, body: int, label_from: int, basket: _ResultBuilder) -> int:
    heads_line = start < 10 and not line[:start].strip()
    end = end_of_link(line, start, body, heads_line=heads_line)
    if end <= body:
        if not _START.match(line, body):
            basket.reject(line[start:body], RejectionReason.NO_HOST)
        return body
    if _NAMESPACE.search(line[max(0, start - 80) : start]):
        return end
    url = line[start:end]
    if "&amp;" in url and labels.is_in_markup(line, start):
        url = url.replace("&amp;", "&")
    name, after = labels.tag_label(line, start, end)
    if not name and after == end:
        name, opening = labels.markdown_label(line, start)
        if (
            opening < start
            and basket.links
            and basket.links[-1].url == line[opening + 1 : start - 2]
        ):
            basket.links.pop()
    if not name and after == end:
        following = _START.search(line, end, end + labels.MAX_LABEL_CHARS)
        until = following.start() if following else len(line)
        name = labels.adjacent_label(line, label_from, start, end, until)
    is_cut = heads_line and after == end and labels.may_be_truncated(line, start, end)
    basket.add(url, name=name, source=_source_excerpt(line, start, end), is_cut=is_cut)
    return after


def _extract_json(line: str, start: int, basket: _ResultBuilder) -> int:
    """Read a link that JSON has escaped (`https:\\/\\/a.b\\/c`)."""
    match = _JSON_LINK.match(line, start)
    if match is None:
        return start + 1
    url = _JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else "/", match[0])
    basket.add(url, name="", source=_source_excerpt(line, start, match.end()))
    return match.end()


def _extract_other_scheme(
    line: str, start: int, body: int, scheme: str, basket: _ResultBuilder
) -> int:
    end = end_of_other_scheme(line, start, body, scheme)
    text = line[start:end]
    link = unwrap(scheme, line[body:end]) if is_wrapper(scheme) else RejectionReason.NOT_HTTP
    if isinstance(link, RejectionReason):
        basket.reject(text, link)
    else:
        name, _ = labels.markdown_label(line, start)
        basket.add(link, name=name, source=_source_excerpt(line, start, end))
    return end


def _reject_line(line: str, basket: _ResultBuilder) -> None:
    """Tell why a line without a link has none, unless it belongs to the links around it."""
    if len(line) > _MAX_EXPLAINED_CHARS:
        basket.reject(line.strip(), RejectionReason.NO_LINK)
        return
    if option := _OPTION.fullmatch(line):
        if option[1] == "out":
            basket.name_last_line(option[2].strip().replace("\\", "/").rpartition("/")[2])
        return
    if _COMMENT.match(line) or _MARKUP.search(line):
        return
    shown = line.strip()
    if _FOREIGN_LINE.match(line):
        basket.reject(shown, RejectionReason.NOT_HTTP)
    elif _BARE_LINK.fullmatch(line):
        basket.reject(shown, RejectionReason.NO_SCHEME)
    else:
        basket.reject(shown, RejectionReason.NO_LINK)


def _source_excerpt(line: str, start: int, end: int) -> str:
    """Give the line, or the part of a long one that surrounds the link."""
    if len(line) <= _MAX_SOURCE_CHARS:
        return line.strip()
    return line[max(0, start - 60) : min(end, start + _MAX_SOURCE_CHARS) + 60].strip()
