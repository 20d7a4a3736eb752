"""The user's clipboard: by every means, in the order in which they may work.

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
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from pan123_tui.config.schema import Clipboard
from pan123_tui.domain.links.extractor import extract, has_addresses
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.i18n import _, join_sentences
from pan123_tui.system.clipboard import (
    ClipboardFailure,
    ClipboardResult,
    decode_result,
    read_local,
    unavailable_reason,
    write_local,
)
from pan123_tui.system.processes import CommandResult, run_command
from pan123_tui.terminal.escape_codes import Terminal
from pan123_tui.terminal.input_parser import ReplyKind, TerminalReply
from pan123_tui.ui.dialogs.prompts import TextScreen
from pan123_tui.wording.actions import clipboard_text, paste_hint

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
ALSO_S = 10.0
"""How long a message is shown that says more than that something was copied."""
MAX_FAILURES = 5
WATCH_GROUP = "clipboard watch"


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
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def read(self) -> ClipboardResult:
        """Query the clipboard of the outer terminal; cancel it to stop waiting."""
        before = await self._buffers()
        if before is None or (await self._run("refresh-client", "-l")).code != 0:
            return ClipboardResult(failure=ClipboardFailure.BROKEN)
        while not (new := (await self._buffers() or frozenset()) - before):  # noqa: ASYNC110
            await asyncio.sleep(TMUX_POLL_S)  # tmux sends no event
        # Other programs in tmux can read a buffer too, so it does not stay.
        name = min(new)
        saved = await self._run("save-buffer", "-b", name, "-")
        await self._run("delete-buffer", "-b", name)
        return decode_result(saved.output, is_cut=saved.is_cut)

    async def write(self, text: str) -> bool:
        """Put `text` into a buffer, and send it to the outer terminal if tmux can."""
        data = text.encode("utf-8", "replace")
        return (await self._run("load-buffer", "-w", "-", stdin=data)).code == 0

    async def current_environ(self) -> Mapping[str, str]:
        """Return the environment of the attached client, which may have come over SSH since."""
        shown = await self._run("show-environment", "SSH_CONNECTION")
        if shown.code != 0:
            return self._environ
        _, _, connection = shown.output.decode("utf-8", "replace").strip().partition("=")
        return {**self._environ, "SSH_CONNECTION": connection, "SSH_TTY": "", "SSH_CLIENT": ""}

    async def _buffers(self) -> frozenset[str] | None:
        listed = await self._run("list-buffers", "-F", "#{buffer_name}")
        return frozenset(listed.output.decode().splitlines()) if listed.code == 0 else None

    async def _run(self, *arguments: str, stdin: bytes | None = None) -> CommandResult:
        return await run_command(
            ("tmux", *arguments), environ=self._environ, timeout_s=COMMAND_TIMEOUT_S, stdin=stdin
        )


class ClipboardWatcher:
    """Collects new links by polling; skips what was there first, and what this program copied.

    It stores no text, only hashes keyed for this process.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[ClipboardResult]],
        interval_s: float,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._read = read
        self._interval_s = interval_s
        self._sleep = sleep
        self._latest: int | None = None
        self._own: set[int] = set()
        self._links: list[ReviewRow] = []
        self._failures = 0

    @property
    def collected(self) -> int:
        return len(self._links)

    def ignore(self, text: str) -> None:
        self._own.add(_hash(text))

    async def run(self, on_collected: Callable[[], object]) -> ClipboardFailure:
        """Poll until too many polls in a row have failed; return the last failure."""
        self._latest, self._failures = None, 0
        while True:
            result = await self._read()
            links = await asyncio.to_thread(self.update, result)
            if result.failure and self._failures >= MAX_FAILURES:
                return result.failure
            if links:
                self._links += links
                on_collected()
            await self._sleep(self._interval_s)

    def update(self, result: ClipboardResult) -> list[ReviewRow]:
        self._failures = self._failures + 1 if result.is_failure else 0
        former = self._latest
        self._latest = former if result.is_failure else _hash(result.text)
        if former in (None, self._latest) or self._latest in self._own:
            return []
        return [row for row in extract(result.text) if row.reason is None]

    def drain(self) -> str:
        """Return the collected links, one per line, and forget them."""
        # The review judges again what has a doubt, so it needs the whole line.
        text = "\n".join(row.source if row.doubt else row.text for row in self._links)
        self._links = []
        return text


def _hash(text: str) -> int:
    # xclip returns a text with its line ends unchanged, other tools do not.
    return hash(tuple(text.split()))


