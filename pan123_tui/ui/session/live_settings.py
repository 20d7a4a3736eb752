"""The settings and the account in use: whichever screen saves them, all apply them at once."""

import asyncio
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from typing import Any

from msgspec.structs import replace
from textual.app import App
from textual.signal import Signal

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.config import settings as settings_file
from pan123_tui.config.credentials import account_source, aria2_secret, save_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.schema import SETTINGS
from pan123_tui.config.settings import Changes, Settings
from pan123_tui.domain.commands import ReloadSettings
from pan123_tui.domain.credentials import AccountSource, Credentials
from pan123_tui.domain.errors import ACCOUNT_REFUSALS, Pan123Error, Problem, SettingsInvalid
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import ROOT_ID, Folder

CheckAccount = Callable[[Settings, Credentials], Account]
"""Fetches, in a thread, the account of unsaved credentials; raises `Pan123Error`."""


class LiveSettings:
    """Saves settings and account, and tells the engine, which tells the other screens."""

    def __init__(
        self,
        app: App[Any],
        client: EngineClient,
        settings: Settings,
        paths: AppPaths,
        *,
        environ: Mapping[str, str],
        check_account: CheckAccount | None,
        host: str = "",
        apply: Callable[[Settings, Set[str]], None],
    ) -> None:
        """`check_account`: None if the account is fixed; `apply` gets the changed fields, too."""
        self._client = client
        self.paths = paths
        self._environ = environ
        self._check_account = check_account
        self._apply_changed = apply
        self.current = settings
        self.host = host
        """The machine of the engine and the account, where that is another one."""
        self.reloaded: Signal[Settings] = Signal(app, "settings reloaded")
        """Another screen has saved settings or an account."""
        self.account_kept: Signal[str] = Signal(app, "account kept")
        """The engine still uses the account of this variable."""
        self._known_account: AccountSource | None = None
        """The account when last checked."""
        self._file_use = asyncio.Lock()

    @property
    def account(self) -> AccountSource:
        self._known_account = account_source(self._environ, self.paths.config_dir)
        return self._known_account

    @property
    def is_account_fixed(self) -> bool:
        """Whether the account cannot be changed here, as in the demo."""
        return self._check_account is None

    def aria2_secret(self) -> str:
        """Return the secret for links from the browser; "" if it cannot be read."""
        with suppress(OSError):
            return aria2_secret(self._environ, self.paths)
        return ""

    async def save(self, changes: Changes) -> None:
        """Write and use `changes`; on `SettingsInvalid` or `OSError` nothing has changed."""
        async with self._file_use:
            saved = await asyncio.to_thread(
                settings_file.save, changes, self._environ, self.paths.config_dir
            )
            changed = self._apply(saved)
        if changed - changes.keys():  # an editor's
            self.reloaded.publish(saved)
        if not self.host:  # the engine there has a file of its own
            self._client.send(ReloadSettings())

    async def reload(self) -> None:
        """Load and apply what another screen or a command has saved."""
        if self.host:
            return  # it is in the file there
        async with self._file_use:
            try:
                changed = self._apply(await asyncio.to_thread(self._load))
            except SettingsInvalid:
                return
        former_account = self._known_account
        if changed or former_account not in (None, self.account):
            self.reloaded.publish(self.current)

    def _load(self) -> Settings:
        return settings_file.load(self._environ, self.paths.config_dir)

    def _apply(self, saved: Settings) -> Set[str]:
        """Use `saved`, with what an editor has changed; return the changed fields."""
        former = self.current
        if self.host:  # a folder of this machine's account may be another one there
            saved = replace(saved, defaults=former.defaults)
        self.current = saved
        changed = {key for key, it in SETTINGS.items() if former.value(it) != saved.value(it)}
        if former.keys != saved.keys:
            changed.add("keys")
        if changed:
            self._apply_changed(saved, changed)
        return changed

    def preview(self, theme: str) -> None:
        """Apply `theme` without saving it."""
        ui = replace(self.current.ui, theme=theme)
        self._apply_changed(replace(self.current, ui=ui), {"ui.theme"})

    async def set_account(self, credentials: Credentials) -> Account | Problem:
        """Save and use `credentials`; return their account, or why 123pan could not be asked."""
        assert self._check_account is not None  # noqa: S101 - otherwise there is nothing to enter
        # Tried at the address that the engine will load, since an editor may have changed it.
        settings = await asyncio.to_thread(self._load)
        # From here, not in the engine: credentials are never part of a command.
        try:
            checked: Account | Problem
            checked = await asyncio.to_thread(self._check_account, settings, credentials)
        except ACCOUNT_REFUSALS:
            raise
        except Pan123Error as error:
            checked = error.problem
        await self.use_account(credentials)
        return checked

    async def use_account(self, credentials: Credentials | None) -> None:
        """Save `credentials`, or delete them with all tokens, and have the engine follow.

        Raises `OSError`.
        """
        await asyncio.to_thread(save_credentials, self.paths.config_dir, credentials)
        if credentials is None:
            await asyncio.to_thread(self.paths.forget_tokens)
        self._known_account = None
        if not self.is_account_fixed and (variable := await self._client.call(ReloadSettings())):
            self.account_kept.publish(variable)


def default_folder(settings: Settings) -> Folder | None:
    defaults = settings.defaults
    if defaults.folder_id is None or not defaults.folder_name:
        return None
    return Folder(defaults.folder_id, defaults.folder_name, ROOT_ID)
