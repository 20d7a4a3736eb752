"""A program with a thousand tasks, killed at random moments, loses nothing and doubles nothing."""

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pan123_tui.domain.task import Task, TaskState, new_task, transition
from pan123_tui.simulator.requests import CreateRequest
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import generous_world, link, running_engine
from tests.headless import Headless, Run
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import World

S = TaskState
SEED = 123
TASKS = 1000
QUEUED, RUNNING = 100, 200
MAYBE_SENT = (S.SUBMITTING, S.UNCONFIRMED)


@dataclass(slots=True)
class Losses:
    """What a test of trust must count to zero."""

    kills: int = 0
    unreadable_stores: int = 0
    lost_links: set[str] = field(default_factory=set)
    lost_task_ids: set[int] = field(default_factory=set)
    duplicates: set[str] = field(default_factory=set)
    returned: set[int] = field(default_factory=set)
    """Removed tasks that came back."""
    seen: Counter[str] = field(default_factory=Counter)
    """In how many states the kills have left how many tasks between intent and outcome."""

    def __str__(self) -> str:
        return (
            f"{self.kills} kills (seed {SEED}): {self.unreadable_stores} unreadable stores, "
            f"{len(self.lost_links)} lost links, {len(self.lost_task_ids)} lost taskIDs, "
            f"{len(self.duplicates)} duplicates, {len(self.returned)} returned; {dict(self.seen)}"
        )

    def assert_none(self) -> None:
        all_lost = self.lost_links, self.lost_task_ids, self.duplicates, self.returned
        assert not any(all_lost), all_lost
        assert not self.unreadable_stores


@dataclass(slots=True)
class Memory:
    """What the program told: all of it must be true after a kill."""

    added: dict[int, str] = field(default_factory=dict)
    task_ids: dict[int, int] = field(default_factory=dict)
    removing: set[int] = field(default_factory=set)
    """Begun before the kill, perhaps not done: they may be there or not."""
    removed: set[int] = field(default_factory=set)

    def take(self, told: list[str]) -> None:
        for line in told:
            match line.split():
                case ["added", task_id, url]:
                    self.added[int(task_id)] = url
                case ["running", task_id, at_service]:
                    self.task_ids[int(task_id)] = int(at_service)
                case ["removing", task_id]:
                    self.removing.add(int(task_id))
                case ["removed", task_id]:
                    self.removed.add(int(task_id))


def fill(folder: Path, world: World) -> Memory:
    """Store a thousand tasks: queued ones, ones that run at the service, and ended ones."""
    memory = Memory()
    tasks = []
    for number in range(1, TASKS + 1):
        draft = link("slow" if number > QUEUED else "good", number)
        task = new_task(draft, task_id=number, at=1.0)
        memory.added[number] = draft.url
        if number > QUEUED:
            at_service = world.add_task(CreateRequest(url=draft.url)).id
            task = transition(task, S.SUBMITTING, at=2.0)
            task = transition(task, S.RUNNING, at=3.0, task_id=at_service, sent_at=3.0)
            memory.task_ids[number] = at_service
        if number > QUEUED + RUNNING:
            task = transition(task, S.SUCCEEDED, at=4.0, finished_at=4.0)
        tasks.append(task)
    store = TaskStore.open(folder)
    store.put(tasks)
    store.close()
    return memory


def check(memory: Memory, tasks: Mapping[int, Task], world: World, losses: Losses) -> None:
    """Count what is missing or too much after a kill."""
    memory.removed |= memory.removing - tasks.keys()
    for number, url in memory.added.items():
        if number not in memory.removed and (number not in tasks or tasks[number].url != url):
            losses.lost_links.add(url)
    for number, at_service in memory.task_ids.items():
        if number in tasks and tasks[number].task_id != at_service:
            losses.lost_task_ids.add(at_service)
    losses.returned |= memory.removed & tasks.keys()
    of_link = {task.url: task for task in tasks.values()}
    for sent in world.tasks():
        task = of_link.get(sent.request.url)
        if task and task.task_id != sent.id and task.state not in MAYBE_SENT:
            losses.lost_task_ids.add(sent.id)
    losses.duplicates |= {url for url, count in world.stats.creates.items() if count > 1}
    losses.seen.update(str(task.state) for task in tasks.values() if task.state in MAYBE_SENT)


def kill_again_and_again(folder: Path, service: SimulatorServer, times: int) -> Losses:
    world, losses, chance = service.world, Losses(), random.Random(SEED)
    memory = fill(folder, world)
    world.faults.add(FaultKind.SLOW, "create", times=None, seconds=0.01)
    with Headless() as program:
        for seed in range(times):
            program.start(Run(folder=str(folder), base_url=service.base_url, adds=2, seed=seed))
            told = [program.read_line() for _ in range(chance.randint(0, 12))]
            time.sleep(chance.uniform(0, 0.06))
            memory.take(told + program.kill())
            losses.kills += 1
            files = TaskFiles(folder)
            tasks = files.load(read_only=True)
            losses.unreadable_stores += bool(files.damaged) or files.problem is not None
            check(memory, tasks, world, losses)
    world.faults.clear()
    return losses


async def finish(folder: Path, service: SimulatorServer, losses: Losses) -> None:
    """Let the program do the rest in peace: each link is sent once, or waits for the user."""
    async with running_engine(folder, service.base_url) as (engine, witness):
        unsent = (S.QUEUED, S.SUBMITTING)
        await witness.wait_until(
            lambda w: w.tasks and not any(t.state in unsent for t in w.tasks.values()),
            within_s=300,
        )
        tasks = dict(engine.tasks)
    check(Memory(), tasks, service.world, losses)
    creates = service.world.stats.creates
    losses.lost_links |= {
        task.url
        for task in tasks.values()
        if task.state not in (S.UNCONFIRMED, S.REJECTED) and creates[task.url] != 1
    }


async def crash(folder: Path, times: int) -> None:
    with SimulatorServer(generous_world(speed=50)) as service:
        losses = kill_again_and_again(folder, service, times)
        await finish(folder, service, losses)
    print(f"\n{losses}")
    losses.assert_none()


@pytest.mark.long
async def test_killed_five_times_the_program_loses_and_doubles_nothing(disk: Path) -> None:
    await crash(disk, 5)


@pytest.mark.slow
async def test_killed_two_hundred_times_the_program_loses_and_doubles_nothing(disk: Path) -> None:
    await crash(disk, 200)
