"""A server that renews logins with the secret of its own app, and may answer anything."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


class Broker(ThreadingHTTPServer):
    """Answers every renewal with `content`, but not before `is_open` is set."""

    daemon_threads = True

    def __init__(self, content: object = None, *, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.status = status
        self.asked: list[str] = []
        """The refresh tokens."""
        self.is_asked, self.is_open = threading.Event(), threading.Event()
        self.is_open.set()
        self.renew_url = f"http://127.0.0.1:{self.server_port}/renew?refresh_ui={{refresh_token}}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.is_open.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Broker

    def do_GET(self) -> None:
        broker = self.server
        broker.asked += parse_qs(urlsplit(self.path).query)["refresh_ui"]
        broker.is_asked.set()
        broker.is_open.wait()
        self.send_response(broker.status)
        self.send_header("Content-Length", str(len(broker.body)))
        self.end_headers()
        self.wfile.write(broker.body)

    def log_message(self, *_arguments: object) -> None:
        """Print nothing."""
