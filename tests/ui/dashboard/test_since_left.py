"""When the tasks were looked at last is known, however the screen ends."""

from pathlib import Path

import pytest
from textual.events import AppBlur, AppFocus

from pan123_tui.domain.task import TaskState
from pan123_tui.ui import app
from pan123_tui.ui.memory import FILE_NAME, read_state
from tests.ui.dashboard_stage import NOW, story, task

TASKS = [task(1, TaskState.RUNNING)]


def looked_at(folder: Path) -> float:
    """Return what a screen that starts now would read."""
    return read_state(folder / FILE_NAME).seen_at


async def test_it_is_saved_again_and_again_while_the_tasks_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "LOOK_STEP_S", 0.01)
    async with story(TASKS, state_dir=tmp_path) as told:
        told.engine.now = NOW + 3600
        await told.sees(lambda: looked_at(tmp_path) == NOW + 3600)
    assert looked_at(tmp_path) == NOW + 3600


async def test_a_terminal_in_the_background_is_not_looked_at_until_it_has_the_focus_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "LOOK_STEP_S", 0.01)
    async with story(TASKS, state_dir=tmp_path) as told:
        told.app.post_message(AppBlur())
        await told.sees(lambda: told.app.attention._has_focus is False)
        told.engine.now = NOW + 3600
        told.app.attention.remember_look()
    assert looked_at(tmp_path) == NOW
    async with story(TASKS, state_dir=tmp_path) as told:
        told.app.post_message(AppBlur())
        await told.sees(lambda: told.app.attention._has_focus is False)
        told.engine.now = NOW + 7200
        told.app.post_message(AppFocus())
        await told.sees(lambda: looked_at(tmp_path) == NOW + 7200)
