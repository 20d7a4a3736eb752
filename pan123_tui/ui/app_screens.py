"""The large screens of the application, and what they share."""

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on, work

from pan123_tui import i18n
from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import ModelChange
from pan123_tui.config.settings import Settings
from pan123_tui.config.settings_store import SettingsStore
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import _
from pan123_tui.ui.base_app import EngineApp
from pan123_tui.ui.dashboard.screen import DASHBOARD_PARTS, DashboardScreen
from pan123_tui.ui.dialogs.prompts import ChoiceScreen
from pan123_tui.ui.folders.controller import FolderController, default_folder
from pan123_tui.ui.keymap import bindings_of, key_names
from pan123_tui.ui.task_actions import ERROR_S, EditAsked, TaskActions
from pan123_tui.ui.terminal.driver import TerminalDriver
from pan123_tui.ui.textual_private import driver_of
from pan123_tui.ui.theme import UiOptions
from pan123_tui.wording.engine import keeps_account, program_name
from pan123_tui.wording.formats import hidden_text

if TYPE_CHECKING:
    from pan123_tui.ui.clipboard.controller import ClipboardController
    from pan123_tui.ui.failures.screen import LinkProber, Probe
    from pan123_tui.ui.file_actions import FileActions
    from pan123_tui.ui.notifications import Notifier
    from pan123_tui.ui.settings.controller import CheckAccount, SettingsController
    from pan123_tui.ui.terminal.escape_codes import Terminal
    from pan123_tui.ui.widgets.form_fields import FolderField

DEFAULT_OPTIONS = UiOptions()
DEFAULT_SETTINGS = Settings()


