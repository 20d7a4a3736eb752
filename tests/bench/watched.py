"""A program in a terminal of 120×40: its output with times, and its resource usage."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self, cast

import pexpect
import pyte

COLUMNS, ROWS = 120, 40
PATIENCE_S = 60.0


class Chunk(NamedTuple):
    """A piece of output and its time (monotonic seconds)."""

    at: float
    data: bytes


class Watched:
    """Runs `command`, whose output is taken while a method waits."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str] | None = None,
        *,
        engine_pid: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`engine_pid` returns the process of its engine, whose resources count too."""
        self._engine_pid = engine_pid
        self.chunks: list[Chunk] = []
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0
        """How many chunks are on the screen."""
        self.started_at = time.monotonic()
        kept = ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV")
        own = {name: os.environ[name] for name in kept if name in os.environ}
        own |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
        self._process = pexpect.spawn(
            command[0],
            list(command[1:]),
            env={**own, "PAN123_LANG": "en", **(environ or {})},
            dimensions=(ROWS, COLUMNS),
        )
        self._process.delaybeforesend = None
        self._pid = cast("int", self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)  # with what it has started
        self._process.close()

    @property
    def written(self) -> int:
        """The number of bytes received."""
        return sum(len(chunk.data) for chunk in self.chunks)

    @property
    def cpu_s(self) -> float:
        """The processor time used by the running threads of the program and its engine.

        `/proc/PID/stat` counts in ticks of 10 ms, too coarse for an idle program.
        """
        threads = (thread / "schedstat" for thread in self._threads)
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    @property
    def wake_ups(self) -> int:
        """How often the threads of both have slept and woken."""
        pattern = re.compile(r"^voluntary_ctxt_switches:\s+(\d+)", re.MULTILINE)
        found = (pattern.search((thread / "status").read_text()) for thread in self._threads)
        return sum(int(it[1]) for it in found if it)

    @property
    def _threads(self) -> Iterator[Path]:
        return (thread for pid in self._pids for thread in Path(f"/proc/{pid}/task").iterdir())

    @property
    def resident_mb(self) -> float:
        """The resident memory of both, in 10⁶ bytes."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self._pids]
        found = [re.search(r"VmRSS:\s+(\d+) kB", status) for status in statuses]
        return sum(int(it[1]) for it in found if it) * 1024 / 1e6

    @property
    def _pids(self) -> list[int]:
        engine = self._engine_pid()
        return [self._pid, *([engine] if engine else [])]

    def send(self, keys: str) -> float:
        """Send keys and return the time."""
        at = time.monotonic()
        self._process.send(keys)
        return at

    def take(self, seconds: float, *, at_most: float = float("inf")) -> bool:
        """Take output for `seconds`, or `at_most` so many chunks; return whether it goes on."""
        end, last = time.monotonic() + seconds, len(self.chunks) + at_most
        while len(self.chunks) < last:
            left_s = max(0.0, end - time.monotonic())
            try:
                data = self._process.read_nonblocking(1 << 16, left_s)
            except pexpect.TIMEOUT:
                return True
            except pexpect.EOF:
                return False
            self.chunks.append(Chunk(time.monotonic(), cast("bytes", data)))
            if not left_s:
                break
        return True

    def wait_for(self, word: str, *, since: float = 0.0) -> float:
        """Return when `word` was on the screen after `since`; raises `TimeoutError`."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self._drawn and self.chunks[self._drawn - 1].at >= since and word in self.text:
                return self.chunks[self._drawn - 1].at
            has_more = self._drawn < len(self.chunks)
            goes_on = self.take(0.0 if has_more else 1.0, at_most=1)
            if self._drawn < len(self.chunks):
                self._stream.feed(self.chunks[self._drawn].data)
                self._drawn += 1
            elif not goes_on:
                break
        raise TimeoutError(f"{word!r} never came:\n{self.text}")

    @property
    def text(self) -> str:
        """The screen as far as it was waited for."""
        rows = (self._screen.buffer[row] for row in range(ROWS))
        return "\n".join("".join(row[column].data for column in range(COLUMNS)) for row in rows)
