"""The workshop of the settings screen, with the real files behind it."""

from collections.abc import Callable, Mapping

from pan123_tui.credentials_file import account_source, save_credentials
from pan123_tui.domain.credentials import Credentials
from pan123_tui.paths import Places
from pan123_tui.settings import CONFIG_FILE, Settings
from pan123_tui.ui.workshop import Connect, Value, Workshop


def open_workshop(
    places: Places,
    environ: Mapping[str, str],
    *,
    connector: Callable[[Settings, Credentials | None], Connect] | None,
) -> Workshop:
    """Work on the files in `places`; without a `connector` the account is not to be changed."""

    def save(changes: Mapping[str, Value | None]) -> Settings:
        # Start-up is felt: what reads and writes TOML comes when something is saved.
        from pan123_tui.config_writer import save_settings  # noqa: PLC0415

        return save_settings(environ, places.config_dir, changes)

    def keep(credentials: Credentials | None) -> None:
        save_credentials(places.config_dir, credentials)
        if credentials is None:
            places.token_cache.unlink(missing_ok=True)

    return Workshop(
        config_file=places.config_dir / CONFIG_FILE,
        save_settings=save,
        account=lambda: account_source(environ, places.config_dir),
        save_credentials=keep,
        connector=connector,
    )
