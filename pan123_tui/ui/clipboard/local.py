"""This machine's clipboard, read and written by command-line tools."""

import shutil
import sys
from collections.abc import Callable, Mapping

from msgspec import Struct

from pan123_tui.config.subprocess_runner import CommandResult, ExitKind, run_command
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult

DETECTION_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 2.0
SECRET_TYPES = (b"x-kde-passwordManagerHint", b"CLIPBOARD_STATE")
"""The types that password managers add to a clipboard that must not be kept."""
LONG_BYTES = 100_000
"""A watch asks whether a longer text has changed, rather than reading it at each poll."""
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_UNREACHABLE = ("open display", "wayland", "connect to")
"""Parts of the messages of tools that cannot reach the clipboard."""
_PYTHON = (sys.executable, "-P", "-c")
_NAME = "import pyperclip as p; print(getattr(p.determine_clipboard()[1], '__name__', ''))"
_PASTE = "import pyperclip as p, sys; sys.stdout.buffer.write(p.paste().encode())"
_COPY = "import pyperclip as p, sys; p.copy(sys.stdin.buffer.read().decode())"
_POWERSHELL_PASTE = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; Get-Clipboard -Raw"


class ClipboardBackend(Struct, frozen=True):
    """Commands that read and write the clipboard, not PRIMARY."""

    name: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    """Reads the text from its standard input."""
    list_types: tuple[str, ...] = ()
    """Prints the types in the clipboard; empty if the tool cannot."""
    read_time: tuple[str, ...] = ()
    """Prints when the clipboard was filled, where it has the type `TIMESTAMP`."""
    sees_marks: bool = True
    """Whether it shows what a password manager has marked, where such marks are known."""


