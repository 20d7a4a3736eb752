"""An engine in a process of its own that takes links from the browser, and its service."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pan123_tui.system.folder_lock import is_listening
from tests.service.server import SimulatorServer
from tests.shell import PATIENCE_S, Shell

SECRET = "0123456789abcdef0123456789abcdef"
SETTINGS = """
[service]
create_per_s = 50.0
process_per_s = 50.0
[aria2]
enabled = true
listen = "127.0.0.1:{port}"
"""


class Entrance:
    """The entrance of an engine that may be killed, and started again at the same address."""

    def __init__(self, folder: Path, base_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        variables = {"PAN123_ARIA2_SECRET": SECRET}
        self.shell = Shell(folder, base_url=base_url, extra_environ=variables)
        self.shell.configure(SETTINGS.format(port=self.port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "pan123_tui", "engine"]
        self._process = subprocess.Popen(command, env=self.shell.environ)
        self.shell.wait_until(self._is_open)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(PATIENCE_S)
            self._process = None

    def post(self, body: Any, path: str = "/jsonrpc", **headers: str) -> tuple[int, Any]:
        """Send `body`; return the HTTP status, and the answer if there is one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None
        finally:
            connection.close()

    def try_post(self, body: Any, **headers: str) -> tuple[int, Any]:
        """Send `body`; the status is 0 if the connection was ended."""
        try:
            return self.post(body, **headers)
        except (OSError, http.client.HTTPException):
            return 0, None

    def log(self) -> str:
        """Return what the engine has logged."""
        return "".join(it.read_text("utf-8") for it in self.shell.folder.rglob("*.log"))

    def written(self) -> str:
        """Return all that the engine has written."""
        files = [path for path in self.shell.folder.rglob("*") if path.is_file()]
        return "".join(path.read_text("utf-8", errors="replace") for path in files)

    def _is_open(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "the engine has ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return is_listening(self.shell.data)  # for the commands
        return False


@pytest.fixture
def entrance(disk: Path, service: SimulatorServer) -> Iterator[Entrance]:
    """An engine that takes links from the browser."""
    entrance = Entrance(disk, service.base_url)
    entrance.start()
    yield entrance
    entrance.kill()
