"""Key names, and checks of the user's keys."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from textual.binding import Binding
from textual.keys import Keys, format_key, key_to_character
from textual.screen import Screen

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _

_WORDS = frozenset({"enter", "backspace"})
"""The keys for which Textual has signs that not every font has."""
_NAMED = frozenset(key.value for key in Keys)


def key_name(key: str, *, is_ascii: bool = False) -> str:
    """Return Textual's `key` as printed on a keyboard: "ctrl+a", "?", "pgdn"."""
    *modifiers, last = key.split("+")
    name = format_key(last)
    # In ASCII an arrow would be replaced by "v", which would be read as the key v.
    if last in _WORDS or (is_ascii and not name.isascii()):
        name = last
    return "+".join((*modifiers, name))


MOVES = Binding.Group(N_("move"))
"""The keys that only move."""


def move(binding_id: str, keys: str, action: str, words: str) -> Binding:
    """Return the binding of keys that only move."""
    return Binding(keys, action, words, id=binding_id, show=False, group=MOVES)


OTHER_SCREENS = {
    "account",
    "actions",
    "add",
    "choice",
    "edit",
    "filter",
    "folders",
    "manual",
    "replace",
    "review",
    "settings",
    "text",
}
"""The groups of ids beyond the dashboard: their keys may be changed too, but are not checked."""
KeyOverrides = Mapping[str, str]
"""Binding id → keys, comma-separated."""
Scope = Sequence[Binding]
"""Bindings that are active together."""
KeyNames = Mapping[str, str]
"""Binding id → the name of its first key; empty without any."""


def bindings_of(*classes: type) -> list[Binding]:
    """Return the bindings with an id of `classes` and their base classes."""
    declared = [
        binding
        for cls in classes
        for parent in cls.__mro__
        for binding in vars(parent).get("BINDINGS", ())
    ]
    return [binding for binding in declared if isinstance(binding, Binding) and binding.id]


def key_of(screen: Screen[Any], binding_id: str) -> str:
    """Return the name of a binding's key on `screen`; empty without one."""
    for active in screen.active_bindings.values():
        if active.binding.id == binding_id:
            return screen.app.get_key_display(active.binding)
    return ""


def key_names(overrides: KeyOverrides, bindings: Scope) -> KeyNames:
    """Return the name of the first key of each of `bindings`."""
    names: dict[str, str] = {}
    for binding in bindings:
        keys = _split(overrides.get(binding.id or "", binding.key))
        names.setdefault(binding.id or "", key_name(keys[0]) if keys else "")
    return names


def check_keys(overrides: KeyOverrides, scopes: Iterable[Scope]) -> list[str]:
    """Return what the user has to know of `overrides`: unknown ids, unknown keys and conflicts."""
    scopes = list(scopes)
    known = {binding.id for scope in scopes for binding in scope}
    unknown = _("[keys] {id}: there is no such action.")
    unknown_key = _("[keys] {id}: there is no key called {key}.")
    warnings = []
    for binding_id, keys in overrides.items():
        shown = sanitize(binding_id, 40)
        if binding_id not in known and group_of(binding_id) not in OTHER_SCREENS:
            warnings.append(unknown.format(id=shown))
        warnings += [
            unknown_key.format(id=shown, key=sanitize(key, 20))
            for key in _split(keys)
            if not _is_key(key)
        ]
    conflicts = (it for scope in scopes for it in _conflicts(overrides, scope))
    return list(dict.fromkeys([*warnings, *conflicts]))


def group_of(binding_id: str) -> str:
    """Return the first part of the id of a binding."""
    return binding_id.partition(".")[0]


def _conflicts(overrides: KeyOverrides, scope: Scope) -> Iterator[str]:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for binding in scope:
        binding_id = binding.id or ""
        for key in map(_normalize, _split(overrides.get(binding_id, binding.key))):
            if binding_id not in owners[key]:
                owners[key].append(binding_id)
    text = _("[keys] {id}: {key} is also the key of {other}.")
    for key, ids in owners.items():
        overridden = [binding_id for binding_id in ids if binding_id in overrides]
        if overridden and len(ids) > 1:
            other = next(binding_id for binding_id in ids if binding_id != overridden[0])
            yield text.format(id=overridden[0], key=key_name(key), other=other)


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _is_key(key: str) -> bool:
    last = key.rpartition("+")[2] or key
    return len(last) == 1 or key in _NAMED or last in _NAMED or key_to_character(last) is not None


def _normalize(key: str) -> str:
    """Return the same key for "?" and "question_mark"."""
    name = format_key(key)
    return name if len(name) == 1 else key
