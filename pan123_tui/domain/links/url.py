"""URLs: check them, find duplicates, and handle other schemes, some of which wrap http links."""

import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple
from urllib.parse import quote, unquote

MAX_URL_CHARS = 16_384
INVISIBLE = "\u00ad\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffc"
"""Characters that are not seen, for a character class; without the joiner, which emoji need."""
EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_URL = re.compile(
    r"(https?)://([^/?#\\]*@)?(\[[^\]/?#\\]*\]?|[^:/?#\\]*):?([^/?#\\]*)([^#]*)(?:#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_IS_KEY = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[\w!$&'()*+,;=:@~.?-]*)+", re.ASCII)
"""A link that is spelled as its own key, as most are."""
_OTHER_SPELLING = (
    "%(?:(?P<unreserved>2[1789ADEade]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])"
    "|(?P<lower>[0-9A-Fa-f][a-f]|[a-f][0-9A-F])|(?![0-9A-F]{2}))"
)
"""An escape that is spelled otherwise in a key, or a percent sign that is none."""
_PLAIN_IN_PATH = "%(?:2[46C]|3[ABD]|40)"
"""Escapes of `$&,:;=@`, which separate something in a query only."""
_HOST_NAME = r"(?=.{1,253}$)[\w%~-]{1,63}(?:\.[\w%~-]{1,63})*"
_BLANKS = r"[\s\x00-\x20\x7f-\x9f]"
_TO_ENCODE = r"[\s\x00-\x20\x7f-\x9f\[\]|\"<>\\`]"
"""Characters that no valid link contains; they are percent-encoded."""
_AUTHORITY = r"(?i)https?://[^/?#\\\s]*"
_FOR_WEB_PAGE = ("magnet:", "ed2k:", "ftp:")


class RejectionReason(StrEnum):
    """Why a text has no link that the service accepts; worded where it is shown."""

    NOT_HTTP = "not_http"
    """Another protocol; the specification allows http and https only (section one, (一))."""
    WEB_PAGE_ONLY = "web_page_only"
    """A protocol that 123pan's website takes and the open API does not."""
    WRAPS_OTHER = "wraps_other"
    UNREADABLE = "unreadable"
    NO_SCHEME = "no_scheme"
    NO_LINK = "no_link_in_line"
    BAD_HOST = "bad_host"
    BAD_ENCODING = "bad_encoding"
    HAS_BLANKS = "has_blanks"
    TOO_LONG = "too_long"


class Doubt(StrEnum):
    """Why the user must decide about a link before it is queued; worded where it is shown."""

    END = "end"
    SHORTENED = "shortened"
    COMMAND = "command"
    """It is in a command with options: of one, or as the file to download."""
    SCHEME = "scheme"
    """https:// was missing and has been added, or http:// before a host with another port."""
    WRAPPED = "wrapped"
    SHARE_PAGE = "share_page"
    REDIRECT = "redirect"
    PAGE = "page"
    CODE = "code"
    """A code or password stands beside it, as with links to pages that share a file."""
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    """It has a user name and a password, which the service would get."""
    PRIVATE = "private"
    EXPIRED = "expired"
    """Its signature was valid until a time in the past."""
    LIST = "list"
    """It is the address of a list: of parts, of addresses or of peers."""
    RANGE = "range"
    """It stands for several files, as `[01-12]` does."""
    SHORT = "short"
    """It is a short link, which leads to another one."""
    TEST = "test"
    """A test has found no file."""
    GBK = "gbk"
    """It was wrapped in another encoding than UTF-8; what its server expects is not known."""


class UrlParts(NamedTuple):
    """The parts of a link, unchanged or empty: the user with its `@`, no fragment."""

    scheme: str
    userinfo: str
    host: str
    port: str
    rest: str


def split_url(url: str) -> UrlParts | None:
    """Return the parts of `url`; None if it is neither http nor https."""
    match = _URL.fullmatch(url)
    return UrlParts(*match.groups("")) if match else None


