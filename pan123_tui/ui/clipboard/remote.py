"""The clipboard of the terminal at the other end of the line: OSC 52, and tmux.

A query needs a terminal that is known to reply, because an unknown sequence may be shown as text.
Inside tmux only tmux can query it: `refresh-client -l` makes the reply a new buffer (tmux 3.2 and
later, with its default settings), and nothing but that buffer shows that a reply came.
"""

import asyncio
import binascii
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pan123_tui.system.subprocess_runner import CommandResult, run_command
from pan123_tui.ui.clipboard.local import decode_result
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult
from pan123_tui.ui.terminal.input_parser import ReplyKind, TerminalReply

T = TypeVar("T")
QUERY_CLIPBOARD = "\x1b]52;c;?\x07"
QUERY_NAME = "\x1b[>0q\x1b[c"
"""XTVERSION, then the device attributes, which every terminal reports: they end the wait."""
COMMAND_TIMEOUT_S = 2.0
TMUX_POLL_S = 0.1
TMUX_LONGEST_POLL_S = 1.0
TMUX_BACKOFF_FACTOR = 1.2
_CLIPBOARD_REPLY = re.compile(r"52;[a-z0-7]*;(?P<base64>[A-Za-z0-9+/=\s]*)")
_REPLYING_NAMES = ("kitty", "foot", "ghostty", "iterm2", "contour", "xterm.js")
"""Prefixes of the names of terminals that reply, most of them after asking their user."""
_REPLYING_TERMS = ("xterm-kitty", "foot", "xterm-ghostty", "ghostty", "alacritty", "contour")
"""Prefixes of TERM."""
_REPLYING_PROGRAMS = frozenset({"iterm.app", "vscode", "ghostty", "kitty"})
_WITHOUT_NAME = ("linux", "vt", "dumb", "cons", "ansi", "eterm", "unknown", "screen", "tmux")
"""Prefixes of the TERM of terminals that show the query as text, and of multiplexers."""
_DISPLAY_VARIABLES = ("SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY")
"""Variables that tmux updates by default when a client attaches."""
_OUTDATED_VARIABLES = frozenset({"SSH_TTY", "SSH_CLIENT"})


class TerminalQueries:
    """Passes each reply to the first query that accepts it; other replies are dropped."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._open: list[tuple[Callable[[TerminalReply], Any], asyncio.Future[Any]]] = []

    def send(
        self, sequence: str, parse: Callable[[TerminalReply], T | None]
    ) -> "asyncio.Future[T]":
        """Send `sequence` and return a future of the first reply that `parse` does not reject.

        Cancel it to stop waiting.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._open.append((parse, answer))
        self._write(sequence)
        return answer

    def on_reply(self, reply: TerminalReply) -> None:
        """Handle a reply of the terminal."""
        self._open = [query for query in self._open if not query[1].done()]
        for parse, answer in self._open:
            if (parsed := parse(reply)) is not None:
                answer.set_result(parsed)
                return


def is_known_to_reply(environ: Mapping[str, str]) -> bool:
    """Return whether the environment names a terminal that replies to `QUERY_CLIPBOARD`."""
    term = environ.get("TERM", "").lower()
    program = environ.get("TERM_PROGRAM", "").lower()
    is_iterm = environ.get("LC_TERMINAL", "").lower() == "iterm2"
    return term.startswith(_REPLYING_TERMS) or program in _REPLYING_PROGRAMS or is_iterm


def supports_name_query(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal ignores `QUERY_NAME` if it does not know it."""
    term = environ.get("TERM", "").lower()
    is_apple = environ.get("TERM_PROGRAM") == "Apple_Terminal"
    return bool(term) and not is_apple and not term.startswith(_WITHOUT_NAME)


def parse_name(reply: TerminalReply) -> str | None:
    """Return the name in a reply to `QUERY_NAME`, empty if the terminal has none."""
    if reply.kind is ReplyKind.DCS and reply.body.startswith(">|"):
        return reply.body[2:]
    return "" if reply.kind is ReplyKind.DEVICE else None


def is_replying_name(name: str) -> bool:
    """Return whether a terminal called `name` replies to `QUERY_CLIPBOARD`."""
    return name.lower().startswith(_REPLYING_NAMES)


def parse_clipboard(reply: TerminalReply) -> ClipboardResult | None:
    """Return the contents of a reply to `QUERY_CLIPBOARD`; None for other replies."""
    match = _CLIPBOARD_REPLY.fullmatch(reply.body) if reply.kind is ReplyKind.OSC else None
    if match is None:
        return None
    encoded = "".join(match["base64"].split()).rstrip("=")
    try:
        return decode_result(b64decode(encoded + "=" * (-len(encoded) % 4)))
    except binascii.Error:
        return decode_result(b"")


class Tmux:
    """The tmux server in which the program runs."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._environ = environ
        self._sleep = sleep

    async def read(self) -> ClipboardResult:
        """Query the clipboard of the outer terminal; cancel it to stop waiting."""
        before = await self._buffers()
        if before is None or not (await self._run("refresh-client", "-l")).is_success:
            return ClipboardResult(failure=ClipboardFailure.BROKEN)
        pause_s = TMUX_POLL_S
        while not (new := (await self._buffers() or frozenset()) - before):
            await self._sleep(pause_s)
            pause_s = min(pause_s * TMUX_BACKOFF_FACTOR, TMUX_LONGEST_POLL_S)
        return await self._take(min(new))

    async def write(self, text: str) -> bool:
        """Put `text` into a buffer and send it to the outer terminal if tmux can."""
        data = text.encode("utf-8", "replace")
        return (await self._run("load-buffer", "-w", "-", stdin=data)).is_success

    async def current_environ(self) -> Mapping[str, str]:
        """Return the environment of the client that is attached now.

        The session may have been started on this machine and be attached over SSH now.
        """
        listed = await self._run("show-environment")
        if not listed.is_success:
            return self._environ
        environ = {k: v for k, v in self._environ.items() if k not in _OUTDATED_VARIABLES}
        for line in listed.output.decode("utf-8", "replace").splitlines():
            name, is_set, value = line.partition("=")
            if is_set and name in _DISPLAY_VARIABLES:
                environ[name] = value
            elif name.removeprefix("-") in _DISPLAY_VARIABLES:
                environ.pop(name.removeprefix("-"), None)
        return environ

    async def _take(self, name: str) -> ClipboardResult:
        """Read a buffer and delete it, because other programs in tmux can read it too."""
        saved = await self._run("save-buffer", "-b", name, "-")
        await self._run("delete-buffer", "-b", name)
        return decode_result(saved.output, is_cut=saved.is_cut)

    async def _buffers(self) -> frozenset[str] | None:
        listed = await self._run("list-buffers", "-F", "#{buffer_name}")
        return frozenset(listed.output.decode().splitlines()) if listed.is_success else None

    async def _run(self, *arguments: str, stdin: bytes | None = None) -> CommandResult:
        return await run_command(
            ("tmux", *arguments),
            environ=self._environ,
            timeout_s=COMMAND_TIMEOUT_S,
            stdin=stdin,
        )
