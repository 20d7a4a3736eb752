"""What is asked of the terminal itself, in escape sequences: title, bell, notice, copy, mouse."""

from base64 import b64encode
from collections.abc import Callable

from msgspec import Struct

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _, join_list
from pan123_tui.ui.terminal.capabilities import Capabilities, Multiplexer, NotificationProtocol
from pan123_tui.wording import formats

ESC, BEL = "\x1b", "\a"
ST = ESC + "\\"
PROGRAM = "pan123-tui"
PUSH_TITLE = f"{ESC}[22;0t"
POP_TITLE = f"{ESC}[23;0t"
NO_PROGRESS = f"{ESC}]9;4;0{BEL}"
LONGEST_TITLE = 120
LONGEST_NOTICE = 200
MOST_COPIED_BYTES = 74_994
"""More than this, in base64, and some terminals keep only the beginning, or nothing."""
_SCREEN_CHUNK = 760
_MOUSE_MODES = (1000, 1003, 1015, 1006)
"""Those that Textual switches on."""


class TitleSummary(Struct, frozen=True):
    """What the window's title says: counts only, for everybody who looks over the shoulder."""

    percent: float | None = None
    """The mean of the active tasks, 0–100; None: there are none."""
    running: int = 0
    waiting: int = 0
    failed: int = 0
    unconfirmed: int = 0


def title_of(overview: TitleSummary) -> str:
    """Say `overview` as a title: "62% · 3 running · 1 failed"."""
    parts = []
    if overview.percent is not None:
        parts.append(formats.percent(overview.percent))
    if overview.running:
        parts.append(_("{count} running").format(count=formats.number(overview.running)))
    if overview.waiting:
        parts.append(_("{count} waiting").format(count=formats.number(overview.waiting)))
    parts += _ended(failed=overview.failed, unconfirmed=overview.unconfirmed)
    return " · ".join(parts or [PROGRAM])


def outcome_of(succeeded: int, failed: int, unconfirmed: int = 0, doubtful: int = 0) -> str:
    """Say how tasks ended: "12 succeeded, 2 failed"; unconfirmed ones wait for a person's word.

    Doubtful ones are successes without the right file in the target folder.
    """
    return join_list(_ended(succeeded, failed, unconfirmed, doubtful))


def _ended(
    succeeded: int = 0, failed: int = 0, unconfirmed: int = 0, doubtful: int = 0
) -> list[str]:
    counted = (
        (succeeded, _("{count} succeeded")),
        (doubtful, _("{count} doubtful")),
        (failed, _("{count} failed")),
        (unconfirmed, _("{count} unconfirmed")),
    )
    return [text.format(count=formats.number(count)) for count, text in counted if count]


def title_sequence(text: str) -> str:
    """Set the window's title."""
    return f"{ESC}]0;{_inside_osc(text, LONGEST_TITLE)}{BEL}"


def notify_sequence(way: NotificationProtocol, text: str) -> str:
    """Show `text` as a desktop notification of this program."""
    inside = _inside_osc(text, LONGEST_NOTICE)
    if way is NotificationProtocol.OSC_9:
        return f"{ESC}]9;{PROGRAM}: {inside}{BEL}"
    if way is NotificationProtocol.OSC_777:
        return f"{ESC}]777;notify;{PROGRAM};{inside}{BEL}"
    head = f"{ESC}]99;i={PROGRAM}"
    return f"{head}:d=0;{PROGRAM}{ST}{head}:d=1:p=body;{inside}{ST}"


def progress_sequence(overview: TitleSummary) -> str:
    """Show the progress of `overview` in the window's tab or the task bar, or take it away."""
    if overview.percent is None:
        return NO_PROGRESS
    state = 2 if overview.failed else 1
    return f"{ESC}]9;4;{state};{min(max(int(overview.percent), 0), 100)}{BEL}"


def copy_sequence(text: str) -> str:
    """Put `text` into the terminal's clipboard."""
    return f"{ESC}]52;c;{b64encode(text.encode('utf-8', 'replace')).decode('ascii')}{BEL}"


