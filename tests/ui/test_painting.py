"""What updates paint, and when: progress at intervals, the effects of commands at once."""

from unittest.mock import patch

import pytest
from msgspec.structs import replace

from pan123_tui.client.task_model import TaskModel
from tests.ui.dashboard_stage import on_its_way, story, task
from tests.ui.textual_private import Canvas

pytestmark = pytest.mark.paints
AN_AGE_S = 3600.0
KEYS = (
    *("down", "space", "enter", "down", "2", "1"),
    *("question_mark", "down", "escape", "s", "escape", "a", "escape"),
    *("slash", "u", "escape", "d", "u"),
)
"""Updates in place, tabs, details, marks, and what hides a part of the table: screens, toasts."""


async def test_the_painted_parts_are_the_whole_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = Canvas(monkeypatch)
    tasks = [on_its_way(n, name=f"第{n}集 {'电影' * n}.mkv") for n in range(1, 30)]
    async with story(tasks, size=(100, 20)) as told:
        for n, key in enumerate(KEYS):
            await told.press(key)
            told.engine.tell(replace(tasks[n], percent=60.0 + n))
            told.app.engine.paint()
            await told.sees(lambda: canvas.shows(told.app))
        assert canvas.partial_updates > len(KEYS)


async def test_progress_waits_for_the_next_paint_and_what_the_user_did_does_not() -> None:
    moving = task(1, percent=10.0)
    async with story([moving, task(2)]) as told:
        told.app.engine.interval_s = AN_AGE_S
        told.engine.tell(replace(moving, percent=20.0))

        def paints_20() -> bool:
            told.app.engine.paint()  # by itself the next one may be an age later
            return "20%" in told.text

        await told.sees(paints_20)
        told.engine.tell(replace(moving, percent=30.0))
        await told.pilot.pause()
        assert "30%" not in told.text
        await told.press("d")
        await told.sees(lambda: told.names == ["part-01.iso"])
        assert "30%" in told.text


async def test_an_error_under_another_screen_is_seen() -> None:
    async def meet_an_error() -> None:
        async with story([task(1)]) as told:
            await told.press("question_mark")
            with patch.object(TaskModel, "apply", side_effect=ArithmeticError):
                told.engine.tell(task(2))
                await told.sees(lambda: told.app.return_code)

    with pytest.raises(ArithmeticError):
        await meet_an_error()
