"""The clipboard desk: reads, watches and copies for the screen, and says what came of it."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App

from pan123_tui.domain.links import RefusalReason, extract
from pan123_tui.i18n import _
from pan123_tui.ui.clipboard.reading import Fault, advice, explain
from pan123_tui.ui.clipboard.roads import ClipboardRoads
from pan123_tui.ui.clipboard.watcher import ClipboardWatcher
from pan123_tui.ui.screens.text import TextScreen


class ClipboardDesk:
    """Knows whether the watch runs and what was copied last; the roads do the rest."""

    def __init__(
        self,
        app: App[Any],
        roads: ClipboardRoads,
        watcher: ClipboardWatcher,
        *,
        why_no_watch: Fault | None,
        release_mouse: Callable[[bool], None] | None = None,
    ) -> None:
        """Take `why_no_watch`, which the environment tells; None: the watch may run."""
        self._app = app
        self._roads = roads
        self._watcher = watcher
        self._release_mouse = release_mouse
        self._copied = ""
        self.why_no_watch = why_no_watch
        self.is_watching = False

    @property
    def collected(self) -> int:
        """How many links the watch has collected."""
        return self._watcher.collected

    def take(self) -> str:
        """Give what was collected, for the tray."""
        return self._watcher.take()

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
        """Watch until cancelled, or until the clipboard has failed too often; then say so."""
        self.is_watching = True
        on_change()
        try:
            fault = await self._watcher.run(on_change)
        finally:
            self.is_watching = False
            on_change()
        stopped = _("The clipboard is no longer watched.")
        self._say(f"{stopped} {explain(fault)}", severity="warning")

    def explain_no_watch(self) -> None:
        """Say why the clipboard cannot be watched here."""
        if self.why_no_watch is not None:
            cannot = _("The clipboard cannot be watched.")
            self._say(f"{cannot} {explain(self.why_no_watch)}", severity="warning")

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

    def _say_that_it_waits(self) -> None:
        waits = _("The terminal was asked for its clipboard: allow it there if it asks you.")
        self._say(f"{waits} {_('Or:')} {advice()}")

    def _say(self, text: str, *, severity: Any = "information") -> None:
        self._app.notify(text, severity=severity, markup=False)


def _is_for_tray(text: str) -> bool:
    """Tell whether `text` has links, or what somebody may have taken for one."""
    harvest = extract(text)
    shown = (RefusalReason.NO_LINK, RefusalReason.BLANK)
    return bool(harvest.links) or any(it.reason not in shown for it in harvest.refused)
