"""It comes to the person: a batch runs while nobody looks, and one message says how it ended."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.engine_stage import generous_world
from tests.service.server import SimulatorServer
from tests.shell import Shell

FINE = [f"https://example.com/fast/part-{number:02}.iso" for number in range(27)]
FAILING = [f"https://example.com/fail/part-{number:02}.iso" for number in range(3)]
PATIENCE_S = 90.0


class Phone(HTTPServer):
    """Where the messages come to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.messages: list[dict[str, str]] = []


class Receiver(BaseHTTPRequestHandler):
    """Takes what apprise sends."""

    server: Phone

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.long
def test_a_batch_that_ran_unwatched_is_told_once_with_true_counts(
    tmp_path: Path, phone: Phone
) -> None:
    world = generous_world(speed=50)
    with SimulatorServer(world) as service:
        shell = Shell(tmp_path, service.base_url)
        shell.configure(
            "[service]\ncreate_per_s = 40\nprocess_per_s = 40\nmax_running = 8\n"
            '[retry]\ntimes = 1\nafter = "10s"\n'
            '[defaults]\nbatch_folders = "batch"\n'
            f'[notify]\npush = ["json://127.0.0.1:{phone.server_port}/hidden-path"]\n'
        )
        assert shell.run("add", "--batch", "night", *FINE, *FAILING).code == 0
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not phone.messages and time.monotonic() < deadline:
                shell.call("status")
            (message,) = phone.messages
            tasks = shell.tasks()
        finally:
            shell.call("stop")
    assert message["message"].startswith("Batch night has ended: 27 done, 3 failed")
    assert "example.com" not in str(phone.messages)
    assert "hidden-path" not in "".join(
        file.read_text(errors="replace") for file in tmp_path.rglob("*.log*")
    )
    retried = [task["auto_retry"] for task in tasks if task["state"] == "failed"]
    assert [it and (it["done"], it["of"]) for it in retried] == [(1, 1)] * 3
    folders = {task.request.dir_id for task in world.tasks()}
    (folder,) = folders
    assert world.drive().entry(folder or 0).name == "night"
    assert len(world.tasks()) == 27 + 3 * 2
