"""Keys of the add screen that bring text from elsewhere: out of a file, out of the clipboard."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.events import Paste
from textual.getters import query_one
from textual.screen import Screen

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.add_links.link_editor import LinkEditor
from pan123_tui.ui.add_links.link_file import UnusableFile, complete_path, read_link_file
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.widgets.form_fields import FormField
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.text_input import NameInput
from pan123_tui.wording.formats import number

COMPLETION_TIMEOUT_S = 1.0
"""Longest wait for the names in a folder, such as one on a server that is gone."""
_MAX_NAMES = 12
"""Names that are shown for one path."""

OpenedFile = tuple[Path, str]
"""A path and the text of its file."""


class PathInput(NameInput):
    """An input for the path of a file that is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("open file"), id="file.open"),
    ]


class OpenFileScreen(Dialog[OpenedFile | None]):
    """Returns the file whose path was entered, or None if cancelled; a wrong path stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", N_("complete"), id="file.complete"),
        Binding("escape", "cancel", N_("back"), id="file.cancel"),
    ]

    field = query_one(FormField)
    _is_reading = False

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="open-file-box", classes="dialog") as box:
            box.border_title = _("Open a file of links")
            example = _("e.g. {example}").format(example="~/urls.txt")
            yield FormField(_("Path"), PathInput(placeholder=example, compact=True))
            yield KeyBar()

    def on_input_changed(self) -> None:
        self.field.say()

    def on_input_submitted(self) -> None:
        """Open the file, or show why it cannot be."""
        typed = self.field.input.value
        if not typed.strip():
            self.field.say(hint=_("Type a path; tab completes it."))
        elif not self._is_reading:
            self._is_reading = True
            self._open(typed)

    async def action_complete(self) -> None:
        """Complete the path before the cursor, or show the names that it may become."""
        field = self.field.input
        before, after = field.value[: field.cursor_position], field.value[field.cursor_position :]
        try:
            look = asyncio.to_thread(complete_path, before)
            text, names = await asyncio.wait_for(look, COMPLETION_TIMEOUT_S)
        except TimeoutError:
            self.field.say(warning=_("The folder does not answer."))
            return
        if text != before:
            field.value = text + after
            field.cursor_position = len(text)
        elif len(names) > 1:
            self.field.say(hint=_listed(names))
        elif not names:
            self.field.say(warning=_("Nothing begins with that."))

    @work(group="open-file")
    async def _open(self, typed: str) -> None:
        try:
            self.close(await asyncio.to_thread(read_link_file, typed))
        except UnusableFile as error:
            self.field.say(error=str(error))
        finally:
            self._is_reading = False


class TextSources(Screen[int]):
    """A screen with an editor that takes text out of files and out of the clipboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+r",
            "open_file",
            N_("open file"),
            id="add.open_file",
            tooltip=N_("Add the text of a file"),
        ),
        Binding(
            "ctrl+v",
            "take_clipboard",
            N_("clipboard"),
            id="add.clipboard",
            tooltip=N_("Add the whole text of the clipboard"),
        ),
    ]

    editor = query_one("#add-links", LinkEditor)

    def __init__(self, read_clipboard: Callable[[], Awaitable[str]] | None) -> None:
        """`read_clipboard` returns the clipboard's text, "" after it has told the user why not."""
        super().__init__()
        self._read_clipboard = read_clipboard

    def on_paste(self, event: Paste) -> None:
        """Add a paste that no widget has handled, such as one over the review list."""
        event.stop()
        self.editor.append_text(event.text)

    @work(group="open-file", exclusive=True)
    async def action_open_file(self) -> None:
        if opened := await self.app.push_screen_wait(OpenFileScreen()):
            path, text = opened
            self.editor.append_text(text)
            self.editor.focus()
            self.notify(
                sanitize(_("{name} was read: see the review.").format(name=path.name)), markup=False
            )

    @work(group="take-clipboard", exclusive=True)
    async def action_take_clipboard(self) -> None:
        """Insert what was cut last, once, else the clipboard or what stands in for it."""
        text = self.editor.take_cut()
        if not text and self._read_clipboard:
            text = await self._read_clipboard()
        if text := text or self.app.clipboard:
            self.editor.insert_text(text)
            self.editor.focus()


def _listed(names: Sequence[str]) -> str:
    """Return the first of `names`, and how many more there are."""
    shown = [sanitize(name, 40) for name in names[:_MAX_NAMES]]
    if more := len(names) - len(shown):
        shown.append(_("and {count} more").format(count=number(more)))
    return "  ".join(shown)
