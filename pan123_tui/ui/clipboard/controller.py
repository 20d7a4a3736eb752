"""The clipboard, as the screens use it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from pan123_tui.config.schema import Clipboard
from pan123_tui.domain.links.extractor import extract, has_addresses
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.i18n import _, join_sentences
from pan123_tui.system.clipboard import ClipboardFailure, ClipboardResult, unavailable_reason
from pan123_tui.terminal.escape_codes import Terminal
from pan123_tui.terminal.input_parser import TerminalReply
from pan123_tui.ui.clipboard.access import ClipboardAccess, TerminalQueries
from pan123_tui.ui.dialogs.prompts import TextScreen
from pan123_tui.wording.actions import clipboard_text, paste_hint

MAX_INTERVAL_S = 5.0
ALSO_S = 10.0
"""How long a message is shown that says more than that something was copied."""
BACKOFF_FACTOR = 1.25
"""Each poll without a change lengthens the interval by this factor."""
MAX_FAILURES = 5
WATCH_GROUP = "clipboard watch"


class ClipboardWatcher:
    """Polls the clipboard and collects its new links until they are drained.

    It stores no text, only hashes keyed for this process. The contents at the first poll, and
    anything that this program copied, are skipped.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[ClipboardResult]],
        interval_s: float,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._read = read
        self._shortest_s = interval_s
        self._sleep = sleep
        self._latest: int | None = None
        self._own: set[int] = set()
        self._links: list[ReviewRow] = []
        self._failures = 0
        self.interval_s = interval_s
        """Seconds until the next poll; grows while nothing changes."""

    @property
    def collected(self) -> int:
        return len(self._links)

    def ignore(self, text: str) -> None:
        """Skip `text`, which this program copied itself."""
        self._own.add(_hash(text))

    async def run(self, on_collected: Callable[[], object]) -> ClipboardFailure:
        """Poll until too many polls in a row have failed; return the last failure."""
        self._latest, self._failures, self.interval_s = None, 0, self._shortest_s
        while True:
            result = await self._read()
            links = await asyncio.to_thread(self.update, result)
            if result.failure and self._failures >= MAX_FAILURES:
                return result.failure
            if links:
                self._links += links
                on_collected()
            await self._sleep(self.interval_s)

    def update(self, result: ClipboardResult) -> list[ReviewRow]:
        """Return the new links in `result`."""
        self._failures = self._failures + 1 if result.is_failure else 0
        former = self._latest
        self._latest = former if result.is_failure else _hash(result.text)
        if former is None or former == self._latest:
            longest_s = max(MAX_INTERVAL_S, self._shortest_s)
            self.interval_s = min(self.interval_s * BACKOFF_FACTOR, longest_s)
            return []
        self.interval_s = self._shortest_s
        is_own = self._latest in self._own
        return [] if is_own else [row for row in extract(result.text) if row.reason is None]

    def drain(self) -> str:
        """Return the collected links, one per line, and forget them."""
        # The review judges again what is doubtful, so it needs the whole line.
        text = "\n".join(row.source if row.doubt else row.text for row in self._links)
        self._links = []
        return text


def _hash(text: str) -> int:
    # xclip returns a text with its line ends unchanged, other tools do not.
    return hash(tuple(text.split()))


class ClipboardController:
    """Reads, watches and copies for the screen, and tells the user what came of it."""

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
        queries = TerminalQueries(write_query) if write_query and settings.osc52_query else None
        self._app = app
        self._queries = queries
        self._access = ClipboardAccess(environ, queries=queries, copy_to_terminal=terminal.copy)
        self.watcher = ClipboardWatcher(self._access.read_machine, settings.interval_s)
        self._release_mouse = terminal.release_mouse
        self._copied = ""
        self._watch_unavailable = unavailable_reason(environ)
        self.should_watch = settings.watch and self._watch_unavailable is None
        self.is_watching = False
        self.on_change: Callable[[], object] = lambda: None
        """Called when the watch begins, has collected links, or ends."""

    def on_reply(self, reply: TerminalReply) -> None:
        if self._queries is not None:
            self._queries.on_reply(reply)

    async def read(self) -> str:
        """Return the clipboard's text if it has links; if not, notify the user, return nothing."""
        text = await self.read_text()
        if text and not await asyncio.to_thread(has_addresses, text):
            self._notify(_("There is no link in the clipboard."))
            return ""
        return text

    async def read_text(self) -> str:
        """Return the clipboard's text; if there is none, notify the user and return nothing."""
        result = await self._access.read(on_wait=self._notify_wait)
        if result.failure is not None:
            self._notify(clipboard_text(result.failure), severity="warning")
            return ""
        return result.text

    def set_watch(self, *, is_wanted: bool) -> None:
        """Start or stop watching, or say why the clipboard cannot be watched."""
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
        """Return and forget the links that the watch has collected."""
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
        if is_repeated or not await self._access.write(text):
            self._copied = ""
            await self._app.push_screen(TextScreen(title, text, release_mouse=self._release_mouse))
            if also:
                self._notify(also, timeout_s=ALSO_S)
            return
        sent = _("{what} sent to the terminal's clipboard.").format(what=title)
        again = _("If the text did not arrive, press the key again to select it by hand.")
        self._notify(join_sentences(sent, also or again), timeout_s=ALSO_S if also else None)

    def _notify_wait(self) -> None:
        waits = _("The terminal was asked for its clipboard: allow that if it asks you.")
        self._notify(join_sentences(waits, paste_hint()))

    def _notify(
        self, text: str, *, severity: SeverityLevel = "information", timeout_s: float | None = None
    ) -> None:
        self._app.notify(text, severity=severity, timeout=timeout_s, markup=False)
