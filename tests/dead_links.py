"""A host whose links are dead in many ways, itself or as a proxy for any host."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

KILOBYTES_64 = 65_536


class _Handler(BaseHTTPRequestHandler):
    """Answers as the last part of the path says."""

    def do_GET(self) -> None:
        kind = self.path.rpartition("/")[2]
        html, expired = {"Content-Type": "text/html"}, b"Request has expired"
        match kind:
            case "good.iso":
                self._answer(206, {"Content-Range": "bytes 0-3/5368709120"}, b"data")
            case "good":
                self._answer(200, {}, b"data", has_length=False)
            case "page.iso":
                self._answer(200, html, b"<html>")
            case "expired.iso":
                self._answer(403, {}, expired)
            case "loop.iso":
                self._answer(302, {"Location": self.path}, b"")
            case "silent.iso":
                self.close_connection = True
            case "endless.iso":
                self._answer(200, {}, b"x" * 50 * KILOBYTES_64, has_length=False)
            case _:
                self._answer(int(kind.partition(".")[0]), {}, b"")

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes, *, has_length: bool = True
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if has_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@contextmanager
def dead_links() -> Iterator[str]:
    """Run the host, and yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
