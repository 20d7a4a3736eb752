"""The dashboard here on an engine there, through a real sshd on loopback."""

import getpass
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pan123_tui.system.folder_lock import read_holder
from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
from tests.service.server import SimulatorServer
from tests.terminals.remote import SshServer, ssh_server

pytestmark = pytest.mark.needs("sshd", "ssh", "ssh-keygen", "ps")
SERVICE_SPEED = 1.0
LINKS = ["https://example.com/2h/holiday.zip", "https://example.com/fast/music.flac"]


def write_program(path: Path, *lines: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


class Server:
    """A program in a data folder of its own behind an sshd; `ssh` reaches it."""

    def __init__(self, folder: Path, sshd: SshServer, environ: Mapping[str, str]) -> None:
        self.data = folder / "data"
        self.hold = folder / "hold"
        """While it exists, no program starts."""
        (folder / "ssh_config").write_text(
            f"Host server\nHostName 127.0.0.1\nPort {sshd.port}\nUser {getpass.getuser()}\n"
            f"IdentityFile {folder}/user_key\nIdentitiesOnly yes\nStrictHostKeyChecking ask\n"
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


@pytest.fixture
def server(online: dict[str, str], tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "server"
    folder.mkdir()
    with ssh_server(folder) as sshd:
        yield Server(folder, sshd, online)


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
    service: SimulatorServer, server: Server, environ: dict[str, str], tmp_path: Path
) -> None:
    clipboard = tmp_path / "clipboard"
    clipboard.write_text(LINKS[1])
    write_program(tmp_path / "bin" / "wl-paste", f'[ "$1" = --list-types ] || cat {clipboard}')
    write_program(tmp_path / "bin" / "wl-copy", f"cat > {clipboard}")
    environ |= {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "WAYLAND_DISPLAY": "here"}
    options = ["--ssh-command", server.ssh, "--remote-command", str(server.program)]
    with Terminal("--host", "server", *options, environ=environ) as terminal:
        terminal.sees("continue connecting")
        terminal.press("yes", "enter")
        terminal.sees("server", "logged in")
        terminal.add(LINKS[0])
        terminal.sees("running", "holiday.zip")
        terminal.press("y")
        terminal.waits(lambda: clipboard.read_text() == LINKS[0], "the clipboard there is used")

        engine, program, _socket = read_holder(server.data)
        assert program == "engine"
        server.hold.touch()  # else it may be back before the next paint
        os.kill(ssh_of(terminal.process.pid), signal.SIGKILL)
        terminal.sees("Connection to server lost, reconnecting.")
        server.hold.unlink()
        terminal.misses("Connection to server lost, reconnecting.")
        clipboard.write_text(LINKS[1])
        terminal.press("p")
        terminal.sees("music.flac", "new")
        terminal.press("ctrl+s")
        terminal.sees("done", "music.flac")
        terminal.sees("running", "holiday.zip")
        terminal.leaves(within_s=5)
        last = terminal.last_words()
    assert (
        last
        == "The engine carries on with 1 download. On server, “pan123-tui stop” ends the engine."
    )
    assert engine is not None
    assert read_holder(server.data).pid == engine, "the cut line has ended the engine"
    assert is_alive(engine)
    assert sorted(task.request.url for task in service.world.tasks()) == sorted(LINKS)
    assert (server.data / "tasks.json").exists()
    assert not (tmp_path / "data" / "tasks.json").exists()
