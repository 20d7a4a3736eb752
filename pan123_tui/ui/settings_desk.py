"""The settings desk: saves what was chosen and has it take effect as far as that goes at once."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pan123_tui.domain.credentials import AccountSource, Credentials
from pan123_tui.domain.events import Account
from pan123_tui.engine.account_watch import account_of
from pan123_tui.engine.tempo import Tempo
from pan123_tui.settings import Settings
from pan123_tui.ui.bridge import Bridge
from pan123_tui.ui.workshop import Connect, Value, Workshop

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine

_RATES = ("service.create_per_s", "service.process_per_s")


class SettingsDesk:
    """Writes through the workshop, connects through the bridge, and tells what is in force now."""

    def __init__(
        self,
        bridge: Bridge,
        workshop: Workshop,
        settings: Settings,
        *,
        apply: Callable[[Settings, Collection[str]], None],
    ) -> None:
        """`apply` is called with the new settings and the fields that changed."""
        self._bridge = bridge
        self._workshop = workshop
        self._apply = apply
        self.settings = settings

    @property
    def config_file(self) -> Path:
        """Where the settings are written."""
        return self._workshop.config_file

    @property
    def account(self) -> AccountSource:
        """What there is of an account."""
        return self._workshop.account()

    @property
    def is_account_fixed(self) -> bool:
        """Whether the account cannot be changed here at all, as in the demo."""
        return self._workshop.connector is None

    async def save(self, changes: Mapping[str, Value | None]) -> None:
        """Write `changes`, then let them take effect.

        Raises `SettingsInvalid` and `OSError`, and then nothing has changed.
        """
        self.settings = await asyncio.to_thread(self._workshop.save_settings, changes)
        self._apply(self.settings, changes.keys())
        if any(field in changes for field in _RATES):
            await self._reconnect()

    async def set_account(self, credentials: Credentials) -> Account:
        """Ask the service whose account it is; only then keep it and use it.

        Raises a `Pan123Error` or an `OSError`, and then the former account stays.
        """
        connect = self._connect(credentials)
        account = await self._bridge.call(lambda _engine: account_of(connect))
        await asyncio.to_thread(self._workshop.save_credentials, credentials)
        await self._reconnect()
        return account

    async def forget_account(self) -> None:
        """Forget the account that is kept; raises `OSError`."""
        await asyncio.to_thread(self._workshop.save_credentials, None)
        await self._reconnect()

    async def _reconnect(self) -> None:
        if not self.is_account_fixed:
            connect, settings = self._connect(None), self.settings
            await self._bridge.call(lambda engine: _reconnected(engine, connect, settings))

    def _connect(self, credentials: Credentials | None) -> Connect:
        assert self._workshop.connector is not None  # noqa: S101 - the caller has asked
        return self._workshop.connector(self.settings, credentials)


async def _reconnected(engine: "Engine", connect: Connect, settings: Settings) -> None:
    service = settings.service
    tempo = Tempo(creates_per_s=service.create_per_s, polls_per_s=service.process_per_s)
    await engine.reconnect(connect, tempo=tempo)
