"""The first run, the settings, and folders by name, on the whole dashboard."""

from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest
from textual.app import App
from textual.events import Paste

from pan123_tui.config.credentials import save_credentials
from pan123_tui.config.schema import Ui
from pan123_tui.domain.credentials import OPENLIST_RENEW_URL, AccessToken, RefreshToken
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import Shown, TaskState
from pan123_tui.terminal.escape_codes import Capabilities
from pan123_tui.ui.app import Exit
from pan123_tui.ui.dashboard.screen import DashboardScreen
from pan123_tui.ui.dashboard.status_bar import StatusBar
from pan123_tui.ui.session.memory import Memory
from pan123_tui.ui.settings.screen import SettingsScreen
from pan123_tui.ui.theme import Appearance
from tests.ui.dashboard_stage import story, task
from tests.ui.home_stage import Home
from tests.ui.stage import Stage


async def test_a_token_leads_from_the_welcome_to_the_dashboard(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with story(**home.settings_store()) as ui:
        told = Mock()
        cast("Any", ui.engine).announce_settings = told
        await ui.reads("Enter client ID and secret")
        ui.app.post_message(Paste("https://a.example/early.zip"))
        await ui.hears("Kept as a draft: close this, then a opens it.")
        ui.app.clear_notifications()
        await ui.press("enter")
        await ui.reads("Client secret")
        ui.app.post_message(Paste("s3cret from\nhttps://www.123pan.com/developer"))
        await ui.hears("Links cannot be pasted here: close this")
        assert "s3cret" not in ui.app.draft_file.read_text()
        ui.app.clear_notifications()
        await ui.press("escape")
        await ui.reads("Log in through OpenList")
        await ui.press("down", "enter")
        await ui.reads("https://api.oplist.org")
        await ui.press(*"good", "enter")
        await ui.sees(lambda: ui.toasts)
        assert ui.toasts == ["Logged in as [b]小鱼."]
        assert isinstance(ui.app.screen, DashboardScreen)
        await ui.press("a")
        await ui.reads("early.zip")
    assert home.kept == RefreshToken("good", renew_url=OPENLIST_RENEW_URL)
    told.assert_called_once_with()


async def test_the_tasks_go_on_behind_a_dialog_and_a_message_is_shown_once(tmp_path: Path) -> None:
    async with story([task(1)], size=(100, 40), **Home(tmp_path).settings_store()) as ui:
        await ui.reads("Welcome")
        ui.engine.tell(task(2, TaskState.FAILED))
        await ui.sees(lambda: ui.dashboard.panel.facts.counts.get(Shown.FAILED) == 1)
        await ui.sees(lambda: ui.names == ["part-02.iso", "part-01.iso"])
        await ui.press("escape")
        ui.app.notify("once")
        await ui.sees(lambda: ui.dashboard.query_one("ToastRack").display)
        await ui.press("question_mark")
        await ui.reads("Help: actions and keys")
        await ui.sees(lambda: not ui.dashboard.query_one("ToastRack").display)
        await ui.reads("once")
        await ui.press("escape")
        await ui.sees(lambda: ui.dashboard.query_one("ToastRack").display)


async def test_no_key_is_named_that_does_nothing_behind_the_welcome(tmp_path: Path) -> None:
    status = Status(Connection.NO_ACCOUNT)
    async with story(status=status, **Home(tmp_path).settings_store()) as ui:
        await ui.reads("Welcome")
        bar = ui.dashboard.query_one(StatusBar)
        await ui.sees(lambda: bar.lines and bar.lines[0].plain.endswith("  no account"))
        await ui.press("escape")
        await ui.reads("no account: press , to log in")


async def test_later_is_remembered_until_there_is_an_account(tmp_path: Path) -> None:
    store, state = Home(tmp_path).settings_store(), tmp_path / "state"
    async with story(**store) as ui:
        await ui.reads("Later")
        await ui.press("end", "up", "enter")
        await ui.sees(lambda: Memory(App(), state).state.is_login_put_off)
    for account in (None, AccessToken("good-token")):
        save_credentials(tmp_path, account)
        async with story(**store) as ui:
            await ui.press("a")
            await ui.reads("Paste any text")
            if account:
                await ui.sees(lambda: not Memory(App(), state).state.is_login_put_off)
    save_credentials(tmp_path, None)
    async with story(**store) as ui:
        await ui.reads("Later")


WAYS = {
    "end up up enter": lambda ui: ui.app.return_value is Exit.FOR_DEMO,
    "end enter": lambda ui: isinstance(ui.app.screen, SettingsScreen),
    "q": lambda ui: isinstance(ui.app.screen, DashboardScreen),
}


@pytest.mark.parametrize(("size", "key"), zip([(40, 12), (80, 24), (50, 15)], WAYS, strict=True))
async def test_the_welcome_fits_and_leads(tmp_path: Path, size: tuple[int, int], key: str) -> None:
    async with story(size=size, **Home(tmp_path).settings_store()) as ui:
        await ui.reads("Demo, no account needed")
        await ui.reads("Settings")
        if size >= (50, 0):
            await ui.sees(lambda: ("pgdn reads on" in ui.text) == (size < (80, 0)))
            await ui.press("pagedown")
            await ui.reads("20 CNY")
        assert "…" not in ui.text or size < (50, 0)
        assert "afterwards." in ui.text or size < (80, 0)
        await ui.press(*key.split())
        await ui.sees(lambda: WAYS[key](ui))


async def test_the_account_form_fits_a_small_screen(tmp_path: Path) -> None:
    async with story(size=(50, 15), **Home(tmp_path).settings_store()) as ui:
        await ui.reads("Demo, no account needed")
        await ui.press("enter")
        await ui.reads("only you can read.")
        assert "With these" in ui.text
        assert ui.app.screen.query_one(".form-body").max_scroll_y == 0


def test_a_terminal_that_needs_ascii_keeps_it_whatever_is_chosen() -> None:
    needs = Capabilities(has_symbols=False)
    appearance = Appearance(Stage(), Ui(), needs)
    for chosen in (True, False):
        appearance.apply_settings(Ui(ascii=chosen), {"ui.ascii"})
        assert appearance.is_ascii


async def test_settings_that_are_seen_are_applied_at_once(tmp_path: Path) -> None:
    save_credentials(tmp_path, AccessToken("good-token"))
    async with story([task(1)], **Home(tmp_path).settings_store()) as ui:
        await ui.press("comma")
        await ui.sees(lambda: isinstance(ui.app.screen, SettingsScreen))
        ui.app.screen.query_one("#set-ui-theme").focus()
        await ui.press("enter", "down", "enter")
        await ui.sees(lambda: ui.app.theme == "pan123-light")
        ui.app.screen.query_one("#set-notify-tell").focus()
        await ui.press("enter", "up", "enter")
        await ui.sees(lambda: ui.app.live_settings.current.notify.tell == "bell")
        ui.app.screen.query_one("#set-ui-ascii").focus()
        await ui.press("space")
        await ui.sees(lambda: ui.app.appearance.is_ascii)
        await ui.press("space")
        await ui.sees(lambda: not ui.app.appearance.is_ascii)
        ui.app.screen.query_one("#set-ui-language").focus()
        await ui.press("enter", "down", "down", "enter")
        await ui.reads("设置")
        assert ui.app.focused is ui.app.screen.query_one("#set-ui-language")
        await ui.press("enter", "home", "enter", "escape")
        await ui.sees(lambda: isinstance(ui.app.screen, DashboardScreen))
