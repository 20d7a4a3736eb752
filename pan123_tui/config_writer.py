"""Changes to `config.toml` that leave alone what they are not about: comments, order, other keys.

Imported only when something is saved: what it needs is felt at the start.
"""

from collections.abc import Mapping, MutableMapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.i18n import _
from pan123_tui.private_file import write_private
from pan123_tui.settings import CONFIG_FILE, Changes, Settings, Value, understand


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
    settings = understand(document.unwrap(), file, environ)
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
