"""Keys that arrive in one read go where the person who typed them meant them."""

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Input

from pan123_tui.domain.task import TaskState
from pan123_tui.terminal import type_ahead
from pan123_tui.terminal.input_parser import InputParser
from pan123_tui.ui.dashboard import filter_bar
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.widgets.form_fields import SecretInput
from tests.ui.dashboard_stage import Story, story, task
from tests.ui.home_stage import Home

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type_ahead, "TIMEOUT_S", 2 * PATIENCE_S)


async def type_at_once(told: Story, data: bytes) -> None:
    """Feed `data` as the driver does with one read, and wait for the effect of each key."""
    keys = told.app.type_ahead
    parser = InputParser(told.app.LINK_STARTS)
    for message in (*parser.feed(data, 0.0), *parser.tick(10.0)):
        keys.feed(message)
    async with asyncio.timeout(PATIENCE_S):  # a key that never settles would take longer
        await keys.wait_idle()


async def test_a_search_is_typed_ahead_and_the_keys_after_it_go_on() -> None:
    tasks = [task(1, url="https://example.com/debian.iso"), task(2)]
    async with story(tasks) as told:
        await type_at_once(told, b"/debian")
        assert told.app.screen.query_one("FilterField", Input).value == "debian"
        await told.sees(lambda: told.names == ["debian.iso"])
        await type_at_once(told, b"\r\x1b[Bd")
        await told.sees(lambda: told.names == [])
        assert [*told.engine.tasks] == [2]


async def test_enter_shows_what_a_search_of_many_tasks_finds_to_the_next_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filter_bar, "MANY_TASKS", 1)
    monkeypatch.setattr(filter_bar, "TYPING_PAUSE_S", 3600.0)
    async with story([task(n) for n in range(1, 99)]) as told:
        await type_at_once(told, b"/part-07\rd")
        await told.sees(lambda: len(told.engine.tasks) == 97)
        assert 7 not in told.engine.tasks


async def test_enter_twice_and_a_key_reach_the_details() -> None:
    async with story([task(n) for n in range(1, 9)], size=(80, 24)) as told:
        await type_at_once(told, b"\r\rG")
        details = told.dashboard.query_one(TaskDetail)
        assert details.has_focus
        assert told.dashboard.table.cursor_index == 0
        await type_at_once(told, b"\x1b")


async def test_a_key_after_a_paste_reaches_the_review_that_it_opens() -> None:
    async with story([task(1)]) as told:
        await type_at_once(told, b"\x1b[200~https://example.com/new.zip\x1b[201~\x13")
        await told.sees(lambda: len(told.engine.tasks) == 2)
        await told.sees(lambda: told.app.screen is told.dashboard)


async def test_an_account_is_typed_ahead(tmp_path: Path) -> None:
    async with story(**Home(tmp_path).settings_store()) as told:
        await told.reads("Welcome")
        await type_at_once(told, b"\rid\tsecret")
        values = [field.secret for field in told.app.screen.query(SecretInput)]
        assert values == ["id", "secret"]


async def test_the_first_key_acts_on_all_tasks() -> None:
    tasks = [task(n, TaskState.SUCCEEDED) for n in range(1, 400)]
    async with story(tasks, is_awaited=False) as told:
        await type_at_once(told, b"G")
        assert told.dashboard.table.cursor_index == 398
