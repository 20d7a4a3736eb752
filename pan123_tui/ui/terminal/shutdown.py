"""Shutdown on a signal: saves and restores the terminal even if the screen hangs."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

if sys.platform != "win32":
    import termios

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)
)
SAVE_TIMEOUT_S = 1.3
"""Longest wait for the engine to save and end."""
SCREEN_TIMEOUT_S = 0.4
"""Longest wait for the screen to restore the terminal."""
_LEAVE_SCREEN = "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?2004l"


class ShutdownWatchdog:
    """A thread that, on a signal, saves, closes the screen and finally ends the process.

    The signal handler only wakes the thread: a stalled line blocks the screen's event loop, where
    neither a task nor the loop's own signal handler would run.
    """

    def __init__(self, *, save: Callable[[float], bool], leave: Callable[[], object]) -> None:
        """`save` ends the engine within the given seconds; `leave` asks the screen to close."""
        self._save = save
        self._leave = leave
        self._signal: int | None = None
        self._woken = threading.Event()
        self._done = threading.Event()
        self._terminal = _terminal_settings()
        self.restore_sequence = ""
        """What restores the terminal's title and progress after the screen is closed."""

    def watch(self) -> None:
        """Install the signal handlers and start the thread; call it on the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._wait, name="shutdown", daemon=True).start()

    def force(self) -> None:
        """Shut down without a signal, because something hangs."""
        self._woken.set()

    def mark_done(self) -> None:
        """Record that the screen has closed and the terminal is restored."""
        self._done.set()
        self._woken.set()

    @property
    def exit_code(self) -> int | None:
        """128 + the signal that came, or None."""
        return None if self._signal is None else 128 + self._signal

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        self._woken.set()

    def _wait(self) -> None:
        self._woken.wait()
        if self._done.is_set():
            return
        self._save(SAVE_TIMEOUT_S)
        with suppress(RuntimeError):
            self._leave()
        if not self._done.wait(SCREEN_TIMEOUT_S):
            self._restore_terminal()
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
            os.write(descriptor, (_LEAVE_SCREEN + self.restore_sequence).encode())


def _terminal_settings() -> list[Any] | None:
    """Return the terminal's attributes before the screen starts, if it has any."""
    if sys.platform == "win32":
        return None
    with suppress(OSError, ValueError, termios.error):
        return termios.tcgetattr(2)
    return None
