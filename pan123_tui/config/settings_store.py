"""The workshop: the files of the settings and the account, as the settings screen uses them."""

from collections.abc import Mapping, MutableMapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from pan123_tui.config.credentials import account_source, save_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.private_files import write_private
from pan123_tui.config.settings import CONFIG_FILE, Changes, Settings, Value, parse_settings
from pan123_tui.domain.credentials import AccountSource, Credentials
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.i18n import _


def save_settings(environ: Mapping[str, str], config_dir: Path, changes: Changes) -> Settings:
    """Write `changes` into the file and give the settings that it then holds.

    Raises `SettingsInvalid` where the file cannot be read or would hold a value that cannot be
    used, and `OSError` where it cannot be written; the file is then as it was.
    """
    file = config_dir / CONFIG_FILE
    text = _text(file)
    try:
        document = tomlkit.parse(text)
    except ValueError as error:
        raise _unreadable(file, str(error)) from None
    for field, value in changes.items():
        section, _dot, key = field.rpartition(".")
        _put(document, section, key, value, file)
    settings = parse_settings(document.unwrap(), file, environ)
    changed = tomlkit.dumps(document)
    if changed != text:
        # A link stays a link: the file may live in a repository of such files.
        write_private(file.resolve(), changed.encode())
    return settings


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise _unreadable(file, _("it is not UTF-8 text")) from None


def _put(
    document: MutableMapping[str, Any], section: str, key: str, value: Value | None, file: Path
) -> None:
    table = document.get(section)
    if table is None:
        if value is not None:
            document[section] = {key: value}
        return
    if not isinstance(table, MutableMapping):
        text = _("{file}: {key} must be a table. Correct it or move the file away.")
        raise SettingsInvalid(text.format(file=file, key=section))
    if value is None:
        table.pop(key, None)
    elif key in table or not isinstance(table, Table):
        table[key] = value
    else:
        _append(table, key, value)


def _append(table: Table, key: str, value: Value) -> None:
    """Put a new line under the last one: the comments after that may be about the next table."""
    body = table.value.body
    tail = list(takewhile(lambda line: line[0] is None, reversed(body)))
    del body[len(body) - len(tail) :]
    table[key] = value
    body.extend(reversed(tail))


def _unreadable(file: Path, reason: str) -> SettingsInvalid:
    text = _("{file} cannot be read: {reason}. Correct it or move it away.")
    return SettingsInvalid(text.format(file=file, reason=reason))


class SettingsStore:
    """Reads and writes the files in `places`, below the variables of `environ`."""

    def __init__(self, places: AppPaths, environ: Mapping[str, str]) -> None:
        self._places = places
        self._environ = environ

    @property
    def config_file(self) -> Path:
        """Where the settings are."""
        return self._places.config_dir / CONFIG_FILE

    def save_settings(self, changes: Changes) -> Settings:
        """Write `changes` and return what is then in force; it may take its time.

        Raises `SettingsInvalid` and `OSError`; nothing is written then.
        """
        # Start-up is felt: what reads and writes TOML comes when something is saved.

        return save_settings(self._environ, self._places.config_dir, changes)

    def account(self) -> AccountSource:
        """Return what there is of an account."""
        return account_source(self._environ, self._places.config_dir)

    def save_credentials(self, credentials: Credentials | None) -> None:
        """Keep credentials, or forget them with their token; raises `OSError`."""
        save_credentials(self._places.config_dir, credentials)
        if credentials is None:
            self._places.token_cache.unlink(missing_ok=True)
