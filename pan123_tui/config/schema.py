"""The sections of `config.toml` with their types, ranges and defaults."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from pan123_tui.domain.credentials import TOKEN_PLACEHOLDER, is_header_safe
from pan123_tui.domain.links.url import is_loopback
from pan123_tui.i18n import _

DEFAULT_BASE_URL = "https://open-api.123pan.com"
MAX_PORT = 65535

Rate = Annotated[float, Meta(gt=0, le=50)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table of `config.toml`."""


class Service(Section, frozen=True):
    """`[service]`: the address of the open API and the request rates."""

    base_url: str = DEFAULT_BASE_URL
    create_per_s: Rate = 1.0
    process_per_s: Rate = 5.0


class Defaults(Section, frozen=True):
    """`[defaults]`: values for new links that have none of their own."""

    folder_id: Annotated[int, Meta(gt=0)] | None = None
    folder_name: str = ""
    """Name of the folder when it was chosen; shown, never sent."""
    callback_url: str = ""


class Ui(Section, frozen=True):
    """`[ui]`: language and appearance."""

    language: Literal["auto", "en", "zh"] = "auto"
    theme: str = ""
    """Empty: the default theme."""
    ascii: bool = False
    window_rows: Annotated[int, Meta(ge=50, le=20_000)] = 150
    """Rows of a view that the table holds at once."""


class Clipboard(Section, frozen=True):
    """`[clipboard]`: watching the local clipboard for links."""

    watch: bool = False
    interval_s: Seconds = 1.0
    allow_hosts: tuple[str, ...] = ()
    """Empty: every host."""
    deny_hosts: tuple[str, ...] = ()
    osc52_query: bool = True
    """Whether a terminal that is known to answer may be asked for its clipboard."""


class Notify(Section, frozen=True):
    """`[notify]`: how the end of a task is announced."""

    toast: bool = True
    bell: bool = True
    desktop: bool = True
    title: bool = True
    progress: bool = True


class Callback(Section, frozen=True):
    """`[callback]`: the receiver of the service's callbacks; off if `listen` is empty."""

    listen: str = ""
    """`host:port`."""
    public_url: str = ""
    """Address under which the service reaches the receiver."""


class Hooks(Section, frozen=True):
    """`[hooks]`: commands with their arguments, run without a shell."""

    on_success: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    timeout_s: Seconds = 30.0


class Arrival(Section, frozen=True):
    """`[arrival]`: the check of the target folder after a success."""

    check: bool = True


def renew_url_error(value: str) -> str:
    """Return why no refresh token can be renewed at the address `value`, "" if it can be.

    Only https is allowed except on loopback, since the refresh token stands in it.
    """
    if TOKEN_PLACEHOLDER not in value:
        return _("the place of the token, {place}, is missing").format(place=TOKEN_PLACEHOLDER)
    if reason := url_error(value):
        return reason
    url = urlsplit(value)
    if url.scheme != "https" and not is_loopback(url.hostname or ""):
        return _("it must begin with https:// (http:// only for this machine itself)")
    return ""


def base_url_error(value: str) -> str:
    """Return why `value` cannot be the open API's address, "" if it can.

    Only https is allowed except on loopback, since the token must not be sent unencrypted.
    """
    if reason := url_error(value):
        return reason
    url = urlsplit(value)
    if "@" in url.netloc or "?" in value or "#" in value:
        return _("no user name, query or fragment may be in it")
    if url.scheme != "https" and not is_loopback(url.hostname or ""):
        return _("it must begin with https:// (http:// only for this machine itself)")
    return ""


def url_error(value: str) -> str:
    """Return why `value` is no http or https URL, "" if it is one."""
    try:
        url = urlsplit(value)
        has_host = bool(url.hostname) and url.port != 0
    except ValueError:
        has_host = False
    if not has_host or url.scheme not in ("http", "https") or not is_header_safe(value):
        return _("it is not an http:// or https:// address")
    return ""


def listen_address_error(value: str) -> str:
    """Return why `value` is no `host:port` to listen at, "" if it is one; port 0: any free one."""
    host, _colon, port = value.rpartition(":")
    if host and port.isascii() and port.isdigit() and int(port) <= MAX_PORT:
        return ""
    return _("it must be a host and a port, such as 127.0.0.1:8123")
