"""Actions that read and watch the clipboard and copy links to it."""

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_
from pan123_tui.wording.formats import count_links

if TYPE_CHECKING:
    from pan123_tui.ui.clipboard.controller import ClipboardController


CLIPBOARD_BINDINGS = (
    Binding(
        "p",
        "read_clipboard",
        N_("paste"),
        id="links.paste",
        tooltip=N_("Paste the links in the clipboard"),
        show=False,
    ),
    Binding(
        "w",
        "watch_clipboard",
        N_("watch clipboard"),
        id="links.watch",
        tooltip=N_("Watch the clipboard for links, or stop it"),
    ),
    Binding(
        "y",
        "copy_links",
        N_("copy"),
        id="links.copy",
        tooltip=N_("Copy the links of the marked tasks, or of this one"),
        show=False,
    ),
    Binding(
        "Y",
        "copy_failed",
        N_("copy failed"),
        id="links.copy_failed",
        tooltip=N_("Copy the links of all that failed"),
        show=False,
    ),
)


class HasClipboard(Protocol):
    """The application, which opens the clipboard when it is first used."""

    @property
    def clipboard_controller(self) -> "ClipboardController":
        """The controller of the clipboard."""


class ClipboardActions(Screen[None]):
    """A screen with clipboard actions; subclasses return what to copy and review pasted text."""

    def __init__(self, owner: HasClipboard) -> None:
        super().__init__()
        self._owner = owner

    @cached_property
    def _clipboard(self) -> "ClipboardController":
        return self._owner.clipboard_controller

    @property
    def watch_disabled_reason(self) -> str:
        """Why the clipboard cannot be watched; empty if it can or is not opened yet."""
        return self._clipboard.disabled_reason if "_clipboard" in self.__dict__ else ""

    def start_clipboard(self) -> None:
        """Open the clipboard, and watch it if the settings say so."""
        if self._clipboard.should_watch:
            self.watch_clipboard()
        self.refresh_bindings()

    def open_add_screen(self, text: str) -> None:
        """Review the links in `text`."""
        raise NotImplementedError

    def requests_to_copy(self) -> list[DownloadRequest]:
        """Return the requests of the marked tasks, else of the one under the cursor."""
        raise NotImplementedError

    def failed_links(self) -> list[str]:
        """Return the links of all failed tasks."""
        raise NotImplementedError

    def show_clipboard(self) -> None:
        """Show whether the clipboard is watched, and how many links were collected."""
        raise NotImplementedError

    def take_collected(self, text: str = "") -> str:
        """Return and clear what the watch has collected, before `text`."""
        collected = self._clipboard.drain()
        self.show_clipboard()
        return "\n".join(part for part in (collected, text) if part)

    @work(group="clipboard read", exclusive=True)
    async def action_read_clipboard(self) -> None:
        text = await self._clipboard.read()
        if text or self._clipboard.collected:
            self.open_add_screen(self.take_collected(text))

    def action_watch_clipboard(self) -> None:
        if self._clipboard.is_watching:
            self._clipboard.stop_watching()
            self.workers.cancel_group(self, "clipboard watch")
            self.show_clipboard()
        else:
            self.watch_clipboard()

    @work(group="clipboard watch", exclusive=True)
    async def watch_clipboard(self) -> None:
        """Watch the clipboard until cancelled, or until it fails."""
        await self._clipboard.watch(self.show_clipboard)

    @work(group="copy", exclusive=True)
    async def action_copy_links(self) -> None:
        await self._copy([draft.url for draft in self.requests_to_copy()])

    @work(group="copy", exclusive=True)
    async def action_copy_failed(self) -> None:
        await self._copy(self.failed_links())

    async def _copy(self, links: list[str]) -> None:
        await self._clipboard.copy("\n".join(links), count_links(len(links)))
