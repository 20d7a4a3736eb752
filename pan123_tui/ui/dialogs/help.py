"""Help on the keys of a screen, and the palette that searches its actions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import ActiveBinding, Binding, BindingType
from textual.command import CommandPalette, Hit, Hits
from textual.containers import HorizontalGroup, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.markup import escape
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider
from textual.widgets import Input, Static

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.widgets.styled_text import plain_content

GROUPS: Mapping[str, str] = {
    "links": N_("Links"),
    "tasks": N_("Tasks"),
    "files": N_("Files on the drive"),
    "view": N_("View"),
    "marks": N_("Marks"),
    "table": N_("Movement"),
    "detail": N_("Details"),
    "add": N_("Input screen"),
    "tray": N_("Review"),
    "row": N_("This link"),
    "edit": N_("This task"),
    "file": N_("This file"),
    "failures": N_("Failures"),
    "": N_("This screen"),
    "app": N_("Program"),
}
"""Heading by the first part of a binding's id; "" is for all other bindings."""

_NAVIGATION_GROUPS = frozenset({"table", "detail"})
"""Groups that the palette leaves out, because their keys only move."""
MAX_KEYS_PER_ACTION = 2
"""Number of keys that the help names for an action, the shortest ones."""


_EXPLANATION_SCORE = 0.01
"""Score in the palette of an action whose title does not match: below all others."""


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


def key_sections(app: App[Any], screen: Screen[Any]) -> list[Section]:
    """Return the keys that work on `screen` by group, in the order of `GROUPS`."""
    sections: dict[str, list[HelpEntry]] = {group: [] for group in GROUPS}
    for active in _described_bindings(screen):
        keys = app.get_key_display(active.binding)
        text = _(active.binding.tooltip or active.binding.description)
        _merge(sections[_group_of(active)], HelpEntry(keys, text, active.binding.id or ""))
    return [(_(GROUPS[group]), entries) for group, entries in sections.items() if entries]


def glossary_section() -> Section:
    """Return the explanations of the words in the table and the status bar."""
    return _("Terms"), [HelpEntry("", _(sentence)) for sentence in _GLOSSARY]


def key_warning_section(warnings: Sequence[str]) -> list[Section]:
    """Return a section about the entries of `[keys]` that do not work; none if all do."""
    entries = [HelpEntry("", warning) for warning in warnings]
    return [(_("Errors in config.toml"), entries)] if entries else []


_GLOSSARY = (
    N_("stalled: it runs, but its percentage has not changed for long"),
    N_("unconfirmed: no answer came, so nobody knows whether the service has it; you decide"),
    N_("missing: the service no longer knows the task"),
    N_("rejected: the service did not take the link"),
    N_("doubtful: reported done, but the folder does not have the file, or not as it should be"),
    N_("~5 min: an estimate, from the percentages so far"),
    N_("all checked within 10 min: of no task on its way is the last check longer ago"),
    N_("5 of 5 checks a second: as often as allowed, with many tasks each waits for its turn"),
    N_("500 of 3,000 rows shown: the others come when you go down; searches find all"),
)


def screen_commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Yield the actions that are possible now on `screen`, with their keys, for the palette.

    Of several with the same description only the first, for they do the same.
    """
    titles: set[str] = set()
    for active in _described_bindings(screen):
        binding = active.binding
        title = _(binding.description)
        is_offered = active.enabled and _group_of(active) not in _NAVIGATION_GROUPS
        if is_offered and title not in titles:
            titles.add(title)
            key = app.get_key_display(binding)
            run = partial(app.run_action, binding.action, active.node)
            tooltip = _(binding.tooltip) if binding.tooltip else ""
            # The palette parses markup, and a key such as "[/]" would be a closing tag.
            yield SystemCommand(escape(f"{title}  ({key})"), escape(tooltip), run)


def _described_bindings(screen: Screen[Any]) -> Iterator[ActiveBinding]:
    for active in sorted(screen.active_bindings.values(), key=lambda a: a.binding.priority):
        if active.binding.description and active.binding.id:
            yield active


def _group_of(active: ActiveBinding) -> str:
    group = (active.binding.id or "").partition(".")[0]
    return group if group in GROUPS else ""


def _merge(entries: list[HelpEntry], entry: HelpEntry) -> None:
    """Append `entry`, or add its keys to the entry that has the same text."""
    for index, other in enumerate(entries):
        if other.text == entry.text:
            keys = sorted({*other.keys.split(" "), entry.keys}, key=lambda key: (len(key), key))
            entries[index] = other._replace(keys=" ".join(keys[:MAX_KEYS_PER_ACTION]))
            return
    entries.append(entry)


class ActionProvider(SystemCommandsProvider):
    """Finds actions by their titles, then by words of their explanations."""

    async def search(self, query: str) -> Hits:
        """Yield the actions that match `query`, or that there are none."""
        is_found = False
        async for hit in super().search(query):
            is_found = True
            yield hit
        matcher, words = self.matcher(query), query.casefold().split()
        for title, explanation, run, *_rest in self.app.get_system_commands(self.screen):
            text = explanation.casefold()
            if matcher.match(title) <= 0 and all(word in text for word in words):
                is_found = True
                yield Hit(_EXPLANATION_SCORE, title, run, help=explanation)
        if not is_found:  # Textual's own message is in English
            yield Hit(_EXPLANATION_SCORE, _("No match."), lambda: None)


class ActionPalette(CommandPalette):
    """Textual's palette in the user's language, with a cursor that does not blink."""

    def __init__(self) -> None:
        super().__init__(
            [ActionProvider], id="--command-palette", placeholder=_("Search all actions")
        )

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
