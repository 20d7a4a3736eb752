"""The dashboard here on an engine there, through a real sshd on loopback."""

import getpass
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pan123_tui.system.lock_holder import read_holder
from tests.journey.service import Simulator
from tests.journey.terminal import Terminal
from tests.leftovers import is_alive

pytestmark = pytest.mark.needs("sshd", "ssh", "ssh-keygen", "ps")
LINKS = ["https://example.com/400s/holiday.zip", "https://example.com/good/music.flac"]


def write_program(path: Path, *lines: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


class Server:
    """An sshd with keys of its own, and a program in its data folder; `ssh` reaches it."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.data = folder / "data"
        self.hold = folder / "hold"
        """While it exists, no program starts."""
        folder.mkdir()
        for key in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
            subprocess.run(command, check=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        (folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/user.pub\nStrictModes no\nPidFile none\nUsePAM no\n"
        )
        (folder / "ssh_config").write_text(
            f"Host server\nHostName 127.0.0.1\nPort {port}\nUser {getpass.getuser()}\n"
            f"IdentityFile {folder}/user\nIdentitiesOnly yes\nStrictHostKeyChecking ask\n"
            f"UserKnownHostsFile {folder}/known_hosts\nGlobalKnownHostsFile /dev/null\n"
        )
        self.ssh = f"ssh -F {folder}/ssh_config"
        own = {"PAN123_DATA_DIR": str(self.data), "PAN123_CONFIG_DIR": str(folder / "config")}
        variables = shlex.join(f"{name}={value}" for name, value in {**environ, **own}.items())
        self.program = write_program(
            folder / "pan123",
            "echo Welcome to this server",
            f"while [ -e {folder}/hold ]; do sleep 0.1; done",
            f"exec env PYTHONPATH={Path(__file__).parents[2]} {variables} {sys.executable} -m"
            ' pan123_tui "$@"',
        )
        sshd = subprocess.run(["which", "sshd"], capture_output=True, text=True, check=True)
        self._sshd = subprocess.Popen(
            [sshd.stdout.strip(), "-D", "-e", "-f", f"{folder}/sshd_config"],
            stderr=subprocess.PIPE,
        )
        assert self._sshd.stderr is not None
        line = self._sshd.stderr.readline()
        assert b"listening" in line, line

    def stop(self) -> None:
        self._sshd.terminate()
        self._sshd.communicate(timeout=10)


@pytest.fixture
def service() -> Iterator[Simulator]:
    with Simulator(speed=4) as simulator:
        yield simulator


@pytest.fixture
def server(service: Simulator, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server", service.environ)
    yield server
    server.stop()


def ssh_of(pid: int | None) -> int:
    """Return the id of the ssh that a dashboard has started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    (found,) = [int(row[0]) for row in rows if int(row[1]) == pid and row[2] == "ssh"]
    return found


@pytest.mark.long
def test_the_screen_is_here_and_the_engine_there_goes_on_over_a_cut_and_after_it(
    service: Simulator, server: Server, tmp_path: Path
) -> None:
    clipboard = tmp_path / "clipboard"
    clipboard.write_text(LINKS[1])
    write_program(tmp_path / "bin" / "wl-paste", f'[ "$1" = --list-types ] || cat {clipboard}')
    write_program(tmp_path / "bin" / "wl-copy", f"cat > {clipboard}")
    environ = {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "WAYLAND_DISPLAY": "here",
    }
    options = ["--ssh-command", server.ssh, "--remote-command", str(server.program)]
    with Terminal("--host", "server", *options, environ=environ) as terminal:
        terminal.sees("continue connecting")
        terminal.press("yes", "enter")
        terminal.sees("server", "online")
        terminal.paste(LINKS[0])
        terminal.sees("holiday.zip", "new")
        terminal.press("ctrl+s")
        terminal.sees("running", "holiday.zip")
        terminal.press("y")
        terminal.waits(lambda: clipboard.read_text() == LINKS[0], "the clipboard there is used")

        engine, program = read_holder(server.data)
        assert program == "engine"
        server.hold.touch()  # else it may be back before the next paint
        os.kill(ssh_of(terminal.process.pid), signal.SIGKILL)
        terminal.sees("Connection to server lost")
        server.hold.unlink()
        terminal.misses("Connection to server lost")
        clipboard.write_text(LINKS[1])
        terminal.press("p")
        terminal.sees("music.flac", "new")
        terminal.press("ctrl+s")
        terminal.sees("done", "music.flac")
        terminal.sees("running", "holiday.zip")
        terminal.press("q")
        assert terminal.ends(within_s=5) == 0
        last = " ".join(terminal.text.split()).removeprefix("u")
    assert last == "1 download goes on. On server, “pan123-tui stop” ends the engine."
    assert engine is not None
    assert read_holder(server.data)[0] == engine, "the cut line has ended the engine"
    assert is_alive(engine)
    assert sorted(task["url"] for task in service.tasks()) == sorted(LINKS)
    assert (server.data / "tasks.json").exists()
    assert not (tmp_path / "data" / "tasks.json").exists()
