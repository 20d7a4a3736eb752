"""The terminals that are tried, and what runs a program in each."""

import re
import subprocess
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace


class Emulator(Struct, frozen=True):
    """A terminal and what is known of it."""

    name: str
    command: str
    """What a program's words follow."""
    version: str
    """The command that prints its version."""
    tools: Sequence[str]
    paste: str = "ctrl+shift+v"
    selection: str = "clipboard"
    """Which selection the key for pasting takes."""
    confirm: str = ""
    """The key that lets a paste through, where the terminal asks first."""
    copies: str = "yes"
    """What becomes of a copy to the clipboard over ssh: "yes" or "no"."""
    is_wayland: bool = False
    may_leave: Sequence[str] = ()
    """What may differ after the program has ended."""
    mouse: str = "yes"
    """Why no click is tried, else `yes`."""
    inner: str = ""
    """The multiplexer in it."""

    def version_text(self, environ: Mapping[str, str]) -> str:
        """Return the number that the terminal prints in an environment with a display."""
        ran = subprocess.run(
            self.version.split(),
            env=dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = re.search(r"(?<= )v?(\d+\.\d[\w.]*)|\((\d+)", ran.stdout)
        return (found[1] or found[2]) if found else "?"


_X_TOOLS = ("Xvfb", "xdotool", "xclip")
_XTERM = Emulator(
    "xterm",
    "xterm -geometry 120x34 -e",
    "xterm -version",
    ("xterm", *_X_TOOLS),
    paste="shift+Insert",
    selection="primary",
    copies="no",
)
_KITTY = Emulator(
    "kitty",
    "kitty --config NONE -o remember_window_size=no -o initial_window_width=120c"
    " -o initial_window_height=34c -o update_check_interval=0",
    "kitty --version",
    ("kitty", *_X_TOOLS),
    confirm="y",
)
EMULATORS = (
    _XTERM,
    replace(
        _XTERM,
        name="xterm, allowWindowOps",
        command=_XTERM.command.replace("-e", "-xrm *allowWindowOps:true -e"),
        copies="yes",
    ),
    _KITTY,
    Emulator(
        "Alacritty",
        "alacritty --config-file /dev/null -o window.dimensions.columns=120"
        " -o window.dimensions.lines=34 -e",
        "alacritty --version",
        ("alacritty", *_X_TOOLS),
    ),
    Emulator(
        "foot",
        "foot --config /dev/null",
        "foot --version",
        ("foot", "sway", "swaymsg", "wtype", "wl-copy"),
        is_wayland=True,
        mouse="not tried",
    ),
    replace(
        _KITTY,
        name="tmux in kitty",
        version="tmux -V",
        tools=("tmux", *_KITTY.tools),
        inner="tmux -L probe -f /dev/null new-session",
    ),
    replace(
        _KITTY,
        name="GNU screen in kitty",
        version="screen --version",
        tools=("screen", *_KITTY.tools),
        confirm="",
        mouse="off",
        may_leave=("cursor",),
        inner="screen -c /dev/null -S probe",
    ),
)
