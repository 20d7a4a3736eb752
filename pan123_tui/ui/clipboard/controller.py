"""Reads, watches and copies for the screen, and shows the results to the user."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from textual.app import App

from pan123_tui.config.schema import Clipboard
from pan123_tui.domain.links.extractor import has_addresses
from pan123_tui.i18n import _, join_sentences
from pan123_tui.ui.clipboard.access import ClipboardAccess, TerminalQueries
from pan123_tui.ui.clipboard.local import failure_hint, failure_text, watch_unavailable_reason
from pan123_tui.ui.clipboard.watcher import ClipboardWatcher
from pan123_tui.ui.dialogs.prompts import TextScreen
from pan123_tui.ui.terminal.escape_codes import Terminal
from pan123_tui.ui.terminal.input_parser import TerminalReply


class ClipboardController:
    """Holds whether the watch runs and what was copied last."""

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
        self._watcher = ClipboardWatcher(
            partial(self._access.read_machine, is_watch=True), settings
        )
        self._release_mouse = terminal.release_mouse
        self._copied = ""
        self._watch_unavailable = watch_unavailable_reason(environ)
        self.should_watch = settings.watch and self._watch_unavailable is None
        self._watch: object | None = None
        """Identifies the current watch."""

    @property
    def is_watching(self) -> bool:
        """Whether the clipboard is watched."""
        return self._watch is not None

    @property
    def collected(self) -> int:
        """The number of links that the watch has collected."""
        return self._watcher.collected

    def drain(self) -> str:
        """Return the collected links and forget them."""
        return self._watcher.drain()

    def on_reply(self, reply: TerminalReply) -> None:
        """Handle a reply of the terminal."""
        if self._queries is not None:
            self._queries.on_reply(reply)

    async def read(self) -> str:
        """Return the clipboard's text if it has links; else notify the user and return nothing."""
        text = await self.read_text()
        if text and not await asyncio.to_thread(has_addresses, text):
            self._notify(_("There is no link in the clipboard."))
            return ""
        return text

    async def read_text(self) -> str:
        """Return the clipboard's text; if there is none, notify the user and return nothing."""
        result = await self._access.read(on_wait=self._notify_wait)
        if result.failure is not None:
            self._notify(failure_text(result.failure), severity="warning")
            return ""
        return result.text

    async def watch(self, on_change: Callable[[], None]) -> None:
        """Watch until cancelled, or until the clipboard has failed too often.

        Call `stop_watching` before cancelling it, because it may take a moment to end.
        """
        watch = self._watch = object()
        on_change()
        try:
            failure = await self._watcher.run(on_change)
        finally:
            if self._watch is watch:
                self.stop_watching()
        on_change()
        stopped = _("The clipboard is no longer watched.")
        self._notify(join_sentences(stopped, failure_text(failure)), severity="warning")

    def stop_watching(self) -> None:
        """Mark the watch as ended."""
        self._watch = None

    @property
    def disabled_reason(self) -> str:
        """Why the clipboard cannot be watched; empty if it can."""
        if self._watch_unavailable is None:
            return ""
        cannot = _("The clipboard cannot be watched.")
        return join_sentences(cannot, failure_text(self._watch_unavailable))

    async def copy(self, text: str, title: str) -> None:
        """Copy `text` to every clipboard; the second time, show it for selection by hand."""
        if not text:
            self._notify(_("There is nothing to copy."))
            return
        self._watcher.ignore(text)
        is_repeated, self._copied = text == self._copied, text
        if is_repeated or not await self._access.write(text):
            self._copied = ""
            await self._app.push_screen(TextScreen(title, text, release_mouse=self._release_mouse))
            return
        sent = _("{what} sent to the terminal's clipboard.").format(what=title)
        again = _("If the text did not arrive, press the key again to select it by hand.")
        self._notify(join_sentences(sent, again))

    def _notify_wait(self) -> None:
        waits = _("The terminal was asked for its clipboard: allow that if the terminal asks you.")
        self._notify(join_sentences(waits, failure_hint()))

    def _notify(self, text: str, *, severity: Any = "information") -> None:
        self._app.notify(text, severity=severity, markup=False)
