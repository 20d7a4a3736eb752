"""When an engine that nobody looks at ends by itself, in virtual time."""

import asyncio
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pan123_tui.bootstrap import ExitCode
from pan123_tui.programs import engine_process
from pan123_tui.programs.engine_process import (
    CHECK_INTERVAL_S,
    UNUSED_S,
    EngineProcess,
    run_until_unused,
)
from tests import api_stage
from tests.engine_stage import add_links, change, link, settings_of
from tests.hold_stage import EPOCH, OpenStage, Stage, on_stage, virtual_engine

LONG_S = 1000.0


class Process:
    """An engine's process, whose screens come and go as a test says."""

    def __init__(self, stage: Stage) -> None:
        self.engine = stage.engine
        self.server = self
        self.is_silent = False
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()
        self._unused_since: float | None = self._start

    @property
    def unused_s(self) -> float:
        return 0.0 if self._unused_since is None else self._loop.time() - self._unused_since

    def end_silently(self) -> None:
        self.is_silent = True

    async def ends_after(self, *, is_demo: bool = False) -> float | None:
        """Return after how many seconds it ends; None: not within a long time."""
        process = cast("EngineProcess", self)
        try:
            async with asyncio.timeout(LONG_S):
                code = await run_until_unused(process, is_demo=is_demo)
        except TimeoutError:
            return None
        assert code is ExitCode.DONE
        assert self.is_silent  # a screen that comes now starts another engine
        return self._loop.time() - self._start

    def screen(self, *, comes_at: float, goes_at: float) -> None:
        def come() -> None:
            self._unused_since = None

        def go() -> None:
            self._unused_since = self._loop.time()

        self._loop.call_at(self._start + comes_at, come)
        self._loop.call_at(self._start + goes_at, go)


@pytest.fixture
def open_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenStage:
    clock = SimpleNamespace(time=lambda: EPOCH + asyncio.get_running_loop().time())
    monkeypatch.setattr(engine_process, "time", clock)
    return partial(virtual_engine, tmp_path, monkeypatch, settings=settings_of(looks=True))


def is_a_minute(seconds: float | None, *, after_s: float = 0.0) -> bool:
    return seconds is not None and abs(seconds - after_s - UNUSED_S) <= 2 * CHECK_INTERVAL_S


@on_stage
async def test_without_screen_and_work_it_ends_after_a_minute(stage: Stage) -> None:
    assert is_a_minute(await Process(stage).ends_after())


@on_stage
async def test_the_minute_begins_when_the_last_screen_has_gone(stage: Stage) -> None:
    process = Process(stage)
    process.screen(comes_at=1, goes_at=100)
    process.screen(comes_at=150, goes_at=300)  # within a minute after the first
    assert is_a_minute(await process.ends_after(), after_s=300)


@on_stage
async def test_a_screen_that_comes_at_the_last_moment_is_served(stage: Stage) -> None:
    process = Process(stage)

    async def wait_idle() -> None:
        waits.append(asyncio.get_running_loop().time())
        if len(waits) == 1:
            process.screen(comes_at=waits[0], goes_at=waits[0] + 50)
            await asyncio.sleep(1)

    waits: list[float] = []
    stage.engine.wait_idle = wait_idle  # type: ignore[method-assign]
    ended = await process.ends_after()
    assert len(waits) == 2
    assert is_a_minute(ended, after_s=waits[0] + 50)


@on_stage
async def test_a_link_that_comes_at_the_last_moment_is_sent_and_followed(stage: Stage) -> None:
    hook_ends = asyncio.Event()
    stage.engine.wait_idle = hook_ends.wait  # type: ignore[assignment, method-assign]
    await change(stage.engine, settings=settings_of())
    ending = asyncio.create_task(Process(stage).ends_after())
    await asyncio.sleep(2 * UNUSED_S)
    await add_links(stage.engine, [link("good")])
    hook_ends.set()
    await ending
    assert all(task.is_finished for task in stage.engine.tasks.values())


@on_stage
async def test_with_work_it_stays_until_that_is_done(stage: Stage) -> None:
    await change(stage.engine, settings=settings_of())
    await add_links(stage.engine, [link("good", number) for number in range(65)])
    process = Process(stage)
    ended = await process.ends_after()
    done = max(task.finished_at or 0 for task in stage.engine.tasks.values()) - EPOCH
    assert all(task.is_finished for task in stage.engine.tasks.values())
    assert ended is not None
    assert done > UNUSED_S
    assert 0 <= ended - done <= 2 * CHECK_INTERVAL_S


@on_stage
async def test_an_engine_without_work_wakes_seldom(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def select(self: Any, timeout: float | None = None) -> Any:
        waits.append(timeout)
        return usual(self, timeout)

    process, waits = Process(stage), list[float | None]()
    process.screen(comes_at=0, goes_at=LONG_S)
    usual = api_stage._InstantSelector.select
    monkeypatch.setattr(api_stage._InstantSelector, "select", select)
    assert await process.ends_after() is None
    assert sum(bool(timeout) for timeout in waits) < 0.6 * LONG_S


@on_stage
async def test_the_demo_ends_ten_minutes_after_its_screen_whatever_is_left(stage: Stage) -> None:
    await add_links(stage.engine, [link("stall", number) for number in range(3)])
    assert await Process(stage).ends_after() is None
    process = Process(stage)
    process.screen(comes_at=10, goes_at=100)
    ended = await process.ends_after(is_demo=True)
    assert ended is not None
    assert 0 <= ended - 700 <= 2 * CHECK_INTERVAL_S
