"""The link probe: classify a server's answer for a link, to explain a failed download."""

import ipaddress
import re
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum

from msgspec import Struct, field

from pan123_tui.domain.links.file_names import guess_name, split_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.i18n import N_

SAMPLE_BYTES = 1024
_PAGE_EXTENSIONS = frozenset({".html", ".htm", ".php", ".asp", ".aspx", ".jsp"})
_EXPIRED = re.compile(r"expired|has expire|过期|失效|timeout of url|url_expire", re.IGNORECASE)
_REFUSAL_STATUSES = frozenset({400, 401, 403, 410})
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


class ProbeStatus(Enum):
    """What a link test has shown, as a sentence to be translated."""

    REACHABLE = N_(
        "This machine can fetch the file, so retry; if that fails, the host may block 123pan."
    )
    NOT_FOUND = N_("There is no file at this link: look for another one.")
    FORBIDDEN = N_(
        "The host forbids the download: it may need a login or a referrer, or block some countries."
    )
    EXPIRED = N_("The signature in the link has expired: copy a fresh link.")
    LOGIN_PAGE = N_("A web page came instead of a file, probably a login page.")
    NO_SUCH_HOST = N_("No such host: this machine cannot resolve the name.")
    NOT_CONNECTED = N_("The host does not answer: retry later.")
    BAD_CERTIFICATE = N_("The host's certificate cannot be trusted.")
    SERVER_ERROR = N_("The host reports an error or is too busy: retry later.")
    PRIVATE = N_("A private address: 123pan cannot reach it.")
    UNEXPECTED = N_("The host answers with something other than a file.")


_BY_STATUS = {
    403: ProbeStatus.FORBIDDEN,
    404: ProbeStatus.NOT_FOUND,
    410: ProbeStatus.NOT_FOUND,
    451: ProbeStatus.FORBIDDEN,
    429: ProbeStatus.SERVER_ERROR,
}


class ProbeResult(Struct, frozen=True):
    status: ProbeStatus
    http_status: int | None = None
    size: int | None = None
    """Bytes of the whole file, if the server sent its size."""
    content_type: str = ""
    """Text from outside, as is the host."""
    host: str = ""
    """The host that answered, after redirects."""


class ProbeResponse(Struct, frozen=True):
    """The response of a server to the request for the first bytes."""

    url: str
    """The final URL, after redirects."""
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""


def is_loopback(host: str) -> bool:
    """Return whether `host` is `localhost`, in 127.0.0.0/8, or `::1` (without brackets)."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(url: str) -> bool:
    """Return whether the host of `url` exists only on a private network."""
    host = host_of(url).strip("[]").lower()
    if host[-1:].isdigit() or ":" in host:  # otherwise certainly a name: quick for 20,000 links
        with suppress(ValueError):
            return not ipaddress.ip_address(host).is_global
    return "." not in host or host.endswith((".local", ".lan", ".internal", ".localhost"))


def classify_response(url: str, response: ProbeResponse) -> ProbeResult:
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return ProbeResult(
        _status(url, response, content_type),
        response.status,
        _size(response),
        content_type[:100],
        host_of(response.url)[:253],
    )


def _status(url: str, response: ProbeResponse, content_type: str) -> ProbeStatus:
    status = response.status
    text = response.body[:SAMPLE_BYTES].decode("utf-8", "replace")
    if status in _REFUSAL_STATUSES and _EXPIRED.search(text):
        return ProbeStatus.EXPIRED
    is_whole = status in (200, 206)
    is_page = content_type in _HTML_TYPES
    expects_page = split_name(guess_name(url))[1].lower() in _PAGE_EXTENSIONS
    if status in (401, 407) or (is_whole and is_page and not expects_page):
        return ProbeStatus.LOGIN_PAGE
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if is_whole:
        return ProbeStatus.REACHABLE
    return ProbeStatus.SERVER_ERROR if status >= 500 else ProbeStatus.UNEXPECTED


def _size(response: ProbeResponse) -> int | None:
    total = response.headers.get("content-range", "").rpartition("/")[2]
    length = total or (response.headers.get("content-length", "") if response.status == 200 else "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None
