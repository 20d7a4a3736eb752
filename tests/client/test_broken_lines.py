"""Two screens change the same tasks while their connections and the engine break."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pan123_tui.client import engine_client as client
from pan123_tui.domain.commands import AddTasks, EditTask, RemoveTasks, RestoreTasks, RetryTasks
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.engine.engine import Engine
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
        self.name = name
        self.added: list[str] = []
        self._screen = screen
        self._rng = rng
        self._removed: list[tuple[Task, ...]] = []

    async def act(self) -> None:
        """Do one thing."""
        choices: list[Callable[[], Awaitable[object]]] = [
            self._add,
            self._add,
            self._edit,
            self._remove,
            self._undo,
            lambda: self._screen.client.call(RetryTasks()),
        ]
        await self._rng.choice(choices)()
        await self._screen.sees(lambda _model: True)

    async def _add(self) -> None:
        url = f"https://{self.name}.example/{len(self.added)}"
        self.added.append(url)
        (task,) = await self._screen.client.call(AddTasks((DownloadRequest(url),)))
        assert task.url == url

    async def _edit(self) -> None:
        if ids := list(self._screen.model.tasks):
            task_id = self._rng.choice(ids)
            request = DownloadRequest(self._screen.model.tasks[task_id].url, name="edited.bin")
            await self._screen.client.call(EditTask(task_id, request))

    async def _remove(self) -> None:
        if ids := list(self._screen.model.tasks):
            chosen = tuple(self._rng.sample(ids, min(2, len(ids))))
            if removed := await self._screen.client.call(RemoveTasks(chosen)):
                self._removed.append(removed)

    async def _undo(self) -> None:
        if self._removed:
            await self._screen.client.call(RestoreTasks(self._removed.pop()))

    async def undo_all(self) -> None:
        """Bring back everything that this user has removed."""
        while self._removed:
            await self._undo()


async def _break_connections(server: ScreenServer, rng: random.Random, done: asyncio.Event) -> None:
    while not done.is_set():
        await asyncio.sleep(0.02)
        for connection in tuple(server._connections):
            if rng.random() < 0.5:
                connection.close()


def _check(engine: Engine, *users: User) -> None:
    """Compare the links of the engine with what the users have added: none lost, none twice."""
    links = sorted(task.url for task in engine.tasks.values())
    assert links == sorted(url for user in users for url in user.added)


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
            _check(engine, *users)
