"""Key names, and a check of the user's keys."""

from collections.abc import Iterable, Mapping
from typing import Any
from unicodedata import normalize

from textual.binding import Binding
from textual.keys import Keys, format_key, key_to_character
from textual.screen import Screen

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _

_WORDS = frozenset({"enter", "backspace"})
"""Keys for which Textual uses signs that some fonts lack."""
_NAMED = frozenset(key.value for key in Keys)


def key_name(key: str, *, is_ascii: bool = False) -> str:
    """Return Textual's `key` as printed on a keyboard: "ctrl+a", "?", "pgdn"."""
    *modifiers, last = key.split("+")
    name = format_key(last)
    # In ASCII, an arrow would become a "v", which would be read as the key v.
    if last in _WORDS or (is_ascii and not name.isascii()):
        name = last
    return "+".join((*modifiers, name))


_CHINESE_SIGNS = {
    "？": "question_mark",
    "／": "slash",
    "、": "slash",
    "，": "comma",
    "《": "less_than_sign",
    "＊": "asterisk",
    "\N{IDEOGRAPHIC SPACE}": "space",
}
"""What Chinese input methods type instead of a key's sign."""


def full_width_key(character: str) -> str:
    """Return Textual's key for a sign or a full-width letter of an input method; "" for others."""
    plain = normalize("NFKC", character)
    is_letter = plain != character and plain.isascii() and plain.isalnum()
    return _CHINESE_SIGNS.get(character, plain if is_letter else "")


def move(binding_id: str, keys: str, action: str, words: str) -> Binding:
    """Return a binding for keys that only move."""
    return Binding(keys, action, words, id=binding_id, show=False)


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
"""The groups of ids outside the dashboard: their keys can be changed too, but are not checked."""
KeyOverrides = Mapping[str, str]
"""Binding id → keys, comma-separated."""
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


def key_names(overrides: KeyOverrides, bindings: Iterable[Binding]) -> KeyNames:
    """Return the name of the first key of each of `bindings`."""
    names: dict[str, str] = {}
    for binding in bindings:
        keys = _split(overrides.get(binding.id or "") or binding.key)
        names.setdefault(binding.id or "", key_name(keys[0]) if keys else "")
    return names


def check_keys(overrides: KeyOverrides, bindings: Iterable[Binding]) -> list[str]:
    """Return what the user has to know of `overrides`: ids and keys that nobody knows."""
    known = {binding.id for binding in bindings}
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
    return warnings


def group_of(binding_id: str) -> str:
    """Return the first part of the id of a binding."""
    return binding_id.partition(".")[0]


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _is_key(key: str) -> bool:
    last = key.rpartition("+")[2] or key
    return len(last) == 1 or key in _NAMED or last in _NAMED or key_to_character(last) is not None
