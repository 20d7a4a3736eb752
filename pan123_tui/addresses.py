"""Which addresses the settings may hold; each question gives a reason, or nothing if it may."""

from urllib.parse import urlsplit

from pan123_tui.domain.credentials import is_sendable
from pan123_tui.domain.loopback import is_loopback
from pan123_tui.i18n import _

_LAST_PORT = 65535


def why_no_base_url(value: str) -> str:
    """Say why the open API cannot be at `value`: the token must never travel in the clear."""
    if reason := why_no_url(value):
        return reason
    url = urlsplit(value)
    if "@" in url.netloc or "?" in value or "#" in value:
        return _("no user name, query or fragment may be in it")
    if url.scheme != "https" and not is_loopback(url.hostname or ""):
        return _("it must begin with https:// (http:// only for this machine itself)")
    return ""


def why_no_url(value: str) -> str:
    """Say why `value` is no http or https URL."""
    try:
        url = urlsplit(value)
        has_host = bool(url.hostname) and url.port != 0
    except ValueError:
        has_host = False
    if not has_host or url.scheme not in ("http", "https") or not is_sendable(value):
        return _("it is no http:// or https:// address")
    return ""


def why_no_listener(value: str) -> str:
    """Say why nothing can listen at `value`; port 0 means any free one."""
    host, _colon, port = value.rpartition(":")
    if host and port.isascii() and port.isdigit() and int(port) <= _LAST_PORT:
        return ""
    return _("it must be a host and a port, such as 127.0.0.1:8123")
