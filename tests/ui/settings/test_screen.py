"""The settings screen: saving, validation, and the dialogs of the account."""

import asyncio
import errno
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock, call

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.signal import Signal
from textual.widget import Widget
from textual.widgets import Input, OptionList

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.config import settings as settings_file
from pan123_tui.config.credentials import save_credentials
from pan123_tui.config.schema import SETTINGS
from pan123_tui.config.settings import Changes, Settings
from pan123_tui.domain.credentials import OPENLIST_RENEW_URL, AccessToken, ClientPair, RefreshToken
from pan123_tui.domain.errors import (
    LoginDoubtful,
    Problem,
    ProblemKind,
    RequestNotSent,
    ServiceUnavailable,
)
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.system.push import PushFailure, PushTrouble
from pan123_tui.ui.session import live_settings
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.session.live_settings import LiveSettings
from pan123_tui.ui.settings.account_dialog import AccountScreen
from pan123_tui.ui.settings.screen import SettingsScreen
from pan123_tui.ui.theme import OFFERED
from pan123_tui.ui.widgets.styled_text import wrapped
from tests.ui.home_stage import FISH, Home
from tests.ui.stage import Stage, StageUser
from tests.ui.textual_private import Toast, has_markup, painted
from tests.ui.textual_private import messages as notifications

NO_CLIPBOARD = "This machine has no desktop."


