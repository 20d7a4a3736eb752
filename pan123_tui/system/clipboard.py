"""This machine's clipboard, read and written by pyperclip in a process of its own.

A frozen owner of the clipboard would hang pyperclip forever, and its tools print on the screen.
"""

import sys
from collections.abc import Mapping
from enum import StrEnum, auto

from msgspec import Struct

from pan123_tui.system.processes import run_command


class ClipboardFailure(StrEnum):
    """Why there is no text."""

    REMOTE = auto()
    """The program runs over SSH: this machine's clipboard is not the user's."""
    NO_DISPLAY = auto()
    NO_TOOL = auto()
    EMPTY = auto()
    BROKEN = auto()


class ClipboardResult(Struct, frozen=True):
    """A text or a failure."""

    text: str = ""
    failure: ClipboardFailure | None = None

    @property
    def is_failure(self) -> bool:
        """Whether reading failed for a reason other than having nothing to read."""
        return self.failure not in (None, ClipboardFailure.EMPTY)


COMMAND_TIMEOUT_S = 3.0
_NO_TOOL_CODE = 10
_PYTHON = (sys.executable, "-P", "-c")
_READ = f"""
import sys, pyperclip
try:
    text = pyperclip.paste()
except UnicodeDecodeError:
    text = ''
except pyperclip.PyperclipException:
    sys.exit({_NO_TOOL_CODE})
sys.stdout.buffer.write(text.encode('utf-8', 'replace'))
"""
_WRITE = "import pyperclip, sys; pyperclip.copy(sys.stdin.buffer.read().decode())"


def unavailable_reason(
    environ: Mapping[str, str], *, platform: str = sys.platform
) -> ClipboardFailure | None:
    """Return why the user has no clipboard here; None if there may be one."""
    if any(map(environ.get, ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))):
        return ClipboardFailure.REMOTE
    names = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "TERMUX_VERSION")
    has_own = platform in ("darwin", "win32", "cygwin") or any(map(environ.get, names))
    return None if has_own else ClipboardFailure.NO_DISPLAY


async def read_local(
    environ: Mapping[str, str], *, timeout_s: float = COMMAND_TIMEOUT_S
) -> ClipboardResult:
    """Return the text in the clipboard or why there is none, within the time-out."""
    if failure := unavailable_reason(environ):
        return ClipboardResult(failure=failure)
    result = await run_command((*_PYTHON, _READ), environ=environ, timeout_s=timeout_s)
    if result.code == 0:
        return decode_result(result.output, is_cut=result.is_cut)
    is_missing = result.code == _NO_TOOL_CODE
    failure = ClipboardFailure.NO_TOOL if is_missing else ClipboardFailure.BROKEN
    return ClipboardResult(failure=failure)


async def write_local(text: str, environ: Mapping[str, str]) -> bool:
    """Put `text` on the clipboard; return whether that succeeded."""
    if unavailable_reason(environ):
        return False
    written = await run_command(
        (*_PYTHON, _WRITE),
        environ=environ,
        timeout_s=COMMAND_TIMEOUT_S,
        stdin=text.encode("utf-8", "replace"),
        is_output_wanted=False,
    )
    return written.code == 0


def decode_result(data: bytes, *, is_cut: bool = False) -> ClipboardResult:
    """Return `data` as text, up to the last whole line if it was cut; binary data is not text."""
    text = "" if b"\x00" in data else data.decode("utf-8", "replace")
    if is_cut:
        text = text.rpartition("\n")[0]
    if not text.strip():
        return ClipboardResult(failure=ClipboardFailure.EMPTY)
    return ClipboardResult(text)
