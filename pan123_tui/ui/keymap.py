"""A screen whose greyed keys say why they do nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from time import monotonic
from typing import Any

from msgspec import Struct
from textual.binding import Binding
from textual.keys import Keys, format_key, key_to_character
from textual.screen import Screen

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _

_NAMES: Mapping[str, str] = {
    "enter": "enter",
    "escape": "esc",
    "delete": "del",
    "backspace": "backspace",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_NAMED = frozenset(key.value for key in Keys)


def key_name(key: str, *, is_ascii: bool = False) -> str:
    """Name `key`, as Textual calls it, the way it stands on a keyboard: "ctrl+a", "?", "pgdn"."""
    *modifiers, last = key.split("+")
    name = _NAMES.get(last) or format_key(last)
    if is_ascii and not name.isascii():  # an arrow drawn as "v" would be the key v
        name = last
    return "+".join((*modifiers, name))


class KeyWarningKind(StrEnum):
    """Why an entry of `[keys]` is not as it should be."""

    UNKNOWN_ID = "unknown_id"
    UNKNOWN_KEY = "unknown_key"
    TAKEN = "taken"


class KeyWarning(Struct, frozen=True):
    """An entry of `[keys]` that does not work; `str()` says so in a person's words."""

    kind: KeyWarningKind
    id: str
    key: str = ""
    other: str = ""
    """The id of the action that has the key too."""

    def __str__(self) -> str:
        return _(_WORDS[self.kind]).format(
            id=sanitize(self.id, 40), key=sanitize(self.key, 20), other=sanitize(self.other, 40)
        )


_WORDS: Mapping[KeyWarningKind, str] = {
    KeyWarningKind.UNKNOWN_ID: N_("[keys] {id}: there is no such action."),
    KeyWarningKind.UNKNOWN_KEY: N_("[keys] {id}: there is no key called {key}."),
    KeyWarningKind.TAKEN: N_("[keys] {id}: {key} is the key of {other} too."),
}

Chosen = Mapping[str, str]
"""Binding id → keys, comma-separated."""
Scope = Sequence[Binding]
"""The bindings that work at the same time."""


def bindings_of(*classes: type) -> list[Binding]:
    """Give the bindings with an id of `classes` and of what they are made from."""
    declared = [
        binding
        for cls in classes
        for parent in cls.__mro__
        for binding in vars(parent).get("BINDINGS", ())
    ]
    return [binding for binding in declared if isinstance(binding, Binding) and binding.id]


def key_of(screen: Screen[Any], binding_id: str) -> str:
    """Name the key of a binding that works on `screen`; empty: there is none."""
    for active in screen.active_bindings.values():
        if active.binding.id == binding_id:
            return screen.app.get_key_display(active.binding)
    return ""


KeyNames = Mapping[str, str]
"""Binding id → the name of its first key; empty where the user has taken all keys away."""


def key_names(chosen: Chosen, bindings: Scope) -> KeyNames:
    """Name the first key of each of `bindings`, whichever the user has given it."""
    names: dict[str, str] = {}
    for binding in bindings:
        keys = _split(chosen.get(binding.id or "", binding.key))
        names.setdefault(binding.id or "", key_name(keys[0]) if keys else "")
    return names


def check_keys(chosen: Chosen, scopes: Iterable[Scope]) -> list[KeyWarning]:
    """Tell what is wrong with `chosen`, where the bindings of each scope work together."""
    scopes = list(scopes)
    known = {binding.id for scope in scopes for binding in scope}
    faults = [KeyWarning(KeyWarningKind.UNKNOWN_ID, name) for name in chosen if name not in known]
    faults += [
        KeyWarning(KeyWarningKind.UNKNOWN_KEY, name, key)
        for name, keys in chosen.items()
        for key in _split(keys)
        if not _is_key(key)
    ]
    for scope in scopes:
        faults += [fault for fault in _taken(chosen, scope) if fault not in faults]
    return faults


def _taken(chosen: Chosen, scope: Scope) -> Iterator[KeyWarning]:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for binding in scope:
        name = binding.id or ""
        for key in _split(chosen.get(name, binding.key)):
            if name not in owners[_spelt(key)]:
                owners[_spelt(key)].append(name)
    for key, names in owners.items():
        mine = [name for name in names if name in chosen]
        if mine and len(names) > 1:
            other = next(name for name in names if name != mine[0])
            yield KeyWarning(KeyWarningKind.TAKEN, mine[0], key_name(key), other)


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _is_key(key: str) -> bool:
    last = key.rpartition("+")[2] or key
    return len(last) == 1 or key in _NAMED or last in _NAMED or key_to_character(last) is not None


def _spelt(key: str) -> str:
    """Give one spelling for "?" and "question_mark"."""
    name = format_key(key)
    return name if len(name) == 1 else key


HINT_REPEAT_S = 4.0
"""How long it stands there."""


def with_hints(*bindings: Binding) -> tuple[Binding, ...]:
    """Give `bindings`, and for each of them what its key does while it cannot be used: say why.

    Of two bindings of one key, the second is looked for only when the first is greyed out.
    """
    return tuple(part for binding in bindings for part in (binding, hint_action(binding)))


def hint_action(binding: Binding) -> Binding:
    """Give the binding of the same key that says why `binding` cannot be used."""
    name, _, rest = binding.action.partition("(")
    arguments = ", ".join(part for part in (repr(name), rest.rstrip(")")) if part)
    return replace(binding, action=f"excuse({arguments})", description="", tooltip="", show=False)


class DisabledActionHints(Screen[None]):
    """Offers an action only where `why_not` has nothing against it."""

    _said = ""
    _said_at = 0.0

    def disabled_reason(self, action: str, *parameters: object) -> str:
        """Say why `action` cannot be done now; empty: it can."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # None, not False: the help names the key all the same.
        return None if not self.is_mounted or self.disabled_reason(action, *parameters) else True

    def action_excuse(self, action: str, *parameters: object) -> None:
        why = self.disabled_reason(action, *parameters)
        # A key that is held down says it once.
        if why and (why != self._said or monotonic() > self._said_at + HINT_REPEAT_S):
            self._said, self._said_at = why, monotonic()
            self.notify(why, timeout=HINT_REPEAT_S, markup=False)
