"""The input line for search and filter, and the line that shows the active ones."""

import asyncio
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
from textual.events import Paste
from textual.getters import query_one
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Static

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import N_, _, join_choices, language
from pan123_tui.ui.alarms import call_after
from pan123_tui.ui.widgets.styled_text import plain_content, wrapped
from pan123_tui.ui.widgets.text_input import TextInput
from pan123_tui.wording.formats import number

FilterFault = tuple[int, int, str]
"""Start and end of a fault in the text, and its reason."""
FilterCheck = Callable[[str], Sequence[FilterFault]]
_SEPARATOR = "  ·  "


class Purpose(StrEnum):
    """What the input line is open for."""

    SEARCH = "search"
    FILTER = "filter"


class FilterField(TextInput):
    """An input that marks the faults of its text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter-field--fault"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("keep"), id="filter.keep"),
    ]

    def __init__(self, check: FilterCheck, *, id: str, compact: bool) -> None:  # noqa: A002
        super().__init__(
            id=id,
            compact=compact,
            highlighter=_FaultHighlighter(self),
            select_on_focus=False,
        )
        self.check = check
        self._hint = ""

    def show_hint(self, text: str) -> None:
        """Show `text` while the input is empty, where it fits whole."""
        self._hint = text
        self.placeholder = text if width(text) <= self.content_size.width else ""

    def on_paste(self, event: Paste) -> None:
        """Insert a paste as one line; several lines with a link are not meant for here."""
        event.prevent_default()
        lines = [line for line in event.text.splitlines() if line.strip()]
        if len(lines) < 2 or "://" not in event.text:
            event.stop()
            self.replace(" ".join(lines), *self.selection)

    def on_resize(self) -> None:
        """Scroll to the cursor again, because a note beside the input makes it narrower."""
        self.show_hint(self._hint)
        selection = self.selection
        self.cursor_position = 0
        self.selection = selection


class _FaultHighlighter(Highlighter):
    """Marks the faults of a field."""

    def __init__(self, field: FilterField) -> None:
        self._field = field

    def highlight(self, text: Text) -> None:
        style = self._field.get_component_rich_style("filter-field--fault")
        for start, end, _reason in self._field.check(text.plain):
            # A fault at the end, where something is missing, marks what is before it.
            text.stylize(style, min(start, max(len(text) - 1, 0)), max(end, start + 1))


class FilterBar(Horizontal):
    """An input line, hidden until opened; enter keeps the text, escape restores the former one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("cancel"), id="filter.cancel"),
        Binding("tab", "complete", N_("complete"), id="filter.complete"),
    ]

    @dataclass
    class SearchChanged(Message):
        """The search is now for `text`; empty: no search."""

        text: str

    @dataclass
    class FilterChanged(Message):
        """The filter is now `text`, which has no fault; empty: no filter.

        While a part of the typed text has a fault, it is the rest.
        """

        text: str

    @dataclass
    class Closed(Message):
        """The line was closed with `text`; the focus can go back."""

        purpose: Purpose
        text: str

    field = query_one("#filter-field", FilterField)
    prompt = query_one("#filter-prompt", Static)
    note_label = query_one("#filter-note", Static)

    def __init__(
        self,
        *,
        check: FilterCheck,
        labels: Callable[[], Sequence[str]] = tuple,
        pause_s: Callable[[], float] = float,
    ) -> None:
        """Find the faults of a filter with `check`; `labels` returns those of the batches.

        `pause_s` returns how long no key may come until what is typed takes effect.
        """
        super().__init__()
        self._check = check
        self._labels = labels
        self._pause_s = pause_s
        self._pause: asyncio.TimerHandle | None = None
        self._purpose = Purpose.SEARCH
        self._former = ""
        self._posted = ""
        self._offered: tuple[str, Sequence[str]] = ("", ())
        """The text whose last word was to be completed, and what it may become."""

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
        """Open the line for a search, with `text`, which typing replaces, and focus it."""
        self._open(Purpose.SEARCH, text)

    def open_filter(self, text: str = "") -> None:
        """Open the line for a filter, with `text`, which typing replaces, and focus it."""
        self._open(Purpose.FILTER, text)

    def _open(self, purpose: Purpose, text: str) -> None:
        self._purpose = purpose
        self._former = self._posted = text
        self._offered = ("", ())
        is_search = purpose is Purpose.SEARCH
        self.prompt.update(Content("/" if is_search else _("filter:")))
        self.field.show_hint(
            _("name, link, folder or message")
            if is_search
            else _("e.g. state:failed host:example.com")
        )
        # What follows a closing quote would belong to the value.
        self.field.value = f"{text} " if text.endswith(('"', "”")) and not is_search else text
        self.field.select_all()
        self.add_class("-open")
        self.field.focus()
        self._show_note()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_note()
        if self._pause is not None:
            self._pause.cancel()
        if pause_s := self._pause_s():
            self._pause = call_after(self, pause_s, self._post_typed)
        else:
            self._post_typed()

    def _post_typed(self) -> None:
        if self.is_open:
            self._post_change(self._without_faults(self.field.value))

    def action_keep(self) -> None:
        """Keep the text and close, unless it has a fault, which is then shown."""
        if self._faults(self.field.value):
            self._offered = ("", ())
            self._show_note()
        else:
            self._post_change(self.field.value)
            self._close()

    def action_cancel(self) -> None:
        """Restore the former text and close."""
        self._post_change(self._former)
        self._close()

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        return action != "complete" or self._purpose is Purpose.FILTER

    def action_complete(self) -> None:
        """Complete the word before the cursor, or show the words that it may become."""
        from pan123_tui.domain.filter_words import complete  # noqa: PLC0415 - rarely used

        field = self.field
        before, after = field.value[: field.cursor_position], field.value[field.cursor_position :]
        text, candidates = complete(before, language(), self._labels())
        self._offered = (text + after, candidates) if len(candidates) > 1 else ("", ())
        if text != before:
            field.value = text + after
            field.cursor_position = len(text)
        else:
            self._show_note()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def _post_change(self, text: str) -> None:
        is_search = self._purpose is Purpose.SEARCH
        text = text if is_search else text.strip()
        if text == self._posted:
            return
        self._posted = text
        self.post_message(self.SearchChanged(text) if is_search else self.FilterChanged(text))

    def _close(self) -> None:
        if self.is_open:
            self.remove_class("-open")
            self.post_message(self.Closed(self._purpose, self._posted))

    def _faults(self, text: str) -> Sequence[FilterFault]:
        return self._check(text) if self._purpose is Purpose.FILTER else ()

    def _without_faults(self, text: str) -> str:
        """Return `text` without the parts that have a fault, as a field without its value."""
        for start, end, _reason in reversed(self._faults(text)):
            text = text[:start].rstrip() + text[end:]
        return text

    def _show_note(self) -> None:
        """Show the words that may follow where they were asked for, else what is wrong."""
        text, candidates = self._offered
        is_offering = bool(candidates) and text == self.field.value
        faults = () if is_offering else self._faults(self.field.value)
        note = join_choices(candidates) if is_offering else faults[0][2] if faults else ""
        self.note_label.set_class(bool(faults), "-fault")
        self.note_label.update(plain_content(note))


