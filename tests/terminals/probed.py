"""A real terminal with the probe in it, read as the journeys read theirs."""

import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

from tests.journey.terminal import PROGRAM, Terminal
from tests.terminals.desktops import Desktop

ROOT = Path(__file__).parents[2]
START_S = 30.0
CHECK_S = 6.0
"""How long something may take to be shown."""
_FOR_THE_TERMINAL = re.compile(rb"\x1bP.*?(?<!\x1b)\x1b\\", re.DOTALL)
"""What a multiplexer passes on, which pyte would print."""

Wrap = Callable[[Sequence[str]], Sequence[str]]
"""Returns the command of the terminal that runs a program."""


class ProbedTerminal(Terminal):
    """Reads what the program draws from the probe; keys come from the desktop."""

    def __init__(self, desktop: Desktop, wrap: Wrap, log: Path) -> None:
        self.desktop = desktop
        self.drawn = b""
        self.after: dict[str, Any] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="probe-")  # the path must be short
        self._unread = b""
        with socket.socket(socket.AF_UNIX) as listener, log.open("ab") as errors:
            listener.bind(f"{self._folder.name}/probe")
            listener.listen()
            listener.settimeout(START_S)
            self._process = subprocess.Popen(
                wrap(self._probe()),
                env=dict(desktop.environ),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )
            self._probe_socket = listener.accept()[0]
        self.before = self._report(START_S) or {}
        self.screen = pyte.Screen(*self.before["size"])
        self._stream = pyte.ByteStream(self.screen)
        desktop.focus()
        self._probe_socket.sendall(b"!")  # which starts the program

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._probe_socket.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def press(self, *keys: str) -> None:
        """Press keys on the desktop."""
        self.desktop.press(*keys)

    def shows(self, *words: str, within_s: float = CHECK_S) -> bool:
        """Return whether a line with all `words` is shown in time."""
        return self.comes(lambda: self.line_with(*words) is not None, within_s)

    def hides(self, *words: str, within_s: float = CHECK_S) -> bool:
        """Return whether the last line with all `words` goes away in time."""
        return self.comes(lambda: self.line_with(*words) is None, within_s)

    def comes(self, is_true: Callable[[], bool], within_s: float = CHECK_S) -> bool:
        """Read output until `is_true`; return whether it was in time."""
        deadline = time.monotonic() + within_s
        while not is_true():
            if time.monotonic() > deadline or not self.read_output(0.1):
                return is_true()
        return True

    def read_output(self, timeout_s: float = 1.0) -> bool:
        """Read one report for up to `timeout_s`; return whether the program is still running."""
        if (report := self._report(timeout_s)) is None:
            return True
        data = report.get("data", "").encode("latin-1")
        if report["kind"] == "output":
            self.drawn += data
            self._stream.feed(_FOR_THE_TERMINAL.sub(b"", data))
        else:
            self.after = report
        return not self.after

    def ends(self, *, within_s: float) -> int | None:
        """Wait for the program's end and return its exit code."""
        self.comes(lambda: bool(self.after), within_s)
        code: int | None = self.after.get("code")
        return code

    def _report(self, timeout_s: float) -> dict[str, Any] | None:
        """Return the probe's next report; None if it says nothing."""
        while b"\n" not in self._unread:
            if not select.select([self._probe_socket], [], [], timeout_s)[0]:
                return None
            if not (data := self._probe_socket.recv(65_536)):
                return {"kind": "gone"}
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        report: dict[str, Any] = json.loads(line)
        return report

    def _probe(self) -> list[str]:
        """Return the command of the probe: without a display, as at the other end of ssh."""
        environ = {
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "PAN123_LANG": "en",
            "PAN123_DATA_DIR": f"{self._folder.name}/data",
            "PAN123_CONFIG_DIR": f"{self._folder.name}/config",
            "XDG_STATE_HOME": f"{self._folder.name}/state",
            "PATH": os.environ["PATH"],
        }
        words = ["env", "-u", "DISPLAY", "-u", "WAYLAND_DISPLAY"]
        words += [f"{name}={value}" for name, value in environ.items()]
        words += [sys.executable, "-m", "tests.terminals.probe", f"{self._folder.name}/probe"]
        return [*words, *PROGRAM, "--demo"]
