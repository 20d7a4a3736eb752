"""The keys of a screen that read, watch and fill the clipboard."""

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
        tooltip=N_("Add the links in the clipboard"),
        show=False,
    ),
    Binding(
        "w",
        "watch_clipboard",
        N_("watch"),
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
    """The application, as far as the keys need it: the clipboard is opened when it is wanted."""

    @property
    def clipboard_controller(self) -> "ClipboardController":
        """What reads, watches and fills the clipboard."""


class ClipboardActions(Screen[None]):
    """A screen with a clipboard desk; it says what is to be copied and where pastes go."""

    def __init__(self, owner: HasClipboard) -> None:
        super().__init__()
        self._owner = owner

    @cached_property
    def _clipboard(self) -> "ClipboardController":
        return self._owner.clipboard_controller

    @property
    def why_no_watch(self) -> str:
        """Say why the clipboard cannot be watched; empty: it can, or nobody has looked yet."""
        return self._clipboard.disabled_reason if "_clipboard" in self.__dict__ else ""

    def begin_with_clipboard(self) -> None:
        """Look at what the clipboard can do here, and watch it where that is wanted."""
        if self._clipboard.should_watch:
            self.watch_clipboard()
        self.refresh_bindings()

    def open_add_screen(self, text: str) -> None:
        """Have what is in `text` reviewed."""
        raise NotImplementedError

    def drafts_to_copy(self) -> list[DownloadRequest]:
        """Give what is marked, or under the cursor."""
        raise NotImplementedError

    def failed_links(self) -> list[str]:
        """Give the links of all that failed."""
        raise NotImplementedError

    def show_clipboard(self) -> None:
        """Show whether the watch runs, and how much it has collected."""
        raise NotImplementedError

    def take_collected(self, text: str = "") -> str:
        """Give what the watch has collected, before `text`."""
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
        """Watch until the key is pressed again, or the clipboard fails."""
        await self._clipboard.watch(self.show_clipboard)

    @work(group="copy", exclusive=True)
    async def action_copy_links(self) -> None:
        await self._copy([draft.url for draft in self.drafts_to_copy()])

    @work(group="copy", exclusive=True)
    async def action_copy_failed(self) -> None:
        await self._copy(self.failed_links())

    @work(group="copy", exclusive=True)
    async def action_copy_curl(self) -> None:
        await self._clipboard.copy_curl(self.drafts_to_copy())

    async def _copy(self, links: list[str]) -> None:
        await self._clipboard.copy("\n".join(links), count_links(len(links)))
