"""The settings: the environment overrides `config.toml`, which overrides the defaults."""

from collections.abc import Iterator, Mapping, MutableMapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec import field as struct_field

from pan123_tui.config import schema
from pan123_tui.config.paths import CONFIG_FILE
from pan123_tui.config.schema import SECTIONS, SETTINGS, Setting, Value
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.sanitize import add_secrets
from pan123_tui.i18n import _
from pan123_tui.system.private_files import insecure_mode, write_private

Changes = Mapping[str, Value | None]
"""Setting (`ui.theme`) → its new value; None removes the line, which restores the default."""
VARIABLES: Mapping[str, str] = {
    **{key: field.about.variable for key, field in SETTINGS.items() if field.about.variable},
    **{f"account.{field}": name for field, name in ACCOUNT_VARIABLES.items()},
}
"""The environment variable of each field that has one."""


class Settings(Struct, frozen=True, kw_only=True):
    defaults: schema.Defaults = schema.Defaults()
    service: schema.Service = schema.Service()
    retry: schema.Retry = schema.Retry()
    notify: schema.Notify = schema.Notify()
    ui: schema.Ui = schema.Ui()
    clipboard: schema.Clipboard = schema.Clipboard()
    callback: schema.Callback = schema.Callback()
    aria2: schema.Aria2 = schema.Aria2()
    hooks: schema.Hooks = schema.Hooks()
    arrival: schema.Arrival = schema.Arrival()
    keys: dict[str, str] = struct_field(default_factory=dict)
    """Binding id → keys, comma-separated."""
    warnings: tuple[str, ...] = ()
    """Warnings for the start: what has no effect, and secrets that others can read."""
    overrides: dict[str, str] = struct_field(default_factory=dict)
    """Setting → the environment variable that overrides it."""

    def value(self, field: Setting) -> Value | None:
        value: Value | None = getattr(getattr(self, field.section), field.name)
        return value


def load(environ: Mapping[str, str], config_dir: Path) -> Settings:
    """Load the settings; raises `SettingsInvalid`, which names the wrong value and the remedy."""
    file = config_dir / CONFIG_FILE
    return _settings(read_toml(file), file, environ)


def save(changes: Changes, environ: Mapping[str, str], config_dir: Path) -> Settings:
    """Write `changes` into `config.toml` and return the settings that are then in force.

    The file's comments and layout are kept. Raises `SettingsInvalid` if the file cannot be read or
    a value cannot be used, `OSError` if it cannot be written; the file is then unchanged.
    """
    file = config_dir / CONFIG_FILE
    text = _read_text(file)
    # Importing tomlkit takes 50 ms, which the start does not have to spare.
    import tomlkit  # noqa: PLC0415

    try:
        document = tomlkit.parse(text)
    except ValueError as error:
        raise _unreadable(file, str(error)) from None
    for name, value in changes.items():
        section, _dot, key = name.rpartition(".")
        _set_value(document, section, key, value, file)
    settings = _settings(document.unwrap(), file, environ)
    if (changed := document.as_string()) != text:
        # A symbolic link is kept: the file may live in a repository of such files.
        write_private(file.resolve(), changed.encode())
    return settings


