"""The box that links are typed and pasted into, which reads them out of the text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import work
from textual.content import Content
from textual.events import Paste
from textual.message import Message
from textual.widgets import TextArea
from textual.worker import get_current_worker

from pan123_tui.domain.links.extractor import ExtractionResult, extract, split_into_chunks
from pan123_tui.domain.links.review import ReviewRow, merge_results

BIG_PASTE_CHARS = 50_000
"""A longer paste is kept beside the box: laying out megabytes would hold up the screen."""
AT_ONCE_CHARS = 20_000
"""A text up to this length is read between two key presses; a longer one in a thread."""

Review = Callable[[ExtractionResult], Sequence[ReviewRow]]


class LinkEditor(TextArea):
    """A text area that takes a paste once, on a line of its own, and reviews what is in it."""

    @dataclass
    class Reading(Message):
        """A long text is being read."""

        chars: int

    @dataclass
    class Reviewed(Message):
        """The text has been read."""

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
        """Take `reviewer`, which gives what reviews a harvest; that may run in a thread."""
        super().__init__(id=id, placeholder=Content(placeholder), highlight_cursor_line=False)
        # Over SSH a blinking cursor alone sends two kilobytes a second.
        self.set_reactive(TextArea.cursor_blink, False)
        self._reviewer = reviewer
        self._big_pastes: list[str] = []
        self._serial = 0
        self._is_reading = False

    @property
    def is_reading(self) -> bool:
        """Whether the last review is older than the text."""
        return self._is_reading

    @property
    def all_text(self) -> str:
        """What is in the box, after the pastes that are too long to be shown in it."""
        return "\n".join([*self._big_pastes, self.text])

    def add(self, text: str) -> None:
        """Insert `text` at the cursor, apart from what stands before it in the line."""
        lines = _as_lines(text)
        if len(lines) > BIG_PASTE_CHARS:
            self._big_pastes.append(lines)
            self._read()
            return
        row, column = min(self.selection)
        glues = "://" in lines and self.document.get_line(row)[:column].strip()
        inserted = self.replace("\n" + lines if glues else lines, *self.selection)
        self.move_cursor(inserted.end_location)

    def add_at_end(self, text: str) -> None:
        """Add `text` after what is there, in a line of its own."""
        if text.strip():
            self.move_cursor(self.document.end)
            self.add(text)

    def hold(self, text: str) -> None:
        """Have `text` and nothing else."""
        self._big_pastes.clear()
        self.load_text("")
        self.add(text)

    def on_paste(self, event: Paste) -> None:
        """Take the paste here; `TextArea` would insert it and let it go on to the screen."""
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.add(event.text)

    def on_text_area_changed(self) -> None:
        self._read()

    def on_link_editor_reviewed(self, event: Reviewed) -> None:
        """Let only the review of the latest text go on."""
        if event.serial == self._serial:
            self._is_reading = False
        else:
            event.stop()

    def _read(self) -> None:
        """Read the text anew: at once if it is short, else in a thread, piece by piece."""
        self._serial += 1
        self._is_reading = True
        text, review = self.all_text, self._reviewer()
        if len(text) <= AT_ONCE_CHARS:
            extraction = extract(text)
            self.post_message(self.Reviewed(extraction, review(extraction), self._serial))
        else:
            self.post_message(self.Reading(len(text)))
            self._read_in_pieces(text, review, self._serial)

    @work(thread=True, group="read-links", exclusive=True)
    def _read_in_pieces(self, text: str, review: Review, serial: int) -> None:
        worker = get_current_worker()
        harvests = []
        for piece in split_into_chunks(text):
            if worker.is_cancelled:
                return
            harvests.append(extract(piece))
        extraction = merge_results(harvests)
        self.post_message(self.Reviewed(extraction, review(extraction), serial))


def _as_lines(text: str) -> str:
    """Give `text` with every kind of line end as `\\n`; terminals paste `\\r`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
