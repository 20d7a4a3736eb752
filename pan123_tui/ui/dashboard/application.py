"""The application, as far as the dashboard needs it."""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.commands import StopEngine
from pan123_tui.terminal.capabilities import Capabilities
from pan123_tui.terminal.textual_private import TerminalApp
from pan123_tui.ui.dashboard.status_bar import Origin
from pan123_tui.ui.engine_commands import EngineCommands
from pan123_tui.ui.engine_link import EngineLink
from pan123_tui.ui.folders.drive_folders import DriveFolders
from pan123_tui.ui.link_probe import LinkProber
from pan123_tui.ui.live_settings import LiveSettings
from pan123_tui.ui.memory import Memory
from pan123_tui.ui.theme import Appearance

if TYPE_CHECKING:
    from pan123_tui.terminal.escape_codes import Terminal
    from pan123_tui.ui.clipboard.controller import ClipboardController


class Outcome(Enum):
    """How the user closes the dashboard."""

    LEFT = auto()
    """The dashboard was left; the engine goes on, if there is one."""
    ENDED_ENGINE = auto()
    FOR_DEMO = auto()
    """The demo is to be opened next."""


class DashboardApp(TerminalApp[Outcome]):
    """What the dashboard finds in its `app`."""

    client: EngineClient
    clock: Callable[[], float]
    """Returns Unix seconds."""
    origin: Origin
    environ: Mapping[str, str]
    model: TaskModel
    """The tasks as the engine has them."""
    link: EngineLink
    engine_commands: EngineCommands
    live_settings: LiveSettings
    memory: Memory
    draft_file: Path
    folders: DriveFolders
    link_prober: LinkProber
    appearance: Appearance
    capabilities: Capabilities

    # Imported and created on first use, after the first frame

    @cached_property
    def terminal(self) -> "Terminal":
        """Sends escape sequences to the terminal."""
        from pan123_tui.terminal.escape_codes import Terminal

        return Terminal(self.write, self.capabilities)

    @cached_property
    def clipboard_controller(self) -> "ClipboardController":
        """Reads, watches and fills the clipboard."""
        from pan123_tui.ui.clipboard.controller import ClipboardController

        return ClipboardController(
            self,
            self.environ,
            self.live_settings.current.clipboard,
            terminal=self.terminal,
            write_query=None if self.is_headless else self.write_query,
        )

    def leave(self) -> None:
        """Leave; the engine goes on, except that of a demo."""
        if self.origin.is_demo:
            self.client.send(StopEngine())
        self.exit(Outcome.LEFT)
