"""The fields of `config.toml`, each declared once: type, range, default, meaning, and so on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, field

from pan123_tui.config.forms import BASE_URL, LISTEN, PUSH, URL, WAIT, Form, duration_s
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
DEFAULT_BASE_URL = "https://open-api.123pan.com"


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
    """A field of `config.toml`, made from its declaration."""

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


Rate = Annotated[float, Meta(gt=0, le=50)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
Texts = tuple[str, ...]


class Section(Struct, frozen=True, kw_only=True):
    """A table of `config.toml`."""


class Defaults(Section, frozen=True):
    """`[defaults]`: values for new links without values of their own."""

    folder_id: Annotated[
        Annotated[int, Meta(gt=0)] | None,
        About(N_("Folder for new links; without one, 123pan's default folder."), N_("Folder")),
    ] = None
    folder_name: Annotated[str, About(N_("Name of that folder: only shown, never sent."))] = ""
    batch_folders: Annotated[
        Literal["none", "date", "batch"],
        About(
            N_("A folder for each batch: in the folder chosen above, or else in the drive's root."),
            N_("Folder for each batch"),
            words={"none": N_("none"), "date": N_("by date"), "batch": N_("by batch name")},
        ),
    ] = "none"
    callback_url: Annotated[
        str, URL, About(N_("Address that 123pan calls when a task has ended."))
    ] = ""
    remember_links: Annotated[
        bool,
        About(
            N_("Remember the links that were sent, so that none is sent again unasked."),
            N_("Remember sent links"),
        ),
    ] = True


class Service(Section, frozen=True):
    """`[service]`: the address of the open API, and how much it is asked to do."""

    base_url: Annotated[
        str,
        BASE_URL,
        About(
            N_("Address of 123pan's API: https, or http on this machine."),
            variable="PAN123_BASE_URL",
        ),
    ] = DEFAULT_BASE_URL
    create_per_s: Annotated[
        Rate,
        About(
            N_("Links sent per second; other programs with the same account are not counted."),
            N_("Links sent per second"),
        ),
    ] = 1.0
    process_per_s: Annotated[
        Rate,
        About(
            N_("Progress checks per second; other programs with the same account are not counted.")
        ),
    ] = 5.0
    max_running: Annotated[
        int,
        Meta(ge=0, le=1000),
        About(
            N_("Limit on simultaneous downloads; 0: as many as 123pan allows."),
            N_("Max downloads"),
            words={"0": N_("unlimited")},
        ),
    ] = 0


class Retry(Section, frozen=True):
    """`[retry]`: links that failed at the source and are sent again automatically."""

    times: Annotated[
        int,
        Meta(ge=0, le=20),
        About(
            N_("How many times a link that failed at its source is sent again; 0: never."),
            N_("Retries of a failed link"),
            words={"0": N_("no retry")},
        ),
    ] = 0
    after: Annotated[
        str, WAIT, About(N_("Wait before the first retry, doubled for each later one."))
    ] = "10m"

    @property
    def after_s(self) -> float:
        return duration_s(self.after)


class Notify(Section, frozen=True):
    """`[notify]`: how the ends of tasks and batches are announced."""

    push: Annotated[
        Texts,
        PUSH,
        About(
            N_("Addresses to message when a batch ends or something needs you; keep them secret."),
            N_("Send messages to"),
            is_secret=True,
        ),
    ] = ()
    tell: Annotated[
        Literal["off", "bell", "desktop"],
        About(
            N_("How the terminal tells you that tasks ended while you were elsewhere."),
            N_("Notify me"),
            words={"off": N_("off"), "bell": N_("bell"), "desktop": N_("bell and desktop")},
        ),
    ] = "desktop"
    title: Annotated[bool, About(N_("Show counts in the window title."))] = True

    def __repr__(self) -> str:
        return f"Notify(push={[mask(address) for address in self.push]}, tell={self.tell!r})"


class Ui(Section, frozen=True):
    """`[ui]`: language and appearance."""

    language: Annotated[
        Literal["auto", "en", "zh"],
        About(
            N_("Language of all texts."),
            N_("Language"),
            words={"auto": N_("the system's language"), "en": "English", "zh": "中文"},
            variable="PAN123_LANG",
            from_variable=lambda locale: "zh" if locale.lower().startswith("zh") else "en",
        ),
    ] = "auto"
    theme: Annotated[
        str, About(N_("Colours of the program; the settings list all themes."), N_("Theme"))
    ] = ""
    ascii: Annotated[
        bool,
        About(
            N_("Draw with ASCII characters only, for terminals that cannot show others."),
            N_("ASCII only"),
        ),
    ] = False


class Clipboard(Section, frozen=True):
    """`[clipboard]`: watching the local clipboard for links."""

    watch: Annotated[
        bool, About(N_("Collect the links that you copy."), N_("Watch the clipboard"))
    ] = False
    interval_s: Annotated[Seconds, About(N_("Seconds between checks of the clipboard."))] = 1.0


class Callback(Section, frozen=True):
    """`[callback]`: the receiver of the service's callbacks; off if `listen` is empty."""

    listen: Annotated[str, LISTEN, About(N_("Host and port that receive callbacks."))] = ""
    public_url: Annotated[
        str, URL, About(N_("Address at which 123pan reaches that port from outside."))
    ] = ""

    @property
    def base(self) -> str:
        """What stands before the secret in the addresses that are called; empty: none is."""
        return self.public_url.rstrip("/") if self.listen else ""


class Aria2(Section, frozen=True):
    """`[aria2]`: links from programs that speak aria2's JSON-RPC."""

    enabled: Annotated[
        bool,
        About(
            N_("Take what browser extensions and others send to aria2; the engine keeps running."),
            N_("Links from the browser"),
        ),
    ] = False
    listen: Annotated[
        str,
        LISTEN,
        About(
            N_("Host and port that take them; 127.0.0.1 can be reached from this machine only."),
            N_("Address for the browser"),
        ),
    ] = "127.0.0.1:6800"

    @property
    def address(self) -> str:
        """Where links are taken; empty: nowhere."""
        return self.listen if self.enabled else ""


class Hooks(Section, frozen=True):
    """`[hooks]`: commands with their arguments, run without a shell."""

    on_end: Annotated[Texts, About(N_("Program and arguments, run when a task has ended."))] = ()
    on_batch_end: Annotated[
        Texts, About(N_("Program and arguments, run when a batch has ended."))
    ] = ()
    timeout_s: Annotated[
        Seconds, About(N_("Seconds after which a hook that is still running is ended."))
    ] = 30.0


class Arrival(Section, frozen=True):
    """`[arrival]`: the check of the target folder after a success."""

    check: Annotated[bool, About(N_("Look for the file in its folder once the task is done."))] = (
        True
    )


SECTIONS: Mapping[str, type[Section]] = {
    kind.__name__.lower(): kind for kind in Section.__subclasses__()
}


def _fields() -> Iterator[Setting]:
    for section, kind in SECTIONS.items():
        defaults = zip(kind.__struct_fields__, kind.__struct_defaults__, strict=True)
        for name, default in defaults:
            declared = kind.__annotations__[name]
            known = {type(it): it for it in declared.__metadata__}
            yield Setting(section, name, declared, default, known[About], known.get(Form))


SETTINGS: Mapping[str, Setting] = {field.key: field for field in _fields()}
"""All fields, by their keys."""
