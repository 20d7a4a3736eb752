"""This machine's clipboard: read and written by the commands of its mechanism."""

import shutil
import sys
from collections.abc import Callable, Mapping

from msgspec import Struct

from pan123_tui.engine.subprocess_runner import CommandResult, ExitKind, run_command
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult

NAMING_TIMEOUT_S = 5.0
_PYTHON = (sys.executable, "-P", "-c")
_NAME = "import pyperclip as p; print(getattr(p.determine_clipboard()[1], '__name__', ''))"
_PASTE = "import pyperclip as p, sys; sys.stdout.buffer.write(p.paste().encode())"
_COPY = "import pyperclip as p, sys; p.copy(sys.stdin.buffer.read().decode())"
_POWERSHELL_PASTE = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; Get-Clipboard -Raw"


class ClipboardBackend(Struct, frozen=True):
    """Commands that read and write the clipboard; none of them touches PRIMARY."""

    name: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    """Takes the text from its standard input."""
    list_types: tuple[str, ...] = ()
    """Tells as what the clipboard is offered; empty: there is no way to know."""


_XCLIP = ("xclip", "-selection", "clipboard")
_BY_FUNCTION: Mapping[str, ClipboardBackend] = {
    "paste_xclip": ClipboardBackend(
        "xclip", (*_XCLIP, "-o"), (*_XCLIP, "-i"), (*_XCLIP, "-o", "-t", "TARGETS")
    ),
    "paste_xsel": ClipboardBackend(
        "xsel", ("xsel", "--clipboard", "--output"), ("xsel", "--clipboard", "--input")
    ),
    "paste_wl": ClipboardBackend(
        "wl-clipboard",
        ("wl-paste", "--no-newline", "--type", "text"),
        ("wl-copy",),
        ("wl-paste", "--list-types"),
    ),
    "paste_osx_pbcopy": ClipboardBackend("pbpaste", ("pbpaste",), ("pbcopy",)),
    "paste_osx_pyobjc": ClipboardBackend("pbpaste", ("pbpaste",), ("pbcopy",)),
    "paste_wsl": ClipboardBackend(
        "powershell",
        ("powershell.exe", "-NoProfile", "-Command", _POWERSHELL_PASTE),
        (*_PYTHON, _COPY),
    ),
}
"""The commands for the functions that pyperclip reads with; any other is called as it is."""
_TERMUX = ClipboardBackend("termux", ("termux-clipboard-get",), ("termux-clipboard-set",))


def is_remote(environ: Mapping[str, str]) -> bool:
    """Tell whether the person sits at another machine."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def user_display_env(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Give `environ` without the displays that are not in front of the person.

    Over SSH only a forwarded X display (`localhost:10.0`) is theirs.
    """
    if not is_remote(environ):
        return environ
    host = environ.get("DISPLAY", "").rpartition(":")[0]
    others = {"WAYLAND_DISPLAY"} if host not in ("", "unix") else {"WAYLAND_DISPLAY", "DISPLAY"}
    return {name: value for name, value in environ.items() if name not in others}


