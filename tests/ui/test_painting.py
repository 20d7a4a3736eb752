"""When updates are painted: progress at intervals, the effects of commands at once."""

import asyncio
import threading
from unittest.mock import Mock, patch

import pytest
from msgspec.structs import replace
from textual.widget import Widget

from pan123_tui.domain.events import (
    Connection,
    Status,
    StatusChanged,
    TasksChecked,
    TasksLoaded,
)
from pan123_tui.domain.progress import Progress, apply_progress
from pan123_tui.domain.task import TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.engine_link import EngineLink
from tests.ui.dashboard_stage import NOW, PaperEngine, on_its_way, story, task

AN_AGE_S = 3600.0


async def test_the_rows_do_not_wait_for_the_paint_after_a_status_that_came_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_painted = threading.Event()

    def no_setter(_app: Pan123App, _interval_s: float) -> None:
        pass

    async def run(engine: PaperEngine) -> None:
        engine.listen(StatusChanged(Status(Connection.OFFLINE)))
        await asyncio.to_thread(has_painted.wait, 10)
        engine.listen(TasksLoaded(TaskCollection(engine.tasks.values())))
        await engine._stopping.wait()

    monkeypatch.setattr(
        EngineLink, "interval_s", property(lambda _: AN_AGE_S, no_setter), raising=False
    )
    monkeypatch.setattr(PaperEngine, "run", run)
    monkeypatch.setattr(EngineLink, "paint_soon", lambda *_args: None)  # would paint at once
    monkeypatch.setattr(Pan123App, "handle_change", lambda *_args: has_painted.set())
    async with story([task(1)]) as told:
        assert told.names == ["part-01.iso"]


async def test_progress_waits_for_the_next_paint_and_what_the_user_did_does_not() -> None:
    moving = task(1, percent=10.0)
    async with story([moving, task(2)]) as told:
        told.app.link.interval_s = AN_AGE_S
        told.engine.tell(replace(moving, percent=20.0))

        def paints_20() -> bool:
            told.app.link.paint()  # by itself the next one may be an age later
            return "20%" in told.text

        await told.sees(paints_20)
        told.engine.tell(replace(moving, percent=30.0))
        await told.pilot.pause()
        assert "30%" not in told.text
        await told.press("d")
        await told.sees(lambda: told.names == ["part-01.iso"])
        assert "30%" in told.text


@pytest.mark.parametrize("key", ["a", "question_mark", "s"])
async def test_what_moves_under_another_screen_is_painted_when_that_has_gone(key: str) -> None:
    moving = task(1, percent=10.0)
    async with story([moving, task(2)]) as told:
        dashboard = told.dashboard
        await told.press(key)
        assert told.app.screen is not dashboard
        await told.pilot.pause(0.2)  # until the new screen is drawn
        with patch.object(type(told.app.screen), "refresh") as refresh:
            for percent in (20.0, 30.0, 40.0):
                told.engine.tell(replace(moving, percent=percent))
                await told.sees(lambda p=percent: told.app.model.tasks[1].percent == p)  # type: ignore[misc]
                await told.pilot.pause(0.1)
        assert refresh.call_args_list == []
        await told.press("escape")
        await told.reads("40%")


async def test_nothing_is_painted_while_only_tasks_off_the_screen_move() -> None:
    long_ago = NOW - 10 * 86400
    ended = [
        task(n, TaskState.SUCCEEDED, created_at=long_ago, finished_at=long_ago)
        for n in range(41, 121)
    ]
    moving = {n: on_its_way(n, created_at=long_ago) for n in range(1, 41)}
    status = Status(Connection.ONLINE, rate_utilization=1.0)
    async with story([*ended, *moving.values()], status=status) as told:
        await told.reads("online")
        assert not moving.keys() & set(told.dashboard.table.visible_ids())
        await told.pilot.pause(0.2)
        with patch.object(Widget, "refresh", autospec=True) as refresh:
            for tick in range(1, 61):
                told.engine.now = now = NOW + 5 * tick
                polled = 1 + tick % 40
                moving[polled] = apply_progress(moving[polled], Progress(50 + tick / 2, 0), at=now)
                told.engine.tell(moving[polled])
                told.engine.listen(TasksChecked({1 + (tick + 1) % 40: now}))
                status = replace(status, rate_utilization=0.5 + tick % 2 / 2)
                told.engine.listen(StatusChanged(status))
                while told.app.model.status != status:
                    await told.pilot.pause()
                    told.app.link.paint()
                told.dashboard._tick()
            await told.pilot.pause()
        assert told.app.model.status == status
        assert refresh.call_args_list == []


async def test_a_paint_comes_though_a_timer_of_textual_misses_its_only_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moving = task(1, percent=10.0)
    async with story([moving]) as told:
        # As where the process is held up between two readings of the clock.
        monkeypatch.setattr(told.app, "set_timer", Mock())
        for percent in (20.0, 30.0, 40.0):
            told.engine.tell(replace(moving, percent=percent))
            await told.sees(lambda p=percent: told.app.model.tasks[1].percent == p)  # type: ignore[misc]
