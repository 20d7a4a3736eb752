"""Text area for links, which extracts and reviews the links in its text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key, Paste
from textual.message import Message
from textual.widgets import TextArea
from textual.worker import get_current_worker

from pan123_tui.domain.links.extractor import (
    ExtractionResult,
    extract,
    merge_results,
    split_into_chunks,
)
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.text_input import typed_blank
from pan123_tui.wording.formats import count_links

MAX_INSERTED_CHARS = 50_000
"""A longer paste is kept outside the text area, because laying it out would block the screen."""
MAX_SYNC_CHARS = 20_000
"""A longer text is read in a thread, because reading it would delay the next key."""

_DELETING_KEYS = frozenset(("delete", "backspace", "ctrl+d", "ctrl+x"))

Review = Callable[[ExtractionResult], Sequence[ReviewRow]]
"""Returns a review row for each extracted link and rejected text."""


class LinkEditor(TextArea):
    """Inserts each paste on a line of its own, and posts a review after each change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+a", "select_all", N_("select all"), id="add.select_all"),
        # `TextArea` would paste only what was cut or copied in it.
        Binding(
            "ctrl+v",
            "screen.take_clipboard",
            N_("clipboard"),
            id="add.clipboard",
            tooltip=N_("Add the whole text of the clipboard"),
        ),
    ]

    @dataclass
    class ReadingStarted(Message):
        """A text that is longer than `MAX_SYNC_CHARS` is being read."""

        chars: int

    @dataclass
    class Reviewed(Message):
        """The text was read; `serial` counts its changes."""

        extraction: ExtractionResult
        rows: Sequence[ReviewRow]
        serial: int = 0

    def __init__(
        self,
        reviewer: Callable[[], Review],
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`reviewer` is called for each text; the review it returns must be thread-safe."""
        super().__init__(id=id, placeholder=Content(placeholder), highlight_cursor_line=False)
        # Over SSH a blinking cursor alone sends two kilobytes a second.
        self.set_reactive(TextArea.cursor_blink, False)
        self._reviewer = reviewer
        self._hint = placeholder
        self._long_pastes: list[str] = []
        self._dropped_pastes: list[str] = []
        self._selects_pastes = False
        """Whether all was selected by the latest keys, what is not shown included."""
        self._serial = 0
        self._is_reading = False
        self._cut = ""

    @property
    def is_reading(self) -> bool:
        """Whether the text has changed since the last review."""
        return self._is_reading

    @property
    def all_text(self) -> str:
        """The long pastes that are not shown, followed by the text of the area."""
        return "\n".join([*self._long_pastes, self.text])

    def insert_text(self, text: str) -> None:
        """Insert `text` at the cursor; links start on a new line unless that one is empty."""
        # Terminals paste line ends as "\r".
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(lines) > MAX_INSERTED_CHARS:
            self._long_pastes.append(lines)
            self._read()
            return
        row, column = min(self.selection)
        needs_break = "://" in lines and self.document.get_line(row)[:column].strip()
        inserted = self.replace("\n" + lines if needs_break else lines, *self.selection)
        self.move_cursor(inserted.end_location)

    def show_pasted(self, links: int) -> None:
        """Show that long pastes, which are not in the area, have `links` links."""
        pasted = _("{links} pasted: see the review").format(links=count_links(links))
        self.placeholder = Content(pasted if self._long_pastes else self._hint)

    def correct(self, refused: str, link: str) -> None:
        """Put `link` in the place of the text `refused`, or at the end if that was in a code."""
        if found := _place_of(refused, self.text):
            start, end = (_location(self.text, index) for index in found)
            self.replace(link, start, end)
            return
        for number, text in enumerate(self._long_pastes):
            if found := _place_of(refused, text):
                self._long_pastes[number] = text[: found[0]] + link + text[found[1] :]
                self._read()
                return
        self.append_text(link)

    def append_text(self, text: str) -> None:
        """Insert `text` at the end, unless it is blank."""
        if text.strip():
            self.move_cursor(self.document.end)
            self.insert_text(text)

    def on_key(self, event: Key) -> None:
        """Select long pastes no longer when another key follows."""
        self._selects_pastes = self._selects_pastes and event.key in _DELETING_KEYS
        if blank := typed_blank(event):
            event.stop()
            self.replace(blank, *self.selection, maintain_selection_offset=False)

    def action_select_all(self) -> None:
        """Select everything, and tell of the long pastes, which cannot be seen."""
        super().action_select_all()
        self._selects_pastes = bool(self._long_pastes)
        if self._selects_pastes:
            text = _("The long text is selected too: delete removes it, ctrl+z brings it back.")
            self.notify(text, markup=False)

    def action_delete_left(self) -> None:
        super().action_delete_left()
        self._drop_pastes()

    def action_delete_right(self) -> None:
        super().action_delete_right()
        self._drop_pastes()

    def action_undo(self) -> None:
        """Undo, and bring back what was deleted of long pastes."""
        super().action_undo()
        if self._dropped_pastes:
            self._long_pastes[:0] = self._dropped_pastes
            self._dropped_pastes = []
            self._read()

    def action_cut(self) -> None:
        """Cut, and remember the text: not every terminal takes it into its clipboard."""
        super().action_cut()
        self._cut = self.app.clipboard
        self._drop_pastes()

    def take_cut(self) -> str:
        """Return and forget what was cut last."""
        cut, self._cut = self._cut, ""
        return cut

    def review_again(self) -> None:
        """Review the same text, after an edit that may change which links are duplicates."""
        self._read()

    def replace_text(self, text: str) -> None:
        """Replace everything, the long pastes included, by `text`."""
        self._long_pastes.clear()
        self.load_text("")
        self.insert_text(text)

    def on_paste(self, event: Paste) -> None:
        """Insert the paste once: `TextArea` would also pass it on to the screen."""
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.insert_text(event.text)

    def on_text_area_changed(self) -> None:
        self._read()

    def on_link_editor_reviewed(self, event: Reviewed) -> None:
        """Discard the review of an older text."""
        if event.serial == self._serial:
            self._is_reading = False
        else:
            event.stop()

    def _drop_pastes(self) -> None:
        """Remove the long pastes if they were selected."""
        if self._selects_pastes:
            self._dropped_pastes, self._long_pastes = self._long_pastes, []
            self._selects_pastes = False
            self._read()

    def _read(self) -> None:
        """Extract and review the links: at once in a short text, else in a thread."""
        self._serial += 1
        self._is_reading = True
        text, review = self.all_text, self._reviewer()
        if len(text) <= MAX_SYNC_CHARS:
            extraction = extract(text)
            self.post_message(self.Reviewed(extraction, review(extraction), self._serial))
        else:
            self.post_message(self.ReadingStarted(len(text)))
            self._read_in_thread(text, review, self._serial)

    @work(thread=True, group="read-links", exclusive=True)
    def _read_in_thread(self, text: str, review: Review, serial: int) -> None:
        worker = get_current_worker()
        results = []
        for chunk in split_into_chunks(text):
            if worker.is_cancelled:
                return
            results.append(extract(chunk))
        extraction = merge_results(results)
        self.post_message(self.Reviewed(extraction, review(extraction), serial))


def _place_of(part: str, text: str) -> tuple[int, int] | None:
    """Return where `part` begins and ends in `text`, between blanks if it is so anywhere."""
    part = re.escape(part)
    found = re.search(rf"(?<!\S){part}(?!\S)", text) or re.search(part, text)
    return found and found.span()


def _location(text: str, index: int) -> tuple[int, int]:
    """Return the row and the column of `index`."""
    before = text[:index]
    return before.count("\n"), index - before.rfind("\n") - 1
