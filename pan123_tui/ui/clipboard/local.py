"""This machine's clipboard, read and written by pyperclip in a process of its own.

A frozen owner of the clipboard would hang pyperclip for ever, and its tools print on the screen.
"""

import sys
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from pan123_tui.i18n import N_, _, join_sentences
from pan123_tui.system.subprocess_runner import CommandResult, ExitKind, run_command


class ClipboardFailure(StrEnum):
    """Why there is no text, as it is said to the user."""

    REMOTE = N_("Over SSH, this machine's clipboard is not yours.")
    NO_DISPLAY = N_("This machine has no desktop, so it has no clipboard.")
    NO_TOOL = N_("No clipboard tool was found: install xclip or xsel, on Wayland wl-clipboard.")
    EMPTY = N_("There is no text in the clipboard.")
    SECRET = N_("A password manager has marked the clipboard as secret: it was not read.")
    FROZEN = N_("The program that holds the clipboard does not answer.")
    BROKEN = N_("The clipboard cannot be reached.")
    NO_ANSWER = N_("The terminal did not give access to its clipboard.")
    CANNOT_ASK = N_("This terminal does not give access to its clipboard.")
    MARKS_UNSEEN = N_(
        "xsel cannot tell what a password manager has marked as secret: install xclip."
    )


class ClipboardResult(Struct, frozen=True):
    """A text or a failure."""

    text: str = ""
    failure: ClipboardFailure | None = None

    @property
    def is_failure(self) -> bool:
        """Whether reading failed, other than because there is nothing to read."""
        return self.failure not in (None, ClipboardFailure.EMPTY, ClipboardFailure.SECRET)


def failure_text(failure: ClipboardFailure) -> str:
    """Return what has failed and what to do instead."""
    text = _(failure.value)
    if failure in (ClipboardFailure.EMPTY, ClipboardFailure.SECRET):
        return text
    return join_sentences(text, failure_hint())


def failure_hint() -> str:
    """Return what works everywhere."""
    return _("Press your terminal's paste key.")


COMMAND_TIMEOUT_S = 3.0
_READ = """
import subprocess, sys
import pyperclip
name = getattr(pyperclip.determine_clipboard()[1], '__name__', '')
xclip = ('xclip', '-selection', 'clipboard', '-o', '-t', 'TARGETS')
lists = {'paste_xclip': xclip, 'paste_wl': ('wl-paste', '--list-types')}
if not name or name == 'lazy_load_stub_paste':
    sys.exit(10)
if name == 'paste_xsel' and sys.argv[1] == 'watch':
    sys.exit(11)
if name in lists:
    listed = subprocess.run(lists[name], capture_output=True)
    if b'x-kde-passwordManagerHint' in listed.stdout or b'CLIPBOARD_STATE' in listed.stdout:
        sys.exit(12)
    if any(word in listed.stderr.lower() for word in (b'open display', b'connect', b'wayland')):
        sys.exit(13)
try:
    text = pyperclip.paste()
except UnicodeDecodeError:
    text = ''
except pyperclip.PyperclipException:
    sys.exit(10)
sys.stdout.buffer.write(text.encode('utf-8', 'replace'))
"""
"""Password managers add a type to a clipboard that must not be kept; xsel does not list types."""
_WRITE = "import pyperclip, sys; pyperclip.copy(sys.stdin.buffer.read().decode())"
_FAILURES = {
    10: ClipboardFailure.NO_TOOL,
    11: ClipboardFailure.MARKS_UNSEEN,
    12: ClipboardFailure.SECRET,
    13: ClipboardFailure.BROKEN,
}
"""By the exit status of `_READ`."""


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
    if user_display_env(environ).get("DISPLAY"):
        return None
    if is_remote(environ):
        return ClipboardFailure.REMOTE
    names = ("WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "TERMUX_VERSION")
    has_own = platform in ("darwin", "win32", "cygwin") or any(map(environ.get, names))
    return None if has_own else ClipboardFailure.NO_DISPLAY


def watch_unavailable_reason(environ: Mapping[str, str]) -> ClipboardFailure | None:
    """Return why the clipboard cannot be watched: over SSH never, even with a forwarded display."""
    return ClipboardFailure.REMOTE if is_remote(environ) else unavailable_reason(environ)


async def read_local(
    environ: Mapping[str, str], *, is_watch: bool = False, timeout_s: float = COMMAND_TIMEOUT_S
) -> ClipboardResult:
    """Return the text in the clipboard or why there is none, within the time-out."""
    if failure := unavailable_reason(environ):
        return ClipboardResult(failure=failure)
    result = await _run(_READ, environ, timeout_s, argument="watch" if is_watch else "once")
    if result.kind is ExitKind.HUNG:
        return ClipboardResult(failure=ClipboardFailure.FROZEN)
    if result.code:
        return ClipboardResult(failure=_FAILURES.get(result.code, ClipboardFailure.BROKEN))
    return decode_result(result.output, is_cut=result.is_cut)


async def write_local(text: str, environ: Mapping[str, str]) -> bool:
    """Put `text` into the clipboard; return whether that succeeded."""
    if unavailable_reason(environ):
        return False
    data = text.encode("utf-8", "replace")
    return (await _run(_WRITE, environ, COMMAND_TIMEOUT_S, stdin=data)).is_success


async def _run(
    script: str,
    environ: Mapping[str, str],
    timeout_s: float,
    *,
    argument: str = "",
    stdin: bytes | None = None,
) -> CommandResult:
    return await run_command(
        (sys.executable, "-P", "-c", script, argument),
        environ=user_display_env(environ),
        timeout_s=timeout_s,
        stdin=stdin,
        is_output_wanted=stdin is None,
    )


def decode_result(data: bytes, *, is_cut: bool = False) -> ClipboardResult:
    """Return `data` as text, up to the last whole line if it was cut; binary data is no text."""
    text = "" if b"\x00" in data else data.decode("utf-8", "replace")
    if is_cut:
        text = text.rpartition("\n")[0]
    if not text.strip():
        return ClipboardResult(failure=ClipboardFailure.EMPTY)
    return ClipboardResult(text)
