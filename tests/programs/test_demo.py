"""The demo runs the real program, and does by itself what that does with the service."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Collection
from contextlib import nullcontext
from functools import partial
from itertools import pairwise, product
from pathlib import Path

import pytest

from pan123_tui import i18n
from pan123_tui.bootstrap import ExitCode, load_context, make_client
from pan123_tui.cli.selection import Known
from pan123_tui.cli.status import Found
from pan123_tui.config.paths import CONFIG_VARIABLE, DATA_VARIABLE, DEMO_PREFIX
from pan123_tui.domain.commands import ReloadSettings
from pan123_tui.domain.events import Account, Status
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.engine import Engine
from pan123_tui.programs import demo
from pan123_tui.programs.demo import demo_context, demo_service, demo_task, remove_demo
from pan123_tui.programs.engine_process import BACKGROUND, open_engine, run_background_engine
from pan123_tui.simulator.world import Link, World, fill
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.wording.notes import NoteContext
from tests.engine_stage import TIMEOUT_S, Witness, execute, load_stored
from tests.samples import a_task

START = 1_760_000_000.0
UNSENT = (TaskState.QUEUED, TaskState.REJECTED, TaskState.UNCONFIRMED)
Stage = tuple[World, list[Link], list[Task]]


async def test_the_file_of_a_download_in_the_demo_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = [0.0]
    monkeypatch.setattr(demo, "World", partial(World, clock=lambda: time.time() + ahead[0]))
    empty = demo_context(os.environ)
    folder = empty.paths.data_dir.parent
    with (
        demo_service(empty) as context,
        FolderLock(context.paths.data_dir, program=BACKGROUND) as lock,
    ):
        witness = Witness()
        engine, _server = open_engine(context, witness, lock=lock)
        former = succeeded(engine)
        running = asyncio.create_task(engine.run())
        await witness.wait_until(lambda it: it.status.account)
        (context.paths.config_dir / "config.toml").write_text("service.max_running = 9")
        await execute(engine, ReloadSettings())  # of which the simulated service knows nothing
        await witness.wait_until(lambda _: engine.settings.service.max_running == 9)
        ahead[0] = 60.0
        await witness.wait_until(lambda _: ended_and_found(engine, former), within_s=TIMEOUT_S)
        engine.stop()
        await running
    assert not folder.exists()


def test_the_rows_of_this_minute_are_the_newest_batch(stage: Stage) -> None:
    now = [task for task in stage[2] if START - task.created_at < 60]
    assert {task.batch or task.created_at for task in now} == {now[0].created_at}
    assert len(now) == 3


async def test_a_demo_whose_engine_is_killed_goes_on_with_its_tasks() -> None:
    empty = demo_context(os.environ)
    folder = empty.paths.data_dir
    with demo_service(empty) as context:
        service = make_client(context)
        sent = await service.create_task(DownloadRequest("https://example.com/1.zip"))
        store = TaskStore(folder)
        (number,) = store.new_ids(1)
        store.put([a_task(number, TaskState.RUNNING, task_id=sent, sent_at=time.time())])
        store.close()
        first = load_stored(folder)
        with demo_service(empty) as next_context:  # of the next engine
            assert load_stored(folder) == first
            service = make_client(next_context)
            assert (await service.get_progress(sent)).status == 0
            again = await service.create_task(DownloadRequest("https://example.com/2.zip"))
            assert again not in {it.task_id for it in first.values()}


@pytest.fixture
def stage() -> Stage:
    """The demo's service, its links, and the tasks of their sender."""
    world = World(clock=lambda: START)
    links = fill(world)
    return world, links, [demo_task(it, task_id=i, now=START) for i, it in enumerate(links, 1)]


