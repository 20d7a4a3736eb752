"""Undoing a removal."""

import pytest

from pan123_tui.ui.app import Pan123App
from tests.ui.dashboard_stage import PATIENCE_S, story, task


async def test_the_cursor_goes_to_what_is_back() -> None:
    async with story([task(n) for n in range(1, 61)]) as told:
        await told.press("space", "space", "d")
        await told.sees(lambda: told.dashboard.table.total == 58)
        await told.press("G", "u")
        await told.sees(lambda: told.names[0] == "part-60.iso")
        assert told.dashboard.table.cursor_task_id == 60


async def test_a_message_that_a_held_key_repeats_is_shown_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pan123App, "NOTIFICATION_TIMEOUT", 2 * PATIENCE_S)
    async with story([task(1)]) as told:
        await told.press(*["u"] * 3, *["R"] * 3, "u")
        shown_once = ["Nothing has failed.", "There is nothing to undo."]
        await told.sees(lambda: told.toasts == shown_once)


async def test_the_latest_removal_is_undone_first() -> None:
    async with story([task(1), task(2), task(3)]) as told:
        table = told.dashboard.table
        await told.press("d")
        await told.sees(lambda: table.order == (2, 1))
        await told.press("d")
        await told.sees(lambda: table.order == (1,))
        await told.press("u")
        await told.sees(lambda: table.order == (2, 1))
