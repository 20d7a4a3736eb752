"""The ids of bindings, and a check of the user's keys."""

from collections.abc import Iterable, Mapping
from unicodedata import normalize

from textual.binding import Binding
from textual.keys import Keys, key_to_character

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _

_NAMED = frozenset(key.value for key in Keys)
_MODIFIERS = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})
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


def bindings_of(*classes: type) -> list[Binding]:
    """Return the bindings with an id of `classes` and their base classes."""
    declared = [
        binding
        for cls in classes
        for parent in cls.__mro__
        for binding in vars(parent).get("BINDINGS", ())
    ]
    return [binding for binding in declared if isinstance(binding, Binding) and binding.id]


def check_keys(overrides: Mapping[str, str], bindings: Iterable[Binding]) -> list[str]:
    """Return what the user has to know of `[keys]`: ids and keys that nobody knows."""
    known = {binding.id for binding in bindings}
    unknown = _("[keys] {id}: there is no such action.")
    unknown_key = _("[keys] {id}: there is no key called {key}.")
    warnings = []
    for binding_id, keys in overrides.items():
        shown = sanitize(binding_id, 40)
        if binding_id not in known and group_of(binding_id) not in OTHER_SCREENS:
            warnings.append(unknown.format(id=shown))
        for key in filter(None, map(str.strip, keys.split(","))):
            *modifiers, last = key.split("+") if len(key) > 1 else [key]
            is_sign = len(last) == 1 or last in _NAMED or key_to_character(last) is not None
            if key not in _NAMED and not (is_sign and _MODIFIERS.issuperset(modifiers)):
                warnings.append(unknown_key.format(id=shown, key=sanitize(key, 20)))
    return warnings


def group_of(binding_id: str) -> str:
    return binding_id.partition(".")[0]