@pytest.mark.parametrize(("is_old", "is_held"), product((False, True), repeat=2))
def test_a_demo_that_was_killed_begins_anew_with_a_later_screen(
    is_old: bool, is_held: bool
) -> None:
    folder = demo_context(os.environ).paths.data_dir
    (folder / "tasks.json").write_text("{}")
    saved_at = time.time() - 2 * demo.DEAD_AFTER_S * is_old
    os.utime(folder / "tasks.json", (saved_at, saved_at))
    with FolderLock(folder) if is_held else nullcontext():
        context = demo_context(os.environ)
        assert context.paths.data_dir == folder
        assert (folder / "tasks.json").exists() is (is_held or not is_old)
        remove_demo(context)
        assert folder.exists() is is_held, "only who has the lock removes it"
    remove_demo(context)


def test_an_engine_of_the_demo_that_finds_it_held_leaves_all_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = demo_context(os.environ)
    folder = context.paths.data_dir
    for name in (CONFIG_VARIABLE, DATA_VARIABLE):
        monkeypatch.setenv(name, context.environ[name])
    with FolderLock(folder):
        assert run_background_engine(is_demo=True) is ExitCode.LOCKED
        assert not (folder / "tasks.json").exists()
        assert folder.exists()
    remove_demo(context)


def test_no_other_folder_is_filled_or_removed(tmp_path: Path) -> None:
    context = load_context({**os.environ, DATA_VARIABLE: str(tmp_path / "mine" / "data")})
    context.paths.ensure_directories()
    with pytest.raises(ValueError, match="not the folder of a demo"), demo_service(context):
        pass
    remove_demo(context)
    assert context.paths.data_dir.exists()
    assert not (context.paths.data_dir / "tasks.json").exists()


def test_another_home_is_another_demo_and_none_is_in_the_folder_of_others(tmp_path: Path) -> None:
    first, second = (demo_context({**os.environ, "HOME": home}) for home in ("/a", "/b"))
    assert first.paths.data_dir != second.paths.data_dir
    for context in (first, second):
        remove_demo(context)
    folder = first.paths.data_dir.parent
    folder.symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="not a private folder"):
        demo_context({**os.environ, "HOME": "/a"})
    folder.unlink()


def test_commands_and_account_of_the_demo_are_called_so() -> None:
    context = demo_context(os.environ)
    assert i18n._("“pan123-tui stop”") == "“pan123-tui --demo stop”"
    known = Known(TaskCollection(), Status(account=Account(1, "小鱼", 0, 0)), NoteContext())
    assert Found(context, 1, "engine", known).account_text.startswith("小鱼 (demo, not saved)")
    remove_demo(context)


def test_there_are_some_twenty_tasks_in_all_states(stage: Stage) -> None:
    counts = Counter(task.state for task in stage[2])
    assert 20 <= sum(counts.values()) <= 30
    assert counts.keys() == {*TaskState} - {TaskState.SUBMITTING}
    assert counts[TaskState.RUNNING] >= 8


def test_each_task_is_what_a_client_that_watched_it_has(stage: Stage) -> None:
    world, links, tasks = stage
    for link, task in zip(links, tasks, strict=True):
        if task.state in UNSENT:
            assert (link.task, task.task_id) == (None, None)
            assert bool(task.problem) == (task.state is not TaskState.QUEUED)
            continue
        assert link.task is not None
        assert (task.task_id, task.sent_at) == (link.task.id, link.sent_at)
        assert task.checked_at == pytest.approx(task.finished_at or START, abs=1e-3)
        assert all(a.percent != b.percent for a, b in pairwise(task.samples))
        assert task.is_finished or task.percent == task.samples[-1].percent
        if task.state is TaskState.MISSING:
            assert task.problem
            continue
        now = world.progress(link.task.id)
        assert task.status == now.status
        if task.state is TaskState.FAILED:
            at_the_end = link.task.script.keyframes[-2].percent
            assert task.percent == pytest.approx(at_the_end, abs=0.1)
            assert task.fail_reason
        else:
            assert task.percent == now.percent


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
    assert folder.name.startswith(DEMO_PREFIX)
    assert all(it.is_relative_to(folder) for it in context.paths.folders)