class ClipboardController:
    """Reads, watches and writes the user's clipboards, and tells the user what came of it."""

    def __init__(
        self,
        app: App[Any],
        environ: Mapping[str, str],
        settings: Clipboard,
        *,
        terminal: Terminal,
        write_query: Callable[[str], None] | None,
    ) -> None:
        """`write_query` sends a query to the terminal; None if its replies cannot be read."""
        self._app = app
        self._environ = environ
        self._terminal = terminal
        self._tmux = Tmux(environ) if environ.get("TMUX") else None
        self._write_query = write_query if settings.osc52_query else None
        names = (environ.get(name, "") for name in ("TERM", "TERM_PROGRAM", "LC_TERMINAL"))
        self._is_known_to_reply = any(
            name.lower().removeprefix("xterm-").startswith(_REPLYING) for name in names
        )
        self._asked: list[asyncio.Future[ClipboardResult]] = []
        self.watcher = ClipboardWatcher(self.read_machine, settings.interval_s)
        self._copied = ""
        self._watch_unavailable = unavailable_reason(environ)
        self.should_watch = settings.watch and self._watch_unavailable is None
        self.is_watching = False
        self.on_change: Callable[[], object] = lambda: None
        """Called when the watch begins, has collected links, or ends."""

    def on_reply(self, reply: TerminalReply) -> None:
        """Take the terminal's reply, unless nobody awaits it any more."""
        self._asked = [answer for answer in self._asked if not answer.done()]
        if self._asked and (result := parse_clipboard(reply)) is not None:
            self._asked[0].set_result(result)

    async def read(self) -> str:
        """Return the clipboard's text if it has links; if not, notify the user, return nothing."""
        text = await self.read_text()
        if text and not await asyncio.to_thread(has_addresses, text):
            self._notify(_("There is no link in the clipboard."))
            return ""
        return text

    async def read_text(self) -> str:
        """Return the clipboard's text; if there is none, notify the user and return nothing."""
        result = await self.read_any()
        if result.failure is not None:
            self._notify(clipboard_text(result.failure), severity="warning")
            return ""
        return result.text

    async def read_any(self) -> ClipboardResult:
        """Return the user's clipboard, that of this machine or of the terminal."""
        result = await self.read_machine()
        if not result.is_failure:
            return result
        if self._tmux is not None:
            return await self._reply(self._tmux.read())
        if self._write_query is None:
            return result
        if self._is_known_to_reply:
            self._asked.append(asyncio.get_running_loop().create_future())
            self._write_query(QUERY_CLIPBOARD)
            return await self._reply(self._asked[-1])
        is_remote = result.failure is ClipboardFailure.REMOTE
        return ClipboardResult(failure=ClipboardFailure.NO_ACCESS) if is_remote else result

    async def _reply(self, reply: Awaitable[ClipboardResult]) -> ClipboardResult:
        """Return a terminal's reply; the terminal may ask the user first, as a hint says."""
        waits = _("The terminal was asked for its clipboard: allow that if it asks you.")
        hint = join_sentences(waits, paste_hint())
        hinting = asyncio.get_running_loop().call_later(HINT_DELAY_S, self._notify, hint)
        try:
            return await asyncio.wait_for(reply, PERMISSION_TIMEOUT_S)
        except TimeoutError:
            return ClipboardResult(failure=ClipboardFailure.NO_ACCESS)
        finally:
            hinting.cancel()

    async def read_machine(self) -> ClipboardResult:
        """Return this machine's clipboard, if the user is sitting at this machine."""
        return await read_local(await self._current_environ())

    async def _current_environ(self) -> Mapping[str, str]:
        return self._environ if self._tmux is None else await self._tmux.current_environ()

    async def write(self, text: str) -> bool:
        """Send `text` to every clipboard that may be the user's; return whether there was one."""
        in_terminal = self._terminal.copy(text)
        in_tmux = self._tmux is not None and await self._tmux.write(text)
        return await write_local(text, await self._current_environ()) or in_tmux or in_terminal

    def set_watch(self, *, is_wanted: bool) -> None:
        if not is_wanted:
            self.is_watching = False
            self._app.workers.cancel_group(self._app, WATCH_GROUP)
            self.on_change()
        elif reason := self.disabled_reason:
            if len(self._app.screen_stack) == 1:  # the settings show it below the switch
                self._notify(reason, severity="warning")
        elif not self.is_watching:
            self._app.run_worker(self.watch(), group=WATCH_GROUP, exclusive=True)

    async def watch(self) -> None:
        """Watch until it has failed too often, or whoever clears `is_watching` cancels this."""
        self.is_watching = True
        self.on_change()
        failure = await self.watcher.run(self.on_change)
        self.is_watching = False
        self.on_change()
        stopped = _("The clipboard is no longer watched.")
        self._notify(join_sentences(stopped, clipboard_text(failure)), severity="warning")

    def take_collected(self) -> str:
        collected = self.watcher.drain()
        self.on_change()
        return collected

    @property
    def disabled_reason(self) -> str:
        """Why the clipboard cannot be watched; empty if it can be."""
        failure = self._watch_unavailable
        cannot = _("The clipboard cannot be watched.")
        return join_sentences(cannot, clipboard_text(failure)) if failure else ""

    async def copy(self, text: str, title: str, also: str = "") -> None:
        """Copy `text`, the second time show it for selection by hand; the message says `also`."""
        if not text:
            self._notify(_("There is nothing to copy."))
            return
        self.watcher.ignore(text)
        is_repeated, self._copied = text == self._copied, text
        if is_repeated or not await self.write(text):
            self._copied = ""
            shown = TextScreen(title, text, release_mouse=self._terminal.release_mouse)
            await self._app.push_screen(shown)
            if also:
                self._notify(also, timeout_s=ALSO_S)
            return
        sent = _("{what} sent to the terminal's clipboard.").format(what=title)
        again = _("If the text did not arrive, press the key again to select it by hand.")
        self._notify(join_sentences(sent, also or again), timeout_s=ALSO_S if also else None)

    def _notify(
        self, text: str, *, severity: SeverityLevel = "information", timeout_s: float | None = None
    ) -> None:
        self._app.notify(text, severity=severity, timeout=timeout_s, markup=False)
