"""What this machine offers to read and write its clipboard with.

pyperclip names the mechanism. It does so in a process of its own, because some of the things
that it tries end the process they are tried in; and it is not used to read where there is a
command, because it waits for ever when the clipboard's owner does not answer.
"""

import shutil
import sys
from collections.abc import Callable, Mapping

from msgspec import Struct

from pan123_tui.engine.command import run
from pan123_tui.ui.clipboard.reading import Fault

NAMING_TIMEOUT_S = 5.0
_PYTHON = (sys.executable, "-P", "-c")
_NAME = "import pyperclip as p; print(getattr(p.determine_clipboard()[1], '__name__', ''))"
_PASTE = "import pyperclip as p, sys; sys.stdout.buffer.write(p.paste().encode())"
_COPY = "import pyperclip as p, sys; p.copy(sys.stdin.buffer.read().decode())"
_POWERSHELL_PASTE = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; Get-Clipboard -Raw"


class Mechanism(Struct, frozen=True):
    """Commands that read and write the clipboard; none of them touches PRIMARY."""

    name: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    """Takes the text from its standard input."""
    list_types: tuple[str, ...] = ()
    """Tells as what the clipboard is offered; empty: there is no way to know."""


_XCLIP = ("xclip", "-selection", "clipboard")
_BY_FUNCTION: Mapping[str, Mechanism] = {
    "paste_xclip": Mechanism(
        "xclip", (*_XCLIP, "-o"), (*_XCLIP, "-i"), (*_XCLIP, "-o", "-t", "TARGETS")
    ),
    "paste_xsel": Mechanism(
        "xsel", ("xsel", "--clipboard", "--output"), ("xsel", "--clipboard", "--input")
    ),
    "paste_wl": Mechanism(
        "wl-clipboard",
        ("wl-paste", "--no-newline", "--type", "text"),
        ("wl-copy",),
        ("wl-paste", "--list-types"),
    ),
    "paste_osx_pbcopy": Mechanism("pbpaste", ("pbpaste",), ("pbcopy",)),
    "paste_osx_pyobjc": Mechanism("pbpaste", ("pbpaste",), ("pbcopy",)),
    "paste_wsl": Mechanism(
        "powershell",
        ("powershell.exe", "-NoProfile", "-Command", _POWERSHELL_PASTE),
        (*_PYTHON, _COPY),
    ),
}
"""The commands for the functions that pyperclip reads with; any other is called as it is."""
_TERMUX = Mechanism("termux", ("termux-clipboard-get",), ("termux-clipboard-set",))


def is_remote(environ: Mapping[str, str]) -> bool:
    """Tell whether the person sits at another machine."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def of_person(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Give `environ` without the displays that are not in front of the person.

    Over SSH only a forwarded X display (`localhost:10.0`) is theirs.
    """
    if not is_remote(environ):
        return environ
    host = environ.get("DISPLAY", "").rpartition(":")[0]
    others = {"WAYLAND_DISPLAY"} if host not in ("", "unix") else {"WAYLAND_DISPLAY", "DISPLAY"}
    return {name: value for name, value in environ.items() if name not in others}


def why_none(environ: Mapping[str, str], *, platform: str = sys.platform) -> Fault | None:
    """Tell, from the environment alone, why there is no clipboard here; None if there may be."""
    environ = of_person(environ)
    if environ.get("DISPLAY"):
        return None
    if is_remote(environ):
        return Fault.REMOTE
    has_own = platform in ("darwin", "win32", "cygwin")
    if has_own or any(
        environ.get(name) for name in ("WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "TERMUX_VERSION")
    ):
        return None
    return Fault.NO_DISPLAY


def why_no_watch(environ: Mapping[str, str]) -> Fault | None:
    """Tell why the clipboard is not watched: over SSH never, even with a forwarded display."""
    return Fault.REMOTE if is_remote(environ) else why_none(environ)


async def find_mechanism(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    which: Callable[..., str | None] = shutil.which,
) -> Mechanism | Fault:
    """Find the commands for the clipboard of this machine, or tell why there are none."""
    if fault := why_none(environ, platform=platform):
        return fault
    if environ.get("TERMUX_VERSION") and which("termux-clipboard-get", path=environ.get("PATH")):
        return _TERMUX
    named = await run((*_PYTHON, _NAME), environ=of_person(environ), timeout_s=NAMING_TIMEOUT_S)
    function = named.output.decode("ascii", "replace").strip()
    if not named.is_success or not function:
        return Fault.NO_TOOL
    through_python = Mechanism(function, (*_PYTHON, _PASTE), (*_PYTHON, _COPY))
    return _BY_FUNCTION.get(function, through_python)
