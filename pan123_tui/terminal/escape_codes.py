"""What the terminal supports as far as the environment shows, and the escape sequences for it."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

ESC, BEL = "\x1b", "\a"
ST = ESC + "\\"
PUSH_TITLE = f"{ESC}[22;0t"
POP_TITLE = f"{ESC}[23;0t"
NEUTRAL_TITLE = "Terminal"
"""What remains where the terminal has no stack of titles."""
MAX_CHARS = 200
"""Of a title and a notification."""
MAX_COPY_BYTES = 74_994
"""Some terminals truncate or ignore longer OSC 52 sequences."""
_SCREEN_CHUNK_CHARS = 760
_MOUSE_MODES = (1000, 1002, 1015, 1006)
"""The modes that the driver enables."""


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
    has_notifications: bool = False
    """Whether OSC 9 shows a text on the desktop."""
    has_title: bool = False
    has_mouse: bool = True
    multiplexer: Multiplexer = Multiplexer.NONE
    color_system: ColorSystem = ColorSystem.TRUECOLOR
    has_symbols: bool = True
    """Whether the font has more than letters."""


_NOTIFYING = ("kitty", "ghostty", "wezterm", "iterm", "foot")
"""How the names of terminals that know OSC 9 begin, as in TERM or TERM_PROGRAM."""
_TRUECOLOR = (*_NOTIFYING, "alacritty", "konsole", "contour", "vscode", "rio", "direct")
_BASIC_TERMS = re.compile(r"vt\d|dumb|cons|ansi|eterm|unknown|hurd|sun")
"""TERM of terminals that have no title."""
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


def title_sequence(text: str) -> str:
    return f"{ESC}]0;{_osc_text(text)}{BEL}"


def _osc_text(text: str) -> str:
    """Return `text` without characters that end a sequence or separate its fields."""
    return "".join(filter(str.isprintable, text[:MAX_CHARS])).replace(";", ",")


class Terminal:
    """Sends sequences that this terminal supports; call it on the screen's event loop."""

    def __init__(self, write: Callable[[str], None], capabilities: Capabilities) -> None:
        """`write` sends one sequence to the terminal."""
        self._send = write
        self._capabilities = capabilities
        self._title = ""
        self._is_open = False
        self._is_mouse_released = False

    def open(self) -> None:
        """Push the window's title, once until `close`."""
        if not self._is_open:
            self._is_open = True
            if self._capabilities.has_title:
                self._send(PUSH_TITLE)

    def close(self) -> None:
        """Restore the title and the mouse, once."""
        if self._is_open:
            self._is_open = False
            self.release_mouse(False)
            self._send(self.restore_sequence)

    @property
    def restore_sequence(self) -> str:
        return title_sequence(NEUTRAL_TITLE) + POP_TITLE if self._capabilities.has_title else ""

    def set_title(self, text: str) -> None:
        """Show `text` in the title, if the window has one and it does not say that already."""
        title = title_sequence(text)
        if self._is_open and self._capabilities.has_title and title != self._title:
            self._title = title
            self._send(title)

    def notify(self, text: str, *, desktop: bool = True) -> None:
        """Ring, and show `text` on the desktop: only counts, because anybody may read it."""
        self._send(BEL)
        if desktop and self._capabilities.has_notifications:
            self._send_through(f"{ESC}]9;{_osc_text(text)}{BEL}")

    def copy(self, text: str) -> bool:
        """Send `text` to the terminal's clipboard, which confirms nothing; False: too long."""
        encoded = b64encode(text.encode("utf-8", "replace")).decode("ascii")
        sequence = f"{ESC}]52;c;{encoded}{BEL}"
        if len(sequence) > MAX_COPY_BYTES:
            return False
        # tmux either obeys the sequence or passes it through, depending on its settings.
        if self._capabilities.multiplexer is Multiplexer.TMUX:
            self._send(sequence)
        self._send_through(sequence)
        return True

    def release_mouse(self, released: bool) -> None:
        """Leave the mouse to the terminal for its selection, or take it back."""
        if self._capabilities.has_mouse and released != self._is_mouse_released:
            self._is_mouse_released = released
            end = "l" if released else "h"
            self._send("".join(f"{ESC}[?{mode}{end}" for mode in _MOUSE_MODES))

    def _send_through(self, sequence: str) -> None:
        """Wrap `sequence` so that a multiplexer passes it through to the outer terminal."""
        multiplexer, parts = self._capabilities.multiplexer, [sequence]
        if multiplexer is Multiplexer.TMUX:
            parts = [f"{ESC}Ptmux;{sequence.replace(ESC, ESC + ESC)}{ST}"]
        elif multiplexer is Multiplexer.SCREEN:
            starts = range(0, len(sequence), _SCREEN_CHUNK_CHARS)
            parts = [f"{ESC}P{sequence[at : at + _SCREEN_CHUNK_CHARS]}{ST}" for at in starts]
        self._send("".join(parts))
