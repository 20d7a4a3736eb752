"""Takes out of a text what must not be seen by others: credentials, and what signs a URL."""

import re
from collections.abc import Iterable

HIDDEN = "…"
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{0,30}://)[^\s/?#@]*@", re.IGNORECASE)
_QUERY = re.compile(r"(?P<path>\bhttps?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*", re.IGNORECASE)
_BEARER = re.compile(r"\bBearer\s+[^\s\"',]+", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w.-]+")


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Give `text` without `secrets`, tokens, and the query and userinfo of every URL in it."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, redacted(secret) if "://" in secret else HIDDEN)
    text = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _QUERY.sub(rf"\g<path>?{HIDDEN}", text)
    text = _BEARER.sub(f"Bearer {HIDDEN}", text)
    return _JWT.sub(HIDDEN, text)
