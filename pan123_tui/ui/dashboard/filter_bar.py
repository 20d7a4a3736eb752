"""The search line."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.getters import query_one
from textual.reactive import var
from textual.timer import Timer
from textual.widgets import Input, Static

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.batches import batch_labels
from pan123_tui.domain.filter import complete, parse
from pan123_tui.domain.sanitize import sanitize, width
from pan123_tui.i18n import N_, _, language
from pan123_tui.ui.widgets.form_fields import TextInput
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.inputs import filter_faults, guesses_text

MANY_TASKS = 2_000
"""With more tasks, a search that is being typed waits until nothing has been typed for a moment."""
TYPING_PAUSE_S = 0.15


class FilterField(TextInput):
    """The search line's input."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("keep"), id="filter.keep")
    ]

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)

    def on_resize(self) -> None:
        """Scroll to the cursor again, and show an example where there is room."""
        hint = _("words, or state:failed host:example.com age<2d")
        self.placeholder = hint if width(hint) <= self.content_size.width else ""
        selection = self.selection
        self.cursor_position = 0
        self.selection = selection


class FilterBar(VerticalGroup):
    """The search line, hidden until opened; enter keeps the search, escape clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", N_("clear"), id="filter.cancel"),
        Binding("tab", "complete", N_("complete"), id="filter.complete"),
    ]

    is_open = var(False, toggle_class="-open")
    field = query_one(FilterField)
    note_label = query_one("#filter-note", Static)

    def __init__(
        self, model: TaskModel, search: Callable[[str], object], on_close: Callable[[], object]
    ) -> None:
        """Have `search` find tasks of `model` by the line, without its faulty parts, if any."""
        super().__init__()
        self._model = model
        self._search = search
        self._on_close = on_close
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        with HorizontalGroup():
            yield Static("/", id="filter-prompt")
            yield FilterField()
        yield Static(id="filter-note")

    def open(self, line: str = "") -> None:
        """Open and focus the line with the current search, which typing replaces."""
        # Text typed after a closing quote would belong to the value.
        self.field.value = f"{line} " if line.endswith(('"', "”")) else line
        self.field.select_all()
        self.is_open = True
        self.field.focus()
        self._show_fault()

    @on(Input.Changed)
    def _take_change(self, event: Input.Changed) -> None:
        event.stop()
        self._take_typed()

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        """Keep the search and close, unless it has a fault: then show that."""
        event.stop()
        if not self._show_fault(is_typed=False):
            self._close(self.field.value)

    def action_clear(self) -> None:
        self._close("")

    def action_complete(self) -> None:
        """Complete the word before the cursor, and show what it may become."""
        field = self.field
        before, after = field.value[: field.cursor_position], field.value[field.cursor_position :]
        text, candidates = complete(before, language(), batch_labels(self._model.tasks))
        with field.prevent(Input.Changed):
            field.value = text + after
        field.cursor_position = len(text)
        self._take_typed()
        if len(candidates) > 1:
            self._note("  ".join(candidates))

    def _take_typed(self) -> None:
        self._show_fault()
        if self.is_open:
            line = self.field.value
            for start, end, _reason in reversed(filter_faults(line)):
                line = line[:start].rstrip() + line[end:]
            self._tell(line, TYPING_PAUSE_S if len(self._model.tasks) > MANY_TASKS else 0.0)

    def _tell(self, line: str, pause_s: float = 0.0) -> None:
        if self._typing is not None:
            self._typing.stop()
        tell = partial(self._search, line.strip())
        self._typing = self.set_timer(pause_s, tell) if pause_s else None
        if not pause_s:
            tell()

    def _close(self, line: str) -> None:
        self.is_open = False  # first: marks of what the finished search hides go
        self._tell(line)
        self._on_close()

    def _show_fault(self, *, is_typed: bool = True) -> bool:
        line = self.field.value
        for start, end, reason in filter_faults(line, is_typed=is_typed):
            text = _("“{word}”: {reason}").format(word=sanitize(line[start:end], 20), reason=reason)
            self._note(text, is_fault=True)
            return True
        self._note(guesses_text(parse(line).terms))
        return False

    def _note(self, text: str, *, is_fault: bool = False) -> None:
        self.note_label.set_class(is_fault, "-fault")
        self.note_label.display = bool(text)
        self.note_label.update(plain_content(text))
