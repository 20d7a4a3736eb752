"""A user's home: the real files of settings and account, and a service with one account."""

import asyncio
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from textual.app import App

from pan123_tui.bootstrap import rules
from pan123_tui.client.engine_client import EngineClient
from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Settings, load
from pan123_tui.domain.commands import Command, ReloadSettings
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.errors import TokenRefused
from pan123_tui.domain.events import Account
from pan123_tui.engine.ports import EngineRules
from pan123_tui.ui.live_settings import LiveSettings
from tests.unreachable_service import UnreachableService

FISH = Account(1, "[b]小鱼", 0, 0)


GOOD = (
    AccessToken("good-token"),
    ClientPair("id", "good"),
)


class FakeService(UnreachableService):
    """Accepts the credentials in `GOOD`."""

    def __init__(self, credentials: Credentials | None, trouble: Exception | None) -> None:
        self._credentials = credentials
        self._trouble = trouble

    async def user_info(self) -> Account:
        if self._trouble:
            raise self._trouble
        if self._credentials not in GOOD:
            raise TokenRefused("token is expired", code=401, trace_id="trace-7")
        return FISH


@dataclass
class Home:
    """The folders of a user, and an engine and application that record their calls."""

    config_dir: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    trouble: Exception | None = None
    reconnected: list[EngineRules] = field(default_factory=list)
    applied: list[tuple[Settings, list[str]]] = field(default_factory=list)
    announced: int = 0
    """How often other screens were told of settings that need no new connection."""
    addresses: list[str] = field(default_factory=list)
    """The addresses of the service that were connected to."""

    async def call(self, command: Command[Any]) -> None:
        assert command == ReloadSettings()
        await self.reload_settings()

    def send(self, command: Command[Any]) -> None:
        assert command == ReloadSettings(connects_again=False)
        self.announced += 1

    async def reload_settings(self, *, connects_again: bool = True) -> None:
        if not connects_again:
            self.announced += 1
            return
        self.reconnected.append(rules(load(self.environ, self.config_dir)))

    @property
    def file(self) -> Path:
        return self.config_dir / "config.toml"

    @property
    def written(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text("utf-8")) if self.file.exists() else {}

    @property
    def kept(self) -> Credentials | None:
        return load_credentials({}, self.config_dir)

    def settings_store(self, *, is_demo: bool = False) -> dict[str, Any]:
        """Return the arguments of an application for its settings."""
        return {
            "paths": self._paths,
            **({"environ": self.environ} if self.environ else {}),
            "check_account": None if is_demo else self._check_account,
        }

    @property
    def _paths(self) -> AppPaths:
        return AppPaths(self.config_dir, self.config_dir / "data", self.config_dir / "state")

    def _check_account(self, settings: Settings, credentials: Credentials) -> Account:
        self.addresses.append(settings.service.base_url)
        return asyncio.run(FakeService(credentials, self.trouble).user_info())

    def live_settings(
        self, app: App[Any], *, is_demo: bool = False, host: str = ""
    ) -> LiveSettings:
        return LiveSettings(
            app,
            cast("EngineClient", self),
            load(self.environ, self.config_dir),
            self._paths,
            environ=self.environ,
            check_account=None if is_demo or host else self._check_account,
            host=host,
            apply=self.apply_settings,
        )

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        self.applied.append((settings, sorted(changed)))
