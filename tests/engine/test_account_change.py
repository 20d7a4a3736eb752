"""Another account or rate while the engine runs: real client, real simulator, over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.config.credentials import save_credentials
from pan123_tui.domain.commands import PauseSending, ReloadSettings
from pan123_tui.domain.credentials import AccessToken, ClientPair, RefreshToken
from pan123_tui.domain.errors import Pan123Error, RequestNotSent, TokenRefused
from pan123_tui.domain.events import Connection
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import ServiceConfig, Session
from pan123_tui.programs.engine_process import saved_service
from tests.engine_stage import (
    FAST_POLLING,
    Witness,
    add_links,
    execute,
    link,
    running_engine,
    until,
)
from tests.hold_stage import Stage, on_stage
from tests.paper_service import PaperService
from tests.service.accounts import (
    ACCESS_TOKEN,
    APP_ID,
    OTHER_ACCESS_TOKEN,
    OTHER_CLIENT_ID,
    OTHER_CLIENT_SECRET,
    REFRESH_TOKEN,
)
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import World

S = TaskState
OTHER = ClientPair(OTHER_CLIENT_ID, OTHER_CLIENT_SECRET)


def context_of(folder: Path, environ: Mapping[str, str] = {}) -> AppContext:
    folders = {"PAN123_CONFIG_DIR": str(folder / "c"), "PAN123_DATA_DIR": str(folder / "d")}
    return load_context({**folders, **environ})


def config_file(folder: Path) -> Path:
    (folder / "c").mkdir()
    return folder / "c/config.toml"


@pytest.mark.parametrize("is_start", [False, True])
async def test_of_two_accounts_the_one_that_was_chosen_last_is_used(*, is_start: bool) -> None:
    one, two = PaperService(), PaperService()
    may_connect = Event()

    def connect_late() -> PaperService:
        may_connect.wait(30)
        return one

    session = Session(connect_late)
    first = asyncio.create_task(session.open() if is_start else session.replace(connect_late))
    second = asyncio.create_task(session.replace(lambda: two))
    await asyncio.wait({second}, timeout=0.1)  # which it outlasts, as it waits for the first
    may_connect.set()
    assert (await first, await second) == (None, one)
    assert session.service is two


@asynccontextmanager
async def engine_of(context: AppContext) -> AsyncIterator[tuple[Engine, Witness]]:
    """Run an engine with what is saved, as its process does."""
    saved = partial(saved_service, context)
    settings, connect = saved().settings, saved().connect
    folder = context.paths.data_dir
    running = running_engine(folder, "", settings=settings, connect=connect, load_saved=saved)
    async with running as both:
        yield both


async def test_a_new_account_and_rate_go_to_the_address_saved_with_them(
    service: SimulatorServer, tmp_path: Path
) -> None:
    with SimulatorServer(World(speed=100.0)) as former:
        file = config_file(tmp_path)
        file.write_text(f'[service]\nbase_url = "{former.base_url}"\n')
        save_credentials(tmp_path / "c", AccessToken(ACCESS_TOKEN))
        async with engine_of(context_of(tmp_path)) as (engine, witness):
            await witness.wait_until(lambda w: w.status.account)
            asked = former.world.stats.requests.total()
            file.write_text(f'[service]\nbase_url = "{service.base_url}"\ncreate_per_s = 0.25\n')
            save_credentials(tmp_path / "c", AccessToken(OTHER_ACCESS_TOKEN))
            assert OTHER_ACCESS_TOKEN in redact(OTHER_ACCESS_TOKEN)
            await execute(engine, ReloadSettings())
            assert engine.status.create_interval_s == 4
            assert OTHER_ACCESS_TOKEN not in redact(OTHER_ACCESS_TOKEN), "the log would have it"
            await witness.wait_until(
                lambda w: w.status.account and w.status.account.nickname == "阿木"
            )
            assert former.world.stats.requests.total() == asked, "it would have the new account"
            assert service.world.stats.requests.total() > 0


async def test_a_changed_rate_leaves_client_pace_and_account_as_they_are(
    service: SimulatorServer, tmp_path: Path
) -> None:
    file = config_file(tmp_path)
    rates = "create_per_s = {}\nprocess_per_s = {}\n"
    address = f'[service]\nbase_url = "{service.base_url}"\n'
    file.write_text(address + rates.format(0.15, 0.15))
    save_credentials(tmp_path / "c", AccessToken(ACCESS_TOKEN))
    async with engine_of(context_of(tmp_path)) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        one, two, three = await add_links(engine, [link("good", n) for n in range(3)])
        await witness.wait_for_state(one.id, TaskState.RUNNING)
        client, account = engine.session.service, engine.status.account
        asked = service.world.stats.requests["user_info"]
        file.write_text(address + rates.format(50, 50))
        await execute(engine, ReloadSettings(connects_again=False))
        assert engine.status.settings_revision == 1
        assert (engine.status.create_interval_s, engine.status.polls_per_s) == (0.02, 50)
        for task in (two, three):
            await witness.wait_for_state(task.id, TaskState.SUCCEEDED)
        assert engine.session.service is client
        assert engine.status.account == account
        assert service.world.stats.requests["user_info"] == asked


async def test_a_renewal_on_its_way_brings_no_token_back_after_a_logout(
    service: SimulatorServer, tmp_path: Path
) -> None:
    context = context_of(tmp_path, {"PAN123_BASE_URL": service.base_url})
    save_credentials(tmp_path / "c", RefreshToken(REFRESH_TOKEN, APP_ID))
    service.world.faults.add(FaultKind.SLOW, "oauth", seconds=0.3)
    async with engine_of(context) as (engine, witness):
        await until(lambda: service.world.stats.requests["oauth"] > 0)
        save_credentials(tmp_path / "c", None)
        context.paths.forget_tokens()
        await execute(engine, ReloadSettings())
        await witness.wait_until(lambda w: w.status.connection is Connection.NO_ACCOUNT)
        assert engine._retiring is not None
        await engine._retiring
        assert context.paths.login_files() == []


def connections_in(log: pytest.LogCaptureFixture) -> list[str]:
    return [it.partition(": ")[2] for it in log.messages if it.startswith("connection:")]


NOT_SENT, REFUSED = RequestNotSent("it was closed"), TokenRefused("expired", code=401)


@pytest.mark.parametrize("trouble", [NOT_SENT, REFUSED])
@on_stage
async def test_what_the_former_account_did_not_send_the_new_one_sends_without_a_hold(
    stage: Stage, caplog: pytest.LogCaptureFixture, trouble: Pan123Error
) -> None:
    caplog.set_level("INFO")
    former, other = stage.serve(PaperService(trouble)), PaperService()
    former.create_s = 5.0
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(2)
    await stage.reconnect(lambda: other)
    await asyncio.sleep(10)
    (running,) = stage.in_state(S.RUNNING)
    assert (running.problem, len(other.created_at)) == (None, 1)
    assert connections_in(caplog) == ["online", "unknown", "online"]
    assert "hold:" not in caplog.text


@pytest.mark.parametrize("trouble", [NOT_SENT, REFUSED])
@on_stage
async def test_a_turn_that_the_former_account_does_not_get_says_nothing_of_the_new_one(
    stage: Stage, trouble: Pan123Error
) -> None:
    former, other = stage.serve(PaperService(slots=(trouble,))), PaperService()
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def answer_late() -> None:
        is_asked.set()
        await may_answer.wait()

    former.on_slot = answer_late
    (task,) = await add_links(stage.engine, [link("good")])
    await is_asked.wait()
    await stage.reconnect(lambda: other)
    await asyncio.sleep(0.1)
    may_answer.set()
    await asyncio.sleep(0.1)
    assert stage.connection() is Connection.ONLINE
    assert stage.engine.tasks[task.id].problem is None
    assert len(other.created_at) == 1


@on_stage
async def test_another_account_waits_for_its_turn_before_a_link_is_sent(stage: Stage) -> None:
    former, other, turn = stage.serve(PaperService()), PaperService(), asyncio.Event()

    async def wait_for_turn() -> None:
        await turn.wait()

    former.on_slot = other.on_slot = wait_for_turn
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(1)
    await stage.reconnect(lambda: other)
    turn.set()
    turn.clear()  # for the former one alone
    await asyncio.sleep(1)
    assert len(other.asked_at) == 1, "it would wait for a token and the rate as it is sent"
    await execute(stage.engine, PauseSending(is_paused=True))
    turn.set()
    await asyncio.sleep(1)
    assert stage.engine.tasks[task.id].state is S.QUEUED


@on_stage
async def test_a_task_gets_the_account_that_sent_it_even_if_the_former_one_is_known_first(
    stage: Stage,
) -> None:
    former, other = stage.serve(PaperService()), PaperService()
    former.account_after_s, other.uid = 10.0, 8
    await asyncio.sleep(1)
    await stage.reconnect(lambda: other)
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(5)
    assert stage.engine.tasks[task.id].account_uid is None
    await asyncio.sleep(10)
    assert stage.engine.tasks[task.id].account_uid == 8


async def test_of_two_saved_accounts_the_one_that_was_saved_last_is_used(tmp_path: Path) -> None:
    one, two = PaperService(), PaperService()
    is_loading, may_load = Event(), Event()
    saved = [one, two]

    def load() -> ServiceConfig:
        service = saved.pop(0)
        if service is one:
            is_loading.set()
            may_load.wait(30)
        return ServiceConfig(lambda: service, FAST_POLLING)

    async with running_engine(tmp_path, "", connect=PaperService, load_saved=load) as (
        engine,
        _witness,
    ):
        first = asyncio.create_task(execute(engine, ReloadSettings()))
        await until(is_loading.is_set)
        second = asyncio.create_task(execute(engine, ReloadSettings()))
        await asyncio.wait({second}, timeout=0.1)  # which it outlasts, as it waits for the first
        may_load.set()
        await asyncio.gather(first, second)
        assert engine.session.service is two