def check_url(url: str) -> RejectionReason | None:
    """Return why the service cannot accept `url` as it is, or None."""
    if len(url) > MAX_URL_CHARS:
        return RejectionReason.TOO_LONG
    parts = split_url(url)
    if parts is None:
        return RejectionReason.NOT_HTTP if "://" in url else RejectionReason.NO_SCHEME
    if re.search(_BLANKS, url):
        return RejectionReason.HAS_BLANKS
    if re.search("[\ufffd\ud800-\udfff]", url):
        return RejectionReason.BAD_ENCODING
    port = re.fullmatch("0{0,9}([1-9][0-9]{0,4})", parts.port or "1")
    is_valid = _usual_host(parts.host) and port and int(port[1]) <= 65_535
    return None if is_valid else RejectionReason.BAD_HOST


def drop_invisible(text: str) -> str:
    """Return `text` without zero-width and other invisible characters."""
    return re.sub(f"[{INVISIBLE}]", "", text)


_DOT = "[.．。｡]"
_LABEL = rf"(?!https?[:：]|[wｗ]{{3}}{_DOT})[a-z0-9ａ-ｚ０-９_＿－-]{{1,63}}"
_FULL_WIDTH_LINK = (
    r"(?P<scheme>[hｈ][tｔ]{2}[pｐ][sｓ]?[:：][/／]{2}(?:[wｗ]{3}(?=[.．。｡]))?"
    rf"|(?<![a-z0-9ａ-ｚ０-９_@./．。／-])[wｗ]{{3}}(?={_DOT}))"
    rf"(?P<host>(?:{_LABEL})?(?:{_DOT}{_LABEL}){{0,9}})"
    r"(?:(?:[/／?？#＃@＠]|[:：](?=[!-~！-～]))[^\s\x00-\x20\"<>`|\\，。；“”‘’、【】《》「」『』…—]*)?"
)
"""A link, with or without full-width signs; what ends a Chinese sentence ends it.

Compiled when it is first used, which takes longer than all else before the first frame.
"""
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_HALF_WIDTH |= dict.fromkeys(map(ord, "。｡"), ord("."))


def read_full_width(line: str) -> str:
    """Return `line`, equally long, with links in ASCII whose scheme or host is full-width."""

    if line.isascii():
        return line
    return re.sub(
        _FULL_WIDTH_LINK,
        lambda link: (
            link[0] if (link["scheme"] + link["host"]).isascii() else link[0].translate(_HALF_WIDTH)
        ),
        line,
        flags=re.IGNORECASE,
    )


def encode_link(text: str) -> str:
    """Drop invisible characters from the link `text`, and encode what no link may contain."""
    link = drop_invisible(text)
    authority = re.match(_AUTHORITY, link)
    return authority[0] + _encode(link[authority.end() :]) if authority else link


def percent_encoded(url: str) -> str:
    """Return `url` with everything but ASCII percent-encoded, the host in its ASCII form."""
    parts = split_url(url)
    if parts is None or url.isascii():
        return url
    port = f":{parts.port}" if parts.port else ""
    authority = f"{parts.userinfo}{_ascii_host(parts.host)}{port}"
    return quote(f"{parts.scheme}://{authority}{parts.rest}", safe=bytes(range(128)))


def duplicate_key(url: str) -> str:
    """Return a key that is equal for two spellings of one link.

    These are those of RFC 3986, 6.2.2.1 and 2, and what only some browsers and programs encode.
    """
    if _IS_KEY.fullmatch(url):
        return url
    parts = split_url(url)
    if parts is None:
        return url
    scheme = parts.scheme.lower()
    port = parts.port.lstrip("0")
    shown_port = f":{port}" if port and port != _DEFAULT_PORTS[scheme] else ""
    rest = re.sub(
        r"[^\x00-\x7f]+|[\^{}]",
        lambda other: quote(other[0], errors="replace"),
        _encode(parts.rest),
    )
    path, question, query = re.sub(_OTHER_SPELLING, _usual_spelling, rest).partition("?")
    path = re.sub(_PLAIN_IN_PATH, lambda escape: unquote(escape[0]), path) or "/"
    host = f"{parts.userinfo}{_usual_host(parts.host)}{shown_port}"
    return f"{scheme}://{host}{path}{question}{query}"


