"""An X display for a test, with its clipboards: Xvfb on a free number."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

PATIENCE_S = 20.0


@contextmanager
def display(screen: str = "64x64x8") -> Iterator["Display"]:
    """Run Xvfb with a screen of width, height and depth; it chooses a free number.

    Without -noreset it resets when its last client disconnects and drops a client that connects
    at that moment.
    """
    reads, writes = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-noreset", "-displayfd", str(writes), "-screen", "0", screen, "-nolisten", "tcp"],
        pass_fds=[writes],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writes)
    try:
        with os.fdopen(reads) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb has not started"
        shown = Display(number)
        try:
            yield shown
        finally:
            shown.clear()
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


class Display:
    """The selections of the display, each owned by an `xclip` process of the test."""

    def __init__(self, number: str) -> None:
        self._number = number
        self._owners: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a user at the display."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "DISPLAY": f":{self._number}", "TERM": "xterm-256color"}

    def copy(self, data: bytes, *, selection: str = "clipboard", target: str = "STRING") -> None:
        """Copy `data` as `target` to `selection` and wait until others can read it."""
        self._end(selection)  # or whoever reads meanwhile would wait for a frozen one
        owner = subprocess.Popen(
            ["xclip", "-selection", selection, "-quiet", "-i", "-t", target],
            env=dict(self.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert owner.stdin is not None
        owner.stdin.write(data)
        owner.stdin.close()
        self._owners[selection] = owner
        self.wait_for(data, selection=selection, target=target)

    def freeze_owner(self) -> None:
        """Stop the clipboard's owner, so that it answers no request."""
        self._owners["clipboard"].send_signal(signal.SIGSTOP)

    def clear(self) -> None:
        """Terminate all owners."""
        for selection in list(self._owners):
            self._end(selection)

    def read(self, *, selection: str = "clipboard", target: str = "STRING") -> bytes:
        """Return a selection as another program reads it; empty if nobody owns it."""
        command = ["xclip", "-selection", selection, "-o", "-t", target]
        return subprocess.run(
            command,
            env=dict(self.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=PATIENCE_S,
        ).stdout

    def wait_for(
        self, data: bytes, *, selection: str = "clipboard", target: str = "STRING"
    ) -> None:
        """Wait until another program reads `data`: a selection changes owner asynchronously."""
        deadline = monotonic() + PATIENCE_S
        while (read := self.read(selection=selection, target=target)) != data:
            assert monotonic() < deadline, f"the selection still has {read[:200]!r}"
            sleep(0.01)

    def _end(self, selection: str) -> None:
        if (owner := self._owners.pop(selection, None)) is not None:
            owner.kill()
            owner.wait(PATIENCE_S)
