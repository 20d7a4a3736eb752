"""The files of settings and account, on behalf of the settings screen."""

from collections.abc import Mapping
from pathlib import Path

from pan123_tui.config import settings
from pan123_tui.config.credentials import account_source, save_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Changes, Settings
from pan123_tui.domain.credentials import AccountSource, Credentials


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
        return settings.load(self._environ, self._paths.config_dir)

    def save_settings(self, changes: Changes) -> Settings:
        """Save `changes` and return what is then in force; raises as `settings.save` does."""
        return settings.save(changes, self._environ, self._paths.config_dir)

    def account(self) -> AccountSource:
        """Return which kind of account is configured, without its secrets."""
        return account_source(self._environ, self._paths.config_dir)

    def save_credentials(self, credentials: Credentials | None) -> None:
        """Save the credentials, or delete them and all tokens; raises `OSError`."""
        save_credentials(self._paths.config_dir, credentials)
        if credentials is None:
            self._paths.forget_tokens()
