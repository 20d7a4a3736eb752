"""Two real processes share one token, which either renews for both."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.accounts import CLIENT_ID, CLIENT_SECRET
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer

SERVICE_SPEED = 1.0
PROGRAM = f"""
import asyncio, sys, time
from pathlib import Path
from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.domain.credentials import ClientPair

ahead_s = 0.0

async def main(base_url, cache):
    global ahead_s
    connection = ServiceConnection(base_url, clock=lambda: time.time() + ahead_s)
    pair = ClientPair({CLIENT_ID!r}, {CLIENT_SECRET!r})
    client = Pan123Client(connection, pair, token_cache=Path(cache))
    async with client:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            ahead_s = float(line)
            print((await client.user_info()).uid, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""
"""Fetches the account once for each input line, which holds the seconds its clock is ahead."""


class Process:
    """A client in a separate process."""

    def __init__(self, base_url: str, cache: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, base_url, str(cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.answer() == "ready"

    def ask(self, ahead_s: float = 0) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{ahead_s}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def pair(service: SimulatorServer, tmp_path: Path) -> Iterator[tuple[Process, Process]]:
    cache = tmp_path / "token.json"
    processes = Process(service.base_url, cache), Process(service.base_url, cache)
    yield processes
    for process in processes:
        process.end()


def test_two_processes_at_once_ask_for_one_token_and_renew_it_once(
    service: SimulatorServer, pair: tuple[Process, Process]
) -> None:
    world = service.world
    world.faults.add(FaultKind.SLOW, "access_token", times=None, seconds=0.5)
    for process in pair:
        process.ask()
    assert {process.answer() for process in pair} == {"1815309870"}
    assert world.stats.requests["access_token"] == 1

    world.tokens.expire_all()
    for process in pair:
        process.ask(ahead_s=120)
    assert {process.answer() for process in pair} == {"1815309870"}
    assert world.stats.requests["access_token"] == 2


def test_a_process_that_dies_while_it_renews_does_not_lock_out_the_other(
    service: SimulatorServer, pair: tuple[Process, Process]
) -> None:
    world = service.world
    world.faults.add(FaultKind.HANG, "access_token")
    dying, other = pair
    dying.ask()
    while not world.faults.fired[FaultKind.HANG]:
        time.sleep(0.01)
    dying.end()
    other.ask(ahead_s=120)
    assert other.answer() == "1815309870"
