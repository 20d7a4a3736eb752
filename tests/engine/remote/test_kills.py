"""The holder is killed again and again while two screens add links."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from pan123_tui.client import engine_client as client
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.errors import EngineLost
from pan123_tui.domain.task import DownloadRequest, Shown, TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.system.folder_lock import read_holder
from tests.engine.remote.stage import Screen, serving_engine
from tests.engine_stage import until
from tests.headless import Headless, Run
from tests.service.server import SimulatorServer
from tests.service.world import World

SEED = 123
LINK = "https://example.com/good/1.bin"


@dataclass
class User:
    """Adds one link after the other on one screen."""

    name: str
    screen: Screen
    added: list[str] = field(default_factory=list)

    async def keep_adding(self, done: asyncio.Event) -> None:
        while not done.is_set():
            url = f"https://example.com/good/{self.name}-{len(self.added)}.bin"
            self.added.append(url)
            await self.add(AddTasks((DownloadRequest(url),), newest_known=0))
            await asyncio.sleep(0.01)

    async def add(self, command: AddTasks) -> None:
        """Add links until that is answered; those that came in are duplicates by then."""
        while True:
            with suppress(EngineLost):
                await self.screen.client.call(command)
                return


async def kill_holders(run: Run, times: int, users: Sequence[User]) -> None:
    """Run one holder after the other, and kill each at any moment."""

    def added() -> int:
        return sum(len(user.added) for user in users)

    def is_added(count: int) -> bool:
        return added() >= count

    chance, folder = random.Random(SEED), Path(run.folder)
    with Headless() as program:
        for _ in range(times):
            await asyncio.to_thread(program.start, run)
            if chance.random() < 0.8:  # else it is killed while it starts
                await until(lambda: read_holder(folder).pid == program.pid)
                await until(lambda: read_holder(folder).socket is not None)
            if chance.random() < 0.5:  # else perhaps before it takes a link
                await until(partial(is_added, added() + 1))
            await asyncio.sleep(chance.uniform(0.0, 0.1))
            await asyncio.to_thread(program.kill)


@pytest.mark.parametrize(
    "times", [pytest.param(20, marks=pytest.mark.long), pytest.param(200, marks=pytest.mark.slow)]
)
async def test_however_often_the_holder_is_killed_no_link_is_lost_or_twice(
    disk: Path, times: int
) -> None:
    done = asyncio.Event()
    async with AsyncExitStack() as stack:
        service = stack.enter_context(SimulatorServer(World(speed=50)))
        run = Run(folder=str(disk), base_url=service.base_url)
        async with serving_engine(disk):  # so that both screens begin with an engine
            names = ("one", "other")
            users = [User(n, await stack.enter_async_context(Screen(disk))) for n in names]
            for user in users:
                await user.screen.sees(lambda model: model.is_loaded)
        adding = [asyncio.create_task(user.keep_adding(done)) for user in users]
        await kill_holders(run, times, users)
        done.set()
        async with serving_engine(disk, base_url=service.base_url) as (engine, _server):
            await asyncio.gather(*adding)
            for user in users:
                await user.screen.sees(lambda model: has_sent_all(model, engine), within_s=300)
                await user.screen.equals(engine)
            links = Counter(task.url for task in engine.tasks.values())
        creates = service.world.stats.creates
        told = {task.task_id for task in engine.tasks.values()}
        unsure = sum(it.state is TaskState.UNCONFIRMED for it in engine.tasks.values())
        unknown = [it.id for it in service.world.tasks() if it.id not in told]
    added = {url for user in users for url in user.added}
    lost, twice = added - links.keys(), [url for url, count in links.items() if count > 1]
    sent_twice = [url for url, count in creates.items() if count > 1]
    print(
        f"\n{times} kills of the holder (seed {SEED}), {len(added)} links of two screens: "
        f"{len(lost)} lost, {len(twice)} twice, {len(sent_twice)} sent twice"
    )
    assert (lost, twice, sent_twice) == (set(), [], [])
    assert len(unknown) <= unsure, "taskIDs were lost"
    assert len(added) > times // 4


def has_sent_all(model: TaskModel, engine: Engine) -> bool:
    """Return whether the screen shows all tasks, and none of them waits to be sent."""
    is_unsent = model.counts[Shown.QUEUED] or model.counts[Shown.SENDING]
    return len(model.tasks) == len(engine.tasks) and not is_unsent


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SHORTEST_PAUSE_S", 0.005)
    monkeypatch.setattr(client, "LONGEST_PAUSE_S", 0.02)
