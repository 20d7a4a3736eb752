"""The escape sequences for title, progress, notifications, clipboard and mouse."""

from base64 import b64encode
from collections.abc import Callable, Mapping

from msgspec import Struct

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown
from pan123_tui.i18n import _
from pan123_tui.ui.terminal.capabilities import Capabilities, Multiplexer, NotificationProtocol
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import shown_counts

ESC, BEL = "\x1b", "\a"
ST = ESC + "\\"
PROGRAM = "pan123-tui"
PUSH_TITLE = f"{ESC}[22;0t"
POP_TITLE = f"{ESC}[23;0t"
NO_PROGRESS = f"{ESC}]9;4;0{BEL}"
MAX_TITLE_CELLS = 120
MAX_NOTIFICATION_CELLS = 200
MAX_COPY_BYTES = 74_994
"""Some terminals truncate or ignore longer OSC 52 sequences."""
_SCREEN_CHUNK_CHARS = 760
_MOUSE_MODES = (1000, 1002, 1015, 1006)
"""The modes that the driver enables."""


class TitleSummary(Struct, frozen=True):
    """The contents of the window's title: counts only, because anybody may read it."""

    percent: float | None = None
    """The mean of the active tasks, 0–100; None without any."""
    counts: Mapping[Shown, int] = {}


def format_title(summary: TitleSummary, profile: str = "") -> str:
    """Format `summary` as a title: "62% · 3 running · 1 failed", behind the profile's name."""
    parts = [] if summary.percent is None else [formats.percent(summary.percent)]
    parts += shown_counts(
        summary.counts, Shown.RUNNING, Shown.SENDING, Shown.QUEUED, Shown.FAILED, Shown.UNSURE
    )
    return " · ".join(filter(None, (profile, *(parts or [PROGRAM]))))


def title_sequence(text: str) -> str:
    """Return the sequence that sets the window's title."""
    return f"{ESC}]0;{_osc_text(text, MAX_TITLE_CELLS)}{BEL}"


def notify_sequence(protocol: NotificationProtocol, text: str) -> str:
    """Return the sequence that shows `text` as a desktop notification of this program."""
    body = _osc_text(text, MAX_NOTIFICATION_CELLS)
    if protocol is NotificationProtocol.OSC_9:
        return f"{ESC}]9;{PROGRAM}: {body}{BEL}"
    if protocol is NotificationProtocol.OSC_777:
        return f"{ESC}]777;notify;{PROGRAM};{body}{BEL}"
    head = f"{ESC}]99;i={PROGRAM}"
    return f"{head}:d=0;{PROGRAM}{ST}{head}:d=1:p=body;{body}{ST}"


def progress_sequence(summary: TitleSummary) -> str:
    """Return the sequence that shows or clears the progress in the tab or the task bar."""
    if summary.percent is None:
        return NO_PROGRESS
    state = 2 if summary.counts.get(Shown.FAILED) else 1
    return f"{ESC}]9;4;{state};{min(max(int(summary.percent), 0), 100)}{BEL}"


def copy_sequence(text: str) -> str:
    """Return the sequence that puts `text` into the terminal's clipboard."""
    return f"{ESC}]52;c;{b64encode(text.encode('utf-8', 'replace')).decode('ascii')}{BEL}"


def mouse_sequence(*, reported: bool) -> str:
    """Return the sequence that reports the mouse to the program or leaves it to the terminal."""
    return "".join(f"{ESC}[?{mode}{'h' if reported else 'l'}" for mode in _MOUSE_MODES)


def wrap_for_multiplexer(sequence: str, multiplexer: Multiplexer) -> str:
    """Wrap `sequence` so that `multiplexer` passes it through to the outer terminal."""
    if multiplexer is Multiplexer.TMUX:
        return f"{ESC}Ptmux;{sequence.replace(ESC, ESC + ESC)}{ST}"
    if multiplexer is Multiplexer.SCREEN:
        starts = range(0, len(sequence), _SCREEN_CHUNK_CHARS)
        return "".join(f"{ESC}P{sequence[at : at + _SCREEN_CHUNK_CHARS]}{ST}" for at in starts)
    return sequence


def _osc_text(text: str, cells: int) -> str:
    """Return `text` without characters that end a sequence or separate its fields."""
    return sanitize(text, cells).replace(";", ",")


class Terminal:
    """Sends the sequences that this terminal supports; call it on the screen's event loop."""

    def __init__(
        self,
        write: Callable[[str], None] | None,
        capabilities: Capabilities,
        profile: str = "",
    ) -> None:
        """`write` sends one sequence to the terminal; without it nothing is sent.

        The title names the `profile`.
        """
        self._write = write
        self._profile = profile
        self._capabilities = capabilities
        self._shown = ""
        self._is_open = False
        self._is_mouse_released = False
        self.has_focus: bool | None = None
        """Whether the window has the focus; None if the terminal has never reported it."""

    def open(self) -> None:
        """Push the window's title, once until `close`."""
        if not self._is_open:
            self._is_open = True
            if self._capabilities.has_title:
                self._send(PUSH_TITLE)

    def close(self) -> None:
        """Restore the title, the progress and the mouse, once."""
        if not self._is_open:
            return
        self._is_open = False
        self._shown = ""
        self.release_mouse(False)
        self._send(self.restore_sequence)

    @property
    def restore_sequence(self) -> str:
        """What restores title and progress."""
        progress = NO_PROGRESS if self._capabilities.has_progress else ""
        # Where there is no stack of titles, a neutral one remains.
        title = title_sequence(_("Terminal")) + POP_TITLE if self._capabilities.has_title else ""
        return progress + title

    def show(self, summary: TitleSummary, *, title: bool = True, progress: bool = True) -> None:
        """Show `summary` as title and progress, as far as wanted and supported."""
        sequence = ""
        if title and self._capabilities.has_title:
            sequence = title_sequence(format_title(summary, self._profile))
        if progress and self._capabilities.has_progress:
            sequence += progress_sequence(summary)
        if self._is_open and sequence != self._shown:
            self._shown = sequence
            self._send(sequence)

    def notify(self, text: str, *, bell: bool = True, desktop: bool = True) -> None:
        """Ring and show `text` on the desktop: counts only, because anybody may read it."""
        if not text:
            return
        if bell:
            self._send(BEL)
        if desktop and self._capabilities.notify is not None:
            sequence = notify_sequence(self._capabilities.notify, text)
            self._send(wrap_for_multiplexer(sequence, self._capabilities.multiplexer))

    def copy(self, text: str) -> bool:
        """Send `text` to the terminal's clipboard; return False if it is too long.

        No terminal confirms that it arrived.
        """
        sequence = copy_sequence(text)
        if len(sequence) > MAX_COPY_BYTES:
            return False
        # tmux either obeys the sequence or passes it through, depending on its settings.
        if self._capabilities.multiplexer is Multiplexer.TMUX:
            self._send(sequence)
        self._send(wrap_for_multiplexer(sequence, self._capabilities.multiplexer))
        return True

    def release_mouse(self, released: bool) -> None:
        """Leave the mouse to the terminal for its selection, or take it back."""
        if self._capabilities.has_mouse and released != self._is_mouse_released:
            self._is_mouse_released = released
            self._send(mouse_sequence(reported=not released))

    def _send(self, sequence: str) -> None:
        if self._write is not None and sequence:
            self._write(sequence)
