"""The clipboard desk: reads, watches and copies for the screen, and says what came of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.app import App

from pan123_tui.config_sections import DEFAULT_BASE_URL, Clipboard
from pan123_tui.domain.curl import curl_command
from pan123_tui.domain.links import RefusalReason, extract
from pan123_tui.domain.task import Draft
from pan123_tui.i18n import _
from pan123_tui.ui.clipboard.mechanism import why_no_watch
from pan123_tui.ui.clipboard.questions import Questions
from pan123_tui.ui.clipboard.reading import Fault, advice, explain
from pan123_tui.ui.clipboard.roads import ClipboardRoads
from pan123_tui.ui.clipboard.watcher import ClipboardWatcher
from pan123_tui.ui.intake.sorter import Replied
from pan123_tui.ui.screens.text import TextScreen
from pan123_tui.ui.terminal import Terminal


class ClipboardDesk:
    """Knows whether the watch runs and what was copied last; the roads do the rest."""

    def __init__(
        self,
        app: App[Any],
        roads: ClipboardRoads,
        watcher: ClipboardWatcher,
        *,
        why_no_watch: Fault | None,
        base_url: str = DEFAULT_BASE_URL,
        questions: Questions | None = None,
        is_watch_wanted: bool = False,
        release_mouse: Callable[[bool], None] | None = None,
    ) -> None:
        """Take `why_no_watch`, which the environment tells; None: the watch may run.

        `base_url` is the service that a copied curl command talks to, `questions` are those that
        the roads put to the terminal.
        """
        self._app = app
        self._roads = roads
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

    def take(self) -> str:
        """Give what was collected, for the tray."""
        return self._watcher.take()

    def hear(self, reply: Replied) -> None:
        """Take an answer of the terminal."""
        if self._questions is not None:
            self._questions.hear(reply)

    async def read_now(self) -> str:
        """Give the clipboard's text if there are links in it; else say why not, and give none."""
        reading = await self._roads.read(on_wait=self._say_that_it_waits)
        if reading.fault is not None:
            self._say(explain(reading.fault), severity="warning")
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
        self._say(f"{stopped} {explain(fault)}", severity="warning")

    def stop_watching(self) -> None:
        """Count the watch as ended."""
        self._watch = None

    @property
    def excuse(self) -> str:
        """Say why the clipboard cannot be watched here; empty: it can."""
        if self.why_no_watch is None:
            return ""
        cannot = _("The clipboard cannot be watched.")
        return f"{cannot} {explain(self.why_no_watch)}"

    async def copy(self, text: str, title: str) -> None:
        """Send `text` to every clipboard; asked twice for the same, show it to be selected."""
        if not text:
            self._say(_("There is nothing to copy."))
            return
        self._watcher.ignore(text)
        is_asked_again, self._copied = text == self._copied, text
        if is_asked_again or not await self._roads.write(text):
            self._copied = ""
            await self._app.push_screen(TextScreen(title, text, release_mouse=self._release_mouse))
            return
        sent = _("{what} sent to the terminal's clipboard.").format(what=title)
        again = _("If it did not arrive, press the key again to select it by hand.")
        self._say(f"{sent} {again}")

    async def copy_curl(self, drafts: Sequence[Draft]) -> None:
        """Copy the commands that would create the tasks of `drafts`."""
        commands = [curl_command(draft, self._base_url) for draft in drafts]
        await self.copy("\n\n".join(commands), _("curl command"))

    def _say_that_it_waits(self) -> None:
        waits = _("The terminal was asked for its clipboard: allow it there if it asks you.")
        self._say(f"{waits} {_('Or:')} {advice()}")

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
) -> ClipboardDesk:
    """Open the desk for a program with the variables `environ`.

    `ask` writes a question to a terminal whose answers are heard; None: there is none.
    """
    questions = None if ask is None or not rules.osc52_query else Questions(ask)
    roads = ClipboardRoads(environ, questions=questions, copy_to_terminal=terminal.copy)
    return ClipboardDesk(
        app,
        roads,
        ClipboardWatcher(roads.read_machine, rules),
        why_no_watch=why_no_watch(environ),
        base_url=base_url,
        questions=questions,
        is_watch_wanted=rules.watch,
        release_mouse=terminal.release_mouse,
    )


def _is_for_tray(text: str) -> bool:
    """Tell whether `text` has links, or what somebody may have taken for one."""
    harvest = extract(text)
    shown = (RefusalReason.NO_LINK, RefusalReason.BLANK)
    return bool(harvest.links) or any(it.reason not in shown for it in harvest.refused)
