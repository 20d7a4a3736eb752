"""Every key and what it does, in groups, searched as you type."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import N_, _
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.widgets.styled_text import plain_content


class Entry(NamedTuple):
    """One line of the help."""

    keys: str
    """As they are shown; empty: the line is a sentence of its own."""
    does: str
    id: str = ""
    """What `config.toml` calls it."""


Section = tuple[str, Sequence[Entry]]
"""A group's heading and its entries."""


class HelpScreen(ModalScreen[None]):
    """Shows `sections`; what is typed keeps the entries that hold all the words."""

    AUTO_FOCUS = "#help-search"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (120, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("back"), id="help.back"),
        Binding("f1", "close", show=False),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections
        self._key_width = max(
            (width(entry.keys) for _, entries in sections for entry in entries),
            default=0,
        )

    def compose(self) -> ComposeResult:
        left, right = _columns(self._sections)
        with VerticalGroup(id="help-box", classes="dialog") as box:
            box.border_title = Content(_("Keys"))
            closes = _("{key} closes").format(key=key_of(self, "help.back"))
            box.border_subtitle = Content(closes)
            search = Input(id="help-search", placeholder=_("search"), compact=True)
            search.cursor_blink = False
            yield search
            with VerticalScroll(id="help-body", can_focus=False):
                for column in (left, right):
                    with VerticalGroup(classes="help-column"):
                        for section in column:
                            yield HelpSection(section, self._key_width)
                yield Static(_("Nothing is called that."), id="help-none", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.casefold().split()
        found = sum(section.keep(words) for section in self.query(HelpSection))
        self.query_one("#help-none").display = not found

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.action_close()

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help-body").scroll_relative(y=lines, animate=False)

    def action_back(self) -> None:
        """Clear the search, or close where there is none."""
        search = self.query_one(Input)
        if search.value:
            search.clear()
        else:
            self.action_close()

    def action_close(self) -> None:
        if self.is_current:
            self.dismiss(None)


class HelpSection(VerticalGroup):
    """One group; invisible while none of its entries is kept."""

    def __init__(self, section: Section, key_width: int) -> None:
        super().__init__()
        self._heading, self._entries = section
        self._key_width = key_width

    def compose(self) -> ComposeResult:
        yield Static(plain_content(self._heading), classes="help-heading")
        for entry in self._entries:
            with HorizontalGroup(classes="help-entry"):
                if entry.keys:
                    shown = Static(plain_content(entry.keys), classes="help-keys")
                    shown.styles.width = self._key_width
                    yield shown
                yield Static(plain_content(entry.does), classes="help-does")
                if entry.id:
                    yield Static(plain_content(entry.id), classes="help-id")

    def keep(self, words: Sequence[str]) -> int:
        """Show the entries that hold all `words` (casefolded); give how many they are."""
        kept = [self._holds(entry, words) for entry in self._entries]
        self.display = any(kept)
        for row, is_kept in zip(self.query(".help-entry"), kept, strict=True):
            row.display = is_kept
        return sum(kept)

    def _holds(self, entry: Entry, words: Sequence[str]) -> bool:
        text = " ".join((self._heading, *entry)).casefold()
        return all(word in text for word in words)


def _columns(sections: Sequence[Section]) -> tuple[Sequence[Section], Sequence[Section]]:
    """Split `sections` where both halves are about equally long."""
    heights = [len(entries) + 2 for _, entries in sections]
    total = sum(heights)
    split = min(
        range(len(sections) + 1),
        key=lambda index: abs(total - 2 * sum(heights[:index])),
    )
    return sections[:split], sections[split:]
