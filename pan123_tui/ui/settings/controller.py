"""Controller that saves settings and account, and applies what needs no restart."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.config.settings import Changes, Settings
from pan123_tui.config.settings_store import SettingsStore
from pan123_tui.domain.commands import ReloadSettings
from pan123_tui.domain.credentials import AccountKind, AccountSource, Credentials
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.events import Account
from pan123_tui.ui.settings.fields import FIELDS

CheckAccount = Callable[[Settings, Credentials], Account]
"""Fetches the account of credentials that are not saved yet, in a thread; raises `Pan123Error`."""

_OF_SERVICE = ("service.base_url", "service.create_per_s", "service.process_per_s")


class AppliesSettings(Protocol):
    """The part of the application that the controller needs."""

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Apply the `changed` fields (`section.name`) as far as no restart is needed."""

    def say_account_kept(self, variable: str) -> None:
        """Say that the engine goes on with the account of its `variable`."""


class SettingsController:
    """Saves settings and account, and has the engine load them where they require it."""

    def __init__(
        self,
        client: EngineClient,
        settings_store: SettingsStore,
        settings: Settings,
        app: AppliesSettings,
        *,
        check_account: CheckAccount | None,
        host: str = "",
    ) -> None:
        """`check_account` is None where the account is fixed: in the demo, and on a `host`."""
        self._client = client
        self._settings_store = settings_store
        self._app = app
        self._check_account = check_account
        self.settings = settings
        self.host = host
        """The machine of the engine and the account, where that is another one."""
        self.on_reloaded: Callable[[], object] = lambda: None
        """Called when another screen has saved settings or an account."""
        self._known_account = self.account

    @property
    def config_file(self) -> Path:
        """The file that the settings are written to."""
        return self._settings_store.config_file

    @property
    def account(self) -> AccountSource:
        """Kind and origin of the credentials in use."""
        return self._settings_store.account()

    @property
    def is_account_fixed(self) -> bool:
        """Whether the account cannot be changed here, as in the demo."""
        return self._check_account is None

    @property
    def has_no_account(self) -> bool:
        """Whether an account is missing, and may be set here."""
        return not self.is_account_fixed and self.account.kind is AccountKind.NONE

    async def save(self, changes: Changes) -> None:
        """Write `changes`, then apply them.

        Raises `SettingsInvalid` or `OSError` if nothing was changed.
        """
        saved = await asyncio.to_thread(self._settings_store.save_settings, changes)
        if self.host:  # a folder of this machine's account may be another one there
            saved = replace(saved, defaults=self.settings.defaults)
        self.settings = saved
        self._app.apply_settings(self.settings, changes.keys())
        if any(field in changes for field in _OF_SERVICE):
            await self._reload()
        elif not self.is_account_fixed:
            self._client.send(ReloadSettings(connects_again=False))

    async def reload(self) -> None:
        """Load what another screen has saved, and apply it."""
        if self.host:
            return  # it is in the file there
        former = self.settings
        try:
            self.settings = await asyncio.to_thread(self._settings_store.load_settings)
        except SettingsInvalid:
            return
        changed = {field.key for field in FIELDS if field.read(former) != field.read(self.settings)}
        if former.keys != self.settings.keys:
            changed.add("keys")
        if is_changed := bool(changed):
            self._app.apply_settings(self.settings, changed)
        former_account, self._known_account = self._known_account, self.account
        if is_changed or former_account != self._known_account:
            self.on_reloaded()

    async def set_account(self, credentials: Credentials) -> Account:
        """Fetch the account of `credentials`, then save and use them.

        Raises `Pan123Error` or `OSError` if the previous account is kept.
        """
        assert self._check_account is not None  # noqa: S101 - else there is nothing to enter
        # Tried at the address that the engine loads: an editor may have changed it meanwhile.
        settings = await asyncio.to_thread(self._settings_store.load_settings)
        # From here, not in the engine: credentials are never part of a command.
        account = await asyncio.to_thread(self._check_account, settings, credentials)
        await asyncio.to_thread(self._settings_store.save_credentials, credentials)
        await self._use_account()
        return account

    async def forget_account(self) -> None:
        """Delete the saved credentials; raises `OSError`."""
        await asyncio.to_thread(self._settings_store.save_credentials, None)
        await self._use_account()

    async def _use_account(self) -> None:
        self._known_account = self.account
        if variable := await self._reload():
            self._app.say_account_kept(variable)

    async def _reload(self) -> str | None:
        return None if self.is_account_fixed else await self._client.call(ReloadSettings())
