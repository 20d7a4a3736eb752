"""This machine's clipboard, read and written by pyperclip in a process of its own.

A frozen owner of the clipboard would hang pyperclip forever, and its tools print on the screen.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import aclosing
from enum import StrEnum, auto

from msgspec import Struct

from pan123_tui.system.processes import LIMIT_BYTES, end_command, run_command, start_command


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
_PYTHON = (sys.executable, "-P", "-c")
# For each line it answers with the size of the text, -1 without a tool, and as much as is wanted.
# The tools get no access to these lines.
_READ = f"""
import os, sys, pyperclip
asked = os.fdopen(os.dup(0), 'rb')
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
for _ in asked:
    try:
        text = pyperclip.paste().encode('utf-8', 'replace')
        size = len(text)
    except UnicodeDecodeError:
        size, text = 0, b''
    except pyperclip.PyperclipException:
        size, text = -1, b''
    sys.stdout.buffer.write(b'%d\\n' % size + text[:{LIMIT_BYTES}])
    sys.stdout.flush()
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


class ClipboardReader:
    """Reads the clipboard any number of times in one process, which stays until `aclose`."""

    def __init__(self, environ: Mapping[str, str], *, timeout_s: float = COMMAND_TIMEOUT_S) -> None:
        self._environ = environ
        self._timeout_s = timeout_s
        self._process: Process | None = None

    async def read(self) -> ClipboardResult:
        """Return the text in the clipboard or why there is none, within the time-out."""
        try:
            if self._process is None:
                self._process = await start_command(
                    (*_PYTHON, _READ), environ=self._environ, stdin=PIPE, stdout=PIPE
                )
            async with asyncio.timeout(self._timeout_s):
                return await _ask(self._process)
        except (OSError, ValueError, EOFError):  # among them `TimeoutError`
            await self.aclose()  # the next reading starts another process
            return ClipboardResult(failure=ClipboardFailure.BROKEN)

    async def aclose(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            await end_command(process)


async def _ask(process: Process) -> ClipboardResult:
    """Have the process of a reader read once; raises what `ClipboardReader.read` catches."""
    asks, answers = process.stdin, process.stdout
    assert asks is not None and answers is not None  # noqa: S101, PT018 - they are piped
    asks.write(b"\n")
    size = int(await answers.readline())
    if size < 0:
        return ClipboardResult(failure=ClipboardFailure.NO_TOOL)
    data = await answers.readexactly(min(size, LIMIT_BYTES))
    return decode_result(data, is_cut=size > LIMIT_BYTES)


async def read_local(
    environ: Mapping[str, str], *, timeout_s: float = COMMAND_TIMEOUT_S
) -> ClipboardResult:
    """Return the text in the clipboard or why there is none, within the time-out."""
    if failure := unavailable_reason(environ):
        return ClipboardResult(failure=failure)
    async with aclosing(ClipboardReader(environ, timeout_s=timeout_s)) as reader:
        return await reader.read()


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