def _usual_spelling(escape: re.Match[str]) -> str:
    if escape["unreserved"]:
        return chr(int(escape["unreserved"], 16))
    return escape[0].upper() if escape["lower"] else "%25"


def host_of(url: str) -> str:
    """Return the host of `url` as written; empty: it has none."""
    parts = split_url(url)
    return parts.host if parts else ""


def _encode(rest: str) -> str:
    """Percent-encode what no link may contain in `rest`, the part after the host."""
    rest = "/" + rest[1:] if rest.startswith("\\") else rest
    return re.sub(_TO_ENCODE, lambda match: quote(match[0], safe=""), drop_invisible(rest))


def _ascii_host(host: str) -> str:
    lowered = host.lower()
    with suppress(UnicodeError):
        return lowered if lowered.isascii() else lowered.encode("idna").decode("ascii")
    return lowered


def _usual_host(host: str) -> str:
    """Return `host` as a key has it; empty: it cannot be one."""
    if not host.startswith("["):
        usual = _ascii_host(host).removesuffix(".")
        return usual if re.fullmatch(_HOST_NAME, usual) else ""
    with suppress(ValueError):
        return f"[{ipaddress.IPv6Address(host[1:-1])}]" if host.endswith("]") else ""
    return ""


OTHER_SCHEMES = ("magnet", "ed2k", "sftp", "ftps", "ftp", "file", "thunder", "flashget", "qqdl")
"""The other schemes that download links have."""
_ENCODED = r"(?i)(?:(?!https?://)[A-Za-z0-9+/=%])+"
_UNBROKEN = r"[^\s\x00-\x20\x7f\"'<>，。；、]+"


def end_of_other_scheme(text: str, start: int, body: int, scheme: str) -> int:
    """Return the end of the link in `text` that starts at `start` and has its body at `body`."""
    if scheme == "ed2k":
        close = text.find("|/", body, body + 1_000)
        if close >= 0 and "://" not in text[body:close]:
            return close + 2
    match = re.compile(_ENCODED if scheme == "thunder" else _UNBROKEN).match(text, body)
    return max(match.end() if match else body, start + 1)


def unwrap(link: str) -> tuple[str, Doubt | None] | RejectionReason:
    """Return the http link inside `link`, which has another scheme, or why there is none.

    `thunder://` is followed by base64 of `AA`, the link and `ZZ`, in UTF-8 or, if old, in GBK.
    """
    scheme, _, body = link.partition("://")
    if scheme.lower() != "thunder":
        is_for_page = link.lower().startswith(_FOR_WEB_PAGE)
        return RejectionReason.WEB_PAGE_ONLY if is_for_page else RejectionReason.NOT_HTTP
    import base64  # noqa: PLC0415 - not for commands that read no text

    encoded = unquote(body).rstrip("=/")
    doubt = None
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        try:
            content = decoded.decode()
        except UnicodeDecodeError:
            content, doubt = decoded.decode("gb18030"), Doubt.GBK
    except ValueError:
        return RejectionReason.UNREADABLE
    if not (content.startswith("AA") and content.endswith("ZZ")):
        return RejectionReason.UNREADABLE
    inner = content[2:-2].strip().replace(" ", "%20")
    if inner.lower().startswith(_FOR_WEB_PAGE):
        return RejectionReason.WRAPS_OTHER
    return check_url(inner) or (inner, doubt)


def is_loopback(host: str) -> bool:
    """Return whether `host` is `localhost`, in 127.0.0.0/8, or `::1` (without brackets)."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_WITH_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96")))
"""Whose last four bytes are the IPv4 address that is meant."""


def is_public(address: str) -> bool:
    """Return whether an IP address is that of one machine on the internet; raises `ValueError`."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in _WITH_IPV4):
            return is_public(str(ipaddress.IPv4Address(int(ip) % 2**32)))
        if ip.sixtofour:
            return is_public(str(ip.sixtofour))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast


