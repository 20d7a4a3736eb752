"""Finds the engine of a data folder, and starts it if nobody listens."""

import asyncio
import subprocess
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pan123_tui.client.engine_client import Streams
from pan123_tui.client.protocol import Hello
from pan123_tui.client.socket_file import connect_to_holder
from pan123_tui.client.spawn import has_failed
from pan123_tui.domain.errors import (
    EngineAbsent,
    EngineLost,
    EngineNotStarted,
    Pan123Error,
    StoreLocked,
)
from pan123_tui.system.lock_holder import live_holder

START_TIMEOUT_S = 15.0
"""How long an engine may take before it listens."""
CHECK_INTERVAL_S = 0.02
UNIT_CHECK_INTERVAL_S = 1.0
MAX_STARTS, STARTS_WITHIN_S = 3, 60.0
"""An engine that dies is restarted at most this often in this many seconds."""
LOCKED_CODE = 4
"""The exit code of an engine that found the data folder held by another process."""
MAX_REPORT_LINES = 5
MAX_REPORT_BYTES = 2_000


class EngineStarter:
    """Opens connections to the engine of `data_dir`, the `connect` of an `EngineClient`."""

    def __init__(
        self,
        data_dir: Path,
        spawn: Callable[[], "subprocess.Popen[bytes] | str"],
        report: Path,
        on_start: Callable[[], object] = lambda: None,
    ) -> None:
        """`spawn` starts the engine, and returns the name of the unit if systemd runs it.

        `report` is the file with what the engine prints. `on_start` is called before a start.
        """
        self._data_dir = data_dir
        self._spawn = spawn
        self._report = report
        self._on_start = on_start
        self._starts: deque[float] = deque(maxlen=MAX_STARTS)
        self._started: subprocess.Popen[bytes] | str = ""
        self._failure = ""

    async def connect(self, *, may_start: bool) -> Streams:
        """Connect as `Connect` says."""
        try:
            return await self._reach()
        except (OSError, EngineLost):
            if not may_start:
                raise
        self._count_start()
        await self._start()
        return await self._wait_until_listening()

    async def _reach(self) -> Streams:
        self._exit_code()  # a child that has ended would be taken for a living holder
        return await connect_to_holder(self._data_dir)

    def _exit_code(self) -> int | None:
        return None if isinstance(self._started, str) else self._started.poll()

    async def _start(self) -> None:
        if live_holder(self._data_dir)[0] is None:  # otherwise that one is on its way
            self._on_start()
        try:
            self._started = await asyncio.to_thread(self._spawn)
        except OSError as error:
            what = error.strerror or str(error)
            self._failure = f"{what}: {error.filename}" if error.filename else what
            raise EngineNotStarted(self._failure) from error

    def _count_start(self) -> None:
        """Raise `EngineNotStarted` if the engine was started too often recently."""
        now = time.monotonic()
        if len(self._starts) == MAX_STARTS and now - self._starts[0] < STARTS_WITHIN_S:
            raise EngineNotStarted(self._failure or self._last_words())
        self._starts.append(now)

    async def _wait_until_listening(self) -> Streams:
        """Wait for the engine; start it again if the holder that it ran into has ended since."""
        now = time.monotonic()
        deadline, look_at_unit_at = now + START_TIMEOUT_S, now + UNIT_CHECK_INTERVAL_S
        while True:
            with suppress(OSError, EngineLost):
                return await self._reach()
            code = self._exit_code()
            pid, program = live_holder(self._data_dir)
            is_over = time.monotonic() >= deadline
            if isinstance(self._started, str) and time.monotonic() >= look_at_unit_at:
                look_at_unit_at += UNIT_CHECK_INTERVAL_S
                is_over = is_over or await asyncio.to_thread(has_failed, self._started)
            if code not in (None, LOCKED_CODE) or (is_over and pid is None):
                self._failure = self._last_words()
                raise EngineNotStarted(self._failure)
            if is_over:
                raise StoreLocked(program, pid=pid, is_silent=True)
            if code == LOCKED_CODE and pid is None:
                await self._start()
            await asyncio.sleep(CHECK_INTERVAL_S)

    def _last_words(self) -> str:
        """Return the engine's last printed lines; for a unit, the command that shows them."""
        if isinstance(self._started, str):
            return f"systemctl --user status {self._started}" if self._started else ""
        try:
            content = self._report.read_bytes()[-MAX_REPORT_BYTES:]
        except OSError:
            return ""
        lines = content.decode(errors="replace").strip().splitlines()
        return "\n".join(lines[-MAX_REPORT_LINES:])


def explained(error: Pan123Error, hello: Hello | None, data_dir: Path) -> Pan123Error:
    """Return `error` if it says why; otherwise one that names the holder, which does not answer."""
    says_why = hello is not None or type(error) is not EngineLost
    return error if says_why else silence(data_dir)


def silence(data_dir: Path) -> Pan123Error:
    """Return the error that an engine does not answer, or that none is running."""
    pid, program = live_holder(data_dir)
    if pid is None:
        return EngineAbsent()
    return StoreLocked(program, pid=pid, is_silent=True)
