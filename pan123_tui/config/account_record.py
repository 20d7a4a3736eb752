"""The name of the account that was last in use, so that it is known without the service."""

from collections.abc import Mapping
from contextlib import suppress

import msgspec
from msgspec import Struct

from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.credentials import digest, secrets_of
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.events import Account
from pan123_tui.system.private_files import write_private


class _Record(Struct, frozen=True):
    """The content of the file."""

    key: str
    """Names the credentials: with others it is another account's."""
    nickname: str


def record_account(environ: Mapping[str, str], paths: AppPaths, account: Account) -> None:
    """Save the name of the account of the configured credentials; errors are ignored."""
    record = _Record(_key(environ, paths), account.nickname)
    if record != _load(paths):
        with suppress(OSError, UnicodeEncodeError):
            write_private(paths.account_record, msgspec.json.encode(record))


def recorded_nickname(environ: Mapping[str, str], paths: AppPaths) -> str:
    """Return the name of the account of the configured credentials, "" if it is not known."""
    record = _load(paths)
    return record.nickname if record and record.key == _key(environ, paths) else ""


def _load(paths: AppPaths) -> _Record | None:
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(paths.account_record.read_bytes(), type=_Record)
    return None


def _key(environ: Mapping[str, str], paths: AppPaths) -> str:
    try:
        secrets = secrets_of(load_credentials(environ, paths.config_dir))
    except SettingsInvalid:
        secrets = ()
    return digest(" ".join(secrets))[:16]
