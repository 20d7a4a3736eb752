"""The settings: the environment overrides `config.toml`, which overrides the defaults."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec import field as struct_field
from msgspec.structs import replace

from pan123_tui.config.fields import Field, Value
from pan123_tui.config.private_files import insecure_mode
from pan123_tui.config.schema import (
    FIELDS,
    GONE,
    SECTIONS,
    Arrival,
    Callback,
    Clipboard,
    Defaults,
    Hooks,
    Notify,
    Retry,
    Service,
    Ui,
)
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.sanitize import add_secrets
from pan123_tui.i18n import N_, _, join_sentences

CONFIG_FILE = "config.toml"
Changes = Mapping[str, Value | None]
"""Field (`ui.theme`) → its new value; None removes the line, which restores the default."""
VARIABLES: Mapping[str, str] = {
    **{key: field.about.variable for key, field in FIELDS.items() if field.about.variable},
    **{f"account.{field}": name for field, name in ACCOUNT_VARIABLES.items()},
}
"""The environment variable of each field that has one."""
_KEY_TABLE = re.compile(
    r"^[ \t]*\[keys[\].].*?(?=^[ \t]*\[(?!keys[\].])|\Z)", re.MULTILINE | re.DOTALL
)


class WarningKind(StrEnum):
    """What is to be said of a key of `config.toml`, which is not used except where it is open."""

    UNKNOWN = "unknown"
    GONE = "gone"
    """A key of an earlier version."""
    SECRET = "secret"  # noqa: S105 - a word, not a secret
    OPEN = "open"
    """A secret that is used, in a file that others can read."""
    NO_KEYS = "no_keys"
    """An entry of `[keys]` that is not text."""
    BAD_KEY_TABLE = "bad_key_table"
    """`[keys]` has a syntax error; the rest of the file is used."""


class SettingsWarning(Struct, frozen=True):
    """A warning about a key of `config.toml`; `str()` is the message for the user."""

    kind: WarningKind
    file: Path
    key: str
    """With its section: `ui.theme`."""
    reason: str = ""

    @property
    def is_about_keys(self) -> bool:
        """Whether it is about `[keys]`."""
        return self.kind in (WarningKind.NO_KEYS, WarningKind.BAD_KEY_TABLE)

    def __str__(self) -> str:
        text = _(_WARNINGS[self.kind]).format(file=self.file, key=self.key, reason=self.reason)
        if instead := GONE.get(self.key):
            text = join_sentences(text, _("Use {key} instead.").format(key=instead))
        return text


_WARNINGS: Mapping[WarningKind, str] = {
    WarningKind.UNKNOWN: N_("{file}: {key} is not known and has no effect."),
    WarningKind.GONE: N_("{file}: {key} no longer has any effect: remove the line."),
    WarningKind.SECRET: N_(
        "{file}: {key} is not read from here, where others may see it: remove the line"
        " and run “pan123-tui login”."
    ),
    WarningKind.OPEN: N_(
        "{file}: {key} is a secret, and others can read the file: run “chmod 600 {file}”."
    ),
    WarningKind.NO_KEYS: N_('[keys] {key}: write its keys in quotes, such as "x" or "x,delete".'),
    WarningKind.BAD_KEY_TABLE: N_("[keys] has no effect: {reason}"),
}


class Settings(Struct, frozen=True, kw_only=True):
    """All settings, validated."""

    defaults: Defaults = Defaults()
    service: Service = Service()
    retry: Retry = Retry()
    notify: Notify = Notify()
    ui: Ui = Ui()
    clipboard: Clipboard = Clipboard()
    callback: Callback = Callback()
    hooks: Hooks = Hooks()
    arrival: Arrival = Arrival()
    keys: dict[str, str] = struct_field(default_factory=dict)
    """Binding id → keys, comma-separated."""
    warnings: tuple[SettingsWarning, ...] = ()
    overrides: dict[str, str] = struct_field(default_factory=dict)
    """Field → the environment variable that overrides it."""

    def overridden_by(self, key: str) -> str | None:
        """Return the environment variable that overrides the field `key` (`ui.theme`), if any."""
        return self.overrides.get(key)

    def value(self, field: Field) -> Value | None:
        """Return the value of `field`."""
        value: Value | None = getattr(getattr(self, field.section), field.name)
        return value


def load(environ: Mapping[str, str], config_dir: Path) -> Settings:
    """Load the settings of `environ` and of `config.toml` in `config_dir`.

    Unknown keys are reported in `warnings`. Raises `SettingsInvalid`, which names the file or
    variable, the key and what to do, if a value cannot be used.
    """
    file = config_dir / CONFIG_FILE
    table, key_error = _parse_config(read_text(file), file)
    settings = parse_settings(table, file, environ)
    if not key_error:
        return settings
    warning = SettingsWarning(WarningKind.BAD_KEY_TABLE, file, "keys", key_error)
    return replace(settings, warnings=(*settings.warnings, warning))


def _parse_config(text: str, file: Path) -> tuple[dict[str, Any], str]:
    """Return the table in `text`, and why `[keys]` had to be left out of it, if it had to.

    A wrong key never keeps the program from starting. Raises `SettingsInvalid` otherwise.
    """
    try:
        return _parse_toml(text, file), ""
    except SettingsInvalid as error:
        remainder = _KEY_TABLE.sub("", text)
        if remainder == text:
            raise
        return _parse_toml(remainder, file), str(error)


def parse_settings(table: dict[str, Any], file: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings for `table`, the content of `file`; raises as `load` does."""
    keys, not_keys = _flatten_keys(table.get("keys", {}))
    settings = Settings(
        **{name: _section(name, table, file, environ) for name in SECTIONS},
        keys=keys,
        warnings=(
            *_warnings(table, file),
            *(SettingsWarning(WarningKind.NO_KEYS, file, key) for key in not_keys),
        ),
        overrides={key: name for key, name in VARIABLES.items() if environ.get(name)},
    )
    # Whoever knows the addresses may log an error that repeats one.
    add_secrets(*(address.partition("://")[2] for address in settings.notify.push))
    return settings


