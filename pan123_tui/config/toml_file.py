"""Reads a TOML file, and changes single values in it with its comments and layout kept."""

from collections.abc import Mapping, MutableMapping
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pan123_tui.config.fields import Value
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.i18n import _

if TYPE_CHECKING:
    from tomlkit.items import Table


def read_toml(file: Path) -> dict[str, Any]:
    """Parse `file`; {} if it is missing. Raises `SettingsInvalid` if it cannot be read."""
    return parse_toml(read_text(file), file)


def parse_toml(text: str, file: Path) -> dict[str, Any]:
    """Parse `text`, the content of `file`; raises `SettingsInvalid`."""
    if not text:
        return {}
    import tomllib  # noqa: PLC0415 - a start without a file does not need it

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(file, str(error)) from None


def read_text(file: Path) -> str:
    """Return the text of `file` with its line ends; "" if it is missing.

    Raises `SettingsInvalid` if it cannot be read or is not UTF-8.
    """
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise _unreadable(file, _("it is not UTF-8 text")) from None


def _unreadable(file: Path, reason: str) -> SettingsInvalid:
    text = _("{file} cannot be read: {reason}. Correct it or move it away.")
    return SettingsInvalid(text.format(file=file, reason=reason))


def change_toml(
    text: str, changes: Mapping[str, Value | None], file: Path
) -> tuple[str, dict[str, Any]]:
    """Return `text`, the content of `file`, with `changes`, and its table.

    `changes` are values by section and key (`ui.theme`); None removes the line. Raises
    `SettingsInvalid`.
    """
    # Importing tomlkit takes 50 ms, which the start does not have to spare.
    import tomlkit  # noqa: PLC0415

    try:
        document = tomlkit.parse(text)
    except ValueError as error:
        raise _unreadable(file, str(error)) from None
    for name, value in changes.items():
        section, _dot, key = name.rpartition(".")
        _set_value(document, section, key, value, file)
    return document.as_string(), document.unwrap()


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
