"""What a test of a link may show, to explain a failed download; hosts that no service reaches."""

import ipaddress
from contextlib import suppress
from enum import Enum

from msgspec import Struct

from pan123_tui.domain.links.url import host_of
from pan123_tui.i18n import N_


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
    NO_SUCH_HOST = N_(
        "This machine cannot resolve the host name: check its spelling, and this machine's DNS."
    )
    NOT_CONNECTED = N_("The host does not answer: retry later.")
    BAD_CERTIFICATE = N_("The host's certificate cannot be trusted.")
    SERVER_ERROR = N_("The host reports an error or is too busy: retry later.")
    PRIVATE = N_("A private address: 123pan cannot reach it.")
    UNEXPECTED = N_("The host answers with something other than a file.")


class ProbeResult(Struct, frozen=True):
    status: ProbeStatus
    http_status: int | None = None
    size: int | None = None
    """Bytes of the whole file, if the server sent its size."""
    content_type: str = ""
    """Text from outside, as is the host."""
    host: str = ""
    """The host that answered, after redirects."""


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
