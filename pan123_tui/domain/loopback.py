"""Which hosts are this machine, where plain http is safe and no proxy is asked."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether `host` is `localhost`, in 127.0.0.0/8, or `::1` (without brackets)."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
