"""The account's credentials, in the environment or in a private file, and what is known of them."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from pan123_tui.config.forms import RENEW_URL
from pan123_tui.config.paths import CREDENTIALS_FILE, AppPaths
from pan123_tui.config.settings import read_toml
from pan123_tui.domain.credentials import (
    ACCOUNT_VARIABLES,
    ARIA2_VARIABLE,
    AccessToken,
    AccountKind,
    AccountSource,
    ClientPair,
    Credentials,
    RefreshToken,
    digest,
    secrets_of,
    without_account,
)
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.sanitize import add_secrets
from pan123_tui.i18n import _, join_choices
from pan123_tui.system.private_files import restrict_permissions, write_private

_KINDS = {
    AccessToken: AccountKind.TOKEN,
    ClientPair: AccountKind.PAIR,
    RefreshToken: AccountKind.REFRESH,
}


def load_credentials(environ: Mapping[str, str], config_dir: Path) -> Credentials | None:
    """Return the credentials, if any; raises `SettingsInvalid`, without a secret in it."""
    values = {field: environ.get(name, "") for field, name in ACCOUNT_VARIABLES.items()}
    if found := _parse(values, ACCOUNT_VARIABLES):
        return found
    file = config_dir / CREDENTIALS_FILE
    with suppress(OSError):
        restrict_permissions(file)
    table = read_toml(file)
    return _parse(
        {field: str(table.get(field, "")) for field in ACCOUNT_VARIABLES},
        {field: f"{file}: {field}" for field in ACCOUNT_VARIABLES},
    )


def account_source(environ: Mapping[str, str], config_dir: Path) -> AccountSource:
    """Return the configured kind and its variable; unusable values count as none."""
    try:
        credentials = load_credentials(environ, config_dir)
    except SettingsInvalid:
        credentials = None
    kind = AccountKind.NONE if credentials is None else _KINDS[type(credentials)]
    return AccountSource(kind, account_variable(environ))


def account_variable(environ: Mapping[str, str]) -> str:
    """Return the variable that holds the account, or both for a client id; empty if none does."""
    token, refresh, *pair, _renew_url = (
        name if environ.get(name, "").strip() else "" for name in ACCOUNT_VARIABLES.values()
    )
    return token or refresh or ", ".join(filter(None, pair))


def own_environ(environ: Mapping[str, str], profile: str) -> Mapping[str, str]:
    """Return `environ`; for a named profile, which has its own account, without the account."""
    return without_account(environ) if profile else environ


def save_credentials(config_dir: Path, credentials: Credentials | None) -> None:
    """Save `credentials`, or delete them; raises `OSError`, and the file is then unchanged."""
    file = config_dir / CREDENTIALS_FILE
    if credentials is None:
        file.unlink(missing_ok=True)
        return
    values = asdict(credentials)
    kind = "access_token" if isinstance(credentials, AccessToken) else "refresh_token"
    given = {kind: values.pop("token", ""), **values}
    # A JSON string of printable ASCII is a TOML string too.
    quoted = {name: msgspec.json.encode(value).decode() for name, value in given.items() if value}
    write_private(file, "".join(f"{name} = {it}\n" for name, it in quoted.items()).encode())


def token_file(paths: AppPaths, credentials: Credentials | None, *, base_url: str) -> Path:
    """Return the file that keeps the tokens of `credentials` for the service at `base_url`.

    A refresh token cannot be fetched again, so all data folders share its file.
    """
    if isinstance(credentials, RefreshToken):
        name = digest(f"{base_url.rstrip('/')} {credentials.token}")[:16]
        return paths.config_dir / f"login-{name}.json"
    return paths.token_cache


def aria2_secret(environ: Mapping[str, str], paths: AppPaths) -> str:
    """Return the secret for those that speak aria2's JSON-RPC; it is made if there is none.

    Raises `OSError`, without the secret in it.
    """
    secret, file = environ.get(ARIA2_VARIABLE, "").strip(), paths.aria2_secret
    if not secret:
        with suppress(FileNotFoundError):
            restrict_permissions(file)
            secret = file.read_text("utf-8", errors="replace").strip()
    if not secret:
        secret = os.urandom(16).hex()
        write_private(file, f"{secret}\n".encode())
    add_secrets(secret)
    return secret


def _parse(values: Mapping[str, str], names: Mapping[str, str]) -> Credentials | None:
    """Return the credentials in `values`; `names` tells the user where each value comes from."""
    given = [field for field in ACCOUNT_VARIABLES if values[field].strip()]
    token, refresh, client_id, secret, renew_url = (
        values[field].strip() for field in ACCOUNT_VARIABLES
    )
    try:
        if token:
            given = ["access_token"]
            return AccessToken(token)
        if refresh and (client_id or renew_url):
            if reason := renew_url and RENEW_URL.error(renew_url):
                raise SettingsInvalid(f"{names['renew_url']}: {reason}")
            return RefreshToken(refresh, client_id, secret, renew_url)
        if client_id and secret:
            return ClientPair(client_id, secret)
    except ValueError:
        text = _("{where}: only letters, digits and punctuation, without spaces. Paste it again.")
        where = join_choices(names[field] for field in given)
        raise SettingsInvalid(text.format(where=where)) from None
    if not (refresh or client_id or secret):
        return None
    text = _(
        "{where} is missing: a client ID needs its secret, and a refresh token needs a "
        "client ID or a renewal address."
    )
    raise SettingsInvalid(text.format(where=names["client_secret" if client_id else "client_id"]))


def login_digest(environ: Mapping[str, str], config_dir: Path, engine_id: str) -> str:
    """Return a text that is equal for two processes with the same account; "": not known."""
    try:
        credentials = load_credentials(environ, config_dir)
    except SettingsInvalid:
        return ""
    return _keyed_digest(credentials, engine_id)


def has_account(login: str, engine_id: str) -> bool:
    """Return whether the engine with the digest `login` has credentials; True if not known."""
    return login != _keyed_digest(None, engine_id)


def _keyed_digest(credentials: Credentials | None, engine_id: str) -> str:
    from hashlib import blake2b  # noqa: PLC0415 - not for the first frame

    key, content = engine_id.encode()[:64], "\0".join(secrets_of(credentials)).encode()
    return blake2b(content, key=key, digest_size=16).hexdigest()
