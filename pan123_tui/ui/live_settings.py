"""The settings in use: whoever saves them, they are applied to all screens at once."""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual.app import App

from pan123_tui.config.settings import Settings
from pan123_tui.ui.engine_link import EngineLink
from pan123_tui.ui.task_actions import ERROR_S
from pan123_tui.wording.engine import keeps_account, program_name

if TYPE_CHECKING:
    from pan123_tui.config.paths import AppPaths
    from pan123_tui.ui.settings.controller import CheckAccount, SettingsController


class LiveSettings:
    """Loads and saves the settings, and has what changes applied."""

    def __init__(
        self,
        app: App[Any],
        link: EngineLink,
        settings: Settings,
        paths: "AppPaths | None",
        *,
        environ: Mapping[str, str],
        check_account: "CheckAccount | None",
        host: str,
        apply: Callable[[Settings, Collection[str]], None],
    ) -> None:
        """`apply` applies the fields of the second argument (`section.name`)."""
        self._app = app
        self._link = link
        self._paths = paths
        self._environ = environ
        self._check_account = check_account
        self._host = host
        self._apply = apply
        self.current = settings

    @cached_property
    def controller(self) -> "SettingsController | None":
        """Saves the settings; None where they are fixed."""
        from pan123_tui.ui.settings.controller import SettingsController

        if self._paths is None:
            return None
        return SettingsController(
            self._link.client,
            self._paths,
            self.current,
            self,
            environ=self._environ,
            check_account=self._check_account,
            host=self._host,
        )

    async def reload(self) -> None:
        """Load the settings that a screen or a command has saved, and go on with its account."""
        if self.controller is not None:
            await self.controller.reload()

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Apply the `changed` fields."""
        self.current = settings
        self._apply(settings, changed)

    def say_account_kept(self, variable: str) -> None:
        """Say that the engine goes on with the account of its `variable`."""
        engine = self._link.model.attachment
        text = keeps_account(program_name(engine.program, engine.pid), variable)
        self._app.notify(text, severity="warning", timeout=ERROR_S, markup=False)
