"""The settings: the environment overrides `config.toml`, which overrides the defaults."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec import field as struct_field
from msgspec.structs import replace

from pan123_tui.config import schema
from pan123_tui.config.fields import Field, Value
from pan123_tui.config.schema import FIELDS, GONE, SECTIONS
from pan123_tui.config.toml_file import change_toml, parse_toml, read_text
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.sanitize import add_secrets
from pan123_tui.i18n import _, join_sentences
from pan123_tui.system.private_files import insecure_mode, write_private

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


class Settings(Struct, frozen=True, kw_only=True):
    """All settings, validated."""

    defaults: schema.Defaults = schema.Defaults()
    service: schema.Service = schema.Service()
    retry: schema.Retry = schema.Retry()
    notify: schema.Notify = schema.Notify()
    ui: schema.Ui = schema.Ui()
    clipboard: schema.Clipboard = schema.Clipboard()
    callback: schema.Callback = schema.Callback()
    hooks: schema.Hooks = schema.Hooks()
    arrival: schema.Arrival = schema.Arrival()
    keys: dict[str, str] = struct_field(default_factory=dict)
    """Binding id → keys, comma-separated."""
    key_faults: tuple[str, ...] = ()
    """What in `[keys]` is not used, for the user."""
    warnings: tuple[str, ...] = ()
    """What is to be said at the start: fields without effect, and secrets that others can read."""
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

    Raises `SettingsInvalid` with file or variable, key, and what to do, if a value cannot be used;
    a wrong key in `[keys]` never keeps the program from starting.
    """
    file = config_dir / CONFIG_FILE
    text = read_text(file)
    try:
        return _settings(parse_toml(text, file), file, environ)
    except SettingsInvalid as error:
        if (remainder := _KEY_TABLE.sub("", text)) == text:
            raise
        settings = _settings(parse_toml(remainder, file), file, environ)
        fault = _("[keys] has no effect: {reason}").format(reason=error)
        return replace(settings, key_faults=(*settings.key_faults, fault))


def save(changes: Changes, environ: Mapping[str, str], config_dir: Path) -> Settings:
    """Write `changes` into `config.toml` and return the settings that are then in force.

    Comments and layout of the file are kept. Raises `SettingsInvalid` if the file cannot be read
    or a value cannot be used, `OSError` if it cannot be written; it is then unchanged.
    """
    file = config_dir / CONFIG_FILE
    text = read_text(file)
    changed, table = change_toml(text, changes, file)
    settings = _settings(table, file, environ)
    if changed != text:
        # A symbolic link is kept: the file may live in a repository of such files.
        write_private(file.resolve(), changed.encode())
    return settings


def _settings(table: dict[str, Any], file: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings for `table`, the content of `file`; raises as `load` does."""
    keys, not_keys = _flatten_keys(table.get("keys", {}))
    fault = _('[keys] {key}: write its keys in quotes, such as "x" or "x,delete".')
    settings = Settings(
        **{name: _section(name, table, file, environ) for name in SECTIONS},
        keys=keys,
        key_faults=tuple(fault.format(key=key) for key in not_keys),
        warnings=tuple(_warnings(table, file)),
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


def _invalid_value(where: str, reason: str) -> SettingsInvalid:
    text = _("{where}: {reason}. Correct it, or remove it to use the default.")
    return SettingsInvalid(text.format(where=where, reason=reason))


def _warnings(table: dict[str, Any], file: Path) -> Iterator[str]:
    """Yield what is to be said of the keys that are not used as intended."""
    text = _("{file}: {key} is a secret, and others can read the file: run “chmod 600 {file}”.")
    for section, values in table.items():
        for name in values if isinstance(values, dict) else ("",):
            key = f"{section}.{name}" if name else section
            field = FIELDS.get(key)
            if section != "keys" and field is None:
                yield _unused(key, file)
            elif field and field.about.is_secret and values[name] and insecure_mode(file):
                yield text.format(file=file, key=key)


def _unused(key: str, file: Path) -> str:
    """Return why `key` in `file` has no effect, and what to do."""
    if key.rpartition(".")[2] in ACCOUNT_VARIABLES:
        text = _(
            "{file}: {key} is not read from here, where others may see it: remove the line"
            " and run “pan123-tui login”."
        )
    elif key in GONE:
        text = _("{file}: {key} no longer has any effect: remove the line.")
    else:
        text = _("{file}: {key} is not known and has no effect.")
    instead = _("Use {key} instead.").format(key=GONE[key]) if GONE.get(key) else ""
    return join_sentences(text.format(file=file, key=key), instead)


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
