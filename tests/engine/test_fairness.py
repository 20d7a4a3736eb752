"""Fairness: whatever answers late, nothing else waits for it. Counts only, no times."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.folders import ROOT_ID
from pan123_tui.domain.rates import POLLS_AT_ONCE
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from tests.engine_stage import Witness, add_links, link, running_engine, until
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import World

S = TaskState
HANG_S = 600.0
"""Longer than any test; what hangs is released at the end."""


@asynccontextmanager
async def busy_engine(
    folder: Path, *, speed: float = 100.0
) -> AsyncIterator[tuple[SimulatorServer, Engine, Witness]]:
    """Run an engine online, with every worker that sends requests by itself."""

    with SimulatorServer(World(speed=speed)) as server:
        async with running_engine(folder, server.base_url, looks_for_files=True) as (
            engine,
            witness,
        ):
            await witness.wait_until(lambda w: w.status.account)
            try:
                yield server, engine, witness
            finally:
                server.world.faults.clear()


def hang(server: SimulatorServer, endpoint: str, *, match: str = "") -> None:
    """Have no call of `endpoint` answered from now on."""
    server.world.faults.add(FaultKind.HANG, endpoint, times=None, seconds=HANG_S, match=match)


@pytest.mark.parametrize(
    "others", [("file_list",), ("file_list", "file_detail", "user_info", "mkdir")]
)
async def test_listings_and_checks_without_an_answer_stall_neither_progress_nor_links(
    tmp_path: Path, others: Collection[str]
) -> None:
    async with busy_engine(tmp_path) as (server, engine, witness):
        for endpoint in others:
            hang(server, endpoint)
        pages = [engine.folders.page(number) for number in range(5)]
        reading = asyncio.gather(
            *pages, engine.folders.make("new", ROOT_ID), return_exceptions=True
        )
        await engine.poll_now()  # which asks for the account too
        await until(lambda: server.world.stats.requests["file_list"] > 0)
        # Each success has a folder looked at as well, and each folder has its name looked for.
        drive = server.world.drive()
        tasks = await add_links(
            engine,
            [replace(link("good", n), folder_id=drive.add_folder(str(n))) for n in range(12)],
        )
        for task in tasks:
            await witness.wait_for_state(task.id, S.SUCCEEDED)
        requests = server.world.stats.requests
        assert requests["create"] == 12
        assert requests["process"] >= 12
        assert requests["file_list"] == 1, "one listing hangs, and the others wait for it alone"
        assert not reading.done()
        server.world.faults.clear()
        await reading


async def test_polls_without_an_answer_stall_nothing_else(tmp_path: Path) -> None:
    async with busy_engine(tmp_path) as (server, engine, witness):
        hang(server, "process")
        first = await add_links(engine, [link("good", number) for number in range(8)])
        for task in first:
            await witness.wait_for_state(task.id, S.RUNNING)
        await until(lambda: server.world.stats.requests["process"] >= POLLS_AT_ONCE)
        before = server.world.stats.requests["user_info"]
        (later,) = await add_links(engine, [link("good", 99)])
        await witness.wait_for_state(later.id, S.RUNNING)
        await engine.folders.page(ROOT_ID)
        await engine.poll_now()
        await until(lambda: server.world.stats.requests["user_info"] > before)
        assert server.world.stats.requests["process"] == POLLS_AT_ONCE
        server.world.faults.clear()
        for task in (*first, later):
            await witness.wait_for_state(task.id, S.SUCCEEDED)


async def test_a_create_without_an_answer_stalls_no_poll(tmp_path: Path) -> None:
    async with busy_engine(tmp_path, speed=0) as (server, engine, witness):
        running = await add_links(engine, [link("good", number) for number in range(5)])
        for task in running:
            await witness.wait_for_state(task.id, S.RUNNING)
        hang(server, "create")
        await add_links(engine, [link("good", 99)])
        await until(lambda: server.world.stats.requests["create"] == 6)
        polled = server.world.stats.requests["process"]
        await until(lambda: server.world.stats.requests["process"] >= polled + 20)
        server.world.faults.clear()


async def test_one_poll_without_an_answer_stalls_no_other_task(tmp_path: Path) -> None:
    async with busy_engine(tmp_path, speed=0) as (server, engine, witness):
        tasks = await add_links(engine, [link("good", number) for number in range(8)])
        running = [await witness.wait_for_state(task.id, S.RUNNING) for task in tasks]
        slow, *others = running
        hang(server, "process", match=f"taskID={slow.task_id}")
        await until(lambda: server.world.faults.fired[FaultKind.HANG] > 0)
        server.world.clock.change(speed=100)
        for task in others:
            await witness.wait_for_state(task.id, S.SUCCEEDED)
        assert engine.tasks[slow.id].state is S.RUNNING
        assert server.world.faults.fired[FaultKind.HANG] == 1, "one question at a time"
        server.world.faults.clear()
        await witness.wait_for_state(slow.id, S.SUCCEEDED)
