"""The forms that a text in `config.toml` or an option may need to have."""

import re
from collections.abc import Callable
from math import nan
from urllib.parse import urlsplit

from msgspec import Struct

from pan123_tui.domain.credentials import TOKEN_PLACEHOLDER, is_header_safe
from pan123_tui.domain.links.url import is_loopback
from pan123_tui.i18n import N_, _

MAX_PORT = 65535
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s?([smhd]|min|秒|分钟?|小时|天)")
_DAY_S = 86400
_UNITS_S = {"s": 1, "秒": 1, "m": 60, "分": 60, "h": 3600, "小": 3600, "d": _DAY_S, "天": _DAY_S}
"""The units by their first characters."""


class Form(Struct, frozen=True):
    """The form that a text must have, unless any text will do."""

    words: str
    is_valid: Callable[[str], bool]

    def error(self, text: str) -> str:
        """Return why `text` cannot be used, "" if it can."""
        wanted = _(self.words)
        return "" if self.is_valid(text) else _("it must be {wanted}").format(wanted=wanted)


def _is_url(value: str) -> bool:
    try:
        url = urlsplit(value)
        has_host = bool(url.hostname) and url.port != 0
    except ValueError:
        return False
    return has_host and url.scheme in ("http", "https") and is_header_safe(value)


def _is_encrypted(value: str) -> bool:
    """Return whether a secret may be sent to `value`: it is https, or http on this machine."""
    if not _is_url(value):
        return False
    url = urlsplit(value)
    return url.scheme == "https" or is_loopback(url.hostname or "")


def duration_s(text: str) -> float:
    """Return the seconds of a duration such as "10m", "10 min" or "10 分钟"; NaN for other text."""
    found = _DURATION.fullmatch(text.strip())
    return float(found[1]) * _UNITS_S[found[2][0]] if found else nan


URL = Form(N_("an http:// or https:// address"), _is_url)
BASE_URL = Form(
    N_("an https:// address (http:// only on this machine) without a user name or query"),
    lambda value: (
        _is_encrypted(value) and "@" not in urlsplit(value).netloc and not set("?#") & set(value)
    ),
)
RENEW_URL = Form(
    N_("an https:// address (http:// only on this machine) with {refresh_token} in it"),
    lambda value: TOKEN_PLACEHOLDER in value and _is_encrypted(value),
)
LISTEN = Form(  # port 0: any free one
    N_("a host and a port, such as 127.0.0.1:8123"),
    lambda value: (
        (found := re.fullmatch(r".+:(\d{1,5})", value, re.ASCII)) is not None
        and int(found[1]) <= MAX_PORT
    ),
)
PUSH = Form(
    N_("a list of addresses such as ntfy://topic, without spaces"),
    lambda value: re.fullmatch(r"(?i)[a-z][a-z0-9+.-]*://\S+", value) is not None,
)
WAIT = Form(
    N_("a time from 10s to 1d, such as 90s, 10m or 2h"),
    lambda value: 10 <= duration_s(value) <= _DAY_S,
)
