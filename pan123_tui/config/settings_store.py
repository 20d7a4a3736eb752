"""Read and write the settings and the account on behalf of the settings screen."""

from collections.abc import Mapping, MutableMapping
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pan123_tui.config.credentials import account_source, save_credentials
from pan123_tui.config.fields import Value
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.private_files import write_private
from pan123_tui.config.settings import (
    Changes,
    Settings,
    file_unreadable,
    load,
    parse_settings,
    read_text,
)
from pan123_tui.domain.credentials import AccountSource, Credentials
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.i18n import _

if TYPE_CHECKING:
    from tomlkit.items import Table


class SettingsStore:
    """The files in `paths`; variables of `environ` override them."""

    def __init__(self, paths: AppPaths, environ: Mapping[str, str]) -> None:
        self._paths = paths
        self._environ = environ

    @property
    def config_file(self) -> Path:
        """The path of `config.toml`."""
        return self._paths.config_file

    def load_settings(self) -> Settings:
        """Load the settings that are saved now; raises `SettingsInvalid`."""
        return load(self._environ, self._paths.config_dir)

    def save_settings(self, changes: Changes) -> Settings:
        """Write `changes` into `config.toml` and return the settings that are then in force.

        Comments and layout of the file are kept. Raises `SettingsInvalid` if the file cannot be
        read or a value cannot be used, `OSError` if it cannot be written; it is then unchanged.
        """
        # Importing tomlkit takes 50 ms, which the start does not have to spare.
        import tomlkit  # noqa: PLC0415

        file = self._paths.config_file
        text = read_text(file)
        try:
            document = tomlkit.parse(text)
        except ValueError as error:
            raise file_unreadable(file, str(error)) from None
        for field, value in changes.items():
            section, _dot, key = field.rpartition(".")
            _set_value(document, section, key, value, file)
        settings = parse_settings(document.unwrap(), file, self._environ)
        changed = tomlkit.dumps(document)
        if changed != text:
            # A symbolic link is kept: the file may live in a repository of such files.
            write_private(file.resolve(), changed.encode())
        return settings

    def account(self) -> AccountSource:
        """Return which kind of account is configured, without its secrets."""
        return account_source(self._environ, self._paths.config_dir)

    def save_credentials(self, credentials: Credentials | None) -> None:
        """Save the credentials, or delete them and all tokens; raises `OSError`."""
        save_credentials(self._paths.config_dir, credentials)
        if credentials is None:
            self._paths.forget_tokens()


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
        text = _("{file}: {key} must be a table. Correct it or move the file away.")
        raise SettingsInvalid(text.format(file=file, key=section))
    if value is None:
        table.pop(key, None)
    elif key in table or not isinstance(table, Table):
        table[key] = value
    else:
        _append(table, key, value)


def _append(table: "Table", key: str, value: Value) -> None:
    """Add a line after the last key: the comments after that may belong to the next table."""
    body = table.value.body
    tail = list(takewhile(lambda line: line[0] is None, reversed(body)))
    del body[len(body) - len(tail) :]
    table.append(key, value)
    body.extend(reversed(tail))
