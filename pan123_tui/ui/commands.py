"""Every action with its key, from the real bindings: for the help and the command palette."""

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import ActiveBinding
from textual.markup import escape
from textual.screen import Screen

from pan123_tui.i18n import N_, _
from pan123_tui.ui.screens.help import Section

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "links": N_("Links"),
        "tasks": N_("Tasks"),
        "view": N_("View"),
        "marks": N_("Marks"),
        "table": N_("Moving about"),
        "add": N_("Input screen"),
        "tray": N_("Review"),
        "row": N_("This link"),
        "edit": N_("This task"),
        "failures": N_("Failures"),
        "": N_("This screen"),
        "app": N_("Program"),
    }
)
"""The heading of each group of bindings, by the first word of a binding's id; "": any other."""


def key_sections(app: App[Any], screen: Screen[Any]) -> list[Section]:
    """Give the groups of keys that work on `screen`, in the order of `GROUPS`."""
    sections: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for active in _described(screen):
        keys = app.get_key_display(active.binding)
        entry = (keys, _(active.binding.tooltip or active.binding.description))
        _merge(sections[_group_of(active)], entry)
    return [(_(GROUPS[group]), entries) for group, entries in sections.items() if entries]


def screen_commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Give the palette what can be done now on `screen`, each with its key."""
    for active in _described(screen):
        if active.enabled and _group_of(active) != "table":
            binding = active.binding
            title = _(binding.description)
            key = app.get_key_display(binding)
            run = partial(app.run_action, binding.action, active.node)
            says = _(binding.tooltip) if binding.tooltip else ""
            # The palette reads markup: a key such as "[/]" would end it.
            yield SystemCommand(escape(f"{title}  ({key})"), escape(says), run)


def _described(screen: Screen[Any]) -> Iterator[ActiveBinding]:
    for active in screen.active_bindings.values():
        if active.binding.description and active.binding.id:
            yield active


def _group_of(active: ActiveBinding) -> str:
    group = (active.binding.id or "").partition(".")[0]
    return group if group in GROUPS else ""


def _merge(entries: list[tuple[str, str]], entry: tuple[str, str]) -> None:
    """Add `entry`, or only its key where another key does the same."""
    keys, does = entry
    for index, (other_keys, other_does) in enumerate(entries):
        if other_does == does:
            if keys not in other_keys.split(" "):
                entries[index] = (f"{other_keys} {keys}", does)
            return
    entries.append(entry)
