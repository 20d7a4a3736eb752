"""What the terminal supports, as far as the environment shows; nothing else is sent to it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Multiplexer(StrEnum):
    """A program between this one and the terminal."""

    NONE = ""
    TMUX = "tmux"
    SCREEN = "screen"


class ColorSystem(StrEnum):
    """How many colours are sent, by the names that Rich and TEXTUAL_COLOR_SYSTEM use."""

    TRUECOLOR = "truecolor"
    EIGHT_BIT = "256"
    STANDARD = "standard"
    """16 colours."""


class Capabilities(NamedTuple):
    """What the terminal supports."""

    has_notifications: bool = False
    """Whether OSC 9 shows a text on the desktop."""
    has_title: bool = False
    has_mouse: bool = True
    multiplexer: Multiplexer = Multiplexer.NONE
    color_system: ColorSystem = ColorSystem.TRUECOLOR
    has_symbols: bool = True
    """Whether the font has more than letters."""
    can_erase: bool = False
    """Whether an erased cell gets the background colour that is in use."""


_NOTIFYING = ("kitty", "ghostty", "wezterm", "iterm", "foot")
"""How the names of terminals that know OSC 9 begin, as in TERM or TERM_PROGRAM."""
_TRUECOLOR = (*_NOTIFYING, "alacritty", "konsole", "contour", "vscode", "rio", "direct")
_BASIC_TERMS = re.compile(r"vt\d|dumb|cons|ansi|eterm|unknown|hurd|sun")
"""TERM of terminals that have no title and may erase with the default background."""
_EIGHT_BIT_TERMS = re.compile(
    r".*256color|(xterm|rxvt|screen|tmux|st|vte|gnome|putty|mintty|mlterm)\b"
    r"(?!-(16|88)?color|-mono)"
)
"""xterm and rxvt-unicode have 256 colours by default, whatever their terminfo says."""


def detect_capabilities(environ: Mapping[str, str]) -> Capabilities:
    """Return what the terminal supports, judging by the variables `environ`."""
    term = environ.get("TERM", "").lower()
    multiplexer = Multiplexer.NONE
    if environ.get("TMUX") or term.startswith("tmux"):
        multiplexer = Multiplexer.TMUX
    elif environ.get("STY") or term.startswith("screen"):
        multiplexer = Multiplexer.SCREEN
    # Every ssh connection forwards TERM, most forward LC_TERMINAL.
    programs = (environ.get(name, "").lower() for name in ("TERM_PROGRAM", "LC_TERMINAL"))
    names = (term.removeprefix("xterm-"), *programs)
    is_screen = multiplexer is Multiplexer.SCREEN
    is_full = bool(term) and not _BASIC_TERMS.match(term)
    is_truecolor = any(name.startswith(_TRUECOLOR) for name in names)
    return Capabilities(
        # GNU screen forwards no sequence that it does not know.
        has_notifications=not is_screen and any(name.startswith(_NOTIFYING) for name in names),
        has_title=is_full and term != "linux",
        # GNU screen holds back the Escape key while the mouse is tracked.
        has_mouse=not environ.get("STY"),
        multiplexer=multiplexer,
        color_system=_color_system(environ, term, multiplexer, is_truecolor=is_truecolor),
        has_symbols=term != "linux",
        can_erase=is_full and not is_screen,
    )


def _color_system(
    environ: Mapping[str, str], term: str, multiplexer: Multiplexer, *, is_truecolor: bool
) -> ColorSystem:
    chosen = environ.get("TEXTUAL_COLOR_SYSTEM", "").lower()
    if chosen in set(ColorSystem):
        return ColorSystem(chosen)
    is_true = environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit")
    if multiplexer is Multiplexer.NONE:
        is_true = is_true or is_truecolor or not term
    # GNU screen mistakes the numbers of a true colour for other attributes.
    if is_true and term != "linux" and multiplexer is not Multiplexer.SCREEN:
        return ColorSystem.TRUECOLOR
    has_256 = multiplexer is not Multiplexer.NONE or _EIGHT_BIT_TERMS.match(term)
    return ColorSystem.EIGHT_BIT if has_256 else ColorSystem.STANDARD
