"""What is known of a field of `config.toml`: its type and range, its meaning, how it is read."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, field

from pan123_tui.i18n import N_, _, join_choices

Value = str | int | float | bool | tuple[str, ...]
_WANTED: Mapping[type, str] = {
    bool: N_("true or false"),
    float: N_("a number above {low}, at most {high}"),
    int: N_("a whole number from {low} to {high}"),
    str: N_("a quoted string"),
    tuple: N_("a list of quoted strings"),
    NoneType: N_("the id of a folder"),
}
"""What a value must be, by the type of its default."""
_OF_SCREEN = frozenset({"ui", "clipboard", "notify"})


class Form(Struct, frozen=True):
    """The form that a text must have, unless any text will do."""

    words: str
    is_valid: Callable[[str], bool]

    def error(self, text: str) -> str:
        """Return why `text` cannot be used, "" if it can."""
        wanted = _(self.words)
        return "" if self.is_valid(text) else _("it must be {wanted}").format(wanted=wanted)


class About(Struct, frozen=True):
    """What else there is to know about a field besides type, range, form and default."""

    meaning: str
    """One sentence, for the manual and the settings screen."""
    row: str = ""
    """Label of its row on the settings screen; "": no row."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Label of each value that can be chosen."""
    variable: str = ""
    """The environment variable that overrides it."""
    from_variable: Callable[[str], str] = str
    """Returns the value for the text of the variable."""
    is_secret: bool = False


class Setting(Struct, frozen=True):
    """A field of `config.toml`, made from its declaration above."""

    section: str
    name: str
    type: Any
    """Annotated with its range."""
    default: Value | None
    about: About
    form: Form | None

    @property
    def key(self) -> str:
        """Section and name: `ui.theme`."""
        return f"{self.section}.{self.name}"

    @property
    def choices(self) -> tuple[str, ...]:
        """The values to choose from; none if the field can hold any value of its type."""
        plain = self.type.__origin__
        return get_args(plain) if get_origin(plain) is Literal else ()

    @property
    def is_of_screen(self) -> bool:
        """Whether the field applies to the screen and its machine, not to the engine's."""
        return self.section in _OF_SCREEN and not self.about.is_secret

    def wanted(self) -> str:
        """Return what a value must be, for the user."""
        if self.form:
            return _(self.form.words)
        if choices := self.choices:
            return _("one of {words}").format(words=join_choices(choices))
        limits = next((it for it in self.type.__metadata__ if isinstance(it, Meta)), Meta())
        low = limits.ge if limits.gt is None else limits.gt
        return _(_WANTED[type(self.default)]).format(low=low, high=limits.le)

    def convert(self, value: object) -> Value | None:
        """Return `value` in the field's type; raises `ValueError` with the reason for the user."""
        converted: Value | None = None
        try:
            converted = msgspec.convert(value, self.type)
            texts = converted if isinstance(converted, tuple) else (str(converted),)
            is_valid = not (self.form and converted) or all(map(self.form.is_valid, texts))
        except msgspec.ValidationError:
            is_valid = False
        if not is_valid:
            raise ValueError(_("it must be {wanted}").format(wanted=self.wanted()))
        return converted

    def parse(self, text: str) -> Value | None:
        """Return the value for what was typed, None if empty; raises as `convert` does."""
        value: Any = (text := text.strip())
        if not text:
            return None
        if isinstance(self.default, tuple):
            value = tuple(word.rstrip(",;，；") for word in text.split())
        elif not isinstance(self.default, str):
            with suppress(ValueError):
                value = float(text) if isinstance(self.default, float) else int(text)
        return self.convert(value)


def mask(address: str) -> str:
    """Return a secret address with only its scheme legible."""
    return f"{address.partition('://')[0]}://…" if "://" in address else "…"
