"""tmux: the clipboard of the terminal outside, which only tmux can ask, and its own buffers.

`refresh-client -l` asks the terminal with OSC 52 and makes the answer a new buffer (tmux 3.2 and
later, with its default settings); nothing but that buffer says that an answer came.
"""

import asyncio
import binascii
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pan123_tui.engine.subprocess_runner import CommandResult, run_command
from pan123_tui.ui.clipboard.local import reading_of_bytes
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult
from pan123_tui.ui.terminal.input_parser import ReplyKind, TerminalReply

T = TypeVar("T")


class TerminalQueries:
    """Gives each reply to the first question that it answers; what nobody asked is dropped."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._open: list[tuple[Callable[[TerminalReply], Any], asyncio.Future[Any]]] = []

    def ask(
        self, sequence: str, accept: Callable[[TerminalReply], T | None]
    ) -> "asyncio.Future[T]":
        """Send `sequence`; the future is done when `accept` makes something of a reply.

        Cancel it to stop waiting.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._open.append((accept, answer))
        self._write(sequence)
        return answer

    def on_reply(self, reply: TerminalReply) -> None:
        """Take a reply of the terminal."""
        self._open = [question for question in self._open if not question[1].done()]
        for accept, answer in self._open:
            if (made := accept(reply)) is not None:
                answer.set_result(made)
                return


QUERY_CLIPBOARD = "\x1b]52;c;?\x07"
QUERY_NAME = "\x1b[>0q\x1b[c"
"""XTVERSION, then the device attributes: every terminal answers those, so they end the wait."""
_CLIPBOARD = re.compile(r"52;[a-z0-7]*;(?P<base64>[A-Za-z0-9+/=\s]*)")
_ANSWERING = ("kitty", "foot", "ghostty", "iterm2", "contour", "xterm.js")
"""Beginnings of the names of terminals that answer, most of them after asking the user."""
_ANSWERING_TERM = ("xterm-kitty", "foot", "xterm-ghostty", "ghostty", "alacritty", "contour")
_ANSWERING_PROGRAM = frozenset({"iterm.app", "vscode", "ghostty", "kitty"})
_NEVER_ASKED = ("linux", "vt", "dumb", "cons", "ansi", "eterm", "unknown", "screen", "tmux")
"""Beginnings of the TERM of what would show a question as text, or is no terminal itself."""


def is_known_to_answer(environ: Mapping[str, str]) -> bool:
    """Tell whether the environment alone names a terminal that answers."""
    term = environ.get("TERM", "").lower()
    program = environ.get("TERM_PROGRAM", "").lower()
    is_iterm = environ.get("LC_TERMINAL", "").lower() == "iterm2"
    return term.startswith(_ANSWERING_TERM) or program in _ANSWERING_PROGRAM or is_iterm


def may_be_asked_its_name(environ: Mapping[str, str]) -> bool:
    """Tell whether the terminal surely swallows a question that it does not know."""
    term = environ.get("TERM", "").lower()
    is_apple = environ.get("TERM_PROGRAM") == "Apple_Terminal"
    return bool(term) and not is_apple and not term.startswith(_NEVER_ASKED)


def name_in(reply: TerminalReply) -> str | None:
    """Give the name in an answer to `QUERY_NAME`, empty if the terminal has none to give."""
    if reply.kind is ReplyKind.DCS and reply.body.startswith(">|"):
        return reply.body[2:]
    return "" if reply.kind is ReplyKind.DEVICE else None


def answers(name: str) -> bool:
    """Tell whether a terminal that calls itself `name` answers `QUERY_CLIPBOARD`."""
    return name.lower().startswith(_ANSWERING)


def clipboard_in(reply: TerminalReply) -> ClipboardResult | None:
    """Give what an answer to `QUERY_CLIPBOARD` holds; None if it answers something else."""
    match = _CLIPBOARD.fullmatch(reply.body) if reply.kind is ReplyKind.OSC else None
    if match is None:
        return None
    encoded = "".join(match["base64"].split()).rstrip("=")
    try:
        return reading_of_bytes(b64decode(encoded + "=" * (-len(encoded) % 4)))
    except binascii.Error:
        return reading_of_bytes(b"")


COMMAND_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 3.0
"""How long the terminal outside may take, over a slow line too."""
LOOK_AGAIN_S = 0.1
_PLACES = ("SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY")
"""What tmux keeps up to date whenever somebody attaches, if so configured."""
_OUTDATED = frozenset({"SSH_TTY", "SSH_CLIENT"})


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
        """Ask the terminal outside for its clipboard."""
        before = await self._buffers()
        if before is None or not (await self._run("refresh-client", "-l")).is_success:
            return ClipboardResult(failure=ClipboardFailure.BROKEN)
        for _ in range(round(ANSWER_TIMEOUT_S / LOOK_AGAIN_S)):
            for name in await self._buffers() or ():
                if name not in before:
                    saved = await self._run("save-buffer", "-b", name, "-")
                    return reading_of_bytes(saved.output, is_cut=saved.is_cut)
            await self._sleep(LOOK_AGAIN_S)
        return ClipboardResult(failure=ClipboardFailure.NO_ANSWER)

    async def write(self, text: str) -> bool:
        """Put `text` into a buffer, and have it sent on to the terminal outside."""
        data = text.encode("utf-8", "replace")
        sent = await self._run("load-buffer", "-w", "-", stdin=data)
        return sent.is_success or (await self._run("load-buffer", "-", stdin=data)).is_success

    async def environ_now(self) -> Mapping[str, str]:
        """Give the environment as it is for whoever is attached now.

        The session may have been started at the machine itself and be looked at over SSH.
        """
        shown = await self._run("show-environment")
        if not shown.is_success:
            return self._environ
        now = {k: v for k, v in self._environ.items() if k not in _OUTDATED}
        for line in shown.output.decode("utf-8", "replace").splitlines():
            name, is_set, value = line.partition("=")
            if is_set and name in _PLACES:
                now[name] = value
            elif name.removeprefix("-") in _PLACES:
                now.pop(name.removeprefix("-"), None)
        return now

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
