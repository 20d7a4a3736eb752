"""An engine with the entrance for aria2's clients, and somebody who calls."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from pan123_tui.config import schema
from pan123_tui.config.settings import Settings
from pan123_tui.domain.task import Task
from pan123_tui.engine.engine import Engine
from pan123_tui.programs.engine_process import entrances_of
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import QUIET, Witness, config_of
from tests.paper_service import unreachable

SECRET = "0123456789abcdef0123456789abcdef"
LINK = "https://example.com/a/ubuntu.iso"
OPEN = replace(QUIET, aria2=schema.Aria2(enabled=True, listen="127.0.0.1:0"))


@dataclass
class Caller:
    engine: Engine
    witness: Witness
    http: httpx.AsyncClient
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def body(self, name: str, *params: Any, secret: str = SECRET) -> dict[str, Any]:
        name = name if "." in name else f"aria2.{name}"
        given = [f"token:{secret}", *params] if name.startswith("aria2.") else [*params]
        return {"jsonrpc": "2.0", "id": f"n{next(self.numbers)}", "method": name, "params": given}

    async def post(self, body: Any) -> Any:
        return (await self.http.post("/jsonrpc", json=body)).json()

    async def call(self, name: str, *params: Any) -> Any:
        """Return the result."""
        answer = await self.post(self.body(name, *params))
        assert "error" not in answer, answer
        return answer["result"]

    async def refusal(self, name: str, *params: Any) -> str:
        """Return the sentence with which a call is refused."""
        error = (await self.post(self.body(name, *params)))["error"]
        assert error["code"] == 1
        return str(error["message"])

    def task(self, gid: str) -> Task:
        return self.engine.tasks[int(gid, 16)]

    @property
    def urls(self) -> list[str]:
        return [task.url for task in self.engine.tasks.values()]


Calling = Callable[..., AbstractAsyncContextManager[Caller]]


@asynccontextmanager
async def calling(
    folder: Path,
    *tasks: Task,
    settings: Settings = OPEN,
    load_secret: Callable[[], str] = lambda: SECRET,
) -> AsyncIterator[Caller]:
    """Run an engine on `tasks` that takes calls, and never reaches the service."""
    store = TaskStore(folder)
    store.put(tasks)
    witness, entrances = Witness(), partial(entrances_of, load_secret=load_secret)
    engine = Engine(store, config_of(unreachable, settings), witness, entrances=entrances)
    work = asyncio.create_task(engine.run())
    try:
        await witness.wait_until(lambda it: it.status.listens_at)
        url = f"http://{witness.status.listens_at}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
            yield Caller(engine, witness, http)
        assert not work.done()
        assert not witness.bugs
    finally:
        engine.stop()
        await work
        store.close()


@pytest.fixture
def open_entrance(tmp_path: Path) -> Calling:
    return partial(calling, tmp_path)


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(tmp_path) as caller:
        yield caller
