"""Leaving the dashboard, and what hides tasks besides the views."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from pan123_tui.ui.dialogs.leave import LeaveScreen
from textual.widgets import Input, TextArea

from pan123_tui import i18n
from pan123_tui.config.schema import OnQuit, Ui
from pan123_tui.config.settings import Settings
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.clipboard.controller import ClipboardController
from tests.ui.dashboard_stage import Story, story, task
from tests.ui.home_stage import Home

S = TaskState
UNSAVED = Status(store_problem=Problem(ProblemKind.STORE_UNWRITABLE, "No space left on device"))


async def test_q_leaves_at_once_where_everything_is_saved() -> None:
    async with story([task(1)]) as told:
        await told.press("q")
        await told.sees(lambda: told.app.return_value == 0)


async def test_q_asks_first_where_nothing_can_be_saved() -> None:
    async with story([task(1)], status=UNSAVED) as told:
        await told.reads("Not saved")
        await told.press("q")
        await told.reads("Quit, though nothing can be saved?")
        await told.press("n")
        await told.sees(lambda: told.app.screen is told.dashboard)
        assert told.app.return_value is None
        await told.press("q")
        await told.reads("Quit, though nothing can be saved?")
        await told.press("y")
        await told.sees(lambda: told.app.return_value == 0)


async def test_a_search_that_was_kept_stays_in_sight_with_what_it_hides() -> None:
    tasks = [task(1), task(2), task(3, TaskState.FAILED)]
    async with story(tasks) as told:
        await told.press("f", *"state:failed", "enter")
        await told.reads("filter: state:failed")
        await told.reads("1 of 3")
        await told.press("escape")
        await told.sees(lambda: "filter:" not in told.text)


UNFINISHED = [task(1, S.QUEUED), task(2, S.QUEUED), task(3), task(4, S.FAILED)]


def owning(told: Story, on_quit: OnQuit = "ask") -> None:
    """Have the dashboard own its engine, with which another program could go on."""
    told.app.can_leave_running = True
    told.app.settings = replace(Settings(), ui=Ui(on_quit=on_quit))


async def test_while_sending_is_paused_the_question_says_that_the_links_wait_for_more() -> None:
    async with story(UNFINISHED, status=Status(is_paused=True)) as told:
        owning(told)
        await told.press("q")
        await told.reads("Sending is paused: “pan123-tui resume” goes on.")


@pytest.mark.parametrize(
    ("key", "leaves_running"), [("l", True), ("enter", True), ("e", False), ("s", None)]
)
async def test_q_asks_what_becomes_of_unfinished_tasks(
    key: str, leaves_running: bool | None
) -> None:
    async with story(UNFINISHED) as told:
        owning(told)
        await told.press("q")
        await told.reads("If the program ends:")
        await told.reads("2 links wait for its next start.")
        await told.reads("1 running download goes on at the service, unwatched.")
        await told.press(key)
        if leaves_running is None:
            await told.sees(lambda: told.app.screen is told.dashboard)
            assert told.app.return_value is None
        else:
            await told.sees(lambda: told.app.return_value == 0)
            assert told.app.leaves_running is leaves_running


async def test_the_question_counts_what_is_not_painted_yet() -> None:
    async with story(UNFINISHED) as told:
        owning(told)
        told.app.paint_interval_s = 3600.0
        told.app.paint_updates()
        told.engine.tell(*(task(number, S.QUEUED) for number in range(11, 31)))
        await told.press("q")
        await told.reads("22 links wait for its next start.")


async def test_the_question_counts_held_links_apart() -> None:
    async with story([replace(task(1, S.QUEUED), is_held=True)]) as told:
        owning(told)
        await told.press("q")
        await told.reads("1 link held: it waits until you release it.")
        assert "If the program ends" not in told.text


@pytest.mark.parametrize("on_quit", ["leave-running", "end"])
async def test_q_does_what_the_settings_say_without_a_question(on_quit: OnQuit) -> None:
    async with story(UNFINISHED) as told:
        owning(told, on_quit)
        await told.press("q")
        await told.sees(lambda: told.app.return_value == 0)
        assert told.app.leaves_running is (on_quit == "leave-running")


async def test_the_choice_is_remembered_where_that_is_wished(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with story(UNFINISHED, **home.settings_store(is_demo=True)) as told:
        owning(told)
        await told.press("q", "q", "r")
        await told.sees(lambda: "yes" in told.text)
        await told.press("e")
        await told.sees(lambda: told.app.return_value == 0)
    assert home.written == {"ui": {"on_quit": "end"}}


async def test_with_nothing_unfinished_or_another_owner_q_leaves_at_once() -> None:
    async with story([task(4, S.FAILED)]) as told:
        owning(told)
        await told.press("q")
        await told.sees(lambda: told.app.return_value == 0)
    async with story(UNFINISHED) as told:
        await told.press("q")
        await told.sees(lambda: told.app.return_value == 0)
        assert not told.app.leaves_running


@pytest.mark.parametrize("on_quit", ["ask", "leave-running"])
async def test_without_an_account_no_other_program_can_go_on(
    on_quit: OnQuit, tmp_path: Path
) -> None:
    async with story(UNFINISHED, **Home(tmp_path).settings_store()) as told:
        owning(told, on_quit)
        await told.reads("Welcome")
        await told.press("escape", "q")
        await told.sees(lambda: told.app.return_value == 0)
        assert not told.app.leaves_running


async def test_the_interrupt_key_asks_nothing() -> None:
    async with story(UNFINISHED) as told:
        owning(told)
        await told.press("ctrl+c")
        await told.sees(lambda: told.app.return_value == 0)
        assert not told.app.leaves_running


async def test_an_engine_that_another_process_has_stopped_closes_the_dashboard() -> None:
    async with story([task(1)]) as told:
        told.app.client.stop(0)
        await told.sees(lambda: told.app.return_value == 0)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_question_fits_a_window_of_40_columns(language: str) -> None:
    i18n.set_language(language)
    try:
        async with story(UNFINISHED, size=(40, 12)) as told:
            owning(told)
            await told.press("q")
            await told.sees(lambda: isinstance(told.app.screen, LeaveScreen))
            words = {
                "en": (
                    "leave it running",
                    "end it",
                    "stay",
                    "remember this choice  no",
                    "unwatched.",
                ),
                "zh": ("留在后台运行", "结束程序", "不退出", "记住此选择", "跟踪。"),
            }
            for text in words[language]:
                await told.reads(text)
    finally:
        i18n.set_language("en")


async def test_q_goes_back_from_the_large_screens_and_asks_where_edits_would_be_lost(
    tmp_path: Path,
) -> None:
    Home(tmp_path).file.write_text("")
    environ = {"PAN123_ACCESS_TOKEN": "good-token"}
    tasks = [task(1, TaskState.FAILED)]
    async with story(tasks, **Home(tmp_path, environ).settings_store()) as told:
        await told.press("F", "q")
        assert told.app.screen is told.dashboard
        await told.press("comma")
        await told.reads("Settings")
        assert "q quit" not in told.footer
        await told.press("q")
        await told.sees(lambda: told.app.screen is told.dashboard)
        await told.press("comma")
        told.app.screen.query_one("#set-ui-ascii").focus()
        await told.press("space", "q")
        await told.reads("Discard the changes?")
        await told.press("n", "q", "y")
        await told.sees(lambda: told.app.screen is told.dashboard)
        await told.press("a", *"q https://a.example/b", "tab", "q")
        await told.reads("Discard what you have typed?")
        await told.press("y")
        await told.sees(lambda: told.app.screen is told.dashboard)
        assert told.app.return_value is None


async def test_the_palette_quits_and_opens_the_settings(tmp_path: Path) -> None:
    environ = {"PAN123_ACCESS_TOKEN": "good-token"}
    async with story([task(1)], **Home(tmp_path, environ).settings_store()) as told:
        await told.press("ctrl+p", *"log in")
        await told.reads("settings  (,)")
        await told.press("ctrl+u", *"settings")
        await told.reads("settings  (,)")
        await told.press("enter")
        await told.reads("For new links")


async def test_ctrl_c_copies_what_is_selected_and_else_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied: list[str] = []

    async def copy(_self: ClipboardController, text: str, _title: str) -> None:
        copied.append(text)

    monkeypatch.setattr(ClipboardController, "copy", copy)
    async with story() as told:
        await told.press("slash", *"debian", "home", "shift+end", "ctrl+c")
        await told.sees(lambda: copied == ["debian"])
        await told.press("escape", "a", *"thunder", "shift+home", "ctrl+c")
        assert told.app.screen.query_one(TextArea).selected_text == "thunder"
        await told.sees(lambda: copied == ["debian", "thunder"])
        await told.press("escape", "y")
        await told.sees(lambda: told.app.screen is told.dashboard)
        told.dashboard.panel.empty.text_select_all()
        await told.press("ctrl+c")
        await told.sees(lambda: "No downloads yet" in copied[-1])
        told.dashboard.clear_selection()
        await told.press("ctrl+c")
        await told.sees(lambda: told.app.return_value == 0)


async def test_ctrl_c_neither_copies_a_secret_nor_leaves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(
        ClipboardController, "copy", lambda _self, text, _title: copied.append(text)
    )
    async with story(**Home(tmp_path).settings_store()) as told:
        await told.reads("Welcome")
        await told.press("3", *"secret", "home", "shift+end", "ctrl+c")
        assert told.app.screen.query_one(Input).selected_text
        assert not copied
        assert told.app.return_value is None
