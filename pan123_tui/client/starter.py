"""Finds the engine of a data folder, and starts it if nobody listens."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from pan123_tui.client.engine_client import Streams
from pan123_tui.client.protocol import HANDSHAKE_TIMEOUT_S, Hello
from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import CONFIG_VARIABLE, DATA_VARIABLE, PROFILE_VARIABLE, AppPaths
from pan123_tui.domain.errors import (
    EngineAbsent,
    EngineLost,
    EngineNotStarted,
    Pan123Error,
    StoreLocked,
)
from pan123_tui.system.folder_lock import SOCKET_NAME, find_holder, read_holder
from pan123_tui.system.private_files import open_regular
from pan123_tui.system.processes import CommandResult, run_command

START_TIMEOUT_S = 15.0
CHECK_INTERVAL_S = 0.02
UNIT_CHECK_INTERVAL_S = 1.0
MAX_STARTS, STARTS_WITHIN_S = 3, 60.0
"""An engine that dies is restarted at most this often in this many seconds."""
LOCKED_CODE = 4
"""The exit code of an engine that found the data folder held by another process."""
REPORT_NAME = "engine.err"
"""The file with what the engine has printed since it was last started."""
MAX_REPORT_LINES = 5
MAX_REPORT_BYTES = 2_000
UNIT = "pan123-tui"
TOOL_TIMEOUT_S = 5.0
_OWN = re.compile(rf"(?!(PAN123_LANG|{PROFILE_VARIABLE})\Z)PAN123_|XDG_(CONFIG|DATA|STATE)_HOME\Z")
"""Variables that the unit does not see."""


class EngineStarter:
    """Opens connections to the engine of a data folder, the `connect` of an `EngineClient`."""

    def __init__(self, paths: AppPaths, environ: Mapping[str, str], *options: str) -> None:
        self._data_dir = paths.data_dir
        self._environ = environ
        self._start_unit = partial(start_unit, paths, environ, *options)
        self._spawn: Callable[[], subprocess.Popen[bytes]]
        self._spawn = partial(spawn_engine, paths, environ, *options)
        self._report = paths.state_dir / REPORT_NAME
        self._starts: deque[float] = deque(maxlen=MAX_STARTS)
        self._started: subprocess.Popen[bytes] | str = ""
        self._failure = ""

    async def connect(self, *, may_start: bool) -> Streams:
        try:
            return await self._reach()
        except (OSError, EngineLost):
            if not may_start:
                raise
        now = time.monotonic()
        if len(self._starts) == MAX_STARTS and now - self._starts[0] < STARTS_WITHIN_S:
            raise EngineNotStarted(self._failure or self._last_words())
        self._starts.append(now)
        await self._start()
        return await self._wait_until_listening()

    async def _reach(self) -> Streams:
        self._exit_code()  # a child that has ended is not left a zombie
        return await connect_to_holder(self._data_dir)

    def _exit_code(self) -> int | None:
        return None if isinstance(self._started, str) else self._started.poll()

    async def _start(self) -> None:
        try:
            self._started = await self._start_unit() or self._spawn()
        except OSError as error:
            what = error.strerror or str(error)
            self._failure = f"{what}: {error.filename}" if error.filename else what
            raise EngineNotStarted(self._failure) from error

    async def _wait_until_listening(self) -> Streams:
        """Wait for the engine; start it again if the holder that it ran into has ended since."""
        now = time.monotonic()
        deadline, look_at_unit_at = now + START_TIMEOUT_S, now + UNIT_CHECK_INTERVAL_S
        while True:
            with suppress(OSError, EngineLost):
                return await self._reach()
            code = self._exit_code()
            is_over = time.monotonic() >= deadline
            if isinstance(self._started, str) and time.monotonic() >= look_at_unit_at:
                look_at_unit_at += UNIT_CHECK_INTERVAL_S
                failed = await systemctl(self._environ, "is-failed", self._started)
                is_over = is_over or failed.code == 0
            is_locked = code == LOCKED_CODE
            pid = find_holder(self._data_dir).pid if is_over or is_locked else None
            if (code is not None and not is_locked) or (is_over and pid is None):
                self._failure = self._last_words()
                raise EngineNotStarted(self._failure)
            if is_over:
                raise silence(self._data_dir)
            if is_locked and pid is None:
                await self._start()
            await asyncio.sleep(CHECK_INTERVAL_S)

    def _last_words(self) -> str:
        """Return the engine's last printed lines; for a unit, the command that shows them."""
        if isinstance(self._started, str):
            return f"systemctl --user status {self._started}" if self._started else ""
        try:
            content = self._report.read_bytes()[-MAX_REPORT_BYTES:]
            lines = content.decode(errors="replace").strip().splitlines()
            if not lines:  # the disk may have taken none
                with self._report.open("ab") as report:
                    report.write(b"\n")
        except OSError as error:
            return f"{error.strerror}: {self._report}"
        return "\n".join(lines[-MAX_REPORT_LINES:])


