"""When the account does not serve, the queue waits and says why, and no task is to blame."""

import asyncio
import json
from pathlib import Path

import pytest

from pan123_tui.domain.credentials import ClientPair, Credentials, RefreshToken
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Connection
from pan123_tui.domain.task import TaskState
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, link
from tests.hold_stage import OpenStage, Stage, on_stage
from tests.service.accounts import ACCESS_TOKEN, APP_ID, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from tests.service.faults import FaultKind

S = TaskState


@on_stage
async def test_an_expired_token_is_renewed_once_unnoticed(stage: Stage, tmp_path: Path) -> None:
    stage.serve(stage.connect(ClientPair(CLIENT_ID, CLIENT_SECRET), tmp_path / "token.json"))
    await add_links(stage.engine, [link("200s")])
    await asyncio.sleep(61)
    stage.world.tokens.expire_all()
    (second,) = await add_links(stage.engine, [link("good", 2)])
    await asyncio.sleep(600)
    assert len(stage.in_state(S.SUCCEEDED)) == len(stage.world.tasks()) == 2
    assert stage.world.stats.requests["access_token"] == 2
    assert stage.witness.states_of(second.id) == [S.QUEUED, S.SUBMITTING, S.RUNNING, S.SUCCEEDED]


@pytest.mark.parametrize("kind", [FaultKind.TOKEN_EXPIRED, FaultKind.TOKENS_EXCEEDED])
@on_stage
async def test_a_ready_token_that_is_refused_holds_the_queue_until_there_is_another(
    stage: Stage, kind: FaultKind
) -> None:
    (running,) = await add_links(stage.engine, [link("100s")])
    await asyncio.sleep(5)
    stage.world.faults.add(kind, times=None)
    before = stage.world.stats.requests.total()
    (waiting,) = await add_links(stage.engine, [link("good", 2)])
    await asyncio.sleep(600)
    assert stage.connection() is Connection.REFUSED
    assert stage.witness.hold_kind is ProblemKind.TOKEN_REFUSED
    assert stage.in_state(S.RUNNING, S.QUEUED) == [stage.engine.tasks[i] for i in (1, 2)]
    asked = stage.world.stats.requests.total() - before
    assert asked <= 20, "a refused token is sent again and again"
    stage.world.faults.clear()
    await stage.use(ACCESS_TOKEN)
    await asyncio.sleep(60)
    assert {task.id for task in stage.in_state(S.SUCCEEDED)} == {running.id, waiting.id}
    assert stage.world.stats.creates[waiting.url] == 1
    assert stage.world.stats.requests["access_token"] == 0


@pytest.mark.parametrize(
    ("account", "endpoint"),
    [
        (ClientPair(CLIENT_ID, CLIENT_SECRET), "access_token"),
        (RefreshToken(REFRESH_TOKEN, APP_ID), "oauth"),
    ],
    ids=["pair", "login"],
)
@in_virtual_time
async def test_the_end_waits_for_the_answer_of_a_renewal(
    open_stage: OpenStage, tmp_path: Path, account: Credentials, endpoint: str
) -> None:
    file = tmp_path / "tokens.json"
    async with open_stage() as stage:
        stage.serve(stage.connect(account, file))
        stage.wire.late = "access_token"
        await asyncio.sleep(5)
        assert stage.world.stats.requests[endpoint] == 1
        asyncio.get_running_loop().call_later(0.9, stage.wire.may_answer.set)
    kept = json.loads(file.read_text())
    assert ("token" in kept, "is_unanswered" in kept) == (True, False)


@on_stage
async def test_a_lost_renewal_holds_the_queue_and_says_so_until_the_user_logs_in_again(
    stage: Stage, tmp_path: Path
) -> None:
    stage.world.faults.add(FaultKind.DROP_AFTER, "oauth")
    stage.serve(stage.connect(RefreshToken(REFRESH_TOKEN, APP_ID), tmp_path / "login.json"))
    await add_links(stage.engine, [link("good", number) for number in range(3)])
    await asyncio.sleep(10)
    why = (stage.witness.hold_kind, stage.connection())
    assert why == (ProblemKind.LOGIN_DOUBTFUL, Connection.TROUBLE)
    await stage.engine.poll_now()
    await asyncio.sleep(10)
    assert stage.world.stats.requests["oauth"] == 1
    await asyncio.sleep(120)
    why = (stage.witness.hold_kind, stage.connection())
    assert why == (ProblemKind.LOGIN_REFUSED, Connection.REFUSED)
    assert len(stage.in_state(S.QUEUED)) == 3
    again = RefreshToken("sim-refresh-again", APP_ID)
    stage.world.logins.add(again.token)
    await stage.use_service(stage.connect(again, tmp_path / "again.json"))
    await asyncio.sleep(60)
    assert len(stage.in_state(S.SUCCEEDED)) == stage.world.stats.creates.total() == 3
