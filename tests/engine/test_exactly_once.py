"""A program killed at any point of a submission never sends the link a second time by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import Task, TaskState, new_task
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import (
    add_links,
    link,
    load_stored,
    problem_of,
    retry_tasks,
    running_engine,
    until,
)
from tests.headless import (
    ANSWERED,
    BACKED_UP,
    BEFORE_POST,
    INTENT,
    OUTCOME,
    REPLACED,
    UNCONFIRMED,
    Headless,
    Run,
)
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


async def kill(
    at: str | FaultKind, program: Headless, service: SimulatorServer, folder: Path
) -> None:
    """Run the program until it is killed: at a point of its own, or while a create hangs."""
    if isinstance(at, FaultKind):
        service.world.faults.add(at, "create")
        program.start(Run(folder=str(folder), base_url=service.base_url))
        await until(lambda: service.world.faults.fired[at] > 0)
        if at.is_after:
            await until(lambda: created(service) > 0)
        program.kill()
    else:
        program.start(Run(folder=str(folder), base_url=service.base_url, die_at=at))
        program.read_rest()


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


@pytest.mark.parametrize(
    ("step", "state"), [(f"{INTENT}:{BACKED_UP}", S.QUEUED), (f"{OUTCOME}:{REPLACED}", S.RUNNING)]
)
async def test_killed_before_the_intent_or_after_the_answer_is_on_disk_it_goes_on_and_is_sent_once(
    program: Headless, service: SimulatorServer, folder: Path, step: str, state: TaskState
) -> None:
    await kill(step, program, service, folder)
    killed = load_stored(folder)[1]
    assert killed.state is state
    assert [task.id for task in service.world.tasks()] == [killed.task_id] * (state is S.RUNNING)
    assert (await lives_on(service, folder)).state is S.SUCCEEDED
    assert created(service) == 1


@pytest.mark.parametrize(
    ("kills", "created_once"),
    [
        ((f"{INTENT}:{REPLACED}",), False),
        ((BEFORE_POST,), False),
        ((FaultKind.HANG,), False),
        ((FaultKind.HANG_AFTER,), True),
        ((ANSWERED,), True),
        ((f"{OUTCOME}:{BACKED_UP}",), True),
        ((ANSWERED, f"{UNCONFIRMED}:{BACKED_UP}"), True),  # as it recovers from the first
    ],
    ids=str,
)
async def test_killed_in_between_it_is_unconfirmed_until_the_user_has_it_sent_again(
    program: Headless,
    service: SimulatorServer,
    folder: Path,
    kills: tuple[str | FaultKind, ...],
    created_once: bool,
) -> None:
    for at in kills:
        await kill(at, program, service, folder)
    assert load_stored(folder)[1].state in (S.SUBMITTING, S.UNCONFIRMED)
    assert created(service) == created_once
    task = await lives_on(service, folder)
    assert task.state is S.UNCONFIRMED
    assert problem_of(task) is ProblemKind.INTERRUPTED
    assert service.world.stats.attempts[DRAFT.url] == created_once
    async with running_engine(folder, service.base_url) as (engine, witness):
        assert await retry_tasks(engine, [1]) == ()
        await retry_tasks(engine, [1], unconfirmed_too=True)
        await witness.wait_for_state(1, S.SUCCEEDED)
    assert created(service) == created_once + 1