async def connect_to_holder(data_dir: Path) -> Streams:
    """Connect to the socket of the folder's holder; raises `OSError` or `EngineAbsent`."""
    signed, usual = read_holder(data_dir).socket, data_dir / SOCKET_NAME
    if signed is None and not usual.exists():
        raise EngineAbsent
    async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):  # a stopped holder does not accept
        return await asyncio.open_unix_connection(signed or usual)


def explained(error: Pan123Error, hello: Hello | None, data_dir: Path) -> Pan123Error:
    """Return `error` if it says why; otherwise one that names the holder, which does not answer."""
    says_why = hello is not None or type(error) is not EngineLost
    return error if says_why else silence(data_dir)


def silence(data_dir: Path) -> Pan123Error:
    """Return the error that an engine does not answer, or that none is running."""
    pid, program, _socket = find_holder(data_dir)
    if pid is None:
        return EngineAbsent()
    return StoreLocked(program, pid=pid, is_silent=True)


def spawn_engine(
    paths: AppPaths, environ: Mapping[str, str], *options: str
) -> "subprocess.Popen[bytes]":
    """Start the engine as a process of its own; raises `OSError`."""
    # -P: a folder of the package's name in the working directory must not be imported.
    command = [sys.executable, "-P", "-m", "pan123_tui", "engine", *options]
    named = ((name, environ.get(name)) for name in (CONFIG_VARIABLE, DATA_VARIABLE))
    folders = {name: str(Path(value).expanduser().absolute()) for name, value in named if value}
    # Appending: what one of two that start writes must not lie over what the other one does.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    try:
        report = open_regular(paths.state_dir / REPORT_NAME, flags)
    except OSError:
        report = os.open(os.devnull, flags)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=report,
            stderr=report,
            env={**environ, **folders},
            cwd="/",  # that of the starter could not be unmounted
            start_new_session=True,  # the end of this terminal does not reach it
        )
    finally:
        os.close(report)


async def start_unit(paths: AppPaths, environ: Mapping[str, str], *options: str) -> str:
    """Start our systemd unit if it is enabled for the same data and account; return its name."""
    # The unit knows nothing of the variables of this shell, except by its name.
    has_account = load_credentials(environ, paths.config_dir) is not None
    if options or has_own_variables(environ) or not has_account:
        return ""  # without an account it may end at once
    unit = unit_name(paths)
    if (await systemctl(environ, "is-enabled", unit)).output.strip() != b"enabled":
        return ""
    return unit if (await systemctl(environ, "start", unit)).code == 0 else ""


def has_own_variables(environ: Mapping[str, str]) -> bool:
    """Return whether the engine of our unit would have other folders or another account."""
    return any(environ[name] for name in environ if _OWN.match(name))


def unit_name(paths: AppPaths) -> str:
    return f"{UNIT}@{paths.profile}" if paths.profile else UNIT


async def systemctl(environ: Mapping[str, str], *words: str) -> CommandResult:
    command = ("systemctl", "--user", *words)
    return await run_command(command, environ=environ, timeout_s=TOOL_TIMEOUT_S)
