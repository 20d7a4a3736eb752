"""A user's home: the real files of settings and account, and a service with one account."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from textual.app import App

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Settings, load
from pan123_tui.domain.commands import Command, ReloadSettings
from pan123_tui.domain.credentials import (
    OPENLIST_RENEW_URL,
    AccessToken,
    ClientPair,
    Credentials,
    RefreshToken,
)
from pan123_tui.domain.errors import TokenRefused
from pan123_tui.domain.events import Account
from pan123_tui.ui.session.live_settings import LiveSettings

FISH = Account(1, "[b]小鱼", 0, 0)
GOOD = (
    *(AccessToken("good-token"), ClientPair("id", "good")),
    *(RefreshToken("good", "app"), RefreshToken("good", renew_url=OPENLIST_RENEW_URL)),
)
"""The credentials that the service accepts."""


@dataclass
class Home:
    """The folders of a user, and an engine and application that record their calls."""

    config_dir: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    trouble: Exception | None = None
    reconnected: int = 0
    """How often the engine was told of another account."""
    applied: list[tuple[Settings, list[str]]] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    announced: int = 0
    """How often other screens were told of settings that need no new connection."""
    addresses: list[str] = field(default_factory=list)
    """The addresses of the service that were connected to."""

    async def call(self, command: Command[Any]) -> None:
        assert command == ReloadSettings()
        self.reconnected += 1

    def send(self, command: Command[Any]) -> None:
        assert command == ReloadSettings()
        self.announced += 1

    @property
    def file(self) -> Path:
        return self.config_dir / "config.toml"

    @property
    def written(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text("utf-8")) if self.file.exists() else {}

    @property
    def kept(self) -> Credentials | None:
        return load_credentials({}, self.config_dir)

    def settings_store(self) -> dict[str, Any]:
        """Return the arguments of an application for its settings."""
        return {
            "paths": self._paths,
            **({"environ": self.environ} if self.environ else {}),
            "check_account": self._check_account,
        }

    @property
    def _paths(self) -> AppPaths:
        return AppPaths(self.config_dir, self.config_dir / "data", self.config_dir / "state")

    def _check_account(self, settings: Settings, credentials: Credentials) -> Account:
        self.addresses.append(settings.service.base_url)
        if self.trouble:
            raise self.trouble
        if credentials not in GOOD:
            raise TokenRefused("token is expired", code=401, trace_id="trace-7")
        return FISH

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