class ScreensApp(EngineApp):
    """Opens the large screens over the dashboard with the parts that each needs."""

    def __init__(  # noqa: PLR0913 - everything that the composition root builds
        self,
        client: EngineClient,
        *,
        options: UiOptions = DEFAULT_OPTIONS,
        settings: Settings = DEFAULT_SETTINGS,
        settings_store: SettingsStore | None = None,
        check_account: "CheckAccount | None" = None,
        state_dir: Path | None = None,
        probe: "Probe | None" = None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time,
    ) -> None:
        super().__init__(client, options, state_dir)
        self.settings = settings
        self.environ = environ
        self.clock = clock
        keys = key_names(options.keymap, bindings_of(type(self), *DASHBOARD_PARTS))
        self.folders = FolderController(client, self.model)
        self.task_actions = TaskActions(self, client, self.model, keys)
        self.model.default_folder = default_folder(settings)
        self._settings_store = settings_store
        self._check_account = check_account
        self._probe = probe

    # Imported and created on first use, after the first frame

    @cached_property
    def terminal(self) -> "Terminal":
        """Sends escape sequences to the terminal."""
        from pan123_tui.ui.terminal.capabilities import detect_capabilities
        from pan123_tui.ui.terminal.escape_codes import Terminal

        return Terminal(self._write, detect_capabilities(self.environ), self.options.profile)

    @cached_property
    def notifier(self) -> "Notifier":
        """Notifies the user outside the table."""
        from pan123_tui.ui.notifications import Notifier

        return Notifier(self, self.model, self.terminal, self.settings.notify)

    @cached_property
    def file_actions(self) -> "FileActions":
        """Acts on the files that arrived."""
        from pan123_tui.ui.file_actions import FileActions

        return FileActions(
            self,
            self.client,
            self.model,
            self.task_actions,
            environ=self.environ,
            clock=self.clock,
        )

    @cached_property
    def link_prober(self) -> "LinkProber":
        """Tests links from this machine."""
        from pan123_tui.ui.failures.screen import LinkProber

        return LinkProber(self._probe)

    @cached_property
    def settings_controller(self) -> "SettingsController | None":
        """Saves the settings; None where they are fixed."""
        from pan123_tui.ui.settings.controller import SettingsController

        if self._settings_store is None:
            return None
        return SettingsController(
            self.client,
            self._settings_store,
            self.settings,
            self,
            check_account=self._check_account,
            host=self.options.host,
        )

    @cached_property
    def clipboard_controller(self) -> "ClipboardController":
        """Reads, watches and fills the clipboard."""
        from pan123_tui.ui.clipboard.controller import ClipboardController

        # Only our own driver separates the terminal's replies from the keys.
        has_replies = isinstance(driver_of(self), TerminalDriver)
        return ClipboardController(
            self,
            self.environ,
            self.settings.clipboard,
            terminal=self.terminal,
            write_query=self._writer() if has_replies else None,
        )

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Apply the `changed` fields that need no restart."""
        self.settings = settings
        self.notifier.wanted = settings.notify
        if "ui.theme" in changed:
            self.use_theme(settings.ui.theme)
        if "ui.language" in changed:
            language = settings.ui.language
            i18n.set_language(i18n.from_environment() if language == "auto" else language)
        if "keys" in changed:
            self._use_keys(settings)
        if "ui.language" in changed or "keys" in changed:
            self._reload_dashboard()
        if "defaults.folder_id" in changed:
            self.model.default_folder = default_folder(settings)
            self.changes.publish(ModelChange(folders_changed=True))

    def _reload_dashboard(self) -> None:
        """Show the dashboard in the current language, with the current keys."""
        for screen in self.screen_stack:
            if isinstance(screen, DashboardScreen):
                screen.call_next(screen.reload_language)

    def say_account_kept(self, variable: str) -> None:
        """Say that the engine goes on with the account of its `variable`."""
        engine = self.model.attachment
        text = keeps_account(program_name(engine.program, engine.pid), variable)
        self.notify(text, severity="warning", timeout=ERROR_S, markup=False)

    def _use_keys(self, settings: Settings) -> None:
        faults = tuple(str(warning) for warning in settings.warnings if warning.is_about_keys)
        self.options = replace(self.options, keymap=settings.keys, keymap_faults=faults)
        self.set_keymap(settings.keys)
        bindings = bindings_of(type(self), *DASHBOARD_PARTS)
        self.task_actions.keys = key_names(settings.keys, bindings)

    @property
    def _draft_file(self) -> Path | None:
        return self.state_dir / "draft.json" if self.state_dir else None

    def mention_draft(self) -> None:
        """Say that links wait in a draft, and which key shows them."""
        if self._draft_file is not None and self._draft_file.exists():
            text = _("Links wait in the draft: {key}").format(
                key=self.task_actions.keys["links.add"]
            )
            self.notify(text, markup=False)

    # Screens that are imported when they are first opened

    @on(DashboardScreen.AddAsked)
    @work(group="add", exclusive=True)
    async def open_add_screen(self, event: DashboardScreen.AddAsked) -> None:
        """Open the review of the links in a text."""
        from pan123_tui.ui.add_links.screen import AddScreen

        defaults = self.settings.defaults
        screen = AddScreen(
            self.task_actions,
            self.model,
            self.changes,
            defaults=DownloadRequest(
                "", folder_id=defaults.folder_id, callback_url=defaults.callback_url
            ),
            text=event.text,
            draft_file=self._draft_file,
            read_clipboard=self.clipboard_controller.read_text,
        )
        await self.push_screen_wait(screen)

    @on(EditAsked)
    @work(group="edit", exclusive=True)
    async def open_edit_screen(self, event: EditAsked) -> None:
        """Open the editor of one or several tasks and queue the changed ones."""
        from pan123_tui.ui.add_links.edit_links import EditLinksScreen

        ids = [task.id for task in event.tasks]
        requests: list[DownloadRequest] | None = [task.request for task in event.tasks]
        notes = [*hidden_text(event.hidden)]
        while requests := await self.push_screen_wait(
            EditLinksScreen(requests or [], known=self.model, notes=notes)
        ):
            if await self.task_actions.edit(dict(zip(ids, requests, strict=True))):
                return

    @on(DashboardScreen.RedirectAsked)
    @work(group="dialog", exclusive=True)
    async def offer_another_folder(self, event: DashboardScreen.RedirectAsked) -> None:
        """Ask where the links for a missing folder go."""
        from pan123_tui.ui.folders.missing import MissingFolderOffer

        await MissingFolderOffer(self, self.folders, self.model, event.folder_id).make()

    @on(DashboardScreen.FailuresAsked)
    def open_failures(self) -> None:
        """Open the failures by host."""
        from pan123_tui.ui.failures.screen import FailuresScreen

        screen = FailuresScreen(self.task_actions, self.model, self.changes, self.link_prober)
        self.push_screen(screen)

    def search_themes(self) -> None:
        """Open the choice of themes."""
        self._choose_theme()

    @work(group="dialog", exclusive=True)
    async def _choose_theme(self) -> None:
        """Let a theme be chosen, and save it for all screens."""
        choices = [(name, name, "") for name in self.theme_names]
        former, preview = self.theme, partial(setattr, self, "theme")
        screen = ChoiceScreen(_("Theme"), choices, current=former, preview=preview)
        name = await self.push_screen_wait(screen)
        self.use_theme(name or former)
        if name and self.settings_controller is not None:
            with suppress(SettingsInvalid, OSError):  # it is in use all the same
                await self.settings_controller.save({"ui.theme": name})

    @work(group="choose-folder", exclusive=True)
    async def on_folder_field_browse_asked(self, event: "FolderField.BrowseAsked") -> None:
        """Let a folder be chosen for a field, or find it by its path."""
        from pan123_tui.ui.folders.field import answer_field

        await answer_field(self, self.folders, event)
