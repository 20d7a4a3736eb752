"""The proxy that the environment prescribes for connections."""

import os
import urllib.request
from urllib.parse import urlsplit

from pan123_tui.domain.errors import EnvironmentUnusable, RequestTrouble
from pan123_tui.domain.links.url import is_loopback

_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def proxy_for(scheme: str, host: str) -> tuple[str, str | None]:
    """Return variable and address of the proxy for a host; raises `EnvironmentUnusable`."""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return "", None
    proxies = urllib.request.getproxies()
    kind = next((it for it in (scheme, "all") if proxies.get(it, "").strip()), "")
    if not kind:
        return "", None
    names = f"{kind}_proxy", f"{kind}_proxy".upper()
    variable = next(filter(os.environ.get, names), names[0])
    way, _colon, rest = proxies[kind].strip().rpartition("://")
    way = way.lower() or "http"
    if way == "socks":  # how desktops call it; other programs let the proxy resolve names
        way = "socks5h"
    address = f"{way}://{rest}"
    try:
        parts = urlsplit(address)
        is_usable = way in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise EnvironmentUnusable(RequestTrouble.PROXY_ADDRESS.value, variable=variable)
    return variable, address
