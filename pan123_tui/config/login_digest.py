"""What tells two processes whether they use the same account, without the account."""

from collections.abc import Mapping
from pathlib import Path

from pan123_tui.config.credentials import load_credentials
from pan123_tui.domain.credentials import Credentials, secrets_of
from pan123_tui.domain.errors import SettingsInvalid


def login_digest(environ: Mapping[str, str], config_dir: Path, engine_id: str) -> str:
    """Return a digest of the credentials in use, or of none; "": not known."""
    try:
        credentials = load_credentials(environ, config_dir)
    except SettingsInvalid:
        return ""
    return _digest(credentials, engine_id)


def has_account(login: str, engine_id: str) -> bool:
    """Return whether the engine with the digest `login` has credentials, True if not known."""
    return login != _digest(None, engine_id)


def _digest(credentials: Credentials | None, engine_id: str) -> str:
    from hashlib import blake2b  # noqa: PLC0415 - not for the first frame

    key, content = engine_id.encode()[:64], "\0".join(secrets_of(credentials)).encode()
    return blake2b(content, key=key, digest_size=16).hexdigest()
