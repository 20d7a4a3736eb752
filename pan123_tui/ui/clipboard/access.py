"""Access to the user's clipboard by every means, in the order in which they may work.

The terminal at the other end of the line is asked by OSC 52 if it is known to reply, because an
unknown sequence may be shown as text. Inside tmux, only tmux can query it: `refresh-client -l` puts
the reply into a new buffer (tmux 3.2 and later, with its default settings), and only that buffer
shows that a reply has come.
"""

import asyncio
import binascii
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from pan123_tui.system.clipboard import (
    ClipboardFailure,
    ClipboardResult,
    decode_result,
    read_local,
    write_local,
)
from pan123_tui.system.processes import CommandResult, run_command
from pan123_tui.terminal.input_parser import ReplyKind, TerminalReply

QUERY_CLIPBOARD = "\x1b]52;c;?\x07"
COMMAND_TIMEOUT_S = 2.0
TMUX_POLL_S = 0.2
_CLIPBOARD_REPLY = re.compile(r"52;[a-z0-7]*;(?P<base64>[A-Za-z0-9+/=\s]*)")
_REPLYING = ("kitty", "foot", "ghostty", "iterm", "contour", "xterm.js", "vscode", "alacritty")
"""Terminals that reply, most of them after asking the user, by what they call themselves."""
HINT_DELAY_S = 2.0
"""After this long without a reply, the user is told what else to do."""
PERMISSION_TIMEOUT_S = 30.0
"""Longest wait for a reply: most terminals ask the user first."""


class TerminalQueries:
    """Asks the terminal for its clipboard; replies that nobody awaits any more are dropped."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._open: list[asyncio.Future[ClipboardResult]] = []

    def read(self) -> asyncio.Future[ClipboardResult]:
        """Return a future for the next reply; cancel it to stop waiting."""
        answer: asyncio.Future[ClipboardResult] = asyncio.get_running_loop().create_future()
        self._open.append(answer)
        self._write(QUERY_CLIPBOARD)
        return answer

    def on_reply(self, reply: TerminalReply) -> None:
        self._open = [answer for answer in self._open if not answer.done()]
        if self._open and (result := parse_clipboard(reply)) is not None:
            self._open[0].set_result(result)


def parse_clipboard(reply: TerminalReply) -> ClipboardResult | None:
    """Return the contents of a reply to `QUERY_CLIPBOARD`; None for any other reply."""
    match = _CLIPBOARD_REPLY.fullmatch(reply.body) if reply.kind is ReplyKind.OSC else None
    if match is None:
        return None
    # Whatever is not base64 is skipped, as are line ends; the padding may be missing.
    with suppress(binascii.Error):
        return decode_result(b64decode(match["base64"].rstrip("=\r\n ") + "=="))
    return decode_result(b"")


class Tmux:
    """The tmux server in which the program runs."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def read(self) -> ClipboardResult:
        """Query the clipboard of the outer terminal; cancel it to stop waiting."""
        before = await self._buffers()
        if before is None or not (await self._run("refresh-client", "-l")).is_success:
            return ClipboardResult(failure=ClipboardFailure.BROKEN)
        while not (new := (await self._buffers() or frozenset()) - before):  # noqa: ASYNC110
            await asyncio.sleep(TMUX_POLL_S)  # tmux sends no event
        return await self._take(min(new))

    async def write(self, text: str) -> bool:
        """Put `text` into a buffer, and send it to the outer terminal if tmux can."""
        data = text.encode("utf-8", "replace")
        return (await self._run("load-buffer", "-w", "-", stdin=data)).is_success

    async def current_environ(self) -> Mapping[str, str]:
        """Return the environment of the attached client, which may have come over SSH since."""
        shown = await self._run("show-environment", "SSH_CONNECTION")
        if not shown.is_success:
            return self._environ
        _, _, connection = shown.output.decode("utf-8", "replace").strip().partition("=")
        return {**self._environ, "SSH_CONNECTION": connection, "SSH_TTY": "", "SSH_CLIENT": ""}

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
            ("tmux", *arguments), environ=self._environ, timeout_s=COMMAND_TIMEOUT_S, stdin=stdin
        )


class ClipboardAccess:
    """Reads the user's clipboard, and writes to every clipboard that might be the user's."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        queries: TerminalQueries | None,
        copy_to_terminal: Callable[[str], bool],
    ) -> None:
        """Without `queries`, the terminal is not asked for its clipboard."""
        self._environ = environ
        self._queries = queries
        self._copy_to_terminal = copy_to_terminal
        self._tmux = Tmux(environ) if environ.get("TMUX") else None
        names = (environ.get(name, "") for name in ("TERM", "TERM_PROGRAM", "LC_TERMINAL"))
        self._is_known_to_reply = any(
            name.lower().removeprefix("xterm-").startswith(_REPLYING) for name in names
        )

    async def read(self, *, on_wait: Callable[[], None]) -> ClipboardResult:
        """Return the user's clipboard; `on_wait` is called if a reply takes long."""
        result = await self.read_machine()
        if not result.is_failure:
            return result
        if self._tmux is not None:
            return await _reply(self._tmux.read(), on_wait)
        if self._queries is None:
            return result
        if self._is_known_to_reply:
            return await _reply(self._queries.read(), on_wait)
        is_remote = result.failure is ClipboardFailure.REMOTE
        return ClipboardResult(failure=ClipboardFailure.NO_ACCESS) if is_remote else result

    async def read_machine(self) -> ClipboardResult:
        """Return this machine's clipboard, if the user is sitting at this machine."""
        return await read_local(await self._current_environ())

    async def write(self, text: str) -> bool:
        """Send `text` to every clipboard that may be the user's; return whether there was one."""
        in_terminal = self._copy_to_terminal(text)
        in_tmux = self._tmux is not None and await self._tmux.write(text)
        return await write_local(text, await self._current_environ()) or in_tmux or in_terminal

    async def _current_environ(self) -> Mapping[str, str]:
        return self._environ if self._tmux is None else await self._tmux.current_environ()


async def _reply(reply: Awaitable[ClipboardResult], on_wait: Callable[[], None]) -> ClipboardResult:
    """Return a terminal's reply; the terminal may ask the user first, as `on_wait` hints."""
    hint = asyncio.get_running_loop().call_later(HINT_DELAY_S, on_wait)
    try:
        return await asyncio.wait_for(reply, PERMISSION_TIMEOUT_S)
    except TimeoutError:
        return ClipboardResult(failure=ClipboardFailure.NO_ACCESS)
    finally:
        hint.cancel()
