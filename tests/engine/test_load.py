"""Ten thousand stored tasks, a thousand active ones, five thousand links at once: counts only."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import pytest

from pan123_tui.domain.task import Task, TaskState, new_task, transition
from pan123_tui.engine.ports import EngineRules
from pan123_tui.simulator.requests import CreateRequest
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import generous_world, link, load_stored, running_engine
from tests.service.server import SimulatorServer
from tests.service.world import World

S = TaskState
T = TypeVar("T")
STORED, ACTIVE, ADDED = 10_000, 1_000, 5_000
POLLING = EngineRules(creates_per_s=1, polls_per_s=400, shortest_poll_s=0.01, longest_poll_s=120)


def fill(folder: Path, world: World) -> None:
    """Store ten thousand tasks, of which a thousand run at the service."""
    store = TaskStore.open(folder)
    store.put(_tasks(world))
    store.close()


def _tasks(world: World) -> list[Task]:
    tasks = []
    for number in range(1, STORED + 1):
        task = new_task(link("slow", number), task_id=number, at=1.0)
        task = transition(task, S.SUBMITTING, at=2.0)
        if number <= ACTIVE:
            at_service = world.add_task(CreateRequest(url=task.url)).id
            task = transition(task, S.RUNNING, at=3.0, task_id=at_service, sent_at=3.0)
        else:
            task = transition(task, S.RUNNING, at=3.0, task_id=10_000_000 + number, sent_at=3.0)
            task = transition(task, S.SUCCEEDED, at=4.0, finished_at=4.0)
        tasks.append(task)
    return tasks


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the writes of each file."""
    counts: Counter[str] = Counter()
    write = AtomicStorage.write

    def counted(storage: AtomicStorage, data: dict[str, dict[object, object]]) -> None:
        counts[storage.path.name] += 1
        write(storage, data)

    monkeypatch.setattr(AtomicStorage, "write", counted)
    return counts


async def test_five_thousand_links_at_once_are_on_disk_in_one_write_and_in_their_order(
    tmp_path: Path, writes: Counter[str]
) -> None:
    with SimulatorServer(generous_world(speed=1)) as service:
        fill(tmp_path, service.world)
        async with running_engine(tmp_path, service.base_url, rules=POLLING) as (
            engine,
            _witness,
        ):
            writes.clear()
            drafts = [link("good", STORED + number) for number in range(ADDED)]
            added = await still_answers(engine.task_service.add(drafts), lambda: engine.status)
            assert writes["tasks.json"] <= 3
            on_disk = load_stored(tmp_path)
            assert [on_disk[task.id].url for task in added] == [draft.url for draft in drafts]
    assert len(load_stored(tmp_path)) == STORED + ADDED
    assert max(service.world.stats.creates.values()) == 1


async def still_answers(work: Coroutine[object, object, T], ask: Callable[[], object]) -> T:
    """Do `work`, and see that the loop goes on turning meanwhile."""
    task, turns = asyncio.ensure_future(work), 0
    while not task.done():
        ask()
        turns += 1
        await asyncio.sleep(0)
    assert turns > 1
    return task.result()
