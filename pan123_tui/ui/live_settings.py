"""The settings in use: whoever saves them, they are applied to all screens at once."""

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from pan123_tui import i18n
from pan123_tui.client.task_model import ModelChange
from pan123_tui.config.settings import Settings
from pan123_tui.ui.folders.controller import default_folder
from pan123_tui.ui.settings.store import SettingsStore
from pan123_tui.ui.task_actions import ERROR_S
from pan123_tui.wording.engine import keeps_account, program_name

if TYPE_CHECKING:
    from pan123_tui.ui.app import Pan123App
    from pan123_tui.ui.settings.controller import CheckAccount, SettingsController


class LiveSettings:
    """Applies saved settings to the application."""

    def __init__(
        self,
        app: "Pan123App",
        settings: Settings,
        store: SettingsStore | None,
        check_account: "CheckAccount | None",
    ) -> None:
        self._app = app
        self._store = store
        self._check_account = check_account
        self.current = settings

    @cached_property
    def controller(self) -> "SettingsController | None":
        """Saves the settings; None where they are fixed."""
        from pan123_tui.ui.settings.controller import SettingsController

        if self._store is None:
            return None
        return SettingsController(
            self._app.client,
            self._store,
            self.current,
            self,
            check_account=self._check_account,
            host=self._app.options.host,
        )

    async def reload(self) -> None:
        """Load the settings that a screen or a command has saved, and go on with its account."""
        from pan123_tui.ui.settings.account_dialog import WelcomeScreen

        if self.controller is not None:
            await self.controller.reload()
            screen = self._app.screen
            if isinstance(screen, WelcomeScreen):  # a covered one looks when it is in front
                screen.close_after_login()

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Apply the `changed` fields."""
        app = self._app
        self.current = settings
        app.notifier.wanted = settings.notify
        if "ui.theme" in changed:
            app.appearance.use_theme(settings.ui.theme)
        if "ui.ascii" in changed:
            app.appearance.draw_in_ascii(is_wanted=settings.ui.ascii)
        if "clipboard.watch" in changed:
            self._set_watch(is_wanted=settings.clipboard.watch)
        if "ui.language" in changed:
            language = settings.ui.language
            i18n.set_language(i18n.from_environment() if language == "auto" else language)
        if "keys" in changed:
            app.use_keys(settings.keys, settings.key_faults)
        if "ui.language" in changed or "keys" in changed:
            app.dashboard.call_next(app.dashboard.reload_language)
        if "defaults.folder_id" in changed:
            app.model.default_folder = default_folder(settings)
            app.link.changes.publish(ModelChange(folders_changed=True))

    def _set_watch(self, *, is_wanted: bool) -> None:
        """Watch the clipboard or end that, or say why it cannot be watched."""
        app, clipboard = self._app, self._app.clipboard_controller
        if is_wanted and (reason := clipboard.disabled_reason):
            app.notify(reason, severity="warning", markup=False)
        elif is_wanted != clipboard.is_watching:
            app.dashboard.call_next(app.dashboard.action_act, "links.watch")

    def say_account_kept(self, variable: str) -> None:
        """Say that the engine goes on with the account of its `variable`."""
        engine = self._app.model.attachment
        text = keeps_account(program_name(engine.program, engine.pid), variable)
        self._app.notify(text, severity="warning", timeout=ERROR_S, markup=False)