class ActiveFilterLine(Static):
    """The active search and filter; hidden while there is neither."""

    shows_back_key = var(True, init=False)
    """Whether the back key shows everything at once, and undoes nothing else before."""

    def __init__(self, *, back_key: str) -> None:
        """Name `back_key` as the key that shows everything again."""
        super().__init__(markup=False)
        self._back_key = back_key
        self.display = False
        self._text = self._shown = ""

    def show(self, search: str, expression: str, *, hits: int, total: int, batch: str = "") -> None:
        """Show search and filter, and how many of how many tasks match.

        `batch` is how the batch stands to which the filter is limited, if it is.
        """
        parts = [f"/ {search}"] if search else []
        if expression:
            parts.append(batch or _("filter: {filter}").format(filter=expression))
        self.display = bool(parts)
        if not batch or search:
            parts.append(_("{hits} of {total}").format(hits=number(hits), total=number(total)))
        text = _SEPARATOR.join(parts)
        if text != self._text:
            self._text = text
            self._fit()

    def on_resize(self) -> None:
        self._fit()

    def watch_shows_back_key(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Show the text with the key that shows everything, unless that takes one more line."""
        cells = self.screen.size.width - self.gutter.width  # its own is not known while hidden
        lines = len(wrapped(self._text, cells))
        hints = (_("{key} shows all"), _("{key}: all")) if self.shows_back_key else ()
        for hint in (*hints, ""):
            parts = filter(None, (self._text, hint.format(key=self._back_key)))
            text = _SEPARATOR.join(parts)
            if len(wrapped(text, cells)) <= lines:
                break
        if text != self._shown:
            self._shown = text
            self.update(plain_content(text))
