"""Shutdown on a signal: restores the terminal even if the screen hangs."""

import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
SCREEN_TIMEOUT_S = 1.7
"""Longest wait for the application to save what it wants and to restore the terminal."""
_RESET_MODES = (1000, 1002, 1003, 1004, 1006, 1015, 1016, 2004, 2048)
"""Mouse in cells and in pixels, focus, bracketed paste and reports of the size."""
CLEAR_AND_RESET = (
    "".join(f"\x1b[?{mode}l" for mode in _RESET_MODES) + "\x1b[?7h\x1b[0m\x1b[H\x1b[2J"
)
"""Sent before the alternate screen ends: not every terminal has a second screen."""
LEAVE_SCREEN = CLEAR_AND_RESET + "\x1b[<u\x1b[?1049l\x1b[?25h"
"""The same, then the end of kitty's keyboard flags for this screen, and of the screen."""
LAST_WORDS_TIMEOUT_S = 1.0
"""How long to try to restore a terminal that accepts nothing."""
_CANCEL = "\x18"
"""Ends a sequence that was cut short."""


class ShutdownWatchdog:
    """A thread that, on a signal, closes the screen and finally ends the process.

    The signal handler only wakes the thread: a stalled line blocks the screen's event loop, where
    neither a task nor the loop's own signal handler would run.
    """

    def __init__(self, *, leave: Callable[[], object]) -> None:
        """`leave` asks the screen to close."""
        self._leave = leave
        self._signal: int | None = None
        # A signal may interrupt the handler of another: `put` allows that, an Event hangs.
        self._wakes: SimpleQueue[None] = SimpleQueue()
        self._done = threading.Event()
        self._ending = threading.Lock()
        """Held by a forced end, which wakes the main thread and must not be overtaken by it."""
        self._terminal: list[Any] | None = None
        with suppress(OSError, termios.error):
            self._terminal = termios.tcgetattr(2)
        self.restore_sequence = ""
        """What restores the terminal's title after the screen is closed."""

    def watch(self) -> None:
        """Install the signal handlers and start the thread; call it on the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._wait, name="shutdown", daemon=True).start()

    def mark_done(self) -> None:
        """Record that the screen has closed; if a forced end has begun, this never returns."""
        with self._ending:
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
        if self._done.wait(SCREEN_TIMEOUT_S):
            return
        with self._ending:
            if not self._done.is_set():
                self._restore_terminal()
                os._exit(self.exit_code or 0)

    def _restore_terminal(self) -> None:
        """Restore the terminal without waiting for it, because it may be the part that hangs."""
        if self._terminal is None:
            return
        descriptor = sys.__stderr__.fileno() if sys.__stderr__ else 2
        with suppress(OSError, termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, self._terminal)
        with suppress(OSError):
            terminal = _take(descriptor)
            os.set_blocking(terminal, False)
            _write_now(terminal, (_CANCEL + LEAVE_SCREEN + self.restore_sequence).encode())
            os.set_blocking(terminal, True)  # the shell shares it


def _take(descriptor: int) -> int:
    """Return a new descriptor of the terminal; anything still written to the old one is lost."""
    terminal = os.dup(descriptor)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return terminal


def _write_now(terminal: int, data: bytes) -> None:
    """Write `data` whole, instead of what waits there if the terminal takes nothing."""
    deadline = monotonic() + LAST_WORDS_TIMEOUT_S
    while monotonic() < deadline:
        with suppress(BlockingIOError):
            if os.write(terminal, data) == len(data):
                return
        with suppress(termios.error):
            termios.tcflow(terminal, termios.TCOOFF)
            termios.tcflush(terminal, termios.TCOFLUSH)
            termios.tcflow(terminal, termios.TCOON)  # wakes the thread that waits to write more