class SettingsUser(StageUser):
    """Uses the settings screen."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        super().__init__(pilot)
        self.changes: Signal[ModelChange] = Signal(pilot.app, "changes")

    async def write(self, row: str, text: str) -> None:
        """Replace the text in the field of `row`."""
        field = self.row(row)
        field = field if isinstance(field, Input) else field.query_one(Input)
        field.focus()
        await self.press("home", "shift+end", "delete")
        field.post_message(Paste(text))
        await self.pilot.pause()

    def row(self, name: str) -> Any:
        """Return the widget of a field."""
        return self.pilot.app.screen.query_one(f"#set-{name}")

    @property
    def focused(self) -> str | None:
        """The id of the field that has the focus."""
        return self.pilot.app.focused.id if self.pilot.app.focused else None

    async def switch(self, row: str) -> None:
        self.row(row).focus()
        await self.press("space")

    async def is_closed(self) -> None:
        """Wait until the screen has closed."""
        await self.sees(lambda: self.results)


def settings_screen(
    settings: LiveSettings,
    model: TaskModel | None = None,
    copied: list[str] | None = None,
    changes: Signal[ModelChange] | None = None,
) -> SettingsScreen:
    facts = SimpleNamespace(model=model or TaskModel(), changes=changes or Mock())
    engine = cast("EngineLink", facts)

    async def copy(text: str, _title: str) -> None:
        assert copied is not None
        copied.append(text)

    return SettingsScreen(settings, engine, watch_reason=lambda: NO_CLIPBOARD, copy=copy)


@asynccontextmanager
async def open_settings(
    home: Home,
    *,
    size: tuple[int, int] = (100, 50),
    is_demo: bool = False,
    host: str = "",
    model: TaskModel | None = None,
    before_open: str = "",
) -> AsyncIterator[SettingsUser]:
    """`before_open` is what an editor writes into the file after it was loaded."""
    async with Stage().run_test(size=size, notifications=True) as pilot:
        ui = SettingsUser(pilot)
        model = model or TaskModel()
        model.default_folder = Folder(7, "影视", ROOT_ID)
        model.status = Status(account=FISH)
        settings = home.live_settings(pilot.app, is_demo=is_demo, host=host)
        if before_open:
            home.file.write_text(before_open)
        screen = settings_screen(settings, model, home.copied, ui.changes)
        pilot.app.push_screen(screen, ui.results.append)
        await pilot.pause()
        yield ui


def refuse(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


async def test_every_change_is_saved_and_applied_at_once(home: Home) -> None:
    home.file.write_text('# mine\n[ui]\nlanguage = "en" # as it is\n')
    async with open_settings(home) as ui:
        for is_on, word in ((True, "on"), (False, "off"), (True, "on")):
            await ui.switch("ui-ascii")
            expected = {"language": "en", "ascii": is_on}
            await ui.sees(lambda expected=expected: home.written["ui"] == expected)  # type: ignore[misc]
            (line,) = (it for it in ui.text.splitlines() if "ASCII only" in it)
            assert line.split()[2] == word
            assert "change" in ui.text.splitlines()[-1]
        await ui.write("service-create_per_s", "0.5")
        assert "service" not in home.written
        await ui.press("enter")
        await ui.sees(lambda: home.written.get("service") == {"create_per_s": 0.5})
        await ui.write("service-max_running", "3")
        await ui.press("down")
        await ui.sees(lambda: home.written["service"] == {"create_per_s": 0.5, "max_running": 3})
    assert home.file.read_text().startswith('# mine\n[ui]\nlanguage = "en" # as it is\n')
    assert [changed for _settings, changed in home.applied] == [
        *[["ui.ascii"]] * 3,
        ["service.create_per_s"],
        ["service.max_running"],
    ]
    assert home.announced == 5
    assert home.reconnected == 0


async def test_what_an_editor_has_changed_is_applied_with_the_next_change(home: Home) -> None:
    async with open_settings(home) as ui:
        home.file.write_text('[keys]\n"tasks.undo" = "z"\n')
        await ui.switch("ui-ascii")
        await ui.sees(lambda: home.applied)
    assert [changed for _settings, changed in home.applied] == [["keys", "ui.ascii"]]


async def test_leaving_saves_what_is_typed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    save, may_save = settings_file.save, Event()

    def save_late(*args: Any) -> Settings:
        may_save.wait(20)
        return save(*args)

    monkeypatch.setattr(settings_file, "save", save_late)
    async with open_settings(home) as ui:
        await ui.write("retry-times", "2")
        await ui.press("escape")
        assert ui.results == []
        may_save.set()
        await ui.is_closed()
    assert home.written == {"retry": {"times": 2}}
    assert [changed for _settings, changed in home.applied] == [["retry.times"]]
    assert home.announced == 1


async def test_a_folder_is_saved_with_its_name_as_soon_as_that_is_known(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.write("defaults-folder_id", "7")
        await ui.reads("→ 影视")
        await ui.sees(
            lambda: home.written.get("defaults") == {"folder_id": 7, "folder_name": "影视"}
        )
        await ui.write("defaults-folder_id", "8")
        assert home.written["defaults"]["folder_id"] == 7, "its name is not known yet"
        await ui.write("defaults-folder_id", "")
        await ui.press("enter")
        await ui.sees(lambda: home.written == {"defaults": {}})


@pytest.mark.parametrize("size", [(100, 50), (50, 15)])
async def test_a_switch_that_can_do_nothing_here_says_why_while_it_is_on(
    home: Home, size: tuple[int, int]
) -> None:
    async with open_settings(home, size=size) as ui:
        assert NO_CLIPBOARD not in ui.text
        await ui.switch("clipboard-watch")
        await ui.reads(NO_CLIPBOARD)
        await ui.switch("clipboard-watch")
        await ui.sees(lambda: NO_CLIPBOARD not in ui.text)


async def test_a_choice_is_made_with_the_arrows_once_it_is_open(home: Home) -> None:
    async with open_settings(home) as ui:
        ui.row("defaults-batch_folders").focus()
        await ui.press("down")
        assert ui.focused == "set-defaults-remember_links"
        await ui.press("up", "enter", "down", "enter")
        await ui.sees(lambda: home.written == {"defaults": {"batch_folders": "date"}})
        await ui.reads("by date")
        await ui.press("enter", "down", "escape")
        assert ui.results == []
        await ui.press("escape")
        await ui.is_closed()
    assert home.written == {"defaults": {"batch_folders": "date"}}


INVALID = (
    ("service-create_per_s", "99", "it must be a number above 0, at most 50"),
    ("service-max_running", "2000", "it must be a whole number from 0 to 1000"),
    ("notify-push", "my topic", "it must be a list of addresses such as ntfy://topic"),
)


async def test_the_themes_are_seen_while_one_moves_through_them_and_escape_goes_back(
    home: Home,
) -> None:
    def seen() -> list[str]:
        return [settings.ui.theme for settings, changed in home.applied if "ui.theme" in changed]

    async with open_settings(home) as ui:
        ui.row("ui-theme").focus()
        await ui.press("enter")
        await ui.reads("esc closes")
        await ui.press("down", "down")
        assert seen()[-2:] == [OFFERED[1], OFFERED[2]]
        await ui.press("escape")
        assert seen()[-1] == OFFERED[0]
        await ui.press("enter", "down", "down", "ctrl+s")
        await ui.is_closed()
        assert seen()[-1] == OFFERED[0]
        assert not home.file.exists()


async def test_the_theme_under_the_cursor_is_saved_when_it_is_chosen(home: Home) -> None:
    home.file.write_text('[ui]\ntheme = "unknown"\n')
    async with open_settings(home) as ui:
        ui.row("ui-theme").focus()
        for name in (OFFERED[1], OFFERED[0]):
            await ui.press("enter", "down" if name == OFFERED[1] else "up", "enter")
            await ui.sees(lambda name=name: home.written["ui"]["theme"] == name)  # type: ignore[misc]


async def test_what_is_wrong_is_said_beside_its_row_and_never_saved(home: Home) -> None:
    async with open_settings(home) as ui:
        for row, typed, reason in INVALID:
            await ui.write(row, typed)
            await ui.reads(reason)
            await ui.press("enter")
            await ui.reads(f"Not saved: {reason}")
        await ui.write("service-create_per_s", "2")
        await ui.sees(lambda: INVALID[0][2] not in ui.text)
        assert INVALID[1][2] in ui.text, "each row has its own note"
        assert (home.written, home.applied) == ({}, [])
        ui.row("notify-push").focus()
        await ui.sees(lambda: home.written == {"service": {"create_per_s": 2.0}})
        await ui.press("escape")
        await ui.is_closed()
        assert notifications(ui.pilot.app) == ["Not saved: Max downloads, Send messages to"]
    assert len(home.applied) == 1


async def test_an_invalid_file_is_left_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_settings(home) as ui:
        await ui.write("service-create_per_s", "2")
        with monkeypatch.context() as patched:
            patched.setattr(settings_file, "save", refuse)
            await ui.press("enter")
            await ui.reads("Not saved: No space left on device")
        home.file.write_text("[ui\n")
        await ui.press("enter")
        await ui.reads("cannot be read")
        assert home.file.read_text() == "[ui\n"
        home.file.unlink()
        await ui.press("enter")
        await ui.sees(lambda: home.written == {"service": {"create_per_s": 2.0}})
        await ui.sees(lambda: "cannot be read" not in ui.text)
        assert "Not saved" not in ui.text


async def test_an_empty_field_restores_the_default_and_shows_it(home: Home) -> None:
    home.file.write_text("[service]\nmax_running = 2\n")
    async with open_settings(home) as ui:
        await ui.write("service-max_running", "")
        await ui.press("enter")
        await ui.sees(lambda: home.written == {"service": {}})
        await ui.reads("unlimited")
        await ui.reads("none")
        await ui.reads("Saved.")
        await ui.write("service-create_per_s", "")
        await ui.press("enter")
        await ui.sees(lambda: ui.row("service-create_per_s").value == "1")
        ui.row("notify-push").focus()
        await ui.press("tab")
        assert "Saved." not in ui.text, "nothing was changed"
    assert len(home.applied) == 1


async def test_the_addresses_of_messages_are_never_shown(home: Home) -> None:
    home.file.write_text('[ui]\nlanguage = "en"\n')
    home.file.chmod(0o644)
    async with open_settings(home) as ui:
        await ui.write("notify-push", "ntfy://s3cret-topic barks://host/k3y")
        await ui.press("enter")
        await ui.reads("ntfy://…, barks://…")
        assert "s3cret" not in ui.text
        await ui.press("ctrl+a", "ctrl+c")
        assert ui.pilot.app.clipboard == ""
    assert home.written["notify"] == {"push": ["ntfy://s3cret-topic", "barks://host/k3y"]}
    assert home.file.stat().st_mode & 0o777 == 0o600


async def test_an_address_that_gets_no_message_is_said_at_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_settings(home) as ui:
        await ui.write("notify-push", "https://sctapi.ftqq.com/SCT12a.send")
        await ui.press("enter")
        await ui.reads("Saved.")
        await ui.write("notify-push", "https://sctapi.ftqq.com/SCT12a.send https://example.com/")
        await ui.press("enter")
        await ui.reads(
            "Not saved: apprise does not know address 2 in notify.push. It knows, for example"
        )
        assert "Saved." not in ui.text
        monkeypatch.setitem(sys.modules, "apprise", None)
        await ui.write("notify-push", "ntfy://topic")
        await ui.press("enter")
        await ui.reads("apprise, which is not installed: run “pipx inject pan123-tui apprise”")
    assert home.written["notify"] == {"push": ["ntfy://topic"]}


async def test_a_test_message_is_sent_from_the_row_of_its_addresses(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Mock(side_effect=[{1: PushFailure(PushTrouble.REFUSED, 200, "关键词不匹配")}, {}])

    async def send(*message: object) -> object:
        return sent(*message)

    monkeypatch.setattr("pan123_tui.ui.settings.screen.send_in_thread", send)
    async with open_settings(home) as ui:
        button = ui.pilot.app.screen.query_one("#send-test").focus()
        await ui.press("enter")
        await ui.reads("Enter an address first.")
        await ui.write("notify-push", "ntfy://topic")
        await ui.press("tab", "enter")
        await ui.reads("Push failed: HTTP 200, “关键词不匹配”. Check address 1 in notify.push.")
        await ui.sees(lambda: not button.has_class("-active"))  # it takes no second key before
        await ui.press("enter")
        await ui.reads("The message was sent.")
        assert "Push failed" not in ui.text
        for wrong, said in (
            ("ntfy://topic, zzz://q", "apprise does not know address 2"),
            ("foo", ""),
        ):
            await ui.write("notify-push", wrong)
            button.focus()
            await ui.press("enter")
            await ui.reads(f"Not saved: {said}")
            await ui.sees(lambda: not button.has_class("-active"))
    text = "Test: messages from pan123-tui arrive here."
    assert sent.call_args_list == [call(("ntfy://topic",), "pan123-tui", text)] * 2


async def test_the_field_under_the_cursor_is_explained(home: Home) -> None:
    async with open_settings(home) as ui:
        seen = ("not logged in", "Default", "none", "off", "pan123-dark")
        lines = [(line, word) for line in ui.text.splitlines() for word in seen if word in line]
        assert {line.index(word) for line, word in lines} == {29}
        assert len(lines) >= 5
        ui.row("service-max_running").focus()
        await ui.reads("Limit on simultaneous downloads; 0: as many as 123pan allows.")
        assert "no limit" not in ui.text
        ui.row("retry-times").focus()
        await ui.reads("How many times a link that failed at its source is sent again")
        assert "as many as" not in ui.text


async def test_what_a_variable_sets_names_it_and_cannot_be_changed_here(tmp_path: Path) -> None:
    environ = {"PAN123_LANG": "en", "PAN123_ACCESS_TOKEN": "secret-abc"}
    async with open_settings(Home(tmp_path, environ)) as ui:
        for row, variable in (("ui-language", "PAN123_LANG"), ("account", "PAN123_ACCESS_TOKEN")):
            assert f"Set by {variable};" in ui.text
            assert ui.row(row).disabled
        assert "secret-abc" not in ui.text


@pytest.mark.parametrize("is_edited", [False, True], ids=["saved here", "edited elsewhere"])
async def test_an_account_is_tried_at_the_engines_address(home: Home, is_edited: bool) -> None:
    settings, address = home.live_settings(Stage()), "https://elsewhere.example"
    if is_edited:
        home.file.write_text(f'[service]\nbase_url = "{address}"\n', "utf-8")
    else:
        await settings.save({"service.base_url": address})
    await settings.set_account(AccessToken("good-token"))
    assert home.addresses == [address]


async def test_what_another_machine_has_saved_is_not_looked_for_here(home: Home) -> None:
    settings = home.live_settings(Stage(), host="me@server")
    home.file.write_text("[ui]\nascii = true\n")
    await settings.reload()
    assert home.applied == []


async def test_what_was_saved_here_is_not_applied_again_but_what_an_editor_saves_is(
    home: Home,
) -> None:
    settings = home.live_settings(Stage())
    await settings.save({"ui.theme": "nord"})
    await settings.reload()
    home.file.write_text('[ui]\ntheme = "gruvbox"\n')
    await settings.reload()
    assert [changed for _settings, changed in home.applied] == [["ui.theme"], ["ui.theme"]]


# The account


async def _paste(ui: SettingsUser, text: str) -> None:
    ui.pilot.app.screen.focused.post_message(Paste(text))  # type: ignore[union-attr]
    await ui.pilot.pause()


async def test_a_token_is_checked_and_neither_shown_nor_copied(home: Home) -> None:
    async with open_settings(home) as ui:
        assert "not logged in" in ui.text
        await ui.press("enter", "end", "enter", "ctrl+s")
        await ui.reads("Required.")
        await ui.press("a", "space", "b", "ctrl+s")
        await ui.reads("no spaces")
        await ui.press("ctrl+a")
        await _paste(ui, "Bearer good-to\nken\n")
        assert "good" not in ui.text
        for key in ("ctrl+c", "ctrl+x"):
            await ui.press("home", "shift+end", key)
            assert ui.pilot.app.clipboard == ""
        assert (home.kept, home.addresses) == (None, [])
        await _paste(ui, "Bearer good-to\nken\n")
        await ui.press("ctrl+s")
        await ui.reads("access token")
        assert "good-token" not in ui.text
        assert notifications(ui.pilot.app) == ["Logged in as [b]小鱼."]
        assert not has_markup(ui.pilot.app), "a nickname comes from outside"
    assert home.kept == AccessToken("good-token")
    assert home.reconnected == 1
    assert (home.config_dir / "credentials.toml").stat().st_mode & 0o777 == 0o600


async def test_a_rejected_secret_is_not_saved_but_replaced(home: Home) -> None:
    save_credentials(home.config_dir, AccessToken("good-token"))
    async with open_settings(home) as ui:
        await ui.press("enter", "enter", "i", "d", "enter", *"bad", "enter")
        await ui.reads("trace-7")
        await ui.reads("Nothing was saved. Copy it again, or get a new one.")
        assert "bad" not in ui.text
        assert [home.kept] == [AccessToken("good-token")]
        assert home.reconnected == 0
        await _paste(ui, "good")
        assert "trace-7" not in ui.text
        assert "Nothing was saved." not in ui.text
        await ui.press("ctrl+s")
        await ui.reads("client ID and secret")
        assert home.kept == ClientPair("id", "good")


async def test_openlists_form_takes_the_token_alone_and_says_who_sees_the_account(
    home: Home,
) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "down", "enter")
        await ui.reads("https://api.oplist.org")
        await ui.reads("api.oplist.org renews the login: it can see and change your")
        home.trouble = LoginDoubtful("<html>")
        await ui.press(*"good", "enter")
        await ui.reads("Nothing was saved; what you typed is still here.")
        assert (home.kept, "good" in ui.text) == (None, False)
        home.trouble = None
        await ui.press("enter")
        await ui.sees(lambda: notifications(ui.pilot.app) == ["Logged in as [b]小鱼."])
    assert home.kept == RefreshToken("good", renew_url=OPENLIST_RENEW_URL)


async def test_a_refresh_token_needs_its_client_id_and_no_secret(home: Home) -> None:
    async with open_settings(home) as ui:
        await ui.press("enter", "down", "down", "enter", *"old", "enter", "ctrl+s")
        await ui.reads("Required.")
        await ui.press(*"app", "enter", "enter")
        await ui.reads("Nothing was saved. Copy it again, or get a new one.")
        await _paste(ui, "good")  # in the place of the refused token
        await ui.press("ctrl+s")
        await ui.sees(lambda: notifications(ui.pilot.app) == ["Logged in as [b]小鱼."])
    assert home.kept == RefreshToken("good", "app")


async def test_an_account_that_cannot_be_checked_is_saved_and_that_is_said(home: Home) -> None:
    home.trouble = RequestNotSent("Connection refused")
    async with open_settings(home) as ui:
        await ui.press("enter", "enter", *"seen", "enter", *"good")
        await ui.reads(" seen ")
        assert "good" not in ui.text, "the secret, while it is typed"
        await ui.press("ctrl+s")
        await ui.sees(lambda: home.kept == ClientPair("seen", "good"))
        (said,) = notifications(ui.pilot.app)
    assert "Connection refused" in said
    assert said.endswith("The account is saved, and is checked once 123pan can be reached.")
    assert home.reconnected == 1


async def test_unsaved_input_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.trouble = ServiceUnavailable("busy")
    async with open_settings(home) as ui:
        await ui.press("enter", "end", "enter")
        await _paste(ui, "good-token")
        screen = ui.pilot.app.screen
        assert isinstance(screen, AccountScreen)
        screen.action_save()
        screen.action_save()
        await ui.reads("typed is still here. “busy”")
        assert len(home.addresses) == 1, "one check at a time"
        assert home.kept is None
        home.trouble = None
        with monkeypatch.context() as patched:
            patched.setattr(live_settings, "save_credentials", refuse)
            await ui.press("ctrl+s")
            await ui.reads("Not saved: No space left on device")
        await ui.press("ctrl+s")
        await ui.reads("access token")


async def test_an_account_is_deleted_after_a_confirmation(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_credentials(home.config_dir, ClientPair("id", "good"))
    token = home.config_dir / "state" / "token.json"
    token.parent.mkdir()
    token.write_text("{}")
    async with open_settings(home) as ui:
        await ui.press("enter", "end", "enter")
        await ui.reads("Log out?")
        await ui.press("enter")
        assert [home.kept] == [ClientPair("id", "good")]
        with monkeypatch.context() as patched:
            patched.setattr(live_settings, "save_credentials", refuse)
            await ui.press("enter", "end", "enter", "down", "enter")
            await ui.sees(
                lambda: notifications(ui.pilot.app) == ["Not saved: No space left on device"]
            )
        assert "not logged in" not in ui.text
        await ui.press("enter", "end", "enter", "down", "enter")
        await ui.reads("not logged in")
        await ui.press("enter")
        await ui.reads("Paste an access token")
        assert "3  Log out" not in ui.text
    assert home.kept is None
    assert not token.exists()
    assert home.reconnected == 1


async def test_on_another_machine_only_the_settings_of_the_screen_are_here(home: Home) -> None:
    async with open_settings(home, host="me@server") as ui:
        await ui.reads(
            "The account is on me@server, like the tasks: run “pan123-tui login” on that machine."
        )
        assert ui.row("account").disabled
        assert not ui.pilot.app.screen.query(
            "#set-service-create_per_s, #set-defaults-folder_id, #set-notify-push"
        )
        home.file.write_text("[defaults]\nfolder_id = 7\n")
        await ui.switch("ui-ascii")
        await ui.sees(lambda: home.applied)
    assert home.written == {"defaults": {"folder_id": 7}, "ui": {"ascii": True}}
    ((applied, _changed),) = home.applied
    assert applied.defaults.folder_id is None
    assert not home.reconnected
    assert not home.announced


async def test_the_account_of_the_demo_is_its_own(home: Home) -> None:
    async with open_settings(home, is_demo=True) as ui:
        assert "The demo uses its own account." in ui.text
        assert "[b]小鱼" in ui.text
        assert ui.row("account").disabled
        await ui.switch("ui-ascii")
        await ui.sees(lambda: home.announced)
        assert not home.reconnected


async def test_every_row_can_be_reached_on_a_small_screen(home: Home) -> None:
    async with open_settings(home, size=(40, 12)) as ui:
        await ui.press("down")
        assert isinstance(ui.pilot.app.focused, Input)
        await ui.press("up", "up")
        assert ui.focused == "set-aria2-listen"
        await ui.reads("Links from")
        await ui.press("down")
        assert ui.focused == "set-account"
        screen, fields = ui.pilot.app.screen, ui.pilot.app.screen.focus_chain
        rows = {"set-" + it.key.replace(".", "-") for it in SETTINGS.values() if it.about.row}
        assert rows <= {str(node.id) for field in fields for node in (field, *field.ancestors)}
        for field in fields:
            field.focus()
            await ui.pilot.pause()
            assert screen.region.contains_region(field.region)
            assert "esc back" in ui.text


async def test_keys_move_by_a_page_and_to_both_ends_of_the_rows(home: Home) -> None:
    async with open_settings(home, size=(80, 12)) as ui:
        rows = [node.id for node in ui.pilot.app.screen.focus_chain]
        pages = [rows.index(ui.focused)]
        for key in ("pagedown",) * 4 + ("pageup",) * 4:
            await ui.press(key)
            pages.append(rows.index(ui.focused))
        assert pages[0] == pages[-1] == 0
        assert pages[4] == len(rows) - 1
        assert sorted(pages[:5]) == pages[:5]
        assert 1 < pages[1] < pages[4]
        await ui.press("end", "up", "up")
        assert rows.index(ui.focused) == len(rows) - 3
        await ui.press("home", "down")
        assert rows.index(ui.focused) == 1


@pytest.mark.parametrize("size", [(50, 15), (100, 20)])
async def test_no_message_covers_a_row_on_a_small_screen(home: Home, size: tuple[int, int]) -> None:
    async with open_settings(home, size=size) as ui:
        ui.pilot.app.notify(NO_CLIPBOARD * 5)
        await ui.pilot.pause()
        (toast,) = ui.pilot.app.screen.query(Toast)
        for seen in ("#settings-body", "#settings-help", "KeyBar"):
            region = ui.pilot.app.screen.query_one(seen).region
            assert not toast.region.overlaps(region), ui.text


async def test_the_row_with_the_focus_stands_out(home: Home) -> None:
    async with open_settings(home) as ui:
        app = ui.pilot.app

        def grounds(field: Widget) -> list[object]:
            styles = [it.style for it in painted(app)[field.region.y] if it.style]
            return [it.color if it.reverse else it.bgcolor for it in styles]

        for field in app.screen.focus_chain:
            app.screen.set_focus(None)
            await ui.pilot.pause()
            before = grounds(field)
            field.focus()
            await ui.pilot.pause()
            assert grounds(field) != before, field.id


async def test_what_another_screen_saves_is_shown_and_what_is_being_typed_stays(home: Home) -> None:
    async with Stage().run_test(size=(100, 50)) as pilot:
        ui, settings = SettingsUser(pilot), home.live_settings(pilot.app)
        screen = settings_screen(settings)
        await pilot.app.push_screen(screen, ui.results.append)
        await ui.write("service-create_per_s", "0.")
        home.file.write_text(
            '[service]\nmax_running = 357\n[ui]\nascii = true\n[keys]\n"tasks.undo" = "z"\n'
        )
        await settings.reload()
        assert home.applied[-1][1] == ["keys", "service.max_running", "ui.ascii"]
        await ui.reads("357")
        assert ui.focused == "set-service-create_per_s"
        assert ui.row("service-create_per_s").value == "0."
        assert ui.row("ui-ascii").value
        save_credentials(home.file.parent, AccessToken("abc123abc123"))
        await settings.reload()
        await ui.reads("access token")
        assert len(home.applied) == 1
        valid = home.file.read_text()
        home.file.write_text("[ui\n")
        await settings.reload()
        assert len(home.applied) == 1
        home.file.write_text(valid.replace("357", "457"))
        await settings.reload()
        await ui.reads("457")
        assert home.applied[-1][1] == ["service.max_running"]
        await ui.press("ctrl+s")
        await ui.is_closed()
        await settings.reload()
        assert home.written["service"]["max_running"] == 457


async def test_what_is_saved_while_the_rows_are_made_again_breaks_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Stage().run_test(size=(100, 50)) as pilot:
        ui, settings = SettingsUser(pilot), home.live_settings(pilot.app)
        screen, may_end = settings_screen(settings), asyncio.Event()
        await pilot.app.push_screen(screen, ui.results.append)
        save, mount_all = settings.save, screen.mount_all

        async def save_slowly(changes: Changes) -> None:
            await save(changes)
            await may_end.wait()

        async def mount_late(widgets: Any) -> None:
            may_end.set()
            await screen._saved()
            await mount_all(widgets)

        monkeypatch.setattr(settings, "save", save_slowly)
        monkeypatch.setattr(screen, "mount_all", mount_late)
        await ui.write("service-max_running", "7")
        await ui.press("enter", "tab")
        await ui.sees(lambda: settings.current.service.max_running == 7)
        home.file.write_text("[service]\nmax_running = 8\n")
        await settings.reload()
        await ui.reads("Max downloads 8")


async def test_the_row_of_the_browser_shows_what_listens_or_why_nothing_does(home: Home) -> None:
    model, taken = TaskModel(), Problem(ProblemKind.ARIA2_UNUSABLE, "127.0.0.1:6812: in use")
    async with open_settings(home, model=model) as ui:

        def tell(status: Status) -> None:
            model.status = status
            ui.changes.publish(ModelChange())

        await ui.write("aria2-listen", "6812")
        await ui.reads("it must be a host and a port")
        await ui.write("aria2-listen", "127.0.0.1:6812")
        await ui.press("up", "y", "space")
        expected = {"enabled": True, "listen": "127.0.0.1:6812"}
        await ui.sees(lambda: home.written.get("aria2") == expected)
        await ui.reads("not taken at the moment")
        tell(Status(notice=taken))
        await ui.reads("choose another address")
        await ui.reads("“127.0.0.1:6812: in use”")
        assert "secret" not in ui.text
        tell(Status(listens_at="127.0.0.1:6812"))
        await ui.reads("http://127.0.0.1:6812/jsonrpc, secret ")
        secret = (home.config_dir / "aria2-secret").read_text().strip()
        assert secret in ui.text.replace("\n", "")
        await ui.press("y")
        assert home.copied == [secret]
        await ui.press("space")
        await ui.sees(lambda: not home.written["aria2"]["enabled"])
        assert home.written["aria2"]["listen"] == "127.0.0.1:6812"


async def test_what_an_editor_writes_is_shown_and_not_written_over(home: Home) -> None:
    async with open_settings(home, before_open='[aria2]\nlisten = "127.0.0.1:6812"\n') as ui:
        await ui.sees(lambda: ui.row("aria2-listen").value == "127.0.0.1:6812")
        home.file.write_text('[aria2]\nlisten = "127.0.0.1:6813"\n')
        await ui.switch("aria2-enabled")
        await ui.sees(lambda: ui.row("aria2-listen").value == "127.0.0.1:6813")
        ui.row("aria2-listen").focus()
        await ui.press("escape")
        await ui.is_closed()
    assert home.written == {"aria2": {"listen": "127.0.0.1:6813", "enabled": True}}


async def test_choices_keep_their_places_whichever_is_chosen(home: Home) -> None:
    home.file.write_text('[defaults]\nbatch_folders = "batch"\n')
    async with open_settings(home) as ui:
        choices = ui.row("defaults-batch_folders").query_one(OptionList).options
        assert [str(it.prompt) for it in choices] == ["none", "by date", "by batch name"]


async def test_a_small_screen_has_room_for_each_explanation_and_shortens_the_path(
    home: Home,
) -> None:
    async with open_settings(home, size=(50, 15)) as ui:
        assert "…" in ui.text
        assert "config.toml." in ui.text
    for field in SETTINGS.values():
        assert len(wrapped(field.about.meaning, 48)) <= 2 or not field.about.row
