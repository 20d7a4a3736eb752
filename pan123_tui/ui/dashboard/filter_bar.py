"""The line that says that a search or a filter is on, so that nobody misses what it hides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, Static

from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.formats import number

Fault = tuple[int, int, str]
"""Where in the text something is wrong (from, up to), and why."""
Check = Callable[[str], Sequence[Fault]]


class Purpose(StrEnum):
    """What the line is open for."""

    SEARCH = "search"
    FILTER = "filter"


class FilterBar(Horizontal):
    """Invisible until opened; enter keeps what is typed, escape brings back what was before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("cancel"), id="filter.cancel"),
    ]

    @dataclass
    class SearchChanged(Message):
        """The text to search for is now `text`; empty: none."""

        text: str

    @dataclass
    class FilterChanged(Message):
        """The filter is now `text`, which has no fault; empty: none.

        While what is typed has a fault, it is what it was before.
        """

        text: str

    @dataclass
    class Closed(Message):
        """The line is gone, `text` was kept; whoever had the focus before may have it again."""

        purpose: Purpose
        text: str

    field = query_one("#filter-field", Input)
    prompt = query_one("#filter-prompt", Static)
    side = query_one("#filter-note", Static)

    def __init__(self, *, check: Check | None = None, id: str | None = None) -> None:  # noqa: A002
        """Take the `check` that finds the faults of a filter; None: it never has any."""
        super().__init__(id=id)
        self._check = check or (lambda _text: ())
        self._purpose = Purpose.SEARCH
        self._before = ""
        self._told = ""
        self._note = ""

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def compose(self) -> ComposeResult:
        yield Static(id="filter-prompt")
        field = FilterField(self._faults, id="filter-field", compact=True)
        field.cursor_blink = False
        yield field
        yield Static(id="filter-note")

    def open_search(self, text: str = "") -> None:
        """Show the line for a search for `text`, and take the focus."""
        self._open(Purpose.SEARCH, text)

    def open_filter(self, text: str = "") -> None:
        """Show the line for the filter `text`, and take the focus."""
        self._open(Purpose.FILTER, text)

    def _open(self, purpose: Purpose, text: str) -> None:
        self._purpose = purpose
        self._before = self._told = text
        self._note = ""
        is_search = purpose is Purpose.SEARCH
        self.prompt.update(Content("/" if is_search else _("filter:")))
        self.field.placeholder = (
            _("name, link, folder or message") if is_search else "state:failed host:example.com"
        )
        self.field.value = text
        self.field.cursor_position = len(text)
        self.add_class("-open")
        self.field.focus()
        self._say()

    def note(self, text: str) -> None:
        """Say `text`, such as the number of hits, at the line's end while no fault is there."""
        self._note = text
        self._say()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say()
        if self.is_open:
            self._tell(self._before if self._faults(event.value) else event.value)

    def action_keep(self) -> None:
        """Close and keep the text, unless it has a fault."""
        if not self._faults(self.field.value):
            self._tell(self.field.value)
            self._close()

    def action_cancel(self) -> None:
        """Close and bring back what was there before."""
        self._tell(self._before)
        self._close()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def _tell(self, text: str) -> None:
        if text == self._told:
            return
        self._told = text
        is_search = self._purpose is Purpose.SEARCH
        self.post_message(self.SearchChanged(text) if is_search else self.FilterChanged(text))

    def _close(self) -> None:
        if self.is_open:
            self.remove_class("-open")
            self.post_message(self.Closed(self._purpose, self._told))

    def _faults(self, text: str) -> Sequence[Fault]:
        return self._check(text) if self._purpose is Purpose.FILTER else ()

    def _say(self) -> None:
        faults = self._faults(self.field.value)
        self.side.set_class(bool(faults), "-fault")
        self.side.update(plain_content(faults[0][2] if faults else self._note))


class FilterField(Input):
    """An input that underlines the faults of its text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter-field--fault"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("keep"), id="filter.keep"),
    ]

    def __init__(self, faults: Check, *, id: str, compact: bool) -> None:  # noqa: A002
        super().__init__(
            id=id,
            compact=compact,
            highlighter=_FaultHighlighter(self),
            select_on_focus=False,
        )
        self.faults = faults

    def on_resize(self) -> None:
        """Scroll to the cursor again: a reason beside the text takes room from it."""
        position = self.cursor_position
        self.cursor_position = 0
        self.cursor_position = position


class _FaultHighlighter(Highlighter):
    """Lays the style for faults over them."""

    def __init__(self, field: FilterField) -> None:
        self._field = field

    def highlight(self, text: Text) -> None:
        style = self._field.get_component_rich_style("filter-field--fault")
        for start, end, _reason in self._field.faults(text.plain):
            # A fault at the very end, where something is missing, marks what stands before it.
            text.stylize(style, min(start, max(len(text) - 1, 0)), max(end, start + 1))


class ActiveFilterLine(Static):
    """Invisible while everything of the view is shown."""

    def __init__(self, *, back_key: str) -> None:
        """Take the key to name for showing everything again."""
        super().__init__(markup=False, id="narrowing")
        self._back_key = back_key
        self.display = False
        self._shown = ""

    def show(self, search: str, expression: str, *, hits: int, total: int) -> None:
        """Say what is searched and filtered for, and how many of how many tasks are left."""
        parts = [f"/ {search}"] if search else []
        parts += [_("filter: {filter}").format(filter=expression)] if expression else []
        self.display = bool(parts)
        parts += [
            _("{hits} of {total}").format(hits=number(hits), total=number(total)),
            _("{key} shows all").format(key=self._back_key),
        ]
        text = "  ·  ".join(parts)
        if text != self._shown:
            self._shown = text
            self.update(Content(" ") + plain_content(text))
