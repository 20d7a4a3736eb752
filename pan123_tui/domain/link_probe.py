"""What a test of a link may show, to explain a failed download; hosts that no service reaches."""

import ipaddress
from contextlib import suppress
from enum import Enum, auto

from msgspec import Struct

from pan123_tui.domain.links.url import host_of


class ProbeStatus(Enum):
    """What a link test has shown."""

    REACHABLE = auto()
    NOT_FOUND = auto()
    FORBIDDEN = auto()
    EXPIRED = auto()
    LOGIN_PAGE = auto()
    NO_SUCH_HOST = auto()
    NOT_CONNECTED = auto()
    BAD_CERTIFICATE = auto()
    SERVER_ERROR = auto()
    PRIVATE = auto()
    ENVIRONMENT_UNUSABLE = auto()
    UNEXPECTED = auto()


class ProbeResult(Struct, frozen=True):
    status: ProbeStatus
    http_status: int | None = None
    size: int | None = None
    """Bytes of the whole file, if the server sent its size."""
    content_type: str = ""
    """Text from outside, as is the host."""
    host: str = ""
    """The host that answered, after redirects."""
    variable: str = ""
    """Which one of the environment cannot be used."""


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
