"""The demo runs the real program, and does by itself what that does with the service."""

import asyncio
import os
import time
from collections.abc import Collection
from functools import partial

import pytest

from pan123_tui.bootstrap import BACKGROUND, open_engine
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.programs.demo import PREFIX, demo_context, demo_service, remove_demo
from pan123_tui.simulator import world
from pan123_tui.store.lock import StoreLock
from tests.engine_stage import TIMEOUT_S, Witness, load_stored


async def test_the_file_of_a_download_that_ends_in_the_demo_is_found_without_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = [0.0]
    monkeypatch.setattr(world, "World", partial(world.World, clock=lambda: time.time() + ahead[0]))
    empty = demo_context(os.environ)
    folder = empty.paths.data_dir.parent
    with (
        demo_service(empty) as context,
        StoreLock(context.paths.data_dir, program=BACKGROUND) as lock,
    ):
        witness = Witness()
        engine, _server = open_engine(context, witness, lock=lock)
        former = succeeded(engine)
        running = asyncio.create_task(engine.run())
        ahead[0] = 60.0
        await witness.wait_until(lambda _: ended_and_found(engine, former), within_s=TIMEOUT_S)
        engine.stop()
        await running
    assert not folder.exists()


def test_a_demo_whose_engine_is_killed_goes_on_with_its_tasks() -> None:
    empty = demo_context(os.environ)
    with demo_service(empty):
        first = load_stored(empty.paths.data_dir)
        with demo_service(empty):  # as of the next engine
            assert load_stored(empty.paths.data_dir) == first


def ended_and_found(engine: Engine, former: Collection[int]) -> bool:
    """Whether a task has succeeded since, and the file of each that has is known."""
    now = succeeded(engine)
    return now.keys() > set(former) and all(task.file_id for task in now.values())


def succeeded(engine: Engine) -> dict[int, Task]:
    tasks = engine.tasks.items()
    return {i: task for i, task in tasks if task.state is TaskState.SUCCEEDED}


def test_the_demo_speaks_the_users_language_and_knows_nothing_else_of_the_user() -> None:
    variables = {"PAN123_LANG": "zh", "PAN123_ACCESS_TOKEN": "secret", "PAN123_PROFILE": "work"}
    context = demo_context(variables)
    remove_demo(context)
    assert context.environ["PAN123_LANG"] == "zh"
    assert variables.items() & context.environ.items() == {("PAN123_LANG", "zh")}
    folder = context.paths.data_dir.parent
    assert folder.name.startswith(PREFIX)
    assert all(it.is_relative_to(folder) for it in context.paths.folders)
