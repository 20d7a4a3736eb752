"""The draft of the add screen: saved as it is typed, kept or discarded as the screen is left."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.messages import Prune
from textual.widgets import Button

from pan123_tui.config.state_files import Draft, DraftFile
from pan123_tui.i18n import N_, _
from pan123_tui.ui.add_links.common_fields import CommonFields
from pan123_tui.ui.add_links.text_sources import TextSources
from pan123_tui.ui.alarms import call_after
from pan123_tui.ui.dialogs.prompts import ConfirmScreen, button_label

SAVE_DELAY_S = 0.5
"""Pause after the last change before the draft is saved."""


class DiscardScreen(ConfirmScreen):
    """Returns True to leave, with the draft where `keeps_draft` is set, and False to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save_draft", N_("save draft"), id="confirm.draft"),
    ]

    def __init__(self, *, detail: str) -> None:
        """`detail` names what is not queued yet."""
        super().__init__(
            _("Discard what you have typed?"),
            yes=_("Discard"),
            no=_("Keep editing"),
            detail=detail,
        )
        self.keeps_draft = False

    def buttons(self) -> Iterator[Button]:
        """Yield the buttons, that for the draft in the middle."""
        no, yes = super().buttons()
        yield from (no, Button(button_label("s", _("Save draft")), id="draft", compact=True), yes)

    def action_save_draft(self) -> None:
        self.keeps_draft = True
        self.action_answer(True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "draft":
            event.stop()
            event.prevent_default()
            self.action_save_draft()


class DraftSources(TextSources):
    """A screen whose text and fields are on disk until they are queued or discarded."""

    common_fields = query_one("#add-common", CommonFields)

    def __init__(
        self, draft_file: Path | None, read_clipboard: Callable[[], Awaitable[str]] | None
    ) -> None:
        """Without `draft_file` nothing is saved."""
        super().__init__(read_clipboard)
        self._draft_file = DraftFile(draft_file) if draft_file else None
        self._save_timer: asyncio.TimerHandle | None = None
        self._draft: Draft | None = None  # until that of an earlier time is entered
        self._had_text = False
        self._restored = ""

    @on(Prune)
    def take_last_changes(self) -> None:
        """Take over the last keys, whose messages have not come, while the fields are there."""
        if self._draft is not None:
            self._take_draft()

    def on_unmount(self) -> None:
        self._write()

    def restore_draft(self, text: str) -> None:
        """Enter the draft of an earlier time, then `text`."""
        draft = self._draft_file.read() if self._draft_file else Draft()
        if draft.text.strip():
            self.common_fields.fill(draft.fields)
        if draft.text.strip() != text.strip():
            self.editor.append_text(draft.text)
        self.editor.append_text(text)
        self._restored = self.editor.all_text if draft.text.strip() else ""
        self._take_draft()

    @property
    def has_draft_only(self) -> bool:
        """Whether the text is still the restored one."""
        return bool(self._restored) and self.editor.all_text == self._restored

    def save_draft(self) -> None:
        """Save the text and the fields after a pause without changes."""
        self._take_draft()
        if self._draft_file is None:
            return
        if self._save_timer is not None:
            self._save_timer.cancel()
        self._save_timer = call_after(self, SAVE_DELAY_S, self._save)

    def remove_draft(self) -> None:
        """Delete the draft for good, unless all of it is another screen's."""
        self._take_draft()
        if self._draft_file and self._had_text:
            self._draft_file.remove()

    def _take_draft(self) -> None:
        self._draft = Draft(self.editor.all_text, self.common_fields.values)
        self._had_text = self._had_text or bool(self._draft.text.strip())

    @work(thread=True, group="save-draft")
    def _save(self) -> None:
        self._write()

    def _write(self) -> None:
        # A screen that was always empty leaves what another one has saved meanwhile.
        if self._draft_file and self._draft is not None and self._had_text:
            self._draft_file.write(self._draft)
