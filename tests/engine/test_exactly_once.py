"""A program killed at any point of a submission never sends the link a second time by itself."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import RETRYABLE_STATES, Task, TaskState, new_task
from pan123_tui.store.task_store import TaskStore
from tests import headless
from tests.engine_stage import (
    add_links,
    link,
    load_stored,
    problem_of,
    retry_tasks,
    running_engine,
)
from tests.headless import Headless, Run
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer

SERVICE_SPEED = 1000.0
S = TaskState
DRAFT = link("good")


@pytest.fixture(scope="module")
def program() -> Iterator[Headless]:
    with Headless() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one queued link."""
    store = TaskStore(tmp_path)
    store.put([new_task(DRAFT, task_id=1, at=1.0)])
    store.close()
    return tmp_path


def kill_at(point: str, program: Headless, service: SimulatorServer, folder: Path) -> None:
    program.start(Run(folder=str(folder), base_url=service.base_url, die_at=point))
    program.read_rest()


def kill_during(
    fault: FaultKind, program: Headless, service: SimulatorServer, folder: Path
) -> None:
    service.world.faults.add(fault, "create")
    program.start(Run(folder=str(folder), base_url=service.base_url))
    wait_until(lambda: service.world.faults.fired[fault] > 0)
    if fault.is_after:
        wait_until(lambda: created(service) > 0)
    program.kill()


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def created(service: SimulatorServer) -> int:
    """How many tasks the service made of the link."""
    return service.world.stats.creates[DRAFT.url]


async def lives_on(service: SimulatorServer, folder: Path) -> Task:
    """Start the program again, twice, until all it does by itself is done; give the link's task."""
    for number in (2, 3):
        async with running_engine(folder, service.base_url) as (engine, witness):
            (other,) = await add_links(engine, [link("good", number)])
            await witness.wait_for_state(other.id, S.SUCCEEDED)
            if witness.tasks[1].state is not S.UNCONFIRMED:
                await witness.wait_for_state(1, S.SUCCEEDED)
    return load_stored(folder)[1]


async def test_killed_before_the_intent_is_on_disk_the_link_is_queued_and_sent_once(
    program: Headless, service: SimulatorServer, folder: Path
) -> None:
    kill_at(f"{headless.INTENT}:{headless.BACKED_UP}", program, service, folder)
    assert load_stored(folder)[1].state is S.QUEUED
    assert created(service) == 0
    assert (await lives_on(service, folder)).state is S.SUCCEEDED
    assert created(service) == 1


@pytest.mark.parametrize(
    "point", [f"{headless.INTENT}:{headless.REPLACED}", headless.BEFORE_POST], ids=str
)
async def test_killed_between_the_intent_and_the_post_the_link_is_unconfirmed(
    program: Headless, service: SimulatorServer, folder: Path, point: str
) -> None:
    kill_at(point, program, service, folder)
    await stays_unconfirmed(service, folder, created_once=False)


@pytest.mark.parametrize("fault", [FaultKind.HANG, FaultKind.HANG_AFTER])
async def test_killed_while_the_post_is_on_the_wire_the_link_is_unconfirmed(
    program: Headless, service: SimulatorServer, folder: Path, fault: FaultKind
) -> None:
    kill_during(fault, program, service, folder)
    await stays_unconfirmed(service, folder, created_once=fault.is_after)


@pytest.mark.parametrize(
    "point", [headless.ANSWERED, f"{headless.OUTCOME}:{headless.BACKED_UP}"], ids=str
)
async def test_killed_after_the_answer_but_before_it_is_on_disk_the_link_is_unconfirmed(
    program: Headless, service: SimulatorServer, folder: Path, point: str
) -> None:
    kill_at(point, program, service, folder)
    await stays_unconfirmed(service, folder, created_once=True)


async def test_killed_after_the_answer_is_on_disk_the_task_is_polled_to_its_end(
    program: Headless, service: SimulatorServer, folder: Path
) -> None:
    kill_at(f"{headless.OUTCOME}:{headless.REPLACED}", program, service, folder)
    killed = load_stored(folder)[1]
    assert killed.state is S.RUNNING
    assert [task.id for task in service.world.tasks()] == [killed.task_id]
    assert (await lives_on(service, folder)).state is S.SUCCEEDED
    assert created(service) == 1


async def test_killed_while_it_recovers_from_a_kill_the_link_is_unconfirmed_all_the_same(
    program: Headless, service: SimulatorServer, folder: Path
) -> None:
    kill_at(headless.ANSWERED, program, service, folder)
    kill_at(f"{headless.UNCONFIRMED}:{headless.BACKED_UP}", program, service, folder)
    await stays_unconfirmed(service, folder, created_once=True)


async def stays_unconfirmed(service: SimulatorServer, folder: Path, *, created_once: bool) -> None:
    """Restarts do not send the link; the user's word does, once."""
    assert load_stored(folder)[1].state in (S.SUBMITTING, S.UNCONFIRMED)
    assert created(service) == created_once
    task = await lives_on(service, folder)
    assert task.state is S.UNCONFIRMED
    assert task.state in RETRYABLE_STATES
    assert problem_of(task) is ProblemKind.INTERRUPTED
    assert service.world.stats.attempts[DRAFT.url] == created_once
    async with running_engine(folder, service.base_url) as (engine, witness):
        assert await retry_tasks(engine, [1]) == ()
        await retry_tasks(engine, [1], unconfirmed_too=True)
        await witness.wait_for_state(1, S.SUCCEEDED)
    assert created(service) == created_once + 1