_XCLIP = ("xclip", "-selection", "clipboard")
_BY_FUNCTION: Mapping[str, ClipboardBackend] = {
    "paste_xclip": ClipboardBackend(
        "xclip",
        (*_XCLIP, "-o"),
        (*_XCLIP, "-i"),
        (*_XCLIP, "-o", "-t", "TARGETS"),
        (*_XCLIP, "-o", "-t", "TIMESTAMP"),
    ),
    "paste_xsel": ClipboardBackend(
        "xsel",
        ("xsel", "--clipboard", "--output"),
        ("xsel", "--clipboard", "--input"),
        sees_marks=False,
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
"""The commands in place of pyperclip's functions; other functions are called in Python."""
_TERMUX = ClipboardBackend("termux", ("termux-clipboard-get",), ("termux-clipboard-set",))


def is_remote(environ: Mapping[str, str]) -> bool:
    """Return whether the user sits at another machine."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def user_display_env(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return `environ` without the displays of other people.

    Over SSH only a forwarded X display (`localhost:10.0`) is the user's.
    """
    if not is_remote(environ):
        return environ
    host = environ.get("DISPLAY", "").rpartition(":")[0]
    others = {"WAYLAND_DISPLAY"} if host not in ("", "unix") else {"WAYLAND_DISPLAY", "DISPLAY"}
    return {name: value for name, value in environ.items() if name not in others}


def unavailable_reason(
    environ: Mapping[str, str], *, platform: str = sys.platform
) -> ClipboardFailure | None:
    """Return why the environment has no clipboard; None if it may have one."""
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


def watch_unavailable_reason(environ: Mapping[str, str]) -> ClipboardFailure | None:
    """Return why the clipboard cannot be watched: over SSH never, even with a forwarded display."""
    return ClipboardFailure.REMOTE if is_remote(environ) else unavailable_reason(environ)


async def find_backend(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    which: Callable[..., str | None] = shutil.which,
) -> ClipboardBackend | ClipboardFailure:
    """Return the commands for this machine's clipboard, or why there are none."""
    if failure := unavailable_reason(environ, platform=platform):
        return failure
    if environ.get("TERMUX_VERSION") and which("termux-clipboard-get", path=environ.get("PATH")):
        return _TERMUX
    detected = await run_command(
        (*_PYTHON, _NAME), environ=user_display_env(environ), timeout_s=DETECTION_TIMEOUT_S
    )
    function = detected.output.decode("ascii", "replace").strip()
    if not detected.is_success or not function:
        return ClipboardFailure.NO_TOOL
    through_python = ClipboardBackend(function, (*_PYTHON, _PASTE), (*_PYTHON, _COPY))
    return _BY_FUNCTION.get(function, through_python)


class LocalClipboard:
    """Finds the tools on first use, and again when the display has changed."""

    def __init__(self, *, timeout_s: float = COMMAND_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._backend: ClipboardBackend | None = None
        self._backend_displays: tuple[str, ...] = ()
        self._is_long = False
        """Whether the text that was read last is long."""
        self._filled_at = b""
        """When the clipboard was filled with it; empty if that is not known."""

    async def read(self, environ: Mapping[str, str], *, is_watch: bool = False) -> ClipboardResult:
        """Return the text in the clipboard or why there is none, within the time-out.

        For a watch, a long text that has not changed is not read again.
        """
        backend, environ = await self._find(environ), user_display_env(environ)
        if isinstance(backend, ClipboardFailure):
            return ClipboardResult(failure=backend)
        if is_watch and not backend.sees_marks:
            return ClipboardResult(failure=ClipboardFailure.MARKS_UNSEEN)
        types = b""
        if backend.list_types:
            listed = await self._run(backend.list_types, environ)
            if listed.kind is ExitKind.HUNG:
                return ClipboardResult(failure=ClipboardFailure.FROZEN)
            if any(secret in listed.output for secret in SECRET_TYPES):
                return ClipboardResult(failure=ClipboardFailure.SECRET)
            types = listed.output
        filled_at = b""
        if is_watch and self._is_long and b"TIMESTAMP" in types:
            filled_at = (await self._run(backend.read_time, environ)).output
            if filled_at and filled_at == self._filled_at:
                return ClipboardResult(is_unchanged=True)
        return await self._read_text(backend, environ, filled_at)

    async def _read_text(
        self, backend: ClipboardBackend, environ: Mapping[str, str], filled_at: bytes
    ) -> ClipboardResult:
        content = await self._run(backend.read, environ)
        self._is_long, self._filled_at = len(content.output) > LONG_BYTES, filled_at
        return _to_result(content)

    async def write(self, text: str, environ: Mapping[str, str]) -> bool:
        """Put `text` into the clipboard; return whether the command succeeded."""
        backend = await self._find(environ)
        if isinstance(backend, ClipboardFailure):
            return False
        result = await run_command(
            backend.write,
            environ=user_display_env(environ),
            timeout_s=self._timeout_s,
            stdin=text.encode("utf-8", "replace"),
            is_output_wanted=False,
        )
        return result.is_success

    async def _find(self, environ: Mapping[str, str]) -> ClipboardBackend | ClipboardFailure:
        displays = tuple(user_display_env(environ).get(name, "") for name in _DISPLAYS)
        if self._backend is not None and displays == self._backend_displays:
            return self._backend
        found = await find_backend(environ)
        if isinstance(found, ClipboardBackend):
            self._backend, self._backend_displays = found, displays
        return found

    async def _run(self, command: tuple[str, ...], environ: Mapping[str, str]) -> CommandResult:
        return await run_command(command, environ=environ, timeout_s=self._timeout_s)


def _to_result(result: CommandResult) -> ClipboardResult:
    if result.kind is ExitKind.HUNG:
        return ClipboardResult(failure=ClipboardFailure.FROZEN)
    if result.kind is ExitKind.MISSING:
        return ClipboardResult(failure=ClipboardFailure.NO_TOOL)
    if result.code != 0:
        stderr = result.stderr.lower()
        is_unreachable = any(part in stderr for part in _UNREACHABLE)
        return ClipboardResult(
            failure=ClipboardFailure.BROKEN if is_unreachable else ClipboardFailure.EMPTY
        )
    return decode_result(result.output, is_cut=result.is_cut)


def decode_result(data: bytes, *, is_cut: bool = False) -> ClipboardResult:
    """Return `data` as text, up to the last whole line if it was cut; binary data is no text."""
    text = "" if b"\x00" in data else data.decode("utf-8", "replace")
    if is_cut:
        text = text.rpartition("\n")[0]
    if not text.strip():
        return ClipboardResult(failure=ClipboardFailure.EMPTY)
    return ClipboardResult(text)
