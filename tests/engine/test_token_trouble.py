"""When the account does not serve, the queue waits and says why, and no task is to blame."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pan123_tui.api.client import Pan123Client
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials, RefreshToken
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Connection
from pan123_tui.domain.task import TaskState
from tests.api_stage import client_at
from tests.engine_stage import add_links, client_factory, link, running_engine
from tests.service.accounts import ACCESS_TOKEN, APP_ID, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer

SERVICE_SPEED = 1000.0
S = TaskState
PAIR = ClientPair(CLIENT_ID, CLIENT_SECRET)
LOGIN = RefreshToken(REFRESH_TOKEN, APP_ID)


class Clock:
    """The client's clock, which a test pushes over the minute between two renewals."""

    ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def connect_to(
    service: SimulatorServer, folder: Path, clock: Clock, credentials: Credentials = PAIR
) -> Callable[[], Pan123Client]:
    cache = folder / "token.json"
    return lambda: client_at(service.base_url, credentials, token_cache=cache, clock=clock)


async def test_a_token_that_expires_midway_is_renewed_once_and_nobody_notices(
    service: SimulatorServer, tmp_path: Path, clock: Clock
) -> None:
    connect = connect_to(service, tmp_path, clock)
    async with running_engine(tmp_path, service.base_url, connect=connect) as (engine, witness):
        (task,) = await add_links(engine, [link("stall")])
        running = await witness.wait_for_state(task.id, S.RUNNING)
        clock.ahead_s = 61
        service.world.tokens.expire_all()
        (second,) = await add_links(engine, [link("good", 2)])
        await witness.wait_for_state(second.id, S.SUCCEEDED)
        service.world.finish(running.task_id or 0)
        await witness.wait_for_state(task.id, S.SUCCEEDED)
    assert service.world.stats.requests["access_token"] == 2
    assert witness.states_of(second.id) == [S.QUEUED, S.SUBMITTING, S.RUNNING, S.SUCCEEDED]
    assert len(service.world.tasks()) == 2


@pytest.mark.parametrize("kind", [FaultKind.TOKEN_EXPIRED, FaultKind.TOKENS_EXCEEDED])
async def test_a_ready_token_that_is_refused_holds_the_queue_until_there_is_another(
    service: SimulatorServer, tmp_path: Path, kind: FaultKind
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (running,) = await add_links(engine, [link("stall")])
        task = await witness.wait_for_state(running.id, S.RUNNING)
        service.world.faults.add(kind, times=None)
        (waiting,) = await add_links(engine, [link("good", 2)])
        await witness.wait_until(lambda w: w.status.hold is not None)
        assert witness.status.connection is Connection.REFUSED
        assert witness.hold_kind is ProblemKind.TOKEN_REFUSED
        assert engine.tasks[running.id].state is S.RUNNING
        asked = service.world.stats.requests.total()
        service.world.faults.clear()
        service.world.finish(task.task_id or 0)
        await engine.reconnect(client_factory(service.base_url, AccessToken(ACCESS_TOKEN)))
        await witness.wait_for_state(waiting.id, S.SUCCEEDED)
        await witness.wait_for_state(running.id, S.SUCCEEDED)
    assert asked < 20, "a refused token is sent again and again"
    assert service.world.stats.creates[waiting.url] == 1
    assert service.world.stats.requests["access_token"] == 0


async def test_a_lost_renewal_holds_the_queue_and_says_so_until_the_user_logs_in_again(
    service: SimulatorServer, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.domain.rates.FIRST_PAUSE_S", 0.05)
    service.world.faults.add(FaultKind.DROP_AFTER, "oauth")
    connect = connect_to(service, tmp_path, clock, LOGIN)
    async with running_engine(tmp_path, service.base_url, connect=connect) as (engine, witness):
        tasks = await add_links(engine, [link("good", number) for number in range(3)])
        await witness.wait_until(lambda w: w.status.hold is not None)
        assert witness.hold_kind is ProblemKind.LOGIN_DOUBTFUL
        assert witness.status.connection is Connection.TROUBLE
        await engine.poll_now()
        assert service.world.stats.requests["oauth"] == 1
        clock.ahead_s = 61
        await engine.poll_now()
        await witness.wait_until(
            lambda w: (
                w.status.hold
                and w.status.hold.kind is ProblemKind.LOGIN_REFUSED
                and w.status.connection is Connection.REFUSED
            )
        )
        assert {engine.tasks[task.id].state for task in tasks} == {S.QUEUED}
        service.world.logins.add("sim-refresh-again")
        again = RefreshToken("sim-refresh-again", APP_ID)
        await engine.reconnect(connect_to(service, tmp_path / "again", clock, again))
        for task in tasks:
            await witness.wait_for_state(task.id, S.SUCCEEDED)
    assert service.world.stats.creates.total() == len(tasks)
