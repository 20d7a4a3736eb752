"""Desktops without a monitor: keys, mouse, clipboard and title of their one window."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.display import Display, display
from tests.terminals.remote import PATIENCE_S, wait_until

WIDTH, HEIGHT = 1500, 900
_FOREVER_MS = "3600000"


class XDesktop:
    """An X server, driven by xdotool."""

    def __init__(self, shown: Display, home: Path) -> None:
        self._display = shown
        self.environ = {**shown.environ, **_user(home), "LIBGL_ALWAYS_SOFTWARE": "1"}
        self._window = ""

    def focus(self) -> None:
        """Wait for the window and direct the keyboard to it."""
        found = self._xdotool(
            "search", "--sync", "--onlyvisible", "--maxdepth", "1", "--class", "."
        )
        self._window = found.split()[-1]
        self._xdotool("windowmove", self._window, "0", "0")
        self._xdotool("windowfocus", "--sync", self._window)

    def press(self, *keys: str) -> None:
        """Press keys by their X names: `Escape`, `alt+z`, `KP_Delete`."""
        self._xdotool("key", "--clearmodifiers", "--delay", "40", *keys)

    def click(self, column: float, row: float) -> None:
        """Click at a place in the window, in parts of its width and height."""
        lines = self._xdotool("getwindowgeometry", "--shell", self._window).splitlines()
        size = dict(line.split("=") for line in lines)
        x, y = int(size["WIDTH"]) * column, int(size["HEIGHT"]) * row
        self._xdotool("mousemove", "--window", self._window, str(int(x)), str(int(y)), "click", "1")

    def copy(self, text: str, selection: str) -> None:
        self._display.copy(text.encode(), selection=selection, target="UTF8_STRING")

    def read(self) -> str:
        return self._display.read(target="UTF8_STRING").decode()

    def title(self) -> str:
        return self._xdotool("getwindowname", self._window).strip()

    def _xdotool(self, *arguments: str) -> str:
        return _run(["xdotool", *arguments], self.environ)


class SwayDesktop:
    """A Wayland compositor, driven by swaymsg and wtype as the other desktop is."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def focus(self) -> None:
        wait_until(lambda: self._window() is not None)

    def press(self, *keys: str) -> None:
        words: list[str] = []
        for key in keys:
            *modifiers, name = key.split("+")
            words += [word for modifier in modifiers for word in ("-M", modifier)]
            words += ["-k", name]
            words += [word for modifier in modifiers for word in ("-m", modifier)]
            words += ["-s", "100"]
        self._run("wtype", "-s", "200", *words)

    def click(self, column: float, row: float) -> None:
        raise NotImplementedError("without a monitor, sway has no pointer")

    def copy(self, text: str, selection: str) -> None:
        primary = ["--primary"] if selection == "primary" else []
        subprocess.run(
            ["wl-copy", *primary], input=text, text=True, env=dict(self.environ), check=True
        )

    def read(self) -> str:
        return self._run("wl-paste", "--no-newline")

    def title(self) -> str:
        window = self._window() or {}
        return str(window.get("name") or "")

    def _window(self) -> dict[str, Any] | None:
        return _first_window(json.loads(self._run("swaymsg", "-t", "get_tree")))

    def _run(self, *command: str) -> str:
        return _run(list(command), self.environ)


Desktop = XDesktop | SwayDesktop


def _first_window(node: dict[str, Any]) -> dict[str, Any] | None:
    if node.get("pid"):
        return node
    found = (_first_window(inner) for inner in node.get("nodes", []))
    return next((window for window in found if window), None)


@contextmanager
def x_desktop(home: Path) -> Iterator[XDesktop]:
    """Run an X server."""
    with display(f"{WIDTH}x{HEIGHT}x24") as shown:
        yield XDesktop(shown, home)


@contextmanager
def sway_desktop(home: Path) -> Iterator[SwayDesktop]:
    """Run sway without a monitor."""
    config = home / "sway.conf"
    config.write_text(
        f"output HEADLESS-1 resolution {WIDTH}x{HEIGHT}\ndefault_border none\nxwayland disable\n"
    )
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    environ = {
        "PATH": os.environ["PATH"],
        **_user(home),
        "WLR_BACKENDS": "headless",
        "WLR_LIBINPUT_NO_DEVICES": "1",
        "WLR_RENDERER": "pixman",
        "XDG_RUNTIME_DIR": str(runtime),
        "SWAYSOCK": str(runtime / "sway.sock"),
    }
    with (home / "sway.log").open("wb") as log:
        command = ["sway", "-c", str(config)]
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        wait_until(lambda: next(runtime.glob("wayland-*.lock"), None) is not None)
        name = next(runtime.glob("wayland-*.lock")).stem
        wait_until((runtime / "sway.sock").exists)
        environ["WAYLAND_DISPLAY"] = name
        # Each wtype brings a keyboard, and takes it away at its end. A terminal that has none loses
        # the focus, and with that keys on their way, and the right to set the clipboard.
        keyboard = subprocess.Popen(["wtype", "-s", _FOREVER_MS], env=environ)
        yield SwayDesktop(environ)
        keyboard.terminate()
        keyboard.wait(PATIENCE_S)
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _user(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "LANG": "C.UTF-8", "SHELL": "/bin/sh"}


def _run(command: list[str], environ: Mapping[str, str]) -> str:
    ran = subprocess.run(
        command, env=dict(environ), capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return ran.stdout
