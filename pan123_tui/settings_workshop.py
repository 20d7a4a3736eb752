"""The workshop: the files of the settings and the account, as the settings screen uses them."""

from collections.abc import Mapping
from pathlib import Path

from pan123_tui.credentials_file import account_source, save_credentials
from pan123_tui.domain.credentials import AccountSource, Credentials
from pan123_tui.paths import Places
from pan123_tui.settings import CONFIG_FILE, Changes, Settings


class Workshop:
    """Reads and writes the files in `places`, below the variables of `environ`."""

    def __init__(self, places: Places, environ: Mapping[str, str]) -> None:
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
        from pan123_tui.config_writer import save_settings  # noqa: PLC0415

        return save_settings(self._environ, self._places.config_dir, changes)

    def account(self) -> AccountSource:
        """Return what there is of an account."""
        return account_source(self._environ, self._places.config_dir)

    def save_credentials(self, credentials: Credentials | None) -> None:
        """Keep credentials, or forget them with their token; raises `OSError`."""
        save_credentials(self._places.config_dir, credentials)
        if credentials is None:
            self._places.token_cache.unlink(missing_ok=True)
