"""The engine on another machine, reached over ssh, with a new process for each connection."""

import asyncio
import logging
import os
import shlex
import socket
import subprocess
import sys
from contextlib import suppress
from threading import Thread
from typing import IO

from msgspec import Struct

from pan123_tui.domain.credentials import without_account
from pan123_tui.domain.errors import EngineLost, HostTrouble, HostUnreachable

READY_LINE = b"pan123-tui: engine ready\n"
"""Sent before the first frame: whatever a shell prints at login comes before it."""
MAX_GREETING_BYTES = 65_536
RECONNECT_TIMEOUT_S = 30.0
END_TIMEOUT_S = 5.0
"""How long ssh may take to end after its output has ended."""
_ALIVE = ("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3")
"""Without these, a line that is cut silently is noticed only when something is sent."""
_WITHOUT_QUESTIONS = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=15")
_TROUBLE_BY_CODE = {
    2: HostTrouble.OTHER_VERSION,
    127: HostTrouble.NO_PROGRAM,
    255: HostTrouble.SSH_FAILED,
}
"""127 is the shell's, 255 ssh's, and 2 click's if the program there lacks the command."""
_log = logging.getLogger(__name__)


class SshTarget(Struct, frozen=True):
    """Where the engine is, and how to reach it."""

    host: str
    """As ssh expects it: `user@server`, or a name in its configuration."""
    ssh: tuple[str, ...] = ("ssh",)
    """The local command with its own options."""
    remote_command: str = "pan123-tui"
    """The program there, for the shell there."""
    profile: str = ""
    """The profile there; empty: the default one."""

    def command(self, *, may_ask: bool) -> list[str]:
        options = () if may_ask else _WITHOUT_QUESTIONS
        program = f"{self._program} engine --stdio"
        return [*self.ssh, "-T", *_ALIVE, *options, self.host, program]

    def attempt(self, trouble: HostTrouble) -> str:
        """Return the command by which the user can find out more about `trouble`."""
        words = ("-t", self.host, self._program) if trouble is HostTrouble.ENDED else (self.host,)
        return shlex.join([*self.ssh, *words])

    @property
    def _program(self) -> str:
        # A variable would be simpler, but an older program there would act on another account.
        profile = f" --profile {self.profile}" if self.profile else ""
        return f"{self.remote_command}{profile}"


class SshLine:
    """Opens connections to the engine of `target`; the first may ask on the terminal."""

    def __init__(self, target: SshTarget) -> None:
        self._target = target
        self._first: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._reports: Thread | None = None
        self._is_quiet = False
        """Whether a screen is drawn, so that nothing may be printed."""

    def open(self) -> None:
        """Connect before the screen is drawn; raises `HostUnreachable`."""
        self._first = asyncio.run(self._start(may_ask=True))
        self._is_quiet = True

    async def connect(
        self, *, may_start: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the connection that `open` has made; from then on, a new one.

        The engine there is started if none is running, so unless `may_start`, this raises
        `EngineLost`. It also raises that, or `TimeoutError`, if no connection can be made.
        """
        if not may_start:
            raise EngineLost("the engine there was ended")
        connection, self._first = self._first, None
        if connection is None:
            self._end_process()
            async with asyncio.timeout(RECONNECT_TIMEOUT_S):
                connection = await self._start(may_ask=False)
        return await asyncio.open_connection(sock=connection)

    def close(self) -> None:
        """End the connection; the engine there goes on."""
        if self._first is not None:
            self._first.close()
        self._end_process()

    async def _start(self, *, may_ask: bool) -> socket.socket:
        """Start ssh and return the socket to its standard input and output."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                self._process = self._spawn(theirs, may_ask=may_ask)
            loop, greeting = asyncio.get_running_loop(), b""
            while READY_LINE not in greeting:  # after that the engine waits for our hello
                if len(greeting) > MAX_GREETING_BYTES:
                    raise self._failure(HostTrouble.ENDED)
                content = await loop.sock_recv(ours, 4096)
                if not content:
                    raise await asyncio.to_thread(self._failure_at_end)
                greeting += content
        except BaseException:
            ours.close()
            self._end_process()
            raise
        return ours

    def _spawn(self, connection: socket.socket, *, may_ask: bool) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command
                self._target.command(may_ask=may_ask),
                stdin=connection.fileno(),
                stdout=connection.fileno(),
                stderr=subprocess.PIPE,
                env=without_account(os.environ),  # the engine there has its own
                start_new_session=not may_ask,  # without the terminal it cannot ask
            )
        except OSError as error:
            raise self._failure(HostTrouble.NO_SSH, message=str(error)) from error
        assert process.stderr is not None  # noqa: S101 - it is piped
        self._reports = Thread(target=self._forward, args=(process.stderr,), daemon=True)
        self._reports.start()
        return process

    def _failure_at_end(self) -> HostUnreachable:
        assert self._process is not None  # noqa: S101 - its output has ended
        try:
            code = self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return self._failure(HostTrouble.ENDED)
        if self._reports is not None:
            self._reports.join(END_TIMEOUT_S)  # they are printed above the explanation
        return self._failure(_TROUBLE_BY_CODE.get(code, HostTrouble.ENDED))

    def _failure(self, trouble: HostTrouble, message: str = "") -> HostUnreachable:
        host, command = self._target.host, self._target.attempt(trouble)
        return HostUnreachable(trouble, host=host, command=command, message=message)

    def _forward(self, errors: IO[bytes]) -> None:
        """Print what ssh reports while no screen is drawn; it asks on the terminal itself."""
        with errors:
            for line in errors:
                if self._is_quiet:
                    _log.info("ssh: %r", line)
                else:
                    sys.stderr.buffer.write(line)
                    sys.stderr.buffer.flush()

    def _end_process(self) -> None:
        """End our ssh, whose connection can no longer be used; nobody waits for one that hangs."""
        if self._process is not None:
            self._process.terminate()
            Thread(target=self._process.wait, daemon=True, name="ssh end").start()
            self._process = None


def relay(connection: socket.socket, source: int, target: int) -> None:
    """Pass on bytes in both directions, after `READY_LINE`, until one side ends."""

    def send_up() -> None:
        with suppress(OSError):
            while content := os.read(source, 65_536):
                connection.sendall(content)
        with suppress(OSError):  # it has ended by itself
            connection.shutdown(socket.SHUT_RDWR)

    Thread(target=send_up, daemon=True, name="relay").start()
    with suppress(OSError), open(target, "wb", closefd=False) as pipe:
        content = READY_LINE
        while content:
            pipe.write(content)
            pipe.flush()
            content = connection.recv(65_536)
