"""The demo runs the real program, and does by itself what that does with the service."""

import asyncio
from collections.abc import Collection

import pytest

from pan123_tui.cli.demo import run_demo
from pan123_tui.domain.events import EngineEvent, TasksChanged
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.simulator import demo

PATIENCE_S = 20.0


class Listener:
    """Wakes whoever waits for a change of tasks."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        if isinstance(event, TasksChanged):
            self.changed.set()


async def test_the_file_of_a_download_that_ends_in_the_demo_is_found_without_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, rows = demo.demo_world()
    monkeypatch.setattr(demo, "demo_world", lambda: (world, rows))
    with run_demo({}) as (_context, open_engine, _clean_up):
        listener = Listener()
        engine = open_engine(listener)
        former = succeeded(engine)
        running = asyncio.create_task(engine.run())
        world.clock.advance(60.0)
        async with asyncio.timeout(PATIENCE_S):
            while not ended_and_found(engine, former):
                listener.changed.clear()
                await listener.changed.wait()
        engine.stop()
        await running


def ended_and_found(engine: Engine, former: Collection[int]) -> bool:
    """Whether a task has succeeded since, and the file of each that has is known."""
    now = succeeded(engine)
    return now.keys() > set(former) and all(task.file_id for task in now.values())


def succeeded(engine: Engine) -> dict[int, Task]:
    tasks = engine.task_service.tasks.items()
    return {i: task for i, task in tasks if task.state is TaskState.SUCCEEDED}
