"""A real terminal: the program in a pseudo-terminal, its screen kept by pyte."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pexpect
import pyte

PROGRAM = (sys.executable, "-m", "pan123_tui")
PATIENCE_S = 40.0
"""No journey waits this long unless it fails."""
KEYS = {"enter": "\r", "escape": "\x1b", "ctrl+s": "\x13", "down": "\x1b[B", "f5": "\x1b[15~"}


class Terminal:
    """Runs `program` with `arguments`; what it draws can be read as text."""

    def __init__(
        self,
        *arguments: str,
        environ: Mapping[str, str],
        columns: int = 120,
        rows: int = 34,
        before: Callable[[], None] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """Call `before` in the new process, before the program begins."""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.process = pexpect.spawn(
            program[0],
            [*program[1:], *arguments],
            env={**_plain_environment(), **environ},
            dimensions=(rows, columns),
            timeout=PATIENCE_S,
            preexec_fn=before,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.close(force=True)

    @property
    def lines(self) -> list[str]:
        """The screen as it is, also where a wide letter is half overwritten; pyte's own fails."""
        rows = (self.screen.buffer[row] for row in range(self.screen.lines))
        columns = range(self.screen.columns)
        return ["".join(row[column].data for column in columns) for row in rows]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)

    def line_with(self, *words: str) -> str | None:
        """The first line that holds all `words`."""
        lines = (line for line in self.lines if all(word in line for word in words))
        return next(lines, None)

    def press(self, *keys: str) -> None:
        """Send keys, by name or as characters."""
        for key in keys:
            self.process.send(KEYS.get(key, key))

    def paste(self, text: str) -> None:
        """Paste as a terminal does that brackets what it pastes."""
        self.process.send(f"\x1b[200~{text}\x1b[201~")

    def sees(self, *words: str) -> str:
        """Wait for a line that holds all `words`, and give it."""
        self.waits(lambda: self.line_with(*words) is not None, f"no line with {words}")
        return self.line_with(*words) or ""

    def misses(self, *words: str) -> None:
        """Wait until no line holds all `words`."""
        self.waits(lambda: self.line_with(*words) is None, f"still a line with {words}")

    def waits(self, is_true: Callable[[], bool], complaint: str) -> None:
        """Read what is drawn until `is_true`."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_true():
            if time.monotonic() > deadline or not self.reads():
                raise AssertionError(f"{complaint} on:\n{self.text}")

    def reads(self, timeout_s: float = 1.0) -> bool:
        """Read what is drawn meanwhile; tell whether the program is still there."""
        try:
            drawn: bytes = self.process.read_nonblocking(65536, timeout_s)  # type: ignore[assignment]
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self._stream.feed(drawn)
        self.hears(drawn)
        return True

    def hears(self, drawn: bytes) -> None:
        """Take what the program has written, as a terminal that answers does."""

    def ends(self, *, within_s: float) -> int | None:
        """Wait for the program's end; give its exit code, negative for a signal's number."""
        deadline = time.monotonic() + within_s
        while self.reads(0.2):
            if time.monotonic() > deadline:
                raise AssertionError(f"it did not end within {within_s} s:\n{self.text}")
        self.process.wait()
        signal = self.process.signalstatus
        return -signal if signal is not None else self.process.exitstatus


def _plain_environment() -> dict[str, str]:
    """What a login shell has, and an account of no use: without any, a welcome would cover all."""
    kept = ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    nowhere = {"PAN123_ACCESS_TOKEN": "no-such-token", "PAN123_BASE_URL": "http://127.0.0.1:9"}
    terminal = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
    return environ | nowhere | terminal
