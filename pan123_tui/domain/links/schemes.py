"""Schemes other than http: wrappers that contain an http link, and unsupported ones."""

import base64
import binascii
import re
from urllib.parse import unquote

from pan123_tui.domain.links.url import RejectionReason, check_url

OTHER_SCHEMES = ("magnet", "ed2k", "sftp", "ftps", "ftp", "file", "thunder", "flashget", "qqdl")
"""The other schemes that download links have."""
_UNREADABLE = {
    "thunder": RejectionReason.THUNDER_UNREADABLE,
    "flashget": RejectionReason.FLASHGET_UNREADABLE,
    "qqdl": RejectionReason.QQDL_UNREADABLE,
}
_AFFIXES = {"thunder": ("AA", "ZZ"), "flashget": ("[FLASHGET]", "[FLASHGET]"), "qqdl": ("", "")}
"""Prefix and suffix of the link inside each wrapper, before base64."""
_WRAPPED = re.compile(r"[A-Za-z0-9+/=_%-]+")
_UNBROKEN = re.compile(r"[^\s\x00-\x20\x7f\"'<>，。；、]+")
_ED2K_CHARS = 1_000


def is_wrapper(scheme: str) -> bool:
    """Return whether links of `scheme` contain another link."""
    return scheme in _UNREADABLE


def end_of_other_scheme(text: str, start: int, body: int, scheme: str) -> int:
    """Return the end of the link in `text` that starts at `start` and has its body at `body`."""
    if scheme == "ed2k":
        close = text.find("|/", body, body + _ED2K_CHARS)
        if close >= 0 and "://" not in text[body:close]:
            return close + 2
    pattern = _WRAPPED if is_wrapper(scheme) else _UNBROKEN
    match = pattern.match(text, body)
    return max(match.end() if match else body, start + 1)


def unwrap(scheme: str, body: str) -> str | RejectionReason:
    """Return the link inside `body` (what follows `thunder://` etc.), or why there is none.

    `thunder` is base64 of `AA`, the link and `ZZ`; `flashget` has `[FLASHGET]` on both sides and
    may be followed by `&` and a note; `qqdl` is the bare link. The padding may be missing; the
    text is UTF-8 or GBK.
    """
    unreadable = _UNREADABLE[scheme]
    content = _decode_base64(unquote(body).partition("&")[0])
    prefix, suffix = _AFFIXES[scheme]
    if not (content and content.startswith(prefix) and content.endswith(suffix)):
        return unreadable
    link = content[len(prefix) : len(content) - len(suffix)].strip().replace(" ", "%20")
    reason = check_url(link)
    if reason is None:
        return link
    return reason if reason is RejectionReason.NOT_HTTP or "://" in link else unreadable


def _decode_base64(encoded: str) -> str:
    """Decode base64, then UTF-8 or GBK; return an empty string if that fails."""
    plain = encoded.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    for candidate in (plain, plain.rstrip("/")):
        try:
            data = base64.b64decode(candidate + "=" * (-len(candidate) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        for codec in ("utf-8", "gb18030"):
            try:
                return data.decode(codec)
            except UnicodeDecodeError:
                continue
    return ""
