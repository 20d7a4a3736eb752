"""Shutdown on a signal: restores the terminal even if the screen hangs."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic
from types import FrameType
from typing import Any

if sys.platform != "win32":
    import termios

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)
)
SCREEN_TIMEOUT_S = 1.7
"""Longest wait for the screen to save a draft and restore the terminal."""
_RESET_MODES = (1000, 1002, 1003, 1004, 1006, 1015, 1016, 2004, 2048)
"""Mouse in cells and in pixels, focus, bracketed paste and reports of the size."""
CLEAR_AND_RESET = (
    "".join(f"\x1b[?{mode}l" for mode in _RESET_MODES) + "\x1b[?7h\x1b[0m\x1b[H\x1b[2J"
)
"""What goes before the end of the alternate screen: not every terminal has a second screen."""
LEAVE_SCREEN = CLEAR_AND_RESET + "\x1b[<u\x1b[?1049l\x1b[?25h"
"""The same with the end of the screen and of kitty's keyboard flags, which are one stack each."""
LAST_WORDS_TIMEOUT_S = 1.0
"""Longest try to restore a terminal that takes nothing."""
_WRITER_THREAD = "textual-output"
"""The name of Textual's thread that writes to the terminal."""
_WRITER_TIMEOUT_S = 0.1
_CANCEL = "\x18"
"""Ends a sequence that was cut."""


class ShutdownWatchdog:
    """A thread that, on a signal, closes the screen and finally ends the process.

    The signal handler only wakes the thread: a stalled line blocks the screen's event loop, where
    neither a task nor the loop's own signal handler would run.
    """

    def __init__(self, *, leave: Callable[[], object]) -> None:
        """`leave` asks the screen to close."""
        self._leave = leave
        self._signal: int | None = None
        # A signal may interrupt the handler of another one: `put` allows that, an Event hangs.
        self._wakes: SimpleQueue[None] = SimpleQueue()
        self._done = threading.Event()
        self._terminal = _terminal_settings()
        self.restore_sequence = ""
        """What restores the terminal's title and progress after the screen is closed."""
        self.clean_up: Callable[[], object] = lambda: None
        """Does what a forced end would leave undone."""

    def watch(self) -> None:
        """Install the signal handlers and start the thread; call it on the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._wait, name="shutdown", daemon=True).start()

    def force(self) -> None:
        """Shut down without a signal, because something hangs."""
        self._wakes.put(None)

    def mark_done(self) -> None:
        """Record that the screen has closed and the terminal is restored."""
        self._done.set()
        self._wakes.put(None)

    @property
    def exit_code(self) -> int | None:
        """128 + the signal that came, or None."""
        return None if self._signal is None else 128 + self._signal

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        self._wakes.put(None)

    def _wait(self) -> None:
        self._wakes.get()
        if self._done.is_set():
            return
        with suppress(RuntimeError):
            self._leave()
        if not self._done.wait(SCREEN_TIMEOUT_S):
            self._restore_terminal()
            self.clean_up()
            os._exit(self.exit_code or 0)

    def _restore_terminal(self) -> None:
        """Restore the terminal without waiting for it, because it may be what hangs."""
        if sys.platform == "win32" or self._terminal is None:
            return
        descriptor = sys.__stderr__.fileno() if sys.__stderr__ else 2
        with suppress(OSError, termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, self._terminal)
        with suppress(OSError):
            os.set_blocking(descriptor, False)
            _write_last(descriptor, (_CANCEL + LEAVE_SCREEN + self.restore_sequence).encode())
            os.set_blocking(descriptor, True)  # the shell shares it


def _write_last(descriptor: int, data: bytes) -> None:
    """Write `data` whole, instead of what waits there if the terminal takes nothing."""
    deadline = monotonic() + LAST_WORDS_TIMEOUT_S
    writers = [thread for thread in threading.enumerate() if thread.name == _WRITER_THREAD]
    while monotonic() < deadline:
        with suppress(BlockingIOError):
            if os.write(descriptor, data) == len(data):
                return
        _discard_output(descriptor)
        for writer in writers:  # it ends now, as it may not wait: no rest of it comes after `data`
            writer.join(_WRITER_TIMEOUT_S)


def _discard_output(descriptor: int) -> None:
    """Discard what the terminal has not taken, and wake the thread that waits to write more."""
    if sys.platform != "win32":
        with suppress(termios.error):
            termios.tcflow(descriptor, termios.TCOOFF)
            termios.tcflush(descriptor, termios.TCOFLUSH)
            termios.tcflow(descriptor, termios.TCOON)


def _terminal_settings() -> list[Any] | None:
    """Return the terminal's attributes before the screen starts, if it has any."""
    if sys.platform == "win32":
        return None
    with suppress(OSError, ValueError, termios.error):
        return termios.tcgetattr(2)
    return None
