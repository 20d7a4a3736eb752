"""Runs inside a terminal: asks for its modes, runs a program in it, asks again.

The program gets a pseudo-terminal of its own, and what it draws is reported to the socket whose
path is the first argument; the program follows it. The reports are lines of JSON.
"""

import fcntl
import json
import os
import pty
import re
import select
import socket
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


def report(test: socket.socket, kind: str, **facts: object) -> None:
    """Send one line."""
    test.sendall(json.dumps({"kind": kind, **facts}).encode() + b"\n")


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
    """Return the terminal's modes, kitty's keyboard flags and the cursor's place."""
    modes = "".join(f"\x1b[?{mode}$p" for mode in MODES)
    queries = f"{modes}\x1b[?u\x1b[6n{_LAST_QUERY}"
    with raw_terminal():
        stray = read_for(_STRAY_S)
        os.write(_OUT, queries.encode())
        replies = read_for(_REPLY_TIMEOUT_S, until=_LAST_REPLY)
    found = re.findall(rb"\x1b\[\?(\d+);(\d)\$y", replies)
    flags = re.search(rb"\x1b\[\?(\d+)u", replies)
    cursor = re.search(rb"\x1b\[(\d+;\d+)R", replies)
    return {
        "modes": {mode.decode(): int(state) for mode, state in found if state != b"0"},
        "keyboard": int(flags[1]) if flags else None,
        "cursor": cursor[1].decode() if cursor else "",
        "stray": stray.decode("latin-1"),
    }


def relay(command: list[str], test: socket.socket) -> int:
    """Run `command` in a pseudo-terminal of the same size; return its exit code."""
    process, inner = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(inner, termios.TIOCSWINSZ, fcntl.ioctl(_IN, termios.TIOCGWINSZ, bytes(8)))
    with raw_terminal():
        copy_both_ways(inner, test)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def copy_both_ways(inner: int, test: socket.socket) -> None:
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
            if ready == inner:
                report(test, "output", data=data.decode("latin-1"))


def main() -> None:
    """Run the program between two reports."""
    test = socket.socket(socket.AF_UNIX)
    test.connect(sys.argv[1])
    os.write(_OUT, f"\x1b]2;{BEFORE}\a\x1b[2J\x1b[H{BEFORE}\r\n".encode())
    report(test, "before", size=os.get_terminal_size(_IN), **ask())
    test.recv(1)  # the test starts the program, and closes the connection at the end
    code = relay(sys.argv[2:], test)
    report(test, "after", code=code, **ask())
    test.recv(1)


if __name__ == "__main__":
    main()
