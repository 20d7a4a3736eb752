"""Help on the keys of a screen, and the palette that searches its actions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any, ClassVar, NamedTuple

from textual import actions
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import ActiveBinding, Binding, BindingType
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits
from textual.containers import VerticalGroup
from textual.content import Content
from textual.events import Click
from textual.markup import escape
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider
from textual.widgets import Input

from pan123_tui.domain.sanitize import pad_or_truncate, width
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.keymap import DisabledActionHints, bindings_of, hint_action, key_of
from pan123_tui.ui.widgets.styled_text import GAP, Line, StyledSpan, wrapped
from pan123_tui.ui.widgets.text_input import TextInput
from pan123_tui.ui.widgets.text_lines import TextLines
from pan123_tui.ui.widgets.text_scroll import TextScroll

GROUPS: Mapping[str, str] = {
    "links": N_("Links"),
    "tasks": N_("Tasks"),
    "queue": N_("Queue"),
    "files": N_("Files on the drive"),
    "view": N_("View"),
    "marks": N_("Marks"),
    "table": N_("Movement"),
    "detail": N_("Details"),
    "add": N_("Input screen"),
    "review": N_("Review"),
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


_MIN_CELLS_WITH_IDS = 44
_MIN_CELLS_OF_TWO_COLUMNS = 100
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
    HORIZONTAL_BREAKPOINTS = [(0, "-normal"), (120, "-wide")]  # noqa: RUF012 - Textual's type
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
            box.border_subtitle = self._hint(_("{key} closes"))
            search = TextInput(id="help-search", placeholder=_("search"), compact=True)
            search.cursor_blink = False
            yield search
            with TextScroll(id="help-body", can_focus=False):
                yield TextLines(partial(help_lines, self._sections, self._key_width))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        hint = _("{key} clears") if event.value else _("{key} closes")
        self.query_one("#help-box").border_subtitle = self._hint(hint)
        query = event.value.casefold().strip()
        if len(query) > 1:  # of the habit to begin a search with it; alone it is a key
            query = query.removeprefix("/")
        found = _matching(self._sections, query.split())
        self.query_one(TextLines).show(partial(help_lines, found, self._key_width))

    def _hint(self, text: str) -> Content:
        return Content(text.format(key=key_of(self, "help.back")))

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.close()

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help-body").scroll_relative(y=lines)

    def action_back(self) -> None:
        """Clear the search, or close the screen if it is empty."""
        search = self.query_one(Input)
        if search.value:
            search.clear()
        else:
            self.close()


def help_lines(sections: Sequence[Section], key_width: int, cells: int) -> list[Line]:
    """Lay out `sections` with their keys in `key_width` cells, in two columns if they fit."""
    if not sections:
        return [(StyledSpan(_("No match."), "$text-muted"),)]
    if cells < _MIN_CELLS_OF_TWO_COLUMNS:
        return _column_lines(sections, key_width, cells)
    half = (cells - 2 * GAP) // 2
    left, right = (_column_lines(column, key_width, half) for column in _columns(sections))
    return [
        (*line, StyledSpan(" " * (cells - half - sum(width(span.text) for span in line))), *other)
        for line, other in zip_longest(left, right, fillvalue=())
    ]


def _column_lines(sections: Sequence[Section], key_width: int, cells: int) -> list[Line]:
    lines: list[Line] = []
    for heading, entries in sections:
        lines += [()] if lines else []
        lines += wrapped(heading, cells, "bold $text-primary")
        for entry in entries:
            lines += _entry_lines(entry, key_width, cells)
    return lines


def _entry_lines(entry: HelpEntry, key_width: int, cells: int) -> Iterator[Line]:
    """Yield the lines of `entry`: keys, text, and on the first line its id, where there is room."""
    name = entry.id if cells >= _MIN_CELLS_WITH_IDS else ""
    indent = key_width if entry.keys else 0
    room = cells - indent - GAP - (GAP + width(name) if name else 0)
    first, *rest = wrapped(entry.text, room)
    if name:
        blank = room - sum(width(span.text) for span in first) + GAP
        first = (*first, StyledSpan(" " * blank), StyledSpan(name, "$text-muted"))
    keys = StyledSpan(pad_or_truncate(entry.keys, indent), "bold $text-accent")
    yield (keys, StyledSpan(" " * GAP), *first)
    for line in rest:
        yield (StyledSpan(" " * (indent + GAP)), *line)


def _matching(sections: Sequence[Section], words: Sequence[str]) -> list[Section]:
    """Return `sections` with the entries that contain all `words` (casefolded)."""
    found = [
        (heading, [entry for entry in entries if _contains(heading, entry, words)])
        for heading, entries in sections
    ]
    return [(heading, entries) for heading, entries in found if entries]


def _contains(heading: str, entry: HelpEntry, words: Sequence[str]) -> bool:
    text = " ".join((heading, *entry)).casefold()
    return all(word in text for word in words)


def _columns(sections: Sequence[Section]) -> tuple[Sequence[Section], Sequence[Section]]:
    """Split `sections` into two columns of about equal height, the left one never empty."""
    heights = [len(entries) + 2 for _, entries in sections]
    total = sum(heights)
    splits = range(1, len(sections) + 1)
    split = min(splits, key=lambda index: abs(total - 2 * sum(heights[:index])))
    return sections[:split], sections[split:]


def key_sections(app: App[Any], screen: Screen[Any]) -> list[Section]:
    """Return the keys that work on `screen` by group, in the order of `GROUPS`."""
    sections: dict[str, list[HelpEntry]] = {group: [] for group in GROUPS}
    for active in _described_bindings(screen):
        keys = app.get_key_display(active.binding)
        text = _(active.binding.tooltip or active.binding.description)
        text = text[:1].upper() + text[1:]  # short names stand beside whole sentences
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
    N_(
        "doubtful: reported done, but the folder does not have the file, or not as it should be;"
        " its row says “! not found”, or what else is wrong"
    ),
    N_("batch: what was added together; it is called by its time until you name it"),
    N_("~5 min: an estimate, from the percentages so far"),
    N_("all checked within 10 min: of no task on its way is the last check longer ago"),
    N_("5 of 5 checks a second: as often as allowed, with many tasks each waits for its turn"),
    N_("500 of 3,000 rows shown: the others come when you go down; searches find all"),
)


def screen_commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Yield the actions of `screen` with their keys for the palette, in the order of the help.

    Of several with the same description only one, for they do the same. One that is not possible
    now has the reason in its explanation, and says it when it is chosen.
    """
    offered: dict[str, ActiveBinding] = {}
    groups = list(GROUPS)
    for active in sorted(_described_bindings(screen), key=lambda it: groups.index(_group_of(it))):
        title = _(active.binding.description)
        known = offered.setdefault(title, active)
        if active.enabled and not known.enabled:
            offered[title] = active
    for title, active in offered.items():
        binding = active.binding
        reason = "" if active.enabled else _disabled_reason(screen, binding)
        if (active.enabled or reason) and _group_of(active) not in _NAVIGATION_GROUPS:
            key = app.get_key_display(binding)
            action, node = binding.action, active.node
            if reason:
                action, node = hint_action(binding).action, screen
            tooltip = _(binding.tooltip) if binding.tooltip else ""
            help_text = " · ".join(filter(None, (tooltip, reason)))
            # The palette parses markup, and a key such as "[/]" would be a closing tag.
            shown = escape(f"{title}  ({key})"), escape(help_text)
            yield SystemCommand(*shown, partial(app.run_action, action, node))


def _disabled_reason(screen: Screen[Any], binding: Binding) -> str:
    """Return why an action is disabled, as its key says it; empty if that says nothing."""
    if not isinstance(screen, DisabledActionHints):
        return ""
    _namespace, name, parameters = actions.parse(binding.action)
    return screen.disabled_reason(name, *parameters)


def _described_bindings(screen: Screen[Any]) -> Iterator[ActiveBinding]:
    """Yield the bindings that are explained, in the order in which they are declared.

    Textual's own order changes with the user's keys.
    """
    active_bindings = screen.active_bindings.values()
    classes = dict.fromkeys(type(active.node) for active in active_bindings)
    declared = bindings_of(*(parent for cls in classes for parent in reversed(cls.__mro__)))
    order = list(dict.fromkeys(binding.id for binding in declared))
    described = [it for it in active_bindings if it.binding.description and it.binding.id]
    yield from sorted(described, key=lambda it: (it.binding.priority, order.index(it.binding.id)))


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

    async def discover(self) -> Hits:
        """Yield all actions, in the order of the help."""
        for title, explanation, run, *_rest in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(title, run, help=explanation)

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