def why_none(
    environ: Mapping[str, str], *, platform: str = sys.platform
) -> ClipboardFailure | None:
    """Tell, from the environment alone, why there is no clipboard here; None if there may be."""
    environ = user_display_env(environ)
    if environ.get("DISPLAY"):
        return None
    if is_remote(environ):
        return ClipboardFailure.REMOTE
    has_own = platform in ("darwin", "win32", "cygwin")
    if has_own or any(
        environ.get(name) for name in ("WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "TERMUX_VERSION")
    ):
        return None
    return ClipboardFailure.NO_DISPLAY


def why_no_watch(environ: Mapping[str, str]) -> ClipboardFailure | None:
    """Tell why the clipboard is not watched: over SSH never, even with a forwarded display."""
    return ClipboardFailure.REMOTE if is_remote(environ) else why_none(environ)


async def find_backend(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    which: Callable[..., str | None] = shutil.which,
) -> ClipboardBackend | ClipboardFailure:
    """Find the commands for the clipboard of this machine, or tell why there are none."""
    if fault := why_none(environ, platform=platform):
        return fault
    if environ.get("TERMUX_VERSION") and which("termux-clipboard-get", path=environ.get("PATH")):
        return _TERMUX
    named = await run_command(
        (*_PYTHON, _NAME), environ=user_display_env(environ), timeout_s=NAMING_TIMEOUT_S
    )
    function = named.output.decode("ascii", "replace").strip()
    if not named.is_success or not function:
        return ClipboardFailure.NO_TOOL
    through_python = ClipboardBackend(function, (*_PYTHON, _PASTE), (*_PYTHON, _COPY))
    return _BY_FUNCTION.get(function, through_python)


TIMEOUT_S = 2.0
SECRET_TYPES = (b"x-kde-passwordManagerHint", b"CLIPBOARD_STATE")
"""What password managers add to the types of a clipboard that nobody should keep."""
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_UNREACHABLE = ("open display", "wayland", "connect to")


class LocalClipboard:
    """Finds the mechanism when it is first needed, and again when the display is another."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._mechanism: ClipboardBackend | None = None
        self._found_for: tuple[str, ...] = ()

    async def read(self, environ: Mapping[str, str]) -> ClipboardResult:
        """Give the text in the clipboard, or why there is none; never hangs."""
        mechanism, environ = await self._find(environ), user_display_env(environ)
        if isinstance(mechanism, ClipboardFailure):
            return ClipboardResult(failure=mechanism)
        if mechanism.list_types:
            types = await self._run(mechanism.list_types, environ)
            if types.kind is ExitKind.HUNG:
                return ClipboardResult(failure=ClipboardFailure.FROZEN)
            if any(secret in types.output for secret in SECRET_TYPES):
                return ClipboardResult(failure=ClipboardFailure.SECRET)
        return _reading_of(await self._run(mechanism.read, environ))

    async def write(self, text: str, environ: Mapping[str, str]) -> bool:
        """Put `text` into the clipboard; tell whether the command said that it did."""
        mechanism = await self._find(environ)
        if isinstance(mechanism, ClipboardFailure):
            return False
        ran = await run_command(
            mechanism.write,
            environ=user_display_env(environ),
            timeout_s=self._timeout_s,
            stdin=text.encode("utf-8", "replace"),
            is_output_wanted=False,
        )
        return ran.is_success

    async def _find(self, environ: Mapping[str, str]) -> ClipboardBackend | ClipboardFailure:
        displays = tuple(user_display_env(environ).get(name, "") for name in _DISPLAYS)
        if self._mechanism is not None and displays == self._found_for:
            return self._mechanism
        found = await find_backend(environ)
        if isinstance(found, ClipboardBackend):
            self._mechanism, self._found_for = found, displays
        return found

    async def _run(self, command: tuple[str, ...], environ: Mapping[str, str]) -> CommandResult:
        return await run_command(command, environ=environ, timeout_s=self._timeout_s)


def _reading_of(ran: CommandResult) -> ClipboardResult:
    if ran.kind is ExitKind.HUNG:
        return ClipboardResult(failure=ClipboardFailure.FROZEN)
    if ran.kind is ExitKind.MISSING:
        return ClipboardResult(failure=ClipboardFailure.NO_TOOL)
    if ran.code != 0:
        complaint = ran.stderr.lower()
        is_unreachable = any(word in complaint for word in _UNREACHABLE)
        return ClipboardResult(
            failure=ClipboardFailure.BROKEN if is_unreachable else ClipboardFailure.EMPTY
        )
    return reading_of_bytes(ran.output, is_cut=ran.is_cut)


def reading_of_bytes(data: bytes, *, is_cut: bool = False) -> ClipboardResult:
    """Give the text that `data` is, up to the last whole line if it was cut; binary is none."""
    if b"\x00" in data:
        return ClipboardResult(failure=ClipboardFailure.EMPTY)
    text = data.decode("utf-8", "replace")
    if is_cut:
        text = text.rpartition("\n")[0]
    return (
        ClipboardResult(text) if text.strip() else ClipboardResult(failure=ClipboardFailure.EMPTY)
    )
