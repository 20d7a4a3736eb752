"""The reception: welcomes who has no account yet, opens the settings, and puts them in force."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from pan123_tui import i18n
from pan123_tui.domain.credentials import AccountKind
from pan123_tui.settings import Settings
from pan123_tui.ui import screens
from pan123_tui.ui.default_folder import default_folder
from pan123_tui.ui.mirror import Change
from pan123_tui.ui.settings_desk import SettingsDesk
from pan123_tui.ui.theme import DEFAULT_THEME
from pan123_tui.ui.workshop import Workshop

if TYPE_CHECKING:
    from pan123_tui.ui.app import Pan123App


class Reception:
    """Pushes its screens onto the application, and changes what the settings are about."""

    def __init__(self, app: "Pan123App", workshop: Workshop) -> None:
        self._app = app
        self._desk = SettingsDesk(app.bridge, workshop, app.settings, apply=self.put_in_force)

    @property
    def is_welcome_due(self) -> bool:
        """Whether there is no account, and one could be set here."""
        return not self._desk.is_account_fixed and self._desk.account.kind is AccountKind.NONE

    async def welcome(self) -> None:
        """Offer ways to begin until one of them leads on."""
        app = self._app
        while True:
            match await app.push_screen_wait(screens.welcome_screen()):
                case screens.Start.DEMO.value:
                    app.leave_for_demo()
                    return
                case screens.Start.TOKEN.value:
                    kind = AccountKind.TOKEN
                case screens.Start.PAIR.value:
                    kind = AccountKind.PAIR
                case _:
                    return
            screen = screens.AccountScreen(kind, self._desk.set_account)
            account = await app.push_screen_wait(screen)
            if account is not None:
                app.notify(screens.greeting(account), markup=False)
                return

    async def open_settings(self) -> None:
        """Show the settings until they are left; another language has the dashboard made anew."""
        app, language = self._app, i18n.language()
        await app.push_screen_wait(
            screens.SettingsScreen(
                self._desk,
                themes=app.theme_names,
                nickname=self._nickname,
                folder_names=lambda: app.mirror.folder_names,
            )
        )
        if i18n.language() != language:
            app.renew_dashboard()

    def put_in_force(self, settings: Settings, changed: Collection[str]) -> None:
        """Let the fields that changed take effect, as far as they can without a restart."""
        app = self._app
        app.settings = settings
        app.herald.wanted = settings.notify
        if "ui.theme" in changed:
            known = settings.ui.theme in app.available_themes
            app.theme = settings.ui.theme if known else DEFAULT_THEME
        if "ui.language" in changed:
            language = settings.ui.language
            i18n.use(i18n.from_environment() if language == "auto" else language)
        if "ui.low_bandwidth" in changed:
            app.spare_the_line(is_wanted=settings.ui.low_bandwidth)
        if "defaults.folder_id" in changed:
            app.mirror.default_folder = default_folder(settings)
            app.changes.publish(Change(are_folders_new=True))

    def _nickname(self) -> str:
        account = self._app.mirror.status.account
        return account.nickname if account else ""