def _settings(table: dict[str, Any], file: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings for `table`, the content of `file`; raises as `load` does."""
    keys = dict(_bindings(table.get("keys", {})))
    wrong: list[str] = []
    sections = _sections(table, file, environ, wrong)
    if wrong:
        raise SettingsInvalid("\n".join(wrong))
    fault = _('[keys] {key}: write its keys in quotes, such as "x" or "x,delete".')
    settings = Settings(
        **sections,
        keys={key: given for key, given in keys.items() if given is not None},
        warnings=(
            *_warnings(table, file),
            *(fault.format(key=key) for key, given in keys.items() if given is None),
        ),
        overrides={key: name for key, name in VARIABLES.items() if environ.get(name)},
    )
    # Code that knows the addresses may log an error that repeats one.
    add_secrets(*(address.partition("://")[2] for address in settings.notify.push))
    return settings


def _sections(
    table: Mapping[str, Any], file: Path, environ: Mapping[str, str], wrong: list[str]
) -> dict[str, Any]:  # their types differ
    """Return the sections; what is wrong with other values is added to `wrong`."""

    def refuse(where: str, reason: str) -> None:
        text = _("{where}: {reason}. Correct it, or remove it to use the default.")
        wrong.append(text.format(where=where, reason=reason))

    given = {name: table.get(name, {}) for name in SECTIONS}
    for name, values in given.items():
        if not isinstance(values, dict):
            refuse(f"{file}: {name}", _("it must be a section: [{name}]").format(name=name))
            given[name] = {}
    used: dict[str, dict[str, Value | None]] = {name: {} for name in SECTIONS}
    for field in SETTINGS.values():
        found: dict[str, object] = {}
        if field.name in given[field.section]:
            found[f"{file}: {field.key}"] = given[field.section][field.name]
        if text := environ.get(field.about.variable):
            found[field.about.variable] = field.about.from_variable(text)
        for where, value in found.items():
            try:
                used[field.section][field.name] = field.convert(value)
            except ValueError as error:
                refuse(where, str(error))
    return {name: kind(**used[name]) for name, kind in SECTIONS.items()}


def _warnings(table: dict[str, Any], file: Path) -> Iterator[str]:
    """Yield a warning for each key that is not used as intended."""
    is_open = insecure_mode(file) is not None
    for section, values in table.items():
        for name in values if isinstance(values, dict) else ("",):
            key = f"{section}.{name}" if name else section
            field = SETTINGS.get(key)
            text = ""
            if section != "keys" and field is None:
                text = _("{file}: {key} is not known and has no effect.")
            elif field and field.about.is_secret and values[name] and is_open:
                text = _(
                    "{file}: {key} is a secret, and others can read the file: run “chmod 600"
                    " {file}”."
                )
            if text:
                yield text.format(file=file, key=key)


def _bindings(value: object, binding_id: str = "") -> Iterator[tuple[str, str | None]]:
    """Yield each binding id in the table `value` and its keys; None: they are not text."""
    if isinstance(value, dict):  # `tasks.remove` without quotes is a table in a table
        for name, below in value.items():
            yield from _bindings(below, f"{binding_id}.{name}".strip("."))
    elif isinstance(value, list) and all(isinstance(key, str) for key in value):
        yield binding_id, ",".join(value)
    else:
        yield binding_id or "keys", value if isinstance(value, str) else None


def read_toml(file: Path) -> dict[str, Any]:
    """Parse `file`; {} if it is missing. Raises `SettingsInvalid` if it cannot be read."""
    text = _read_text(file)
    if not text:
        return {}
    import tomllib  # noqa: PLC0415 - a start without a file does not need it

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(file, str(error)) from None


def _read_text(file: Path) -> str:
    """Return the text of `file`, "" if it is missing; raises `SettingsInvalid`."""
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is not UTF-8 text")
        raise _unreadable(file, reason or str(error)) from None


def _unreadable(file: Path, reason: str) -> SettingsInvalid:
    text = _("{file} cannot be read: {reason}. Correct it or move it away.")
    return SettingsInvalid(text.format(file=file, reason=reason))


def _set_value(
    document: MutableMapping[str, Any], section: str, key: str, value: Value | None, file: Path
) -> None:
    from tomlkit.items import Table  # noqa: PLC0415 - as above

    table = document.get(section)
    if table is None:
        if value is not None:
            document[section] = {key: value}
        return
    if not isinstance(table, MutableMapping):
        text = _("{file}: {key} must be a section. Correct it or move the file away.")
        raise SettingsInvalid(text.format(file=file, key=section))
    if value is None:
        table.pop(key, None)
    elif key in table or not isinstance(table, Table):
        table[key] = value
    else:  # after the last key: comments after it may belong to the next table
        body = table.value.body
        tail = list(takewhile(lambda line: line[0] is None, reversed(body)))
        del body[len(body) - len(tail) :]
        table.append(key, value)
        body.extend(reversed(tail))
