"""A server of ssh on loopback, and a line to it that is as slow as one chooses."""

import asyncio
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

PATIENCE_S = 20.0
_PIECE_BYTES = 512
_PRIVILEGE_SEPARATION = Path("/run/sshd")


class SshServer:
    """Returns the commands that run a program through it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    def options(self, port: int | None = None) -> list[str]:
        """Return ssh with what it needs to come in, through a line at `port` if given."""
        settings = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "IdentitiesOnly": "yes",
        }
        words = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        key = str(self.folder / "user_key")
        return ["ssh", "-F", "none", "-p", str(port or self.port), "-i", key, *words]

    def command(
        self,
        program: Sequence[str],
        *options: str,
        port: int | None = None,
        is_terminal: bool = True,
    ) -> list[str]:
        """Return what runs `program` over there, in a terminal by default."""
        host = f"{getpass.getuser()}@127.0.0.1"
        terminal = ["-tt"] if is_terminal else []
        return [*self.options(port), *options, *terminal, host, shlex.join(program)]

    def mosh(self, program: Sequence[str]) -> list[str]:
        """Return what runs `program` through mosh."""
        ssh, host = shlex.join(self.options()), f"{getpass.getuser()}@127.0.0.1"
        started = "env LANG=C.UTF-8 mosh-server"
        return ["mosh", f"--ssh={ssh}", f"--server={started}", host, "--", *program]


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """Run sshd with keys of its own on a free port."""
    for name in ("host_key", "user_key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True
        )
    port = _free_port()
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/user_key.pub\nStrictModes no\nUsePAM no\nPidFile none\n"
        "PasswordAuthentication no\nPrintMotd no\nPrintLastLog no\n"
    )
    if os.getuid() == 0:  # a service manager makes it otherwise
        _PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    program = shutil.which("sshd") or "sshd"
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen(
            [program, "-f", str(folder / "sshd_config"), "-D", "-e"], stdout=log, stderr=log
        )
    try:
        _wait_for(port)
        yield SshServer(folder, port)
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


class SlowLine:
    """A line to a port that delays what goes through it, and lets through so much a second."""

    def __init__(self, target: int, *, round_trip_s: float, bytes_per_s: float) -> None:
        self._target, self._delay_s, self._rate = target, round_trip_s / 2, bytes_per_s
        self.received = 0
        """Bytes that came from the target."""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "SlowLine":
        self._thread.start()
        opened = asyncio.run_coroutine_threadsafe(self._open(), self._loop)
        self.port = opened.result(PATIENCE_S)
        return self

    def __exit__(self, *_error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    async def _open(self) -> int:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        with closing(writer), closing(back), suppress(ConnectionError):
            await asyncio.gather(
                self._copy(reader, back), self._copy(there, writer, is_answer=True)
            )

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        is_answer: bool = False,
    ) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        forwarding = asyncio.ensure_future(self._forward(pieces, writer))
        free_at = 0.0
        while data := await reader.read(_PIECE_BYTES):
            self.received += len(data) * is_answer
            free_at = max(time.monotonic(), free_at) + len(data) / self._rate
            pieces.put_nowait((free_at + self._delay_s, data))
            await _sleep_until(free_at)
        pieces.put_nowait((0.0, b""))
        await forwarding

    async def _forward(
        self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            while (piece := await pieces.get())[1]:
                await _sleep_until(piece[0])
                writer.write(piece[1])
                await writer.drain()
        writer.close()


async def _sleep_until(moment: float) -> None:
    if (left := moment - time.monotonic()) > 0.001:
        await asyncio.sleep(left)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        assert time.monotonic() < deadline, "sshd has not started"
        time.sleep(0.05)
