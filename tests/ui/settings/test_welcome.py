"""The first run, and folders by name, on the whole dashboard."""

from pathlib import Path
from typing import Any, cast

import pytest

from pan123_tui.config.credentials import save_credentials
from pan123_tui.config.schema import Defaults
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.events import EngineEvent, FoldersChanged
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, FolderPage
from pan123_tui.ui.dashboard.screen import DashboardScreen
from pan123_tui.ui.settings.screen import SettingsScreen
from pan123_tui.ui.theme import UiOptions
from tests.ui.dashboard_stage import Story, story, task
from tests.ui.home_stage import Home

FILMS = Folder(7, "[/b] 影视", ROOT_ID)


class PaperFolders:
    """What the engine knows of folders: one."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self.used: list[int] = []
        self.book = FolderCache()

    async def page(self, parent_id: int, *, after: int = 0) -> FolderPage:
        folders = (FILMS,) if parent_id == ROOT_ID else ()
        self.book = self.book.with_seen(folders)
        self._tell(FoldersChanged(self.book))
        return FolderPage(folders)

    async def use(self, folder_id: int) -> None:
        self.used.append(folder_id)

    def _tell(self, event: EngineEvent) -> None:
        self._story.engine.listen(event)


def _with_account(folder: Path) -> Home:
    save_credentials(folder, AccessToken("good-token"))
    return Home(folder)


def _paper(told: Story, home: Home) -> PaperFolders:
    """Give the engine of paper what these stories ask of it besides."""
    folders = PaperFolders(told)
    cast("Any", told.engine).folders = folders
    cast("Any", told.engine).reconnect = home.reconnect
    return folders


async def test_without_an_account_the_welcome_offers_the_ways_to_begin(tmp_path: Path) -> None:
    async with story(**Home(tmp_path).settings_store()) as told:
        await told.reads("Welcome to pan123-tui")
        assert "123pan.com/developer" in told.text
        await told.press("escape")
        assert isinstance(told.app.screen, DashboardScreen)
        await told.press("ctrl+p", *"welcome", "enter")
        await told.reads("Paste an access token")


async def test_with_an_account_there_is_no_welcome(tmp_path: Path) -> None:
    async with story([task(1)], **_with_account(tmp_path).settings_store()) as told:
        await told.reads("part-01.iso")
        assert "Welcome" not in told.text


async def test_the_demo_is_not_welcomed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    look = UiOptions(is_demo=True)
    async with story([task(1)], options=look, **home.settings_store(is_demo=True)) as told:
        await told.reads("part-01.iso")
        assert "Welcome" not in told.text


async def test_a_token_at_the_first_run_leads_to_the_dashboard(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with story(**home.settings_store()) as told:
        _paper(told, home)
        await told.reads("Welcome to pan123-tui")
        await told.press("3", *"good", "minus", *"token", "enter")
        await told.sees(lambda: told.toasts)
        assert told.toasts == ["The account of [b]小鱼 is in use."]
        assert isinstance(told.app.screen, DashboardScreen)
    assert home.kept == AccessToken("good-token")
    assert len(home.reconnected) == 1


async def test_going_back_from_the_token_comes_to_the_welcome_again(tmp_path: Path) -> None:
    async with story(**Home(tmp_path).settings_store()) as told:
        await told.reads("Welcome to pan123-tui")
        await told.press("2")
        await told.reads("Client secret")
        await told.press("escape")
        await told.reads("Welcome to pan123-tui")


async def test_the_demo_is_begun_after_the_program_has_left(tmp_path: Path) -> None:
    async with story(**Home(tmp_path).settings_store()) as told:
        await told.reads("Welcome to pan123-tui")
        await told.press("1")
        await told.sees(lambda: told.app.return_value is not None)
        assert told.app.wants_demo


async def test_comma_opens_the_settings_and_a_theme_takes_effect_at_once(tmp_path: Path) -> None:
    async with story([task(1)], **_with_account(tmp_path).settings_store()) as told:
        await told.press("comma")
        await told.sees(lambda: isinstance(told.app.screen, SettingsScreen))
        told.app.screen.query_one("#set-ui-theme").focus()
        await told.press("enter", "2")
        await told.press("ctrl+s")
        await told.sees(lambda: isinstance(told.app.screen, DashboardScreen))
        assert told.app.theme == "pan123-light"
    assert Home(tmp_path).written == {"ui": {"theme": "pan123-light"}}


async def test_settings_open_from_the_dashboard_only(tmp_path: Path) -> None:
    async with story(**_with_account(tmp_path).settings_store()) as told:
        await told.press("a", "comma")
        assert not isinstance(told.app.screen, SettingsScreen)


async def test_notifications_that_are_switched_off_stay_away_from_then_on(tmp_path: Path) -> None:
    async with story([task(1)], **_with_account(tmp_path).settings_store()) as told:
        await told.press("comma")
        await told.sees(lambda: isinstance(told.app.screen, SettingsScreen))
        told.app.screen.query_one("#set-notify-toast").focus()
        await told.press("space", "ctrl+s")
        await told.sees(lambda: isinstance(told.app.screen, DashboardScreen))
        assert not told.app.notifier.wanted.toast


async def test_a_folder_is_chosen_for_new_links_and_its_name_is_shown_everywhere(
    tmp_path: Path,
) -> None:
    home = _with_account(tmp_path)
    async with story([task(1, folder_id=7)], size=(140, 40), **home.settings_store()) as told:
        folders = _paper(told, home)
        await told.press("enter")
        await told.reads("7")
        await told.press("a", *"https", "colon", "slash", "slash", *"e.com/a")
        await told.press("ctrl+o")
        await told.reads("[/b] 影视")
        await told.press("down", "down", "enter")
        await told.reads("→ [/b] 影视")
        await told.press("ctrl+s")
        await told.sees(lambda: isinstance(told.app.screen, DashboardScreen))
        await told.sees(lambda: folders.used)
        assert folders.used == [7]
        assert told.engine.tasks[2].folder_id == 7
        await told.reads("[/b] 影视")


async def test_the_default_folder_is_called_by_the_name_in_the_settings(tmp_path: Path) -> None:
    settings = Settings(defaults=Defaults(folder_id=9, folder_name="电影"))
    home = _with_account(tmp_path)
    kwargs: dict[str, Any] = {"settings": settings, **home.settings_store()}
    async with story([task(1, folder_id=9)], size=(140, 40), **kwargs) as told:
        await told.press("enter")
        await told.reads("电影")
        await told.press("a")
        await told.reads("→ 电影")


@pytest.mark.parametrize("size", [(40, 12), (50, 20), (80, 24), (140, 40)])
async def test_the_welcome_fits_every_window(tmp_path: Path, size: tuple[int, int]) -> None:
    async with story(size=size, **Home(tmp_path).settings_store()) as told:
        await told.reads("Later")
