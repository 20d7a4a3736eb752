"""The settings screen: saving, validation, and the dialogs of the account."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from pan123_tui.client.task_model import TaskModel
from pan123_tui.config.credentials import save_credentials
from pan123_tui.config.settings import load
from pan123_tui.domain.credentials import AccessToken, ClientPair, RefreshToken
from pan123_tui.domain.errors import RequestNotSent
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.engine.ports import PollingConfig
from pan123_tui.ui.settings.form import SelectRow
from pan123_tui.ui.settings.screen import SettingsScreen
from pan123_tui.ui.theme import UiOptions
from tests.ui.dashboard_stage import story
from tests.ui.home_stage import RENEW_URL, Home
from tests.ui.stage import Stage, shown
from tests.ui.textual_private import messages as notifications

PATIENCE_S = 20.0


class SettingsUser:
    """Uses the settings screen as a person does, with the keyboard."""

    def __init__(self, pilot: Pilot[None], home: Home) -> None:
        self.pilot = pilot
        self.home = home
        self.results: list[None] = []

    @property
    def text(self) -> str:
        return shown(self.pilot.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def write(self, row: str, text: str) -> None:
        """Replace the text in the field of `row`."""
        field = self.pilot.app.screen.query_one(f"#set-{row} Input", Input)
        field.focus()
        await self.press("home", "shift+end", "delete")
        field.post_message(Paste(text))
        await self.pilot.pause()

    async def switch(self, row: str) -> None:
        self.pilot.app.screen.query_one(f"#set-{row}").focus()
        await self.press("space")

    async def reads(self, words: str) -> None:
        """Wait until `words` are on the screen, wherever the lines are wrapped."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while words not in " ".join(self.text.split()):
                    await asyncio.sleep(0.01)
                    await self.pilot.pause()
        except TimeoutError:
            raise AssertionError(f"{words!r} never came:\n{self.text}") from None

    async def is_closed(self) -> None:
        """Wait until the screen has closed."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.results:
                await asyncio.sleep(0.01)
                await self.pilot.pause()


@asynccontextmanager
async def open_settings(
    home: Home, *, size: tuple[int, int] = (100, 50), is_demo: bool = False, host: str = ""
) -> AsyncIterator[SettingsUser]:
    async with Stage().run_test(size=size) as pilot:
        ui = SettingsUser(pilot, home)
        model = TaskModel()
        model.default_folder = Folder(7, "影视", ROOT_ID)
        themes = ["pan123-dark", "pan123-light"]
        screen = SettingsScreen(home.controller(is_demo=is_demo, host=host), model, themes=themes)
        pilot.app.push_screen(screen, ui.results.append)
        await pilot.pause()
        yield ui


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


async def test_changed_fields_are_saved_and_nothing_else_is_written(home: Home) -> None:
    home.file.write_text("# mine\n[ui]\nascii = false # as it is\n")
    async with open_settings(home) as ui:
        await ui.write("service-create_per_s", "0.5")
        await ui.switch("notify-title")
        await ui.write("defaults-folder_id", "7")
        await ui.reads("→ 影视")
        await ui.press("ctrl+s")
        await ui.is_closed()
    assert home.file.read_text().startswith("# mine\n[ui]\nascii = false # as it is\n")
    assert home.written == {
        "ui": {"ascii": False},
        "service": {"create_per_s": 0.5},
        "notify": {"title": False},
        "defaults": {"folder_id": 7, "folder_name": "影视"},
    }
    settings, changed = home.applied[0]
    assert settings.service.create_per_s == 0.5
    assert "notify.title" in changed


async def test_a_narrow_screen_still_shows_the_way_back(home: Home) -> None:
    async with open_settings(home, size=(50, 15)) as ui:
        await ui.press("tab", "tab")
        await ui.reads("^s save esc back")


async def test_each_line_of_a_hint_is_indented_alike_in_a_narrow_screen(home: Home) -> None:
    async with open_settings(home, size=(50, 20)) as ui:
        await ui.reads("overrides this.")
        lines = ui.text.splitlines()
        first = next(n for n, line in enumerate(lines) if "An account in" in line)
        indents = [len(line) - len(line.lstrip()) for line in lines[first : first + 2]]
        assert "overrides this." in lines[first + 1]
        assert indents[0] == indents[1]


async def test_new_rates_are_used_at_once(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.write("service-process_per_s", "2")
        await ui.press("ctrl+s")
        await ui.is_closed()
    assert home.reconnected == [PollingConfig(creates_per_s=1, polls_per_s=2)]


async def test_the_address_of_the_service_is_checked_and_used_at_once(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.reads("https://open-api.123pan.com")
        await ui.write("service-base_url", "http://example.com")
        await ui.press("ctrl+s")
        await ui.reads("it must begin with https://")
        assert home.written == {}
        await ui.write("service-base_url", "http://127.0.0.1:8500")
        await ui.press("ctrl+s")
        await ui.is_closed()
        assert notifications(ui.pilot.app)[-1] == "Saved."
    assert home.written == {"service": {"base_url": "http://127.0.0.1:8500"}}
    assert len(home.reconnected) == 1


@pytest.mark.parametrize("is_edited", [False, True], ids=["saved here", "edited elsewhere"])
async def test_an_account_is_tried_at_the_address_that_the_engine_loads(
    home: Home, is_edited: bool
) -> None:
    controller, address = home.controller(), "https://elsewhere.example"
    if is_edited:
        home.file.write_text(f'[service]\nbase_url = "{address}"\n', "utf-8")
    else:
        await controller.save({"service.base_url": address})
    await controller.set_account(AccessToken("good-token"))
    assert home.addresses == [address]


async def test_a_change_that_needs_a_restart_is_announced(home: Home) -> None:
    async with open_settings(home) as ui:
        assert "Takes effect after a restart." in ui.text
        await ui.switch("ui-ascii")
        await ui.press("ctrl+s")
        await ui.is_closed()
        messages = notifications(ui.pilot.app)
        assert messages == ["After a restart: ASCII signs only"]
    assert home.written == {"ui": {"ascii": True}}


async def test_an_invalid_value_is_reported_beside_its_field_and_nothing_is_written(
    home: Home,
) -> None:
    async with open_settings(home) as ui:
        await ui.switch("notify-title")
        await ui.write("service-create_per_s", "99")
        await ui.write("defaults-callback_url", "nowhere")
        assert "at most 50" in ui.text
        await ui.press("ctrl+s")
        await ui.reads("not an http:// or https:// address")
        assert ui.results == []
        assert home.written == {}
        await ui.write("service-create_per_s", "2")
        await ui.write("defaults-callback_url", "https://cb.example/x")
        await ui.press("ctrl+s")
        await ui.is_closed()
    assert home.written == {
        "notify": {"title": False},
        "service": {"create_per_s": 2.0},
        "defaults": {"callback_url": "https://cb.example/x"},
    }


async def test_every_wrong_field_shows_its_error_at_once(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.write("defaults-folder_id", "no such folder")
        await ui.write("defaults-callback_url", "nowhere")
        await ui.press("ctrl+s")
        await ui.reads("Enter finds the folder of this path.")
        await ui.reads("not an http:// or https:// address")


async def test_a_file_that_became_invalid_is_left_alone_and_the_input_stays(
    home: Home,
) -> None:
    async with open_settings(home) as ui:
        await ui.write("service-create_per_s", "2")
        home.file.write_text("[ui\n")
        await ui.press("ctrl+s")
        await ui.reads("cannot be read")
        assert ui.results == []
        assert home.file.read_text() == "[ui\n"
        home.file.unlink()
        await ui.press("ctrl+s")
        await ui.is_closed()
    assert home.written == {"service": {"create_per_s": 2.0}}


async def test_an_empty_field_restores_the_default(home: Home) -> None:
    home.file.write_text('[defaults]\nfolder_id = 7\nfolder_name = "影视"\n')
    async with open_settings(home) as ui:
        await ui.write("defaults-folder_id", "")
        await ui.press("ctrl+s")
        await ui.is_closed()
    assert load({}, home.config_dir).defaults.folder_id is None
    assert home.written == {"defaults": {}}


async def test_a_field_that_a_variable_overrides_names_it_and_cannot_be_changed(
    tmp_path: Path,
) -> None:
    async with open_settings(Home(tmp_path, {"PAN123_LANG": "en"})) as ui:
        assert "Set by PAN123_LANG;" in ui.text
        assert ui.pilot.app.screen.query_one("#set-ui-language").disabled


async def test_a_value_is_chosen_from_a_dialog(home: Home) -> None:
    async with open_settings(home) as ui:
        ui.pilot.app.screen.query_one("#set-ui-language").focus()
        await ui.press("enter")
        await ui.press("3")
        await ui.press("ctrl+s")
        await ui.is_closed()
    assert home.written == {"ui": {"language": "zh"}}


async def test_leaving_with_changes_asks_for_confirmation(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.switch("notify-title")
        await ui.press("escape")
        await ui.reads("Discard the changes?")
        await ui.press("n")
        assert ui.results == []
        await ui.press("escape")
        await ui.reads("Discard the changes?")
        await ui.press("y")
        await ui.is_closed()
    assert home.written == {}


async def test_leaving_without_changes_does_not_ask(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("escape")
        await ui.is_closed()


# The account


async def _paste(ui: SettingsUser, text: str) -> None:
    ui.pilot.app.screen.focused.post_message(Paste(text))  # type: ignore[union-attr]
    await ui.pilot.pause()


async def test_a_token_is_checked_with_the_service_before_it_is_saved_and_is_never_shown(
    home: Home,
) -> None:
    async with open_settings(home) as ui:
        assert "not set" in ui.text
        await ui.press("enter", "2")
        await _paste(ui, "Bearer good-to\nken\n")
        assert "good" not in ui.text
        await ui.press("ctrl+s")
        await ui.reads("access token: set")
        assert "good-token" not in ui.text
        messages = notifications(ui.pilot.app)
        assert messages == ["Logged in as [b]小鱼."]
    assert home.kept == AccessToken("good-token")
    assert len(home.reconnected) == 1
    assert (home.config_dir / "credentials.toml").stat().st_mode & 0o777 == 0o600


async def test_a_pair_is_entered_field_by_field_with_enter(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "1", "i", "d", "enter", *"good", "enter")
        await ui.reads("client id and secret: set")
    assert home.kept == ClientPair("id", "good")


async def test_a_refresh_token_is_entered_with_the_id_of_its_app(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "3", *"good", "enter", *"app", "enter", "enter", "enter")
        await ui.reads("refresh token: set")
    assert home.kept == RefreshToken("good", "app")


async def test_a_refresh_token_is_entered_with_an_address_that_renews_it(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "3", *"good", "ctrl+s")
        await ui.reads("or an address that renews")
        await ui.press("tab", "tab")
        await _paste(ui, "https://broker.example/")
        await ui.press("enter")
        await ui.reads("{refresh_token}, is missing")
        await ui.press("ctrl+u")
        await _paste(ui, RENEW_URL)
        await ui.press("enter")
        await ui.reads("refresh token: set")
    assert home.kept == RefreshToken("good", renew_url=RENEW_URL)


async def test_rejected_credentials_are_not_saved_and_stay_in_their_field(home: Home) -> None:
    save_credentials(home.config_dir, AccessToken("good-token"))
    async with open_settings(home) as ui:
        await ui.press("enter", "1", "i", "d", "enter", *"bad", "enter")
        await ui.reads("trace-7")
        await ui.reads("Nothing was saved. Copy it once more, or get another one.")
        assert "bad" not in ui.text
        assert home.kept == AccessToken("good-token")
        assert home.reconnected == []


async def test_what_is_pasted_after_a_rejected_secret_replaces_it(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "1", "i", "d", "enter", *"bad", "enter")
        await ui.reads("trace-7")
        await _paste(ui, "good")
        await ui.press("ctrl+s")
        await ui.reads("client id and secret: set")
    assert home.kept == ClientPair("id", "good")


async def test_ctrl_a_selects_all_of_a_field(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "2")
        await _paste(ui, "bad-token")
        await ui.press("ctrl+a")
        await _paste(ui, "good-token")
        await ui.press("ctrl+s")
        await ui.reads("access token: set")
    assert home.kept == AccessToken("good-token")


async def test_without_a_connection_nothing_is_saved_and_the_input_stays(home: Home) -> None:
    home.trouble = RequestNotSent("Connection refused")
    async with open_settings(home) as ui:
        await ui.press("enter", "2")
        await _paste(ui, "good-token")
        await ui.press("ctrl+s")
        await ui.reads("Nothing was saved;")
        assert home.kept is None
        home.trouble = None
        await ui.press("ctrl+s")
        await ui.reads("access token: set")


async def test_an_empty_or_invalid_secret_is_reported_beside_its_field(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "2", "ctrl+s")
        await ui.reads("Required.")
        await ui.press("a", "space", "b", "ctrl+s")
        await ui.reads("no blanks")
        assert home.kept is None
        await _paste(ui, "good-token")
        await ui.press("ctrl+s")
        await ui.reads("access token: set")


async def test_a_secret_cannot_be_copied_from_its_field(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "2")
        await _paste(ui, "good-token")
        await ui.press("home", "shift+end", "ctrl+c")
        assert ui.pilot.app.clipboard == ""
        await ui.press("ctrl+x")
        assert ui.pilot.app.clipboard == ""


async def test_an_account_is_deleted_after_a_confirmation(home: Home) -> None:
    save_credentials(home.config_dir, AccessToken("good-token"))
    async with open_settings(home) as ui:
        await ui.press("enter", "4")
        await ui.reads("Log out?")
        await ui.press("y")
        await ui.reads("not set")
    assert home.kept is None
    assert len(home.reconnected) == 1


async def test_an_account_from_the_environment_cannot_be_changed_here(tmp_path: Path) -> None:
    async with open_settings(Home(tmp_path, {"PAN123_ACCESS_TOKEN": "secret-abc"})) as ui:
        assert "Set by PAN123_ACCESS_TOKEN;" in ui.text
        assert "secret-abc" not in ui.text
        assert ui.pilot.app.screen.query_one("#set-account", SelectRow).disabled


async def test_it_is_said_where_keys_are_changed_and_what_shows_their_names(tmp_path: Path) -> None:
    settings, look = Home(tmp_path).settings_store(), UiOptions(keymap={"app.help": "f2"})
    async with story([], options=look, size=(100, 60), **settings) as told:
        await told.press("escape", "comma")
        await told.reads("Keys are changed there, under [keys], by the ids that f2 shows.")


async def test_on_another_machine_only_the_settings_of_the_screen_are_here(home: Home) -> None:
    async with open_settings(home, host="me@server") as ui:
        await ui.reads("It is on me@server, like the tasks: run “pan123-tui login” there.")
        assert ui.pilot.app.screen.query_one("#set-account", SelectRow).disabled
        assert not ui.pilot.app.screen.query("#set-service-create_per_s, #set-defaults-folder_id")
        home.file.write_text("[defaults]\nfolder_id = 7\n")
        await ui.switch("notify-title")
        await ui.press("ctrl+s")
        await ui.is_closed()
    assert home.written == {"defaults": {"folder_id": 7}, "notify": {"title": False}}
    ((applied, _changed),) = home.applied
    assert applied.defaults.folder_id is None
    assert not home.reconnected


async def test_the_account_of_the_demo_cannot_be_changed(home: Home) -> None:
    async with open_settings(home, is_demo=True) as ui:
        assert "The demo uses its own account." in ui.text
        assert ui.pilot.app.screen.query_one("#set-account", SelectRow).disabled


@pytest.mark.parametrize("size", [(40, 12), (50, 20), (80, 24), (140, 40)])
async def test_every_row_can_be_reached_in_every_size(home: Home, size: tuple[int, int]) -> None:
    rows = {"set-account", "set-ui-ascii", "set-service-create_per_s"}
    async with open_settings(home, size=size) as ui:
        seen: set[str] = set()
        for _ in range(40):
            if rows <= seen:
                break
            focused = ui.pilot.app.screen.focused
            assert focused is not None
            seen.add(str(focused.id or (focused.parent and focused.parent.id)))
            await ui.press("tab")
        assert rows <= seen


async def test_the_theme_under_the_cursor_is_shown_and_stays_only_if_it_is_chosen_and_saved(
    home: Home,
) -> None:
    async with open_settings(home) as ui:
        app = ui.pilot.app
        app.screen.query_one("#set-ui-theme").focus()
        await ui.press("enter", "j")
        assert app.theme == "pan123-light"
        await ui.press("escape")
        assert app.theme == "pan123-dark"
        await ui.press("enter", "j", "enter")
        assert app.theme == "pan123-light"
        await ui.press("escape", "y")
        await ui.is_closed()
        assert app.theme == "pan123-dark"
    assert home.written == {}


async def test_the_arrows_move_between_the_rows_and_stop_at_both_ends(home: Home) -> None:
    async with open_settings(home, size=(50, 18)) as ui:
        await ui.press("up", "down")
        assert isinstance(ui.pilot.app.focused, Input)
        await ui.press(*["down"] * 40)
        assert ui.pilot.app.focused is ui.pilot.app.screen.query_one("#set-ui-ascii")
        await ui.reads("ASCII signs only")


async def test_pages_and_both_ends_are_one_key_away(home: Home) -> None:
    async with open_settings(home, size=(100, 26)) as ui:
        screen = ui.pilot.app.screen

        async def row_after(key: str) -> str | None:
            await ui.press(key)
            assert screen.focused
            assert screen.region.contains_region(screen.focused.region)
            return screen.focused.id or next(it.id for it in screen.focused.ancestors if it.id)

        keys = ["pagedown", "pagedown", "pageup", "ctrl+home", "end", "home"]
        keys += ["G", "down", "home", "down"]
        assert [await row_after(key) for key in keys] == [
            *("set-ui-language", "set-ui-ascii", "set-defaults-folder_id", "set-account"),
            *("set-ui-ascii", "set-account", "set-ui-ascii", "set-ui-ascii"),
            *("set-account", "set-defaults-folder_id"),
        ]
        assert await row_after("ctrl+end") == "set-ui-ascii"  # from a field, whose ends are its own
        await ui.reads("These settings are saved in")
        await ui.press("home")
        await ui.reads("Settings Account")


async def test_the_first_page_key_works_where_no_row_has_the_focus_yet(home: Home) -> None:
    async with open_settings(home, size=(100, 24), is_demo=True) as ui:
        screen = ui.pilot.app.screen
        first = screen.focus_chain[0]
        assert ui.pilot.app.focused is None
        await ui.press("pageup")
        assert screen.focused is first
        screen.set_focus(None)
        await ui.press("pagedown")
        assert screen.focused is not first
        await ui.reads("counts in the window")


async def test_a_closed_screen_hears_no_more_of_what_is_saved_elsewhere(home: Home) -> None:
    async with Stage().run_test(size=(100, 50)) as pilot:
        ui, controller = SettingsUser(pilot, home), home.controller()
        closed = SettingsScreen(controller, TaskModel(), themes=["pan123-dark"])
        await pilot.app.push_screen(closed, ui.results.append)
        assert controller.on_reloaded == closed._show_reloaded
        await ui.press("escape")
        await ui.is_closed()
        assert controller.on_reloaded != closed._show_reloaded
        heard = SettingsScreen(controller, TaskModel(), themes=["pan123-dark"])
        await pilot.app.push_screen(heard)
        home.file.write_text("[service]\nprocess_per_s = 3.5\n")
        await controller.reload()
        await ui.reads("3.5")
