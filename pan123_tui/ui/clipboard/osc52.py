"""Asking the terminal itself for its clipboard (OSC 52), if it is one that answers."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping

from pan123_tui.ui.clipboard.local import reading_of_bytes
from pan123_tui.ui.clipboard.reading import Reading
from pan123_tui.ui.intake.sorter import Replied, ReplyKind

QUERY_CLIPBOARD = "\x1b]52;c;?\x07"
QUERY_NAME = "\x1b[>0q\x1b[c"
"""XTVERSION, then the device attributes: every terminal answers those, so they end the wait."""
_CLIPBOARD = re.compile(r"52;[a-z0-7]*;(?P<base64>[A-Za-z0-9+/=\s]*)")
_ANSWERING = ("kitty", "foot", "ghostty", "iterm2", "contour", "xterm.js")
"""Beginnings of the names of terminals that answer, most of them after asking the user."""
_ANSWERING_TERM = ("xterm-kitty", "foot", "xterm-ghostty", "ghostty", "alacritty", "contour")
_ANSWERING_PROGRAM = frozenset({"iterm.app", "vscode", "ghostty", "kitty"})
_NEVER_ASKED = ("linux", "vt", "dumb", "cons", "ansi", "eterm", "unknown", "screen", "tmux")
"""Beginnings of the TERM of what would show a question as text, or is no terminal itself."""


def is_known_to_answer(environ: Mapping[str, str]) -> bool:
    """Tell whether the environment alone names a terminal that answers."""
    term = environ.get("TERM", "").lower()
    program = environ.get("TERM_PROGRAM", "").lower()
    is_iterm = environ.get("LC_TERMINAL", "").lower() == "iterm2"
    return term.startswith(_ANSWERING_TERM) or program in _ANSWERING_PROGRAM or is_iterm


def may_be_asked_its_name(environ: Mapping[str, str]) -> bool:
    """Tell whether the terminal surely swallows a question that it does not know."""
    term = environ.get("TERM", "").lower()
    is_apple = environ.get("TERM_PROGRAM") == "Apple_Terminal"
    return bool(term) and not is_apple and not term.startswith(_NEVER_ASKED)


def name_in(reply: Replied) -> str | None:
    """Give the name in an answer to `QUERY_NAME`, empty if the terminal has none to give."""
    if reply.kind is ReplyKind.DCS and reply.body.startswith(">|"):
        return reply.body[2:]
    return "" if reply.kind is ReplyKind.DEVICE else None


def answers(name: str) -> bool:
    """Tell whether a terminal that calls itself `name` answers `QUERY_CLIPBOARD`."""
    return name.lower().startswith(_ANSWERING)


def clipboard_in(reply: Replied) -> Reading | None:
    """Give what an answer to `QUERY_CLIPBOARD` holds; None if it answers something else."""
    match = _CLIPBOARD.fullmatch(reply.body) if reply.kind is ReplyKind.OSC else None
    if match is None:
        return None
    encoded = "".join(match["base64"].split()).rstrip("=")
    try:
        return reading_of_bytes(b64decode(encoded + "=" * (-len(encoded) % 4)))
    except binascii.Error:
        return reading_of_bytes(b"")
