"""A server of ssh on loopback."""

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0
_PRIVILEGE_SEPARATION = Path("/run/sshd")


class SshServer:
    """Returns the commands that run a program through it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    def options(self) -> list[str]:
        """Return ssh with what it needs to come in."""
        settings = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "IdentitiesOnly": "yes",
        }
        words = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        key = str(self.folder / "user_key")
        return ["ssh", "-F", "none", "-p", str(self.port), "-i", key, *words]

    def command(self, program: Sequence[str]) -> list[str]:
        """Return what runs `program` over there, in a terminal."""
        host = f"{getpass.getuser()}@127.0.0.1"
        return [*self.options(), "-tt", host, shlex.join(program)]


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
        wait_until(lambda: _listens(port))
        yield SshServer(folder, port)
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def wait_until(is_true: Callable[[], object]) -> None:
    """Wait for another process."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
