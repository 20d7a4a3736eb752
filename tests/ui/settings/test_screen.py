"""The settings: what is changed is written in one go or not at all; the account is asked first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from pan123_tui.config.credentials import save_credentials
from pan123_tui.config.settings import load
from pan123_tui.domain.credentials import AccessToken, ClientPair
from pan123_tui.domain.errors import RequestNotSent
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.engine.ports import PollingConfig
from pan123_tui.ui.settings.form import SelectRow
from pan123_tui.ui.settings.screen import SettingsScreen
from pan123_tui.ui.task_model import TaskModel
from tests.ui.home_stage import Home
from tests.ui.stage import Stage, shown
from tests.ui.textual_private import messages as notifications

PATIENCE_S = 20.0


class Visit:
    """What a person does at the settings."""

    def __init__(self, pilot: Pilot[None], home: Home) -> None:
        self.pilot = pilot
        self.home = home
        self.left: list[None] = []

    @property
    def text(self) -> str:
        return shown(self.pilot.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def write(self, row: str, text: str) -> None:
        """Replace what stands in the field of `row`."""
        field = self.pilot.app.screen.query_one(f"#set-{row} Input", Input)
        field.focus()
        await self.press("home", "shift+end", "delete", *(_KEYS.get(c, c) for c in text))

    async def switch(self, row: str) -> None:
        self.pilot.app.screen.query_one(f"#set-{row}").focus()
        await self.press("space")

    async def reads(self, words: str) -> None:
        """Wait until `words` stand there, wherever the lines are wrapped."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while words not in " ".join(self.text.split()):
                    await asyncio.sleep(0.01)
                    await self.pilot.pause()
        except TimeoutError:
            raise AssertionError(f"{words!r} never came:\n{self.text}") from None

    async def is_done(self) -> None:
        """Wait until the settings have closed."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.left:
                await asyncio.sleep(0.01)
                await self.pilot.pause()


_KEYS = {".": "full_stop", ":": "colon", "/": "slash", "-": "minus", " ": "space"}


@asynccontextmanager
async def visit(
    home: Home, *, size: tuple[int, int] = (100, 50), is_demo: bool = False
) -> AsyncIterator[Visit]:
    async with Stage().run_test(size=size) as pilot:
        told = Visit(pilot, home)
        model = TaskModel()
        model.default_folder = Folder(7, "影视", ROOT_ID)
        themes = ["pan123-dark", "pan123-light"]
        screen = SettingsScreen(home.desk(is_demo=is_demo), model, themes=themes)
        pilot.app.push_screen(screen, told.left.append)
        await pilot.pause()
        yield told


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


async def test_what_was_changed_is_saved_and_nothing_else_is_written(home: Home) -> None:
    home.file.write_text("# mine\n[ui]\nascii = false # as it is\n")
    async with visit(home) as told:
        await told.write("service-create_per_s", "0.5")
        await told.switch("notify-bell")
        await told.write("defaults-folder_id", "7")
        await told.reads("→ 影视")
        await told.press("ctrl+s")
        await told.is_done()
    assert home.file.read_text().startswith("# mine\n[ui]\nascii = false # as it is\n")
    assert home.written == {
        "ui": {"ascii": False},
        "service": {"create_per_s": 0.5},
        "notify": {"bell": False},
        "defaults": {"folder_id": 7, "folder_name": "影视"},
    }
    settings, changed = home.applied[0]
    assert settings.service.create_per_s == 0.5
    assert "notify.bell" in changed


async def test_new_rates_are_used_at_once(home: Home) -> None:
    async with visit(home) as told:
        await told.write("service-process_per_s", "2")
        await told.press("ctrl+s")
        await told.is_done()
    assert home.reconnected == [PollingConfig(creates_per_s=1, polls_per_s=2)]


async def test_the_address_of_the_service_is_checked_and_saved_for_the_next_start(
    home: Home,
) -> None:
    async with visit(home) as told:
        await told.reads("https://open-api.123pan.com")
        await told.write("service-base_url", "http://example.com")
        await told.press("ctrl+s")
        await told.reads("it must begin with https://")
        assert home.written == {}
        await told.write("service-base_url", "http://127.0.0.1:8500")
        await told.press("ctrl+s")
        await told.is_done()
        messages = notifications(told.pilot.app)
        assert messages[-1] == "After a restart: Address of the service"
    assert home.written == {"service": {"base_url": "http://127.0.0.1:8500"}}


async def test_until_the_restart_nothing_is_sent_to_a_new_address(home: Home) -> None:
    desk = home.desk()
    await desk.save({"service.base_url": "https://elsewhere.example"})
    await desk.save({"service.create_per_s": 0.5})
    await desk.set_account(AccessToken("good-token"))
    await desk.forget_account()
    assert home.written["service"]["base_url"] == "https://elsewhere.example"
    assert set(home.addresses) == {"https://open-api.123pan.com"}
    await home.desk().save({"service.create_per_s": 1})  # after a restart
    assert home.addresses[-1] == "https://elsewhere.example"


async def test_what_needs_a_restart_says_so(home: Home) -> None:
    async with visit(home) as told:
        assert "Takes effect after a restart." in told.text
        await told.switch("ui-ascii")
        await told.press("ctrl+s")
        await told.is_done()
        messages = notifications(told.pilot.app)
        assert messages == ["After a restart: ASCII signs only"]
    assert home.written == {"ui": {"ascii": True}}


async def test_a_value_that_cannot_be_used_says_so_beside_the_field_and_nothing_is_written(
    home: Home,
) -> None:
    async with visit(home) as told:
        await told.switch("notify-bell")
        await told.write("service-create_per_s", "99")
        await told.write("defaults-callback_url", "nowhere")
        assert "at most 50" in told.text
        await told.press("ctrl+s")
        await told.reads("no http:// or https:// address")
        assert told.left == []
        assert home.written == {}
        await told.write("service-create_per_s", "2")
        await told.write("defaults-callback_url", "https://cb.example/x")
        await told.press("ctrl+s")
        await told.is_done()
    assert home.written == {
        "notify": {"bell": False},
        "service": {"create_per_s": 2.0},
        "defaults": {"callback_url": "https://cb.example/x"},
    }


async def test_a_file_that_was_spoilt_meanwhile_is_left_alone_and_nothing_typed_is_lost(
    home: Home,
) -> None:
    async with visit(home) as told:
        await told.write("service-create_per_s", "2")
        home.file.write_text("[ui\n")
        await told.press("ctrl+s")
        await told.reads("cannot be read")
        assert told.left == []
        assert home.file.read_text() == "[ui\n"
        home.file.unlink()
        await told.press("ctrl+s")
        await told.is_done()
    assert home.written == {"service": {"create_per_s": 2.0}}


async def test_an_empty_field_goes_back_to_the_default(home: Home) -> None:
    home.file.write_text('[defaults]\nfolder_id = 7\nfolder_name = "影视"\n')
    async with visit(home) as told:
        await told.write("defaults-folder_id", "")
        await told.press("ctrl+s")
        await told.is_done()
    assert load({}, home.config_dir).defaults.folder_id is None
    assert home.written == {"defaults": {}}


async def test_a_field_that_a_variable_overrides_names_it_and_cannot_be_changed(
    tmp_path: Path,
) -> None:
    async with visit(Home(tmp_path, {"PAN123_LANG": "en"})) as told:
        assert "PAN123_LANG is set and goes first" in told.text
        assert told.pilot.app.screen.query_one("#set-ui-language").disabled


async def test_a_choice_is_made_from_a_menu(home: Home) -> None:
    async with visit(home) as told:
        told.pilot.app.screen.query_one("#set-ui-language").focus()
        await told.press("enter")
        await told.press("3")
        await told.press("ctrl+s")
        await told.is_done()
    assert home.written == {"ui": {"language": "zh"}}


async def test_leaving_with_changes_asks_first(home: Home) -> None:
    async with visit(home) as told:
        await told.switch("notify-bell")
        await told.press("escape")
        await told.reads("Leave without saving?")
        await told.press("n")
        assert told.left == []
        await told.press("escape")
        await told.reads("Leave without saving?")
        await told.press("y")
        await told.is_done()
    assert home.written == {}


async def test_leaving_without_changes_does_not_ask(home: Home) -> None:
    async with visit(home) as told:
        await told.press("escape")
        await told.is_done()


# The account


async def _paste(told: Visit, text: str) -> None:
    told.pilot.app.screen.focused.post_message(Paste(text))  # type: ignore[union-attr]
    await told.pilot.pause()


async def test_a_token_is_asked_about_before_it_is_kept_and_is_never_shown(home: Home) -> None:
    async with visit(home) as told:
        assert "not set" in told.text
        await told.press("enter", "2")
        await _paste(told, "Bearer good-to\nken\n")
        assert "good" not in told.text
        await told.press("ctrl+s")
        await told.reads("access token: set")
        assert "good-token" not in told.text
        messages = notifications(told.pilot.app)
        assert messages == ["The account of [b]小鱼 is in use."]
    assert home.kept == AccessToken("good-token")
    assert len(home.reconnected) == 1
    assert (home.config_dir / "credentials.toml").stat().st_mode & 0o777 == 0o600


async def test_a_pair_is_entered_field_by_field_with_enter(home: Home) -> None:
    async with visit(home) as told:
        await told.press("enter", "1", "i", "d", "enter", *"good", "enter")
        await told.reads("client id and secret: set")
    assert home.kept == ClientPair("id", "good")


async def test_what_the_service_refuses_is_not_kept_and_stays_in_its_field(home: Home) -> None:
    save_credentials(home.config_dir, AccessToken("good-token"))
    async with visit(home) as told:
        await told.press("enter", "1", "i", "d", "enter", *"bad", "enter")
        await told.reads("trace-7")
        assert "bad" not in told.text
        assert home.kept == AccessToken("good-token")
        assert home.reconnected == []
        await told.press("backspace", "backspace", "backspace", *"good", "ctrl+s")
        await told.reads("client id and secret: set")


async def test_without_a_line_nothing_is_kept_and_nothing_typed_is_lost(home: Home) -> None:
    home.trouble = RequestNotSent("Connection refused")
    async with visit(home) as told:
        await told.press("enter", "2")
        await _paste(told, "good-token")
        await told.press("ctrl+s")
        await told.reads("Nothing was kept;")
        assert home.kept is None
        home.trouble = None
        await told.press("ctrl+s")
        await told.reads("access token: set")


async def test_an_empty_or_unusable_secret_says_so_beside_its_field(home: Home) -> None:
    async with visit(home) as told:
        await told.press("enter", "2", "ctrl+s")
        await told.reads("This is needed.")
        await told.press("a", "space", "b", "ctrl+s")
        await told.reads("no blanks")
    assert home.kept is None


async def test_a_secret_is_not_copied_out_of_its_field(home: Home) -> None:
    async with visit(home) as told:
        await told.press("enter", "2")
        await _paste(told, "good-token")
        await told.press("home", "shift+end", "ctrl+c")
        assert told.pilot.app.clipboard == ""
        await told.press("ctrl+x")
        assert told.pilot.app.clipboard == ""


async def test_an_account_is_forgotten_after_a_question(home: Home) -> None:
    save_credentials(home.config_dir, AccessToken("good-token"))
    async with visit(home) as told:
        await told.press("enter", "3")
        await told.reads("Forget the account?")
        await told.press("y")
        await told.reads("not set")
    assert home.kept is None
    assert len(home.reconnected) == 1


async def test_an_account_from_the_environment_is_changed_there(tmp_path: Path) -> None:
    async with visit(Home(tmp_path, {"PAN123_ACCESS_TOKEN": "secret-abc"})) as told:
        assert "PAN123_ACCESS_TOKEN is set and goes first" in told.text
        assert "secret-abc" not in told.text
        assert told.pilot.app.screen.query_one("#set-account", SelectRow).disabled


async def test_the_account_of_the_demo_is_not_to_be_changed(home: Home) -> None:
    async with visit(home, is_demo=True) as told:
        assert "The demo has an account of its own." in told.text
        assert told.pilot.app.screen.query_one("#set-account", SelectRow).disabled


@pytest.mark.parametrize("size", [(40, 12), (50, 20), (80, 24), (140, 40)])
async def test_every_row_can_be_reached_in_every_size(home: Home, size: tuple[int, int]) -> None:
    async with visit(home, size=size) as told:
        seen = set()
        for _ in range(40):
            focused = told.pilot.app.screen.focused
            assert focused is not None
            seen.add(str(focused.id or (focused.parent and focused.parent.id)))
            await told.press("tab")
        assert {"set-account", "set-ui-low_bandwidth", "set-service-create_per_s"} <= seen
