"""The clipboard desk: reads, watches and copies for the screen, and says what came of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.app import App

from pan123_tui.config.schema import DEFAULT_BASE_URL, Clipboard
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.shell_commands import curl_command
from pan123_tui.domain.links.url import RejectionReason
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import _
from pan123_tui.ui.clipboard.access import ClipboardAccess
from pan123_tui.ui.clipboard.local import why_no_watch
from pan123_tui.ui.clipboard.remote import TerminalQueries
from pan123_tui.ui.clipboard.result import ClipboardFailure, failure_hint, failure_text
from pan123_tui.ui.clipboard.watcher import ClipboardWatcher
from pan123_tui.ui.dialogs.text_view import TextScreen
from pan123_tui.ui.terminal.escape_codes import Terminal
from pan123_tui.ui.terminal.input_parser import TerminalReply


class ClipboardController:
    """Knows whether the watch runs and what was copied last; the roads do the rest."""

    def __init__(
        self,
        app: App[Any],
        access: ClipboardAccess,
        watcher: ClipboardWatcher,
        *,
        why_no_watch: ClipboardFailure | None,
        base_url: str = DEFAULT_BASE_URL,
        questions: TerminalQueries | None = None,
        is_watch_wanted: bool = False,
        release_mouse: Callable[[bool], None] | None = None,
    ) -> None:
        """Take `why_no_watch`, which the environment tells; None: the watch may run.

        `base_url` is the service that a copied curl command talks to, `questions` are those that
        the roads put to the terminal.
        """
        self._app = app
        self._access = access
        self._watcher = watcher
        self._release_mouse = release_mouse
        self._copied = ""
        self._base_url = base_url
        self._questions = questions
        self.why_no_watch = why_no_watch
        self.starts_watching = is_watch_wanted and why_no_watch is None
        self._watch: object | None = None

    @property
    def is_watching(self) -> bool:
        """Whether the clipboard is watched."""
        return self._watch is not None

    @property
    def collected(self) -> int:
        """How many links the watch has collected."""
        return self._watcher.collected

    def collect(self) -> str:
        """Give what was collected, for the tray."""
        return self._watcher.drain()

    def on_reply(self, reply: TerminalReply) -> None:
        """Take an answer of the terminal."""
        if self._questions is not None:
            self._questions.on_reply(reply)

    async def read_now(self) -> str:
        """Give the clipboard's text if there are links in it; else say why not, and give none."""
        reading = await self._access.read(on_wait=self._say_that_it_waits)
        if reading.failure is not None:
            self._say(failure_text(reading.failure), severity="warning")
            return ""
        if not await asyncio.to_thread(_is_for_tray, reading.text):
            self._say(_("There is no link in the clipboard."))
            return ""
        return reading.text

    async def watch(self, on_change: Callable[[], None]) -> None:
        """Watch until cancelled, or until the clipboard has failed too often; then say so.

        Whoever cancels it says `stop_watching` first: it may take a moment to end.
        """
        mine = self._watch = object()
        on_change()
        try:
            fault = await self._watcher.run(on_change)
        finally:
            if self._watch is mine:
                self.stop_watching()
        on_change()
        stopped = _("The clipboard is no longer watched.")
        self._say(f"{stopped} {failure_text(fault)}", severity="warning")

    def stop_watching(self) -> None:
        """Count the watch as ended."""
        self._watch = None

    @property
    def disabled_reason(self) -> str:
        """Say why the clipboard cannot be watched here; empty: it can."""
        if self.why_no_watch is None:
            return ""
        cannot = _("The clipboard cannot be watched.")
        return f"{cannot} {failure_text(self.why_no_watch)}"

    async def copy(self, text: str, title: str) -> None:
        """Send `text` to every clipboard; asked twice for the same, show it to be selected."""
        if not text:
            self._say(_("There is nothing to copy."))
            return
        self._watcher.ignore(text)
        is_asked_again, self._copied = text == self._copied, text
        if is_asked_again or not await self._access.write(text):
            self._copied = ""
            await self._app.push_screen(TextScreen(title, text, release_mouse=self._release_mouse))
            return
        sent = _("{what} sent to the terminal's clipboard.").format(what=title)
        again = _("If it did not arrive, press the key again to select it by hand.")
        self._say(f"{sent} {again}")

    async def copy_curl(self, drafts: Sequence[DownloadRequest]) -> None:
        """Copy the commands that would create the tasks of `drafts`."""
        commands = [curl_command(draft, self._base_url) for draft in drafts]
        await self.copy("\n\n".join(commands), _("curl command"))

    def _say_that_it_waits(self) -> None:
        waits = _("The terminal was asked for its clipboard: allow it there if it asks you.")
        self._say(f"{waits} {_('Or:')} {failure_hint()}")

    def _say(self, text: str, *, severity: Any = "information") -> None:
        self._app.notify(text, severity=severity, markup=False)


def open_clipboard(
    app: App[Any],
    environ: Mapping[str, str],
    rules: Clipboard,
    *,
    base_url: str,
    terminal: Terminal,
    ask: Callable[[str], None] | None,
) -> ClipboardController:
    """Open the desk for a program with the variables `environ`.

    `ask` writes a question to a terminal whose answers are heard; None: there is none.
    """
    questions = None if ask is None or not rules.osc52_query else TerminalQueries(ask)
    access = ClipboardAccess(environ, questions=questions, copy_to_terminal=terminal.copy)
    return ClipboardController(
        app,
        access,
        ClipboardWatcher(access.read_machine, rules),
        why_no_watch=why_no_watch(environ),
        base_url=base_url,
        questions=questions,
        is_watch_wanted=rules.watch,
        release_mouse=terminal.release_mouse,
    )


def _is_for_tray(text: str) -> bool:
    """Tell whether `text` has links, or what somebody may have taken for one."""
    extraction = extract(text)
    shown = (RejectionReason.NO_LINK, RejectionReason.BLANK)
    return bool(extraction.links) or any(it.reason not in shown for it in extraction.rejected)
