"""Runs inside a terminal: asks for its modes, runs a program in it, asks again.

The program gets a pseudo-terminal of its own, and each byte between the two is reported to the
socket whose path is the first argument; the program follows it. The reports are lines of JSON.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager

MODES = (7, 25, 1000, 1002, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2048)
"""Wrap, cursor, mouse, focus, mouse in pixels, alternate screen, paste, reports of the size."""
BEFORE = "what was here before"
"""The title and the text of the terminal before the program starts."""
_LAST_QUERY = "\x1b[c"
_LAST_REPLY = re.compile(rb"\x1b\[\?[\d;]*c")
_REPLY_TIMEOUT_S = 5.0
_STRAY_S = 0.4
"""How long replies are awaited that the program has left behind."""
_IN, _OUT = 0, 1
_SIZE = struct.Struct("HHHH")


class Reporter:
    """Sends what is seen to the test."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def send(self, kind: str, **facts: object) -> None:
        """Send one line."""
        self.socket.sendall(json.dumps({"kind": kind, **facts}).encode() + b"\n")

    def wait(self) -> None:
        """Wait until the test sends something or closes the connection."""
        self.socket.recv(1)


@contextmanager
def raw_terminal() -> Iterator[None]:
    """Read each byte as it comes, and restore the terminal afterwards."""
    saved = termios.tcgetattr(_IN)
    tty.setraw(_IN)
    try:
        yield
    finally:
        termios.tcsetattr(_IN, termios.TCSADRAIN, saved)


def read_for(seconds: float, until: re.Pattern[bytes] | None = None) -> bytes:
    """Return what comes within `seconds`, or up to a match of `until`."""
    data = b""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([_IN], [], [], left)[0] or not (read := os.read(_IN, 65_536)):
            break
        data += read
        if until and until.search(data):
            break
    return data


def ask() -> dict[str, object]:
    """Return the terminal's modes, kitty's keyboard flags, its name and the cursor's place."""
    modes = "".join(f"\x1b[?{mode}$p" for mode in MODES)
    queries = f"{modes}\x1b[?u\x1b[>q\x1b[6n{_LAST_QUERY}"
    with raw_terminal():
        stray = read_for(_STRAY_S)
        os.write(_OUT, queries.encode())
        replies = read_for(_REPLY_TIMEOUT_S, until=_LAST_REPLY)
    found = re.findall(rb"\x1b\[\?(\d+);(\d)\$y", replies)
    flags, name = re.search(rb"\x1b\[\?(\d+)u", replies), re.search(rb"P>\|([^\x1b]*)", replies)
    cursor = re.search(rb"\x1b\[(\d+;\d+)R", replies)
    return {
        "modes": {mode.decode(): int(state) for mode, state in found if state != b"0"},
        "keyboard": int(flags[1]) if flags else None,
        "name": name[1].decode() if name else "",
        "cursor": cursor[1].decode() if cursor else "",
        "stray": stray.decode("latin-1"),
    }


def relay(command: list[str], reporter: Reporter) -> int:
    """Run `command` in a pseudo-terminal between it and this one; return its exit code."""
    process, inner = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    fit(inner)
    signal.signal(signal.SIGWINCH, lambda *_: fit(inner))
    with raw_terminal():
        copy_both_ways(inner, reporter)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def copy_both_ways(inner: int, reporter: Reporter) -> None:
    """Copy until the program has closed its terminal."""
    while True:
        for ready in select.select([_IN, inner], [], [])[0]:
            try:
                data = os.read(ready, 65_536)
            except OSError:  # Linux says so when the last process has closed it
                return
            if not data:
                return
            os.write(inner if ready == _IN else _OUT, data)
            reporter.send("input" if ready == _IN else "output", data=data.decode("latin-1"))


def fit(inner: int) -> None:
    """Give the inner terminal the size of the outer one."""
    fcntl.ioctl(inner, termios.TIOCSWINSZ, fcntl.ioctl(_IN, termios.TIOCGWINSZ, b"\0" * 8))


def main() -> None:
    """Run the program between two reports."""
    reporter = Reporter(sys.argv[1])
    os.write(_OUT, f"\x1b]2;{BEFORE}\a\x1b[2J\x1b[H{BEFORE}\r\n".encode())
    rows, columns, *_ = _SIZE.unpack(fcntl.ioctl(_IN, termios.TIOCGWINSZ, b"\0" * 8))
    names = ("TERM", "COLORTERM", "STY", "TMUX", "SSH_TTY")
    environ = {name: os.environ.get(name, "") for name in names}
    reporter.send("before", rows=rows, columns=columns, environ=environ, **ask())
    reporter.wait()
    code = relay(sys.argv[2:], reporter)
    reporter.send("after", code=code, **ask())
    reporter.wait()


if __name__ == "__main__":
    main()
