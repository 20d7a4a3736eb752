"""A user's home: the real files of settings and account, and a service that knows one account."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Settings, load
from pan123_tui.config.settings_store import SettingsStore
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.errors import TokenRefused
from pan123_tui.domain.events import Account
from pan123_tui.engine.ports import PollingConfig
from pan123_tui.ui.engine_bridge import EngineBridge
from pan123_tui.ui.settings.controller import SettingsController
from tests.unreachable_service import UnreachableService

FISH = Account(1, "[b]小鱼", 0, 0)


class KnowingService(UnreachableService):
    """Knows one token and one pair."""

    def __init__(self, credentials: Credentials | None, trouble: Exception | None) -> None:
        self._credentials = credentials
        self._trouble = trouble

    async def user_info(self) -> Account:
        if self._trouble:
            raise self._trouble
        if self._credentials not in (AccessToken("good-token"), ClientPair("id", "good")):
            raise TokenRefused("token is expired", code=401, trace_id="trace-7")
        return FISH


@dataclass
class Home:
    """The folders of a user, and an engine that only notes what it is told."""

    config_dir: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    trouble: Exception | None = None
    reconnected: list[PollingConfig | None] = field(default_factory=list)
    applied: list[tuple[Settings, list[str]]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    """The addresses of the service that were connected to."""

    async def call(self, command: Callable[[Any], Any]) -> Any:
        return await command(self)

    async def reconnect(
        self, connect: Callable[[], object], *, polling: PollingConfig | None
    ) -> None:
        connect()
        self.reconnected.append(polling)

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
        """What an application needs for its settings."""
        places = AppPaths(self.config_dir, self.config_dir / "data", self.config_dir / "state")
        connector = None if is_demo else self._connector
        return {"settings_store": SettingsStore(places, self.environ), "connector": connector}

    def _connector(
        self, settings: Settings, given: Credentials | None
    ) -> Callable[[], KnowingService]:
        self.addresses.append(settings.service.base_url)
        return lambda: KnowingService(given, self.trouble)

    def controller(self, *, is_demo: bool = False) -> SettingsController:
        return SettingsController(
            cast("EngineBridge", self),
            settings=load(self.environ, self.config_dir),
            app=self,
            **self.settings_store(is_demo=is_demo),
        )

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        self.applied.append((settings, sorted(changed)))
