"""The escape sequences for title, notifications, clipboard and mouse."""

from base64 import b64encode
from collections.abc import Callable

from pan123_tui.terminal.capabilities import Capabilities, Multiplexer

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


def title_sequence(text: str) -> str:
    """Return the sequence that sets the window's title."""
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
        """What restores the title."""
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