def is_private(url: str) -> bool:
    """Return whether the host of `url` exists only on a private network."""
    host = host_of(url).strip("[]").lower()
    if host[-1:].isdigit() or ":" in host:  # otherwise certainly a name: quick for 20,000 links
        import socket  # noqa: PLC0415 - not for commands that read no text

        with suppress(ValueError, OSError):  # `127.1` is an address, too
            return not is_public(host if ":" in host else socket.inet_ntoa(socket.inet_aton(host)))
    return "." not in host or host.endswith((".local", ".lan", ".internal", ".localhost"))


_SIGNATURE = (
    r"(?i)[?&](?:x-(?:\w+-)?|q-)?(?:signature|sign|sig|token|hmac|md5|auth_key|wssecret)=\w"
)
_TIMES = r"(?i)[?&](?:x-(?:\w+-)?|q-)?(date|expires?|exp|e|se|sign-time|auth_key|wstime)=([^&#]+)"
"""The fields with the end of a signature, or its seconds from `date` on."""


def expired_at(url: str) -> float:
    """Return when the signature of `url` has expired; 0: it has none, or may still be valid."""
    if not re.search(_SIGNATURE, url):
        return 0
    fields = {name.lower(): unquote(value) for name, value in re.findall(_TIMES, url)}
    start = _moment(fields.pop("date", ""))
    until = next(iter(fields.values()), "").rpartition(";")[2]
    is_span = start and re.fullmatch("[0-9]{1,7}", until)
    end = start + int(until) if is_span else _moment(until)
    return end if 1e9 <= end < time.time() else 0


def _moment(text: str) -> float:
    """Return the time that `text` says in seconds or as ISO 8601 does; 0: neither.

    Aliyun's CDN adds a random number, a user and a digest to the seconds; Wangsu's may write hex.
    """
    with suppress(ValueError, OverflowError):
        if seconds := re.fullmatch(r"(1[0-9]{9})(?:-\w+-\w+-\w+)?|([4-7][0-9a-fA-F]{7})", text):
            return int(seconds[1] or seconds[2], 10 if seconds[1] else 16)
        if re.match("[0-9]{4}-|[0-9]{8}T", text):
            at = datetime.fromisoformat(text)
            return at.replace(tzinfo=at.tzinfo or UTC).timestamp()
    return 0


_RANGE = (
    r"(?i)(?<!\d)(\d{1,4})~(\d{1,4})(?!\d)|(?:\[|%5B)(\d+)-(\d+)(?::\d+)?(?:]|%5D)"
    r"|\{(?:\w+(?:,\w+)*|\w+(?:\.\.|-)\w+)\}|\(\*\)|\*\.\w|%(?:0\d)?d(?![a-z0-9])"
)
"""Several files in one, as `01~12`, `[01-12]`, `{1..9}`, `{a,b}`, `(*)` and `%02d` are."""


def _has_range(url: str) -> bool:
    path = url.partition("?")[0]
    found = re.search(_RANGE, path) if re.search(r"(?i)[~{[*]|%(?:5B|0\d|d)", path) else None
    first, last = (found[1] or found[3], found[2] or found[4]) if found else ("", "")
    return found is not None and (not first or int(first) < int(last))


ADDRESS_DOUBTS: Mapping[Doubt, Callable[[str], object]] = {
    Doubt.PAGE: partial(re.fullmatch, r"(?i)https?://[^/?#\\]*/?(?:#.*)?"),
    Doubt.PASSWORD: partial(re.match, r"(?i)https?://[^/?#\\:]*:[^/?#\\]*@"),
    Doubt.PRIVATE: is_private,
    Doubt.EXPIRED: expired_at,
    Doubt.RANGE: _has_range,
    Doubt.LIST: partial(re.match, r"(?i)[^?#]*\.(?:m3u8|torrent|metalink|meta4)(?:[?#]|$)"),
}
"""What a link alone tells: the first that fits counts, where the text around it tells no other."""


def address_doubts(url: str) -> list[Doubt]:
    return [doubt for doubt, fits in ADDRESS_DOUBTS.items() if fits(url)]