def _section(
    name: str, table: Mapping[str, Any], file: Path, environ: Mapping[str, str]
) -> Any:  # one of SECTIONS, whose types differ
    given = table.get(name, {})
    if not isinstance(given, dict):
        raise _invalid_value(
            f"{file}: {name}", _("it must be a section: [{name}]").format(name=name)
        )
    values: dict[str, Value | None] = {}
    for field in FIELDS.values():
        if field.section != name:
            continue
        if field.name in given:
            values[field.name] = _converted(field, given[field.name], f"{file}: {field.key}")
        variable = field.about.variable
        if variable and (text := environ.get(variable)):
            values[field.name] = _converted(field, field.about.from_variable(text), variable)
    return SECTIONS[name](**values)


def _converted(field: Field, value: object, where: str) -> Value | None:
    try:
        return field.convert(value)
    except ValueError as error:
        raise _invalid_value(where, str(error)) from None


def read_toml(file: Path) -> dict[str, Any]:
    """Parse `file`; {} if it is missing. Raises `SettingsInvalid` if it cannot be read."""
    return _parse_toml(read_text(file), file)


def _parse_toml(text: str, file: Path) -> dict[str, Any]:
    if not text:
        return {}
    import tomllib  # noqa: PLC0415 - a start without a file does not need it

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise file_unreadable(file, str(error)) from None


def read_text(file: Path) -> str:
    """Return the text of `file` with its line ends; "" if it is missing.

    Raises `SettingsInvalid` if it cannot be read or is not UTF-8.
    """
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise file_unreadable(file, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise file_unreadable(file, _("it is not UTF-8 text")) from None


def file_unreadable(file: Path, reason: str) -> SettingsInvalid:
    """Return the error for a `file` that cannot be read or parsed."""
    text = _("{file} cannot be read: {reason}. Correct it or move it away.")
    return SettingsInvalid(text.format(file=file, reason=reason))


def _warnings(table: dict[str, Any], file: Path) -> Iterator[SettingsWarning]:
    for section, values in table.items():
        if section == "keys":
            continue
        if not isinstance(values, dict):
            yield _warning(file, section)
            continue
        for name in values:
            if (key := f"{section}.{name}") not in FIELDS:
                yield _warning(file, key)
            elif FIELDS[key].about.is_secret and values[name] and insecure_mode(file):
                yield SettingsWarning(WarningKind.OPEN, file, key)


def _flatten_keys(value: object, binding_id: str = "") -> tuple[dict[str, str], list[str]]:
    """Return binding id → keys of the table `value`, and the ids whose keys are not text.

    An id may be quoted or not (`tasks.remove` is then a table in a table), and several keys may
    be in one text or in a list.
    """
    if isinstance(value, str):
        return {binding_id: value}, []
    if isinstance(value, list) and all(isinstance(key, str) for key in value):
        return {binding_id: ",".join(value)}, []
    if not isinstance(value, dict):
        return {}, [binding_id or "keys"]
    keys: dict[str, str] = {}
    faults: list[str] = []
    for name, below in value.items():
        found, not_keys = _flatten_keys(below, f"{binding_id}.{name}".strip("."))
        keys |= found
        faults += not_keys
    return keys, faults


def _warning(file: Path, key: str) -> SettingsWarning:
    if key.rpartition(".")[2] in ACCOUNT_VARIABLES:
        return SettingsWarning(WarningKind.SECRET, file, key)
    return SettingsWarning(WarningKind.GONE if key in GONE else WarningKind.UNKNOWN, file, key)


def _invalid_value(where: str, reason: str) -> SettingsInvalid:
    text = _("{where}: {reason}. Correct it, or remove it to use the default.")
    return SettingsInvalid(text.format(where=where, reason=reason))
