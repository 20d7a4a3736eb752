"""Fairness: whatever answers late, nothing else waits for it. Counts only, no times."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.api.rate_limit import POLLS_AT_ONCE, Endpoint, Pacer, pacers_of
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import ROOT_ID
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import Runtime, Session
from pan123_tui.store.task_store import TaskStore
from tests.api_stage import in_no_time
from tests.engine.test_network_trouble import at_once
from tests.engine_stage import (
    TIMEOUT_S,
    EventRecorder,
    Witness,
    generous_world,
    link,
    running_engine,
)
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.unreachable_service import UnreachableService

S = TaskState
HANG_S = 600.0
"""Longer than any test; what hangs is released at the end."""
INSTANT_S = 1e-4
"""How far the instant clock advances with each reading."""


@asynccontextmanager
async def busy_engine(
    folder: Path, *, speed: float = 100.0
) -> AsyncIterator[tuple[SimulatorServer, Engine, Witness]]:
    """Run an engine online, with every worker that sends requests by itself."""

    with SimulatorServer(generous_world(speed=speed)) as server:
        async with running_engine(folder, server.base_url, looks_for_files=True) as (
            engine,
            witness,
        ):
            await witness.wait_until(lambda w: w.status.account)
            try:
                yield server, engine, witness
            finally:
                server.world.faults.clear()


async def until(is_true: Callable[[], object]) -> None:
    """Wait until `is_true`, of what the service counts."""
    async with asyncio.timeout(TIMEOUT_S):
        while not is_true():  # noqa: ASYNC110 - the service's counters wake nobody
            await asyncio.sleep(0.01)


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
        await until(lambda: server.world.stats.requests["file_list"])
        # Each success has a folder looked at as well, and each folder has its name looked for.
        drive = server.world.drive()
        tasks = await engine.task_service.add(
            [replace(link("good", n), folder_id=drive.add_folder(str(n))) for n in range(12)]
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


async def test_polls_without_an_answer_stall_neither_links_nor_folders_nor_the_account(
    tmp_path: Path,
) -> None:
    async with busy_engine(tmp_path) as (server, engine, witness):
        hang(server, "process")
        first = await engine.task_service.add([link("good", number) for number in range(8)])
        for task in first:
            await witness.wait_for_state(task.id, S.RUNNING)
        await until(lambda: server.world.stats.requests["process"] >= POLLS_AT_ONCE)
        before = server.world.stats.requests["user_info"]
        (later,) = await engine.task_service.add([link("good", 99)])
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
        running = await engine.task_service.add([link("good", number) for number in range(5)])
        for task in running:
            await witness.wait_for_state(task.id, S.RUNNING)
        hang(server, "create")
        await engine.task_service.add([link("good", 99)])
        await until(lambda: server.world.stats.requests["create"] == 6)
        polled = server.world.stats.requests["process"]
        await until(lambda: server.world.stats.requests["process"] >= polled + 20)
        server.world.faults.clear()


async def test_one_poll_without_an_answer_stalls_no_other_task(tmp_path: Path) -> None:
    async with busy_engine(tmp_path, speed=0) as (server, engine, witness):
        tasks = await engine.task_service.add([link("good", number) for number in range(8)])
        running = [await witness.wait_for_state(task.id, S.RUNNING) for task in tasks]
        slow, *others = running
        hang(server, "process", match=f"taskID={slow.task_id}")
        await until(lambda: server.world.faults.fired[FaultKind.HANG])
        server.world.clock.speed = 100
        for task in others:
            await witness.wait_for_state(task.id, S.SUCCEEDED)
        assert engine.tasks[slow.id].state is S.RUNNING
        assert server.world.faults.fired[FaultKind.HANG] == 1, "one question at a time"
        server.world.faults.clear()
        await witness.wait_for_state(slow.id, S.SUCCEEDED)


class Late(UnreachableService):
    """Answers each poll after `latency_s`, at the client's pace, and counts what waits at once."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._created = 0
        self._at_once = 0
        self.most_at_once = 0
        self.polls = 0
        self.waits = 0
        """How many polls had to wait for their turn."""
        self._pacer: Pacer = pacers_of({})[Endpoint.PROCESS]

    def poll_wait_s(self) -> float:
        return self._pacer.wait_s

    async def create_task(self, draft: DownloadRequest, /) -> int:
        self._created += 1
        return self._created

    async def get_progress(self, task_id: int, /) -> Progress:
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        await self._pacer.acquire()
        self.waits += loop.time() - asked_at > INSTANT_S
        self.polls += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(self._latency_s)
        self._at_once -= 1
        return Progress(percent=40.0, status=0)

    async def user_info(self) -> Account:
        return Account(1, "小鱼", 0, 0)


@pytest.mark.parametrize(
    ("latency_s", "at_once"),
    [(0.1, 1), (0.3, 2), (0.5, 3), (5.0, POLLS_AT_ONCE), (25.0, POLLS_AT_ONCE)],
)
def test_as_many_polls_are_on_the_wire_as_the_answers_take_up_to_a_bound_and_none_waits_there(
    latency_s: float, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Late(latency_s)
    in_no_time(_five_minutes(service, tmp_path, monkeypatch))
    assert service.most_at_once == at_once
    # Five a second are allowed; what answers late gets as many as the bound lets through.
    assert service.polls >= 0.75 * 300 * min(5.0, POLLS_AT_ONCE / latency_s)
    assert service.waits == 0, "what is picked is asked at once and waits for no second turn"


async def _five_minutes(service: Late, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "run_in_executor", at_once(loop))
    around = Runtime(clock=lambda: 1e9 + loop.time(), monotonic=loop.time, random=lambda: 0.5)
    store = TaskStore.open(folder)
    engine = Engine(store, Session(lambda: service), EventRecorder(), runtime=around)
    work = asyncio.create_task(engine.run())
    await engine.task_service.add([link("good", number) for number in range(200)])
    await asyncio.sleep(240)
    service.polls = 0
    await asyncio.sleep(300)
    engine.stop()
    await work
    store.close()
