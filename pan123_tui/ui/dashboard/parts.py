"""What the dashboard works with: the engine's client and model, the settings, and so on."""

import os
from collections.abc import Callable, Collection, Mapping
from enum import Enum, auto
from functools import cached_property
from time import time
from typing import TYPE_CHECKING

from msgspec import Struct

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.config.settings import Settings
from pan123_tui.domain.commands import StopEngine
from pan123_tui.terminal.capabilities import Capabilities
from pan123_tui.terminal.textual_private import TerminalApp
from pan123_tui.ui.dashboard.status_bar import Origin
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.session.engine_commands import EngineCommands
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.session.link_probe import LinkProber, Probe
from pan123_tui.ui.session.live_settings import CheckAccount, LiveSettings, default_folder
from pan123_tui.ui.session.memory import Memory

if TYPE_CHECKING:
    from pan123_tui.config.paths import AppPaths
    from pan123_tui.terminal.escape_codes import Terminal
    from pan123_tui.ui.clipboard.controller import ClipboardController


class Outcome(Enum):
    """How the user closes the dashboard."""

    LEFT = auto()
    """The dashboard was left; the engine goes on, if there is one."""
    ENDED_ENGINE = auto()
    FOR_DEMO = auto()
    """The demo is to be opened next."""


class Surroundings(Struct, frozen=True):
    """What the composition root builds, and the dashboard works with."""

    client: EngineClient
    paths: "AppPaths"
    settings: Settings = Settings()
    origin: Origin = Origin()
    capabilities: Capabilities = Capabilities()
    check_account: CheckAccount | None = None
    """None where the account is fixed."""
    probe: Probe | None = None
    """None where links cannot be tested."""
    environ: Mapping[str, str] = os.environ
    clock: Callable[[], float] = time
    """Returns Unix seconds."""


class Parts:
    """The parts that the application shares with the dashboard."""

    def __init__(
        self,
        app: TerminalApp[Outcome],
        around: Surroundings,
        *,
        keys: KeyNames,
        apply_settings: Callable[[Settings, Collection[str]], None],
    ) -> None:
        """`apply_settings` gets saved settings and the changed fields (`section.name`)."""
        client = around.client
        self.app = app
        self.client = client
        self.origin = around.origin
        self.capabilities = around.capabilities
        self.environ = around.environ
        self.clock = around.clock
        self.draft_file = around.paths.state_dir / "draft.json"
        self.memory = Memory(app, around.paths.state_dir)
        self.link = EngineLink(app, client)
        self.model = self.link.model
        """The tasks as the engine has them."""
        self.model.default_folder = default_folder(around.settings)
        self.live_settings = LiveSettings(
            app,
            client,
            around.settings,
            around.paths,
            environ=around.environ,
            check_account=around.check_account,
            host=around.origin.host,
            apply=apply_settings,
        )
        self.link_prober = LinkProber(around.probe)
        self.engine = EngineCommands(app, client, self.model, keys)

    def leave(self) -> None:
        """Leave; the engine goes on, except that of a demo."""
        if self.origin.is_demo:
            self.client.send(StopEngine())
        self.app.exit(Outcome.LEFT)

    # Imported and created on first use, after the first frame

    @cached_property
    def terminal(self) -> "Terminal":
        """Sends escape sequences to the terminal."""
        from pan123_tui.terminal.escape_codes import Terminal

        return Terminal(self.app.write, self.capabilities)

    @cached_property
    def clipboard(self) -> "ClipboardController":
        """Reads, watches and fills the clipboard."""
        from pan123_tui.ui.clipboard.controller import ClipboardController

        return ClipboardController(
            self.app,
            self.environ,
            self.live_settings.current.clipboard,
            terminal=self.terminal,
            write_query=None if self.app.is_headless else self.app.write_query,
        )
