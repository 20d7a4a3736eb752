"""A real terminal: the program in a pseudo-terminal, its screen emulated by pyte."""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

import pexpect
import pyte

PROGRAM = (sys.executable, "-m", "pan123_tui")
PATIENCE_S = 40.0
"""Only a failing test waits this long."""
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "ctrl+a": "\x01",
    "ctrl+o": "\x0f",
    "ctrl+s": "\x13",
    "ctrl+x": "\x18",
    "down": "\x1b[B",
    "end": "\x1b[F",
    "f5": "\x1b[15~",
}


class Terminal:
    """Runs `program` with `arguments`; its screen can be read as text."""

    def __init__(
        self,
        *arguments: str,
        environ: Mapping[str, str],
        columns: int = 120,
        rows: int = 34,
        before: Callable[[], None] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """Start the program; `before` is called in its process first."""
        self.heard = b""
        """All that was sent to it."""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        # Between fork and exec, a finalizer might wait for a thread that is not there.
        gc.disable()
        try:
            self.process = pexpect.spawn(
                program[0],
                [*program[1:], *arguments],
                env={**_plain_environment(), **environ},
                dimensions=(rows, columns),
                timeout=PATIENCE_S,
                preexec_fn=before,
            )
        finally:
            gc.enable()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.isalive():
            self.process.kill(signal.SIGKILL)
            self.process.wait()
        self.process.close()

    @property
    def lines(self) -> list[str]:
        """The lines of the screen; pyte's `display` fails on half overwritten wide characters."""
        rows = (self.screen.buffer[row] for row in range(self.screen.lines))
        columns = range(self.screen.columns)
        return ["".join(row[column].data for column in columns) for row in rows]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def line_with(self, *words: str) -> str | None:
        """Return the first line that contains all `words`."""
        lines = (line for line in self.lines if all(word in line for word in words))
        return next(lines, None)

    def press(self, *keys: str) -> None:
        """Send keys, by name or as characters."""
        for key in keys:
            self.process.send(KEYS.get(key, key))

    def paste(self, text: str) -> None:
        """Paste `text` as a terminal with bracketed paste does."""
        self.process.send(f"\x1b[200~{text}\x1b[201~")

    def sees(self, *words: str) -> None:
        """Wait for a line that contains all `words`."""
        self.waits(lambda: self.line_with(*words) is not None, f"no line with {words}")

    def misses(self, *words: str) -> None:
        """Wait until no line contains all `words`."""
        self.waits(lambda: self.line_with(*words) is None, f"still a line with {words}")

    def waits(self, is_true: Callable[[], bool], complaint: str) -> None:
        """Read output until `is_true`."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_true():
            if time.monotonic() > deadline or not self.read_output():
                raise AssertionError(f"{complaint} on:\n{self.text}")

    def read_output(self, timeout_s: float = 0.2) -> bool:
        """Read output for up to `timeout_s`; return whether the program is still running."""
        try:
            drawn: bytes = self.process.read_nonblocking(65536, timeout_s)  # type: ignore[assignment]
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self._stream.feed(drawn)
        self.heard += drawn
        self.on_output(drawn)
        return True

    def on_output(self, drawn: bytes) -> None:
        """Handle output; subclasses answer it."""

    def last_words(self) -> str:
        """Return what is left on the screen, but what pyte makes of the end of kitty's flags."""
        return " ".join(self.text.split()).removeprefix("u")

    def leaves(self, *, within_s: float = 60.0) -> None:
        """Press `q` and wait for the program's end."""
        self.press("q")
        assert self.ends(within_s=within_s) == 0

    def add(self, *links: str, count: str = "") -> None:
        """Queue `links` by a paste into the review."""
        self.paste("\n".join(links))
        self.sees(count or f"{len(links)} link{'s' * (len(links) > 1)} to queue")
        self.press("ctrl+s")

    def ends(self, *, within_s: float) -> int | None:
        """Wait for the program's end and return its exit code, negative for a signal."""
        deadline = time.monotonic() + within_s
        while self.read_output(0.2):
            if time.monotonic() > deadline:
                raise AssertionError(f"it did not end within {within_s} s:\n{self.text}")
        self.process.wait()
        killed_by = self.process.signalstatus
        return -killed_by if killed_by is not None else self.process.exitstatus


def _plain_environment() -> dict[str, str]:
    """Return a login shell's variables and an invalid account, which avoids the welcome dialog."""
    kept = ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    nowhere = {"PAN123_ACCESS_TOKEN": "no-such-token", "PAN123_BASE_URL": "http://127.0.0.1:9"}
    terminal = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
    return environ | nowhere | terminal
