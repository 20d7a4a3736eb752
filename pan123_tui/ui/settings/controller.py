"""The settings desk: saves what was chosen and has it take effect as far as that goes at once."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from pan123_tui.config.settings import Changes, Settings
from pan123_tui.config.settings_store import SettingsStore
from pan123_tui.domain.credentials import AccountSource, Credentials
from pan123_tui.domain.events import Account
from pan123_tui.engine.ports import PollingConfig
from pan123_tui.engine.status import fetch_account
from pan123_tui.ui.engine_bridge import EngineBridge

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine
    from pan123_tui.engine.ports import CloudApi


ClientFactory = Callable[[], "CloudApi"]
ClientFactoryBuilder = Callable[[Settings, Credentials | None], ClientFactory]
"""Makes what connects with credentials (None: those that are kept)."""
_RATES = ("service.create_per_s", "service.process_per_s")


class AppliesSettings(Protocol):
    """The application, as far as settings need it."""

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Let the fields that changed take effect, as far as they can without a restart."""


class SettingsController:
    """Writes through the workshop, has the app apply it, and reconnects through the bridge.

    The address of the service stays the one that the program was started with: nothing is sent
    to another one before the restart that the settings announce.
    """

    def __init__(
        self,
        bridge: EngineBridge,
        settings_store: SettingsStore,
        settings: Settings,
        app: AppliesSettings,
        *,
        connector: ClientFactoryBuilder | None,
    ) -> None:
        """Without a `connector` the account is not to be changed, as in the demo."""
        self._bridge = bridge
        self._settings_store = settings_store
        self._app = app
        self._connector = connector
        self.settings = settings
        self._base_url = settings.service.base_url

    @property
    def config_file(self) -> Path:
        """Where the settings are written."""
        return self._settings_store.config_file

    @property
    def account(self) -> AccountSource:
        """What there is of an account."""
        return self._settings_store.account()

    @property
    def is_account_fixed(self) -> bool:
        """Whether the account cannot be changed here at all, as in the demo."""
        return self._connector is None

    async def save(self, changes: Changes) -> None:
        """Write `changes`, then let them take effect.

        Raises `SettingsInvalid` and `OSError`, and then nothing has changed.
        """
        self.settings = await asyncio.to_thread(self._settings_store.save_settings, changes)
        self._app.apply_settings(self.settings, changes.keys())
        if any(field in changes for field in _RATES):
            await self._reconnect()

    async def set_account(self, credentials: Credentials) -> Account:
        """Ask the service whose account it is; only then keep it and use it.

        Raises a `Pan123Error` or an `OSError`, and then the former account stays.
        """
        connect = self._connect(credentials)
        account = await self._bridge.call(lambda _engine: fetch_account(connect))
        await asyncio.to_thread(self._settings_store.save_credentials, credentials)
        await self._reconnect()
        return account

    async def forget_account(self) -> None:
        """Forget the account that is kept; raises `OSError`."""
        await asyncio.to_thread(self._settings_store.save_credentials, None)
        await self._reconnect()

    async def _reconnect(self) -> None:
        if not self.is_account_fixed:
            connect, settings = self._connect(None), self.settings
            await self._bridge.call(lambda engine: _reconnected(engine, connect, settings))

    def _connect(self, credentials: Credentials | None) -> ClientFactory:
        assert self._connector is not None  # noqa: S101 - the caller has asked
        service = replace(self.settings.service, base_url=self._base_url)
        return self._connector(replace(self.settings, service=service), credentials)


async def _reconnected(engine: "Engine", connect: ClientFactory, settings: Settings) -> None:
    service = settings.service
    polling = PollingConfig(creates_per_s=service.create_per_s, polls_per_s=service.process_per_s)
    await engine.reconnect(connect, polling=polling)
