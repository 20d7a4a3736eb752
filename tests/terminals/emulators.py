"""The terminals that are tried, and what runs a program in each."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from tests.terminals.remote import SshServer

_SIZE = "120x34"
_XTERM = ("xterm", "-geometry", _SIZE)
_KITTY = (
    "kitty --config NONE -o remember_window_size=no -o initial_window_width=120c"
    " -o initial_window_height=34c -o update_check_interval=0"
)
_ALACRITTY = (
    "alacritty --config-file /dev/null -o window.dimensions.columns=120"
    " -o window.dimensions.lines=34"
)


class Answer(StrEnum):
    """What became of a copy or a read of the clipboard over ssh."""

    YES = "yes"
    NO = "no"
    ASKS = "asks, then yes"


class Emulator(Struct, frozen=True):
    """A terminal and what is known of it."""

    name: str
    command: Sequence[str]
    """What a program's words follow."""
    tools: Sequence[str]
    version: Sequence[str]
    paste: str = "ctrl+shift+v"
    selection: str = "clipboard"
    """Which selection the key for pasting takes."""
    confirm: str = ""
    """The key that lets a paste or a read through, where the terminal asks first."""
    copies: Answer = Answer.NO
    reads: Answer = Answer.NO
    is_wayland: bool = False
    inner: Sequence[str] = ()
    """The multiplexer in it."""
    may_leave: Sequence[str] = ()
    """What may differ after the program has ended."""
    mouse: str = "yes"
    """Why no click is tried, else `yes`."""

    def version_text(self, environ: Mapping[str, str]) -> str:
        """Return the number that the terminal prints in an environment with a display."""
        ran = subprocess.run(
            self.version,
            env=dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = re.search(r"(?<= )v?(\d+\.\d[\w.]*)|\((\d+)", ran.stdout)
        return (found[1] or found[2]) if found else "?"

    def direct(self, program: Sequence[str]) -> list[str]:
        """Return the command that runs `program` in the terminal."""
        return [*self.command, *self.inner, *program]

    def over_ssh(self, server: SshServer, program: Sequence[str]) -> list[str]:
        """Return the command that runs `program` on the server, shown in the terminal."""
        return [*self.command, *server.command([*self.inner, *program])]


EMULATORS = (
    Emulator(
        "xterm",
        (*_XTERM, "-e"),
        ("xterm",),
        ("xterm", "-version"),
        paste="shift+Insert",
        selection="primary",
    ),
    Emulator(
        "xterm, allowWindowOps",
        (*_XTERM, "-xrm", "*allowWindowOps:true", "-e"),
        ("xterm",),
        ("xterm", "-version"),
        paste="shift+Insert",
        selection="primary",
        copies=Answer.YES,
    ),
    Emulator(
        "kitty",
        _KITTY.split(),
        ("kitty",),
        ("kitty", "--version"),
        confirm="y",
        copies=Answer.YES,
        reads=Answer.ASKS,
    ),
    Emulator(
        "Alacritty",
        (*_ALACRITTY.split(), "-e"),
        ("alacritty",),
        ("alacritty", "--version"),
        copies=Answer.YES,
    ),
    Emulator(
        "foot",
        ("foot", "--config", "/dev/null"),
        ("foot", "sway", "swaymsg", "wtype", "wl-copy", "grim"),
        ("foot", "--version"),
        copies=Answer.YES,
        reads=Answer.YES,
        is_wayland=True,
        mouse="not tried",
    ),
    Emulator(
        "tmux in kitty",
        _KITTY.split(),
        ("kitty", "tmux"),
        ("tmux", "-V"),
        copies=Answer.YES,
        reads=Answer.ASKS,
        confirm="y",
        inner=("tmux", "-L", "probe", "-f", "/dev/null", "new-session"),
    ),
    Emulator(
        "GNU screen in kitty",
        _KITTY.split(),
        ("kitty", "screen"),
        ("screen", "--version"),
        copies=Answer.YES,
        inner=("screen", "-c", "/dev/null", "-S", "probe"),
        mouse="off",
        may_leave=("cursor",),
    ),
)
