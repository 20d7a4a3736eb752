"""A program in a pseudo-terminal of 120×40: its output with times, and its resource usage."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

import pyte

COLUMNS, ROWS = 120, 40


class Chunk(NamedTuple):
    """A piece of output and its time (monotonic seconds)."""

    at: float
    data: bytes


class Watched:
    """Runs `command`; a thread reads its output while `is_reading`."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str] | None = None,
        *,
        engine_pid: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`engine_pid` returns the process of its engine, whose resources count too."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._master = master
        self._engine_pid = engine_pid
        self.chunks: list[Chunk] = []
        self.is_reading = True
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0
        """How many chunks are on the screen."""
        self._is_over = False
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment(environ or {}),
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # with what it has started
        self._process.wait()
        self._is_over = True
        self._reader.join()
        os.close(self._master)

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def written(self) -> int:
        """The number of bytes received."""
        return sum(len(chunk.data) for chunk in list(self.chunks))

    @property
    def cpu_s(self) -> float:
        """The processor time used by the running threads of the program and its engine.

        `/proc/PID/stat` counts in ticks of 10 ms, too coarse for an idle program.
        """
        threads = (thread for pid in self._pids for thread in Path(f"/proc/{pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    @property
    def resident_mb(self) -> float:
        """The resident memory of both, in 10⁶ bytes."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self._pids]
        found = [re.search(r"VmRSS:\s+(\d+) kB", status) for status in statuses]
        return sum(int(it[1]) for it in found if it) * 1024 / 1e6

    @property
    def _pids(self) -> list[int]:
        engine = self._engine_pid()
        return [self._process.pid, *([engine] if engine else [])]

    def wait_until_over(self) -> None:
        """Wait until the program has ended by itself; raises `TimeoutExpired`."""
        self._process.wait(timeout=60)

    def send(self, keys: str) -> float:
        """Send keys and return the time."""
        at = time.monotonic()
        os.write(self._master, keys.encode())
        return at

    def wait_for(self, word: str, *, since: float = 0.0, within_s: float = 60.0) -> float:
        """Return when `word` was on the screen after `since`; raises `TimeoutError`."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self._drawn and self.chunks[self._drawn - 1].at >= since and word in self.text:
                return self.chunks[self._drawn - 1].at
            if self._drawn < len(self.chunks):
                self._stream.feed(self.chunks[self._drawn].data)
                self._drawn += 1
            elif self.is_running:
                time.sleep(0.005)
            else:
                break
        raise TimeoutError(f"{word!r} never came:\n{self.text}")

    @property
    def text(self) -> str:
        """The screen as far as it was waited for."""
        rows = (self._screen.buffer[row] for row in range(ROWS))
        return "\n".join("".join(row[column].data for column in range(COLUMNS)) for row in rows)

    def _read(self) -> None:
        while not self._is_over:
            if not self.is_reading:
                time.sleep(0.01)
                continue
            if select.select([self._master], [], [], 0.05)[0]:
                try:
                    data = os.read(self._master, 1 << 16)
                except OSError:
                    return
                self.chunks.append(Chunk(time.monotonic(), data))


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    kept = ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV")
    plain = {name: os.environ[name] for name in kept if name in os.environ}
    terminal = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
    return {**plain, **terminal, "PAN123_LANG": "en", **environ}
