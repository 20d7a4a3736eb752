"""Which terminal this is, as far as the environment tells, and what it can be asked for.

An escape sequence that a terminal does not know may show up as text, or as a notification that
reads "4;1;62": so each of them is sent only to terminals that are known to take it.
"""

import sys
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _


class NotificationProtocol(StrEnum):
    """How a terminal takes a desktop notification."""

    OSC_9 = "9"
    """iTerm2's: one text."""
    OSC_777 = "777"
    """urxvt's: a title and a text."""
    OSC_99 = "99"
    """kitty's: a title and a text with an id, so that a newer one takes the older one's place."""


class Multiplexer(StrEnum):
    """What stands between the program and the terminal."""

    NONE = ""
    TMUX = "tmux"
    SCREEN = "screen"


class Capabilities(Struct, frozen=True):
    """What the terminal can be asked for."""

    notify: NotificationProtocol | None = None
    has_progress: bool = False
    """Takes OSC 9;4, a progress bar in the window's tab or the task bar."""
    has_title: bool = False
    multiplexer: Multiplexer = Multiplexer.NONE


_WAYS = {
    "ghostty": NotificationProtocol.OSC_777,
    "iterm": NotificationProtocol.OSC_9,
    "wezterm": NotificationProtocol.OSC_9,
    "warp": NotificationProtocol.OSC_9,
    "kitty": NotificationProtocol.OSC_99,
    "foot": NotificationProtocol.OSC_777,
    "contour": NotificationProtocol.OSC_777,
    "rxvt": NotificationProtocol.OSC_777,
}
_PROGRESS = frozenset({"ghostty", "wezterm", "windows", "conemu", "iterm"})
_UNTITLED = ("linux", "vt", "dumb", "cons", "ansi", "eterm", "unknown")
"""Beginnings of the TERM of terminals that would show a title as text, or nowhere."""

_BY_PROGRAM = {
    "ghostty": "ghostty",
    "iterm.app": "iterm",
    "wezterm": "wezterm",
    "warpterminal": "warp",
    "kitty": "kitty",
}
_BY_VARIABLE = {
    "KITTY_WINDOW_ID": "kitty",
    "GHOSTTY_RESOURCES_DIR": "ghostty",
    "WEZTERM_PANE": "wezterm",
    "ITERM_SESSION_ID": "iterm",
    "WT_SESSION": "windows",
    "ConEmuANSI": "conemu",
}
_BY_TERM = {
    "xterm-kitty": "kitty",
    "xterm-ghostty": "ghostty",
    "ghostty": "ghostty",
    "wezterm": "wezterm",
    "foot": "foot",
    "contour": "contour",
    "rxvt-unicode": "rxvt",
}
"""Beginnings of TERM, the only thing that every SSH connection hands on."""


def detect_capabilities(environ: Mapping[str, str]) -> Capabilities:
    """Tell what the terminal of a process with the variables `environ` can be asked for."""
    term = environ.get("TERM", "").lower()
    multiplexer = _multiplexer(environ, term)
    kind = _kind(environ, term)
    return Capabilities(
        # GNU screen hands nothing on that it does not know.
        notify=None if multiplexer is Multiplexer.SCREEN else _WAYS.get(kind),
        # The variables inside a multiplexer may be those of a terminal long detached.
        has_progress=kind in _PROGRESS and multiplexer is Multiplexer.NONE,
        has_title=bool(term) and not term.startswith(_UNTITLED),
        multiplexer=multiplexer,
    )


def unsupported_reason(
    environ: Mapping[str, str],
    isatty_in: bool,
    isatty_err: bool,
    *,
    platform: str = sys.platform,
) -> str | None:
    """Say why the dashboard cannot be drawn here and what to do; None if it can.

    `isatty_in` and `isatty_err` tell whether standard input and standard error, on which the
    screen is drawn, are terminals.
    """
    if not isatty_err:
        return _(
            "The dashboard is drawn on standard error, which is no terminal here. Start it without"
            " redirecting; in scripts use “pan123-tui list” or “pan123-tui watch”."
        )
    if not isatty_in:
        return _(
            "Standard input is no terminal, so no key could be read. Start the dashboard without"
            " a pipe; links from a pipe are taken by “pan123-tui add -”."
        )
    term = environ.get("TERM", "")
    if term.lower() in ("dumb", "unknown") or not (term or platform == "win32"):
        return _(
            "This terminal cannot draw a screen (TERM is “{term}”). Over SSH, connect with"
            " “ssh -t”; otherwise use “pan123-tui list” or “pan123-tui watch”."
        ).format(term=sanitize(term, 40))
    return None


def _multiplexer(environ: Mapping[str, str], term: str) -> Multiplexer:
    if environ.get("TMUX") or term.startswith("tmux"):
        return Multiplexer.TMUX
    if environ.get("STY") or term.startswith("screen"):
        return Multiplexer.SCREEN
    return Multiplexer.NONE


def _kind(environ: Mapping[str, str], term: str) -> str:
    """Name the terminal; empty if it is not known."""
    for beginning, kind in _BY_TERM.items():
        if term.startswith(beginning):
            return kind
    if (program := environ.get("TERM_PROGRAM", "").lower()) in _BY_PROGRAM:
        return _BY_PROGRAM[program]
    if environ.get("LC_TERMINAL", "").lower() == "iterm2":
        return "iterm"
    return next((kind for name, kind in _BY_VARIABLE.items() if environ.get(name)), "")
