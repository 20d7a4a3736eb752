"""Command palette and help texts, made from the bindings that are active on a screen."""

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
from pan123_tui.ui.dialogs.help import HelpEntry, Section

GROUPS: Mapping[str, str] = {
    "links": N_("Links"),
    "tasks": N_("Tasks"),
    "view": N_("View"),
    "marks": N_("Marks"),
    "table": N_("Movement"),
    "detail": N_("Details"),
    "add": N_("Input screen"),
    "tray": N_("Review"),
    "row": N_("This link"),
    "edit": N_("This task"),
    "failures": N_("Failures"),
    "": N_("This screen"),
    "app": N_("Program"),
}
"""Heading by the first part of a binding's id; "" is for all other bindings."""

_NAVIGATION_GROUPS = frozenset({"table", "detail"})
"""Groups that the palette leaves out, because their keys only move."""
MAX_KEYS_PER_ACTION = 2
"""Number of keys that the help names for an action, the shortest ones."""


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
    """Yield the actions that are possible now on `screen`, with their keys, for the palette."""
    for active in _described_bindings(screen):
        if active.enabled and _group_of(active) not in _NAVIGATION_GROUPS:
            binding = active.binding
            title = _(binding.description)
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


class Palette(CommandPalette):
    """Textual's palette in the user's language, with a cursor that does not blink."""

    def __init__(self) -> None:
        super().__init__(id="--command-palette", placeholder=_("Search all actions"))

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
