"""Two screens change the same tasks while their connections and the engine break."""

import asyncio
import random
from pathlib import Path

import pytest

from pan123_tui.client import engine_client as client
from pan123_tui.domain.commands import AddTasks, EditTask, RemoveTasks, RestoreTasks, RetryTasks
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.engine.remote.server import ScreenServer
from tests.engine.remote.stage import Screen, serving_engine

STEPS = 25


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SHORTEST_PAUSE_S", 0.005)
    monkeypatch.setattr(client, "LONGEST_PAUSE_S", 0.02)


class User:
    """Uses one screen at random, and counts the links that it was told are queued."""

    def __init__(self, name: str, screen: Screen, rng: random.Random) -> None:
        self.added: list[str] = []
        self._name, self._screen, self._rng = name, screen, rng
        self._removed: list[tuple[Task, ...]] = []

    async def act(self) -> None:
        """Do one thing."""
        call, tasks = self._screen.client.call, self._screen.model.tasks
        match self._rng.choice(("add", "add", "edit", "remove", "undo", "retry")):
            case "add":
                self.added.append(f"https://{self._name}.example/{len(self.added)}")
                (task,) = await call(AddTasks((DownloadRequest(self.added[-1]),)))
                assert task.url == self.added[-1]
            case "edit" if tasks:
                chosen = tasks[self._rng.choice(list(tasks))]
                await call(EditTask(chosen.id, DownloadRequest(chosen.url, name="edited.bin")))
            case "remove" if tasks:
                ids = self._rng.sample(list(tasks), min(2, len(tasks)))
                self._removed.append(await call(RemoveTasks(tuple(ids))))
            case "undo" if self._removed:
                await call(RestoreTasks(self._removed.pop()))
            case "retry":
                await call(RetryTasks())
        await self._screen.sees(lambda _model: True)

    async def undo_all(self) -> None:
        """Bring back everything that this user has removed."""
        while self._removed:
            await self._screen.client.call(RestoreTasks(self._removed.pop()))


async def _break_connections(server: ScreenServer, rng: random.Random, done: asyncio.Event) -> None:
    while not done.is_set():
        await asyncio.sleep(0.02)
        for connection in tuple(server._connections):
            if rng.random() < 0.5:
                connection.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_breaks_no_link_is_lost_or_twice_and_both_screens_equal_the_engine(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    done = asyncio.Event()
    async with serving_engine(tmp_path) as (engine, server):
        breaking = asyncio.create_task(_break_connections(server, rng, done))
        async with Screen(tmp_path) as one, Screen(tmp_path) as other:
            users = [
                User(name, screen, random.Random(f"{seed}{name}"))
                for name, screen in (("one", one), ("other", other))
            ]

            async def use(user: User) -> None:
                for _ in range(STEPS):
                    await user.act()
                await user.undo_all()

            await asyncio.gather(*map(use, users))
            done.set()
            await breaking
            await one.equals(engine)
            await other.equals(engine)
            added = sorted(url for user in users for url in user.added)
            assert sorted(task.url for task in engine.tasks.values()) == added
