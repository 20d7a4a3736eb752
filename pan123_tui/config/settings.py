"""The settings: the environment overrides `config.toml`, which overrides the defaults."""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from pan123_tui.config.schema import (
    Arrival,
    Callback,
    Clipboard,
    Defaults,
    Hooks,
    Notify,
    Section,
    Service,
    Ui,
    base_url_error,
    listen_address_error,
    url_error,
)
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.i18n import N_, _

CONFIG_FILE = "config.toml"
Value = str | int | float | bool
Changes = Mapping[str, Value | None]
"""Field (`ui.theme`) → its new value; None removes the line, which restores the default."""
VARIABLES: Mapping[str, str] = {
    "service.base_url": "PAN123_BASE_URL",
    "ui.language": "PAN123_LANG",
    **{f"account.{field}": name for field, name in ACCOUNT_VARIABLES.items()},
}
"""The environment variable of each field that has one."""
_KEY_TABLE = re.compile(
    r"^[ \t]*\[keys[\].].*?(?=^[ \t]*\[(?!keys[\].])|\Z)", re.MULTILINE | re.DOTALL
)


class WarningKind(StrEnum):
    """Why a key of `config.toml` is not used."""

    UNKNOWN = "unknown"
    SECRET = "secret"  # noqa: S105 - a word, not a secret
    NO_KEYS = "no_keys"
    """An entry of `[keys]` that is not text."""
    BAD_KEY_TABLE = "bad_key_table"
    """`[keys]` has a syntax error; the rest of the file is used."""


class SettingsWarning(msgspec.Struct, frozen=True):
    """A key of `config.toml` that is not used; `str()` is the message for the user."""

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
        text = _(_WARNINGS[self.kind])
        return text.format(file=self.file, key=self.key, reason=self.reason)


_WARNINGS: Mapping[WarningKind, str] = {
    WarningKind.UNKNOWN: N_("{file}: {key} is not known and has no effect."),
    WarningKind.SECRET: N_(
        "{file}: {key} is not read from here, where others may see it: remove the line"
        " and run “pan123-tui login”."
    ),
    WarningKind.NO_KEYS: N_('[keys] {key}: write its keys in quotes, such as "x" or "x,delete".'),
    WarningKind.BAD_KEY_TABLE: N_("[keys] has no effect: {reason}"),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings, validated."""

    service: Service = Service()
    defaults: Defaults = Defaults()
    ui: Ui = Ui()
    clipboard: Clipboard = Clipboard()
    notify: Notify = Notify()
    callback: Callback = Callback()
    hooks: Hooks = Hooks()
    arrival: Arrival = Arrival()
    keys: dict[str, str] = msgspec.field(default_factory=dict)
    """Binding id → keys, comma-separated."""
    warnings: tuple[SettingsWarning, ...] = ()
    overrides: dict[str, str] = msgspec.field(default_factory=dict)
    """Field → the environment variable that overrides it."""

    def overridden_by(self, key: str) -> str | None:
        """Return the environment variable that overrides the field `key` (`ui.theme`), if any."""
        return self.overrides.get(key)


_SECTIONS = {
    name: type(value) for name, value in asdict(Settings()).items() if isinstance(value, Section)
}
"""Section → its type; `[keys]` is not among them, as it may hold any key."""


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
    settings = _convert(table, file)
    _check_addresses(settings, file)
    keys, not_keys = _flatten_keys(table.get("keys", {}))
    overrides = {key: name for key, name in VARIABLES.items() if environ.get(name)}
    return replace(
        settings,
        service=_override_service(settings.service, environ),
        ui=_override_ui(settings.ui, environ),
        keys=keys,
        warnings=(
            *_warnings(table, file),
            *(SettingsWarning(WarningKind.NO_KEYS, file, key) for key in not_keys),
        ),
        overrides=overrides,
    )


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


def _convert(table: dict[str, Any], file: Path) -> Settings:
    known = {name: table[name] for name in _SECTIONS if name in table}
    try:
        return msgspec.convert(known, Settings)
    except msgspec.ValidationError as error:
        reason, _separator, where = str(error).rpartition(" - at `$.")
        raise _invalid_value(f"{file}: {where.rstrip('`')}", reason) from None


def _warnings(table: dict[str, Any], file: Path) -> Iterator[SettingsWarning]:
    for section, values in table.items():
        if section == "keys":
            continue
        if not isinstance(values, dict):
            yield _warning(file, section)
            continue
        known = _SECTIONS[section].__struct_fields__ if section in _SECTIONS else ()
        for key in values:
            if key not in known:
                yield _warning(file, f"{section}.{key}")


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
    is_secret = key.rpartition(".")[2] in ACCOUNT_VARIABLES
    return SettingsWarning(WarningKind.SECRET if is_secret else WarningKind.UNKNOWN, file, key)


def _override_service(service: Service, environ: Mapping[str, str]) -> Service:
    name = VARIABLES["service.base_url"]
    if not (value := environ.get(name)):
        return service
    _check(name, value, base_url_error)
    return replace(service, base_url=value)


def _override_ui(ui: Ui, environ: Mapping[str, str]) -> Ui:
    """Apply `PAN123_LANG`, which may hold any locale name; all but Chinese ones mean English."""
    if not (value := environ.get(VARIABLES["ui.language"])):
        return ui
    return replace(ui, language="zh" if value.lower().startswith("zh") else "en")


def _check_addresses(settings: Settings, file: Path) -> None:
    _check(f"{file}: service.base_url", settings.service.base_url, base_url_error)
    _check(f"{file}: defaults.callback_url", settings.defaults.callback_url, url_error)
    _check(f"{file}: callback.public_url", settings.callback.public_url, url_error)
    _check(f"{file}: callback.listen", settings.callback.listen, listen_address_error)


def _check(where: str, value: str, error_of: Callable[[str], str]) -> None:
    if value and (reason := error_of(value)):
        raise _invalid_value(where, reason)


def _invalid_value(where: str, reason: str) -> SettingsInvalid:
    """Return an error without the value itself, which may be private."""
    text = _("{where}: {reason}. Correct it, or remove it to use the default.")
    return SettingsInvalid(text.format(where=where, reason=reason))
