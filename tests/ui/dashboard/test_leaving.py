"""Leaving the dashboard, and what hides tasks besides the views."""

from pathlib import Path
from unittest.mock import AsyncMock, Mock, call

import pytest
from textual.widgets import Input

from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.remote.answers import CommandAnswers
from pan123_tui.ui.app import Exit, Invocation
from pan123_tui.ui.clipboard import ClipboardController
from pan123_tui.ui.session import engine_link
from tests.ui.dashboard_stage import story, task
from tests.ui.home_stage import Home

UNSAVED = Status(store_problem=Problem(ProblemKind.STORE_UNWRITABLE, "No space left on device"))
UNFINISHED = [task(1, TaskState.QUEUED), task(2, TaskState.QUEUED), task(3)]


@pytest.mark.parametrize(("key", "status"), [("q", Status()), ("ctrl+c", UNSAVED)])
async def test_a_screen_leaves_at_once_and_asks_nothing_of_the_engine(
    key: str, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with story(UNFINISHED, status=status) as told:
        asked = Mock()
        monkeypatch.setattr(told.app.client, "send", asked)
        monkeypatch.setattr(told.app.client, "call", asked)
        await told.press(key)
        await told.sees(lambda: told.app.return_value is Exit.LEFT)
        assert call(StopEngine()) not in asked.call_args_list


async def test_capital_q_asks_first_where_nothing_can_be_saved() -> None:
    async with story([task(1)], status=UNSAVED) as told:
        await told.reads("Not saved")
        await told.press("Q")
        await told.reads("End the engine anyway?")
        await told.press("enter")
        await told.sees(lambda: told.app.screen is told.dashboard)
        assert not told.engine.is_stopping
        assert told.app.return_value is None
        await told.press("Q")
        await told.reads("End the engine anyway?")
        await told.press("down", "enter")
        await told.sees(lambda: told.app.return_value is Exit.ENDED_ENGINE)
        await told.sees(lambda: told.engine.is_stopping)


async def test_capital_q_stays_where_no_engine_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommandAnswers, "carry_out", lambda *_call: None)
    monkeypatch.setattr(engine_link, "END_TIMEOUT_S", 0.01)
    async with story([task(1)]) as told:
        await told.press("Q")
        await told.reads("The engine does not answer, so it was not ended.")
        assert told.app.return_value is None
        await told.press("q")
        await told.sees(lambda: told.app.return_value is Exit.LEFT)


async def test_capital_q_ends_an_engine_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async with story([task(1)], invocation=Invocation(host="server")) as told:
        end = AsyncMock(return_value=True)
        monkeypatch.setattr(told.app.engine, "end_engine", end)
        await told.press("Q")
        await told.sees(lambda: told.app.return_value is Exit.ENDED_ENGINE)
        end.assert_awaited_once_with(is_here=False)


async def test_capital_q_ends_the_engine_from_the_dashboard_alone() -> None:
    async with story(UNFINISHED) as told:
        await told.press("slash", "Q")
        assert told.dashboard.panel.list_query.search == "Q"
        await told.press("escape", "s", "Q", "escape")
        await told.sees(lambda: told.app.screen is told.dashboard)
        assert told.app.return_value is None
        assert not told.engine.is_stopping
        await told.press("Q")
        await told.sees(lambda: told.app.return_value is Exit.ENDED_ENGINE)
        await told.sees(lambda: told.engine.is_stopping)


async def test_q_goes_back_from_the_large_screens(tmp_path: Path) -> None:
    Home(tmp_path).file.write_text("")
    environ = {"PAN123_ACCESS_TOKEN": "good-token"}
    tasks = [task(1, TaskState.FAILED)]
    async with story(tasks, **Home(tmp_path, environ).settings_store()) as told:
        await told.press("comma")
        await told.reads("Settings")
        assert "q leave" not in told.footer
        await told.press("q")
        await told.sees(lambda: told.app.screen is told.dashboard)
        await told.press("a", *"q https://a.example/b", "tab", "q")
        await told.sees(lambda: told.app.screen is told.dashboard)
        assert told.app.return_value is None


async def test_ctrl_c_copies_or_leaves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copied: list[str] = []

    async def copy(_self: ClipboardController, text: str, _title: str) -> None:
        copied.append(text)

    monkeypatch.setattr(ClipboardController, "copy", copy)
    async with story(**Home(tmp_path).settings_store()) as told:
        await told.reads("Welcome")
        await told.press("down", "enter", *"secret", "home", "shift+end", "ctrl+c")
        assert told.app.screen.query_one(Input).selected_text
        while told.app.screen is not told.dashboard:
            await told.press("escape")
        await told.press("slash", *"debian", "home", "shift+end", "ctrl+c")
        await told.sees(lambda: copied == ["debian"])
        await told.press("escape", "a", *"thunder", "shift+home", "ctrl+c")
        assert told.app.screen.query_one("#add-links", Input).selected_text == "thunder"
        await told.sees(lambda: copied == ["debian", "thunder"])
        await told.press("escape")
        await told.sees(lambda: told.app.screen is told.dashboard)
        told.dashboard.panel.empty.text_select_all()
        await told.press("ctrl+c")
        await told.sees(lambda: "No downloads yet" in copied[-1])
        told.dashboard.clear_selection()
        assert told.app.return_value is None
        await told.press("ctrl+c")
        await told.sees(lambda: told.app.return_value is Exit.LEFT)
