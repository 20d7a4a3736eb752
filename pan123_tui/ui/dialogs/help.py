"""Help dialog that lists the keys in sections and filters them while the user types."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.widgets import Input, Static

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.widgets.styled_text import plain_content


class HelpEntry(NamedTuple):
    """A line of the help: an action with its keys, or a sentence."""

    keys: str
    """Empty for a sentence."""
    text: str
    id: str = ""
    """The action's name in `config.toml`."""


Section = tuple[str, Sequence[HelpEntry]]
"""A heading and its entries."""


class HelpScreen(Dialog[None]):
    """Shows the entries of `sections` that contain all words of the search."""

    AUTO_FOCUS = "#help-search"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (120, "-wide")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("back"), id="help.back"),
        Binding("f1", "cancel", show=False),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections
        entries = [entry for _, section in sections for entry in section]
        self._key_width = max((width(entry.keys) for entry in entries), default=0)

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="help-box", classes="dialog") as box:
            box.border_title = Content(_("Keys"))
            hint = _("{key} closes").format(key=key_of(self, "help.back"))
            box.border_subtitle = Content(hint)
            search = Input(id="help-search", placeholder=_("search"), compact=True)
            search.cursor_blink = False
            yield search
            with VerticalScroll(id="help-body", can_focus=False):
                for column in _columns(self._sections):
                    with VerticalGroup(classes="help-column"):
                        for section in column:
                            yield HelpSection(section, self._key_width)
                yield Static(_("No match."), id="help-no-match", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.casefold().split()
        found = sum(section.filter(words) for section in self.query(HelpSection))
        self.query_one("#help-no-match").display = not found

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.close()

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help-body").scroll_relative(y=lines, animate=False)

    def action_back(self) -> None:
        """Clear the search, or close the screen if it is empty."""
        search = self.query_one(Input)
        if search.value:
            search.clear()
        else:
            self.close()


class HelpSection(VerticalGroup):
    """A heading with its entries, hidden while none of them matches the search."""

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
                yield Static(plain_content(entry.text), classes="help-text")
                if entry.id:
                    yield Static(plain_content(entry.id), classes="help-id")

    def filter(self, words: Sequence[str]) -> int:
        """Show the entries that contain all `words` (casefolded), and return their number."""
        matches = [self._matches(entry, words) for entry in self._entries]
        self.display = any(matches)
        for row, is_match in zip(self.query(".help-entry"), matches, strict=True):
            row.display = is_match
        return sum(matches)

    def _matches(self, entry: HelpEntry, words: Sequence[str]) -> bool:
        text = " ".join((self._heading, *entry)).casefold()
        return all(word in text for word in words)


def _columns(sections: Sequence[Section]) -> tuple[Sequence[Section], Sequence[Section]]:
    """Split `sections` into two columns of about equal height."""
    heights = [len(entries) + 2 for _, entries in sections]
    total = sum(heights)
    split = min(range(len(sections) + 1), key=lambda index: abs(total - 2 * sum(heights[:index])))
    return sections[:split], sections[split:]