def mouse_sequence(*, reported: bool) -> str:
    """Have the mouse reported to the program, or leave it to the terminal."""
    return "".join(f"{ESC}[?{mode}{'h' if reported else 'l'}" for mode in _MOUSE_MODES)


def wrap_for_multiplexer(sequence: str, multiplexer: Multiplexer) -> str:
    """Wrap `sequence` so that `multiplexer` hands it to the terminal outside."""
    if multiplexer is Multiplexer.TMUX:
        return f"{ESC}Ptmux;{sequence.replace(ESC, ESC + ESC)}{ST}"
    if multiplexer is Multiplexer.SCREEN:
        parts = range(0, len(sequence), _SCREEN_CHUNK)
        return "".join(f"{ESC}P{sequence[at : at + _SCREEN_CHUNK]}{ST}" for at in parts)
    return sequence


def _inside_osc(text: str, cells: int) -> str:
    """Leave nothing in `text` that ends a sequence, or parts it into fields."""
    return sanitize(text, cells).replace(";", ",")


class Terminal:
    """Sends the sequences that this terminal takes, each in one write; call it from the screen."""

    def __init__(self, write: Callable[[str], None] | None, capabilities: Capabilities) -> None:
        """Take the `write` that reaches the terminal; None: there is none, and nothing is sent."""
        self._write = write
        self._capabilities = capabilities
        self._shown = ""
        self._is_open = False
        self._is_mouse_released = False
        self.has_focus: bool | None = None
        """Whether the window has the focus, as it last said; None: it never said."""

    def open(self) -> None:
        """Remember the title that the window has; once, until `close`."""
        if not self._is_open:
            self._is_open = True
            if self._capabilities.has_title:
                self._send(PUSH_TITLE)

    def close(self) -> None:
        """Give back the title, the progress and the mouse; once."""
        if not self._is_open:
            return
        self._is_open = False
        self._shown = ""
        self.release_mouse(False)
        if self._capabilities.has_progress:
            self._send(NO_PROGRESS)
        if self._capabilities.has_title:
            self._send(POP_TITLE)

    @property
    def restore_sequence(self) -> str:
        """What `close` sends for title and progress, for a program that must not wait."""
        progress = NO_PROGRESS if self._capabilities.has_progress else ""
        return progress + (POP_TITLE if self._capabilities.has_title else "")

    def show(self, overview: TitleSummary, *, title: bool = True, progress: bool = True) -> None:
        """Show `overview` as the title and as progress, as far as asked for and known here."""
        sequence = (
            title_sequence(title_of(overview)) if title and self._capabilities.has_title else ""
        )
        if progress and self._capabilities.has_progress:
            sequence += progress_sequence(overview)
        if self._is_open and sequence != self._shown:
            self._shown = sequence
            self._send(sequence)

    def tell(self, text: str, *, bell: bool = True, desktop: bool = True) -> None:
        """Ring, and say `text` on the desktop: counts only, for it may be read by anybody."""
        if not text:
            return
        if bell:
            self._send(BEL)
        if desktop and self._capabilities.notify is not None:
            sequence = notify_sequence(self._capabilities.notify, text)
            self._send(wrap_for_multiplexer(sequence, self._capabilities.multiplexer))

    def copy(self, text: str) -> bool:
        """Send `text` to the terminal's clipboard; False if it is too long to arrive whole.

        Nobody can know whether it arrived.
        """
        sequence = copy_sequence(text)
        if len(sequence) > MOST_COPIED_BYTES:
            return False
        # tmux either takes the sequence itself or hands it on, as its user has set it.
        if self._capabilities.multiplexer is Multiplexer.TMUX:
            self._send(sequence)
        self._send(wrap_for_multiplexer(sequence, self._capabilities.multiplexer))
        return True

    def release_mouse(self, released: bool) -> None:
        """Leave the mouse to the terminal, so that it can select; or take it back."""
        if released != self._is_mouse_released:
            self._is_mouse_released = released
            self._send(mouse_sequence(reported=not released))

    def _send(self, sequence: str) -> None:
        if self._write is not None and sequence:
            self._write(sequence)
