"""It comes to the person: a batch runs while nobody looks, and one message says how it ended."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.journey.terminal import Terminal
from tests.journey.test_leaving import close_terminal
from tests.leftovers import is_alive
from tests.service.server import SimulatorServer
from tests.shell import Shell

SERVICE_SPEED = 10.0
LINKS = [f"https://example.com/good/part-{number:02}.iso" for number in range(12)]


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
        self.send_response_only(200)  # the other one prints a line
        self.end_headers()


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.long
def test_a_batch_that_ran_unwatched_is_told_once_and_who_comes_back_reads_the_rest(
    quick: Shell, phone: Phone, service: SimulatorServer
) -> None:
    quick.configure(f'[notify]\npush = ["json://127.0.0.1:{phone.server_port}/hidden-path"]\n')
    quick.start_engine()
    with Terminal(environ=quick.environ) as terminal:
        terminal.sees("logged in")
        terminal.paste("\n".join(LINKS))
        terminal.sees("12 links to queue")
        terminal.press("tab", "tab", *"night", "ctrl+s")
        quick.wait_until(service.world.tasks)  # that they run may be seen too late
        close_terminal(terminal)
        quick.wait_until(lambda: not is_alive(terminal.process.pid or 0))
    quick.wait_until(lambda: phone.messages)
    with Terminal(environ=quick.environ) as terminal:
        terminal.sees("Since", "12 done")
        terminal.sees("done 12")
        terminal.press("Q")
        assert terminal.ends(within_s=60) == 0
    (message,) = phone.messages
    assert message["message"].startswith("Batch night: 12 done")
    assert "example.com" not in str(message)
    assert "hidden-path" not in "".join(
        file.read_text(errors="replace") for file in quick.folder.rglob("*.log*")
    )
    assert sorted(task.request.url for task in service.world.tasks()) == LINKS
