"""Leaving when the system says so: saves and restores the terminal even if the screen hangs."""

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

_Settings = list[Any]

_NAMES = ("SIGTERM", "SIGHUP", "SIGINT")
SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
ENGINE_S = 1.3
"""How long the engine may take to save and end."""
SCREEN_S = 0.4
"""How long the screen may take to restore the terminal."""
_LEAVE_SCREEN = "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?2004l"


class ShutdownWatchdog:
    """A watchdog thread that, once a signal came, saves, asks the screen to go, then goes itself.

    The signal handler does nothing but wake it: a stalled line blocks the screen's event loop,
    where neither a task nor a loop's own signal handler would run.
    """

    def __init__(self, *, save: Callable[[float], bool], leave: Callable[[], object]) -> None:
        """`save` ends the engine within the given seconds; `leave` asks the screen to go."""
        self._save = save
        self._leave = leave
        self._signal: int | None = None
        self._woken = threading.Event()
        self._left = threading.Event()
        self._terminal = _terminal_settings()
        self.last_words = ""
        """What gives the terminal back its title and the like, once the screen is left."""

    def watch(self) -> None:
        """Begin to listen for the signals; call it on the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._wait, name="departure", daemon=True).start()

    def force(self) -> None:
        """Go without a signal: something hangs that should have ended."""
        self._woken.set()

    def mark_done(self) -> None:
        """Say that the screen has gone and the terminal is as it was."""
        self._left.set()
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
        if self._left.is_set():
            return
        self._save(ENGINE_S)
        with suppress(RuntimeError):
            self._leave()
        if not self._left.wait(SCREEN_S):
            self._restore_terminal()
            os._exit(self.exit_code or 0)

    def _restore_terminal(self) -> None:
        """Put the terminal back without waiting for it: it may be the one that hangs."""
        if sys.platform == "win32" or self._terminal is None:
            return
        descriptor = sys.__stderr__.fileno() if sys.__stderr__ else 2
        with suppress(OSError, termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, self._terminal)
        with suppress(OSError):
            os.set_blocking(descriptor, False)
            os.write(descriptor, (_LEAVE_SCREEN + self.last_words).encode())


def _terminal_settings() -> _Settings | None:
    """Give the terminal's settings as they are before the screen starts, if it has any."""
    if sys.platform == "win32":
        return None
    with suppress(OSError, ValueError, termios.error):
        return termios.tcgetattr(2)
    return None
