"""The user's clipboard: read on this machine, written by every means that may work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from pan123_tui.config.schema import Clipboard
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.i18n import _, join_sentences
from pan123_tui.system.clipboard import (
    ClipboardFailure,
    ClipboardReader,
    ClipboardResult,
    read_local,
    unavailable_reason,
    write_local,
)
from pan123_tui.system.processes import run_command
from pan123_tui.terminal.escape_codes import Terminal
from pan123_tui.wording.actions import clipboard_text

COMMAND_TIMEOUT_S = 2.0
ALSO_S = 10.0
"""How long a message is shown that says more than that something was copied."""
MAX_FAILURES = 5
WATCH_GROUP = "clipboard watch"


class ClipboardWatcher:
    """Collects new links by polling; skips what was there first, and what this program copied.

    It stores no text, only hashes keyed for this process.
    """

    def __init__(
        self, interval_s: float, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
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

    async def run(
        self, read: Callable[[], Awaitable[ClipboardResult]], on_collected: Callable[[], object]
    ) -> ClipboardFailure:
        """Poll until too many polls in a row have failed; return the last failure."""
        self._latest, self._failures = None, 0
        while True:
            result = await read()
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
        from pan123_tui.domain.links.extractor import extract  # noqa: PLC0415 - not for the start

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
    ) -> None:
        self._app = app
        self._environ = environ
        self._terminal = terminal
        self.watcher = ClipboardWatcher(settings.interval_s)
        self._copied = ""
        self._unavailable = unavailable_reason(environ)
        self.should_watch = settings.watch and self._unavailable is None
        self.is_watching = False
        self.on_change: Callable[[], object] = lambda: None
        """Called when the watch begins, has collected links, or ends."""

    async def read(self) -> str:
        """Return the clipboard's text if it has links; if not, notify the user, return nothing."""
        from pan123_tui.domain.links.extractor import has_addresses  # noqa: PLC0415 - as above

        text = await self.read_text()
        if text and not await asyncio.to_thread(has_addresses, text):
            self._notify(_("There is no link in the clipboard."))
            return ""
        return text

    async def read_text(self) -> str:
        """Return the clipboard's text; if there is none, notify the user and return nothing."""
        result = await self.read_machine()
        if result.failure is not None:
            self._notify(clipboard_text(result.failure), severity="warning")
            return ""
        return result.text

    async def read_machine(self) -> ClipboardResult:
        """Return this machine's clipboard, if the user is sitting at this machine."""
        return await read_local(self._environ)

    async def write(self, text: str) -> bool:
        """Send `text` to every clipboard that may be the user's; return whether there was one."""
        in_terminal = self._terminal.copy(text)
        in_tmux = await self._copy_to_tmux(text)
        return await write_local(text, self._environ) or in_tmux or in_terminal

    async def _copy_to_tmux(self, text: str) -> bool:
        """Put `text` into a buffer of tmux, which sends it to the outer terminal if it can."""
        if not self._environ.get("TMUX"):
            return False
        written = await run_command(
            ("tmux", "load-buffer", "-w", "-"),
            environ=self._environ,
            timeout_s=COMMAND_TIMEOUT_S,
            stdin=text.encode("utf-8", "replace"),
        )
        return written.code == 0

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
        async with aclosing(ClipboardReader(self._environ)) as reader:
            failure = await self.watcher.run(reader.read, self.on_change)
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
        return clipboard_text(self._unavailable) if self._unavailable else ""

    async def copy(self, text: str, title: str, also: str = "") -> None:
        """Copy `text`, the second time show it for selection by hand; the message says `also`."""
        if not text:
            self._notify(_("There is nothing to copy."))
            return
        self.watcher.ignore(text)
        is_repeated, self._copied = text == self._copied, text
        if is_repeated or not await self.write(text):
            self._copied = ""
            from pan123_tui.ui.dialogs.prompts import TextScreen  # noqa: PLC0415 - as above

            shown = TextScreen(title, text, release_mouse=self._terminal.release_mouse)
            await self._app.push_screen(shown)
            if also:
                self._notify(also, timeout_s=ALSO_S)
            return
        sent = _("{what}: sent to the terminal's clipboard.").format(what=title)
        again = _("If the text did not arrive, press the key again to select it by hand.")
        self._notify(join_sentences(sent, also or again), timeout_s=ALSO_S if also else None)

    def _notify(
        self, text: str, *, severity: SeverityLevel = "information", timeout_s: float | None = None
    ) -> None:
        self._app.notify(text, severity=severity, timeout=timeout_s, markup=False)
