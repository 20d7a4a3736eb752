"""The palette: every action with its key, searched as you type."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import ActiveBinding
from textual.command import CommandPalette
from textual.markup import escape
from textual.screen import Screen
from textual.widgets import Input

from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs.help import Entry, Section
from pan123_tui.ui.keymap import KeyWarning

GROUPS: Mapping[str, str] = {
    "links": N_("Links"),
    "tasks": N_("Tasks"),
    "view": N_("View"),
    "marks": N_("Marks"),
    "table": N_("Moving about"),
    "detail": N_("Details"),
    "add": N_("Input screen"),
    "tray": N_("Review"),
    "row": N_("This link"),
    "edit": N_("This task"),
    "failures": N_("Failures"),
    "": N_("This screen"),
    "app": N_("Program"),
}
"""The heading of each group of bindings, by the first word of a binding's id; "": any other."""

_MOVES = frozenset({"table", "detail"})
"""Groups of keys that only move: nobody looks for them in the palette."""
MOST_KEYS = 2
"""So many keys of an action are named, the shortest."""


def key_sections(app: App[Any], screen: Screen[Any]) -> list[Section]:
    """Give the groups of keys that work on `screen`, in the order of `GROUPS`."""
    sections: dict[str, list[Entry]] = {group: [] for group in GROUPS}
    for active in _described(screen):
        keys = app.get_key_display(active.binding)
        does = _(active.binding.tooltip or active.binding.description)
        entry = Entry(keys, does, active.binding.id or "")
        _merge(sections[_group_of(active)], entry)
    return [(_(GROUPS[group]), entries) for group, entries in sections.items() if entries]


def word_section() -> Section:
    """Explain the words that the table and the lines at the foot use."""
    return _("Words"), [Entry("", _(sentence)) for sentence in _WORDS]


def fault_section(faults: Sequence[KeyWarning]) -> list[Section]:
    """Tell which entries of `[keys]` in `config.toml` do not work; nothing where all do."""
    entries = [Entry("", str(fault)) for fault in faults]
    return [(_("Faults in config.toml"), entries)] if entries else []


_WORDS = (
    N_("stalled: it runs, but its percentage has not changed for long"),
    N_("unconfirmed: no answer came, so nobody knows whether the service has it; you decide"),
    N_("missing: the service no longer knows the task"),
    N_("rejected: the service did not take the link"),
    N_("doubtful: reported done, but the folder does not have the file, or not as it should be"),
    N_("~5 min: a guess, from the percentages so far"),
    N_("all checked within 10 min: of no task on its way is the last check longer ago"),
    N_("5 of 5 checks a second: as often as allowed, with many tasks each waits for its turn"),
    N_("500 of 3,000 rows shown: the others come when you go down; searches find all"),
)


def screen_commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Give the palette what can be done now on `screen`, each with its key."""
    for active in _described(screen):
        if active.enabled and _group_of(active) not in _MOVES:
            binding = active.binding
            title = _(binding.description)
            key = app.get_key_display(binding)
            run = partial(app.run_action, binding.action, active.node)
            says = _(binding.tooltip) if binding.tooltip else ""
            # The palette reads markup: a key such as "[/]" would end it.
            yield SystemCommand(escape(f"{title}  ({key})"), escape(says), run)


def _described(screen: Screen[Any]) -> Iterator[ActiveBinding]:
    for active in sorted(screen.active_bindings.values(), key=lambda a: a.binding.priority):
        if active.binding.description and active.binding.id:
            yield active


def _group_of(active: ActiveBinding) -> str:
    group = (active.binding.id or "").partition(".")[0]
    return group if group in GROUPS else ""


def _merge(entries: list[Entry], entry: Entry) -> None:
    """Add `entry`, or only its key where another key does the same."""
    for index, other in enumerate(entries):
        if other.does == entry.does:
            keys = sorted({*other.keys.split(" "), entry.keys}, key=lambda key: (len(key), key))
            entries[index] = other._replace(keys=" ".join(keys[:MOST_KEYS]))
            return
    entries.append(entry)


class Palette(CommandPalette):
    """Textual's palette in the language in use, with a cursor that stands still."""

    def __init__(self) -> None:
        super().__init__(id="--command-palette", placeholder=_("Search all actions"))

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
