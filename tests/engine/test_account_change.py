"""Another account, or other settings, while the engine runs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.config import schema
from pan123_tui.config.credentials import save_credentials
from pan123_tui.domain.commands import ReloadSettings
from pan123_tui.domain.credentials import AccessToken, RefreshToken
from pan123_tui.domain.errors import (
    Pan123Error,
    ProblemKind,
    QuotaExhausted,
    RequestNotSent,
    ResponseLost,
    SettingsInvalid,
    TokenRefused,
)
from pan123_tui.domain.events import Connection
from pan123_tui.domain.progress import ProcessStatus
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import ServiceConfig
from pan123_tui.programs.engine_process import saved_config
from tests.api_stage import in_virtual_time
from tests.engine_stage import (
    QUIET,
    Witness,
    add_links,
    change,
    execute,
    link,
    load_stored,
    problem_of,
    running_engine,
    until,
)
from tests.hold_stage import OpenStage, Stage, on_stage
from tests.paper_service import PaperService, or_raise
from tests.service.accounts import (
    ACCESS_TOKEN,
    APP_ID,
    OTHER_ACCESS_TOKEN,
    REFRESH_TOKEN,
)
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import World

S = TaskState


def context_of(folder: Path, environ: Mapping[str, str] = {}) -> AppContext:
    folders = {"PAN123_CONFIG_DIR": str(folder / "c"), "PAN123_DATA_DIR": str(folder / "d")}
    return load_context({**folders, **environ})


def config_file(folder: Path) -> Path:
    (folder / "c").mkdir()
    return folder / "c/config.toml"


@asynccontextmanager
async def engine_of(context: AppContext) -> AsyncIterator[tuple[Engine, Witness]]:
    """Run an engine with what is saved, as its process does."""
    saved = partial(saved_config, context)
    config, folder = saved(), context.paths.data_dir
    running = running_engine(
        folder, "", settings=config.settings, connect=config.connect, load_saved=saved
    )
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
            await witness.wait_until(lambda w: w.status.create_interval_s == 4)
            assert OTHER_ACCESS_TOKEN not in redact(OTHER_ACCESS_TOKEN), "the log would have it"
            await witness.wait_until(
                lambda w: w.status.account and w.status.account.nickname == "阿木"
            )
            assert former.world.stats.requests.total() == asked, "it would have the new account"
            assert service.world.stats.requests.total() > 0


async def test_a_changed_rate_is_used_at_once_and_the_account_stays_on_the_screens(
    service: SimulatorServer, tmp_path: Path
) -> None:
    file = config_file(tmp_path)
    rates = "create_per_s = {}\nprocess_per_s = {}\n"
    address = f'[service]\nbase_url = "{service.base_url}"\n'
    file.write_text(address + rates.format(0.15, 0.15))
    save_credentials(tmp_path / "c", AccessToken(ACCESS_TOKEN))
    context = context_of(tmp_path)
    async with engine_of(context) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        one, two, three = await add_links(engine, [link("good", n) for n in range(3)])
        await witness.wait_for_state(one.id, TaskState.RUNNING)
        shown = list[object]()
        witness.on_status = lambda it: shown.append(it.account and it.account.nickname)
        file.write_text(address + rates.format(50, 50))
        await execute(engine, ReloadSettings())
        assert engine.status.settings_revision == 1
        for task in (two, three):
            await witness.wait_for_state(task.id, TaskState.SUCCEEDED)
        assert (engine.status.create_interval_s, engine.status.polls_per_s) == (0.02, 50)
        assert set(shown) == {"小鱼"}


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
        assert context.paths.login_files() == []


# In virtual time


def config(service: PaperService, name: str) -> ServiceConfig:
    return ServiceConfig(lambda: service, QUIET, AccessToken(name))


@on_stage
async def test_changes_wait_for_the_create_under_way_are_one_and_cut_nothing(
    stage: Stage,
) -> None:
    former, skipped, other = stage.serve(PaperService()), PaperService(), PaperService()
    former.uid, other.uid = 7, 8
    await asyncio.sleep(5)
    former.create_s, engine = 100.0, stage.engine
    notices = list[ProblemKind | None]()
    stage.witness.on_status = lambda it: notices.append(it.notice.kind if it.notice else None)
    (first,) = await add_links(engine, [link("good")])
    await asyncio.sleep(5)
    for service in (skipped, other):
        engine.change_to(config(service, "other"))
        await asyncio.sleep(20)
    assert notices[-1:] == [ProblemKind.SETTINGS_WAIT]
    await add_links(engine, [link("good", 2), link("good", 3)])
    assert (skipped.asked_at, other.asked_at) == ([], [])
    await asyncio.sleep(70)
    assert skipped.asked_at == []
    assert notices[-1:] == [None]
    assert stage.witness.states_of(first.id) == [S.QUEUED, S.SUBMITTING, S.RUNNING]
    assert (len(former.created_at), len(other.created_at)) == (1, 2)
    assert [task.account_uid for task in engine.tasks.values()] == [7, 8, 8]


@on_stage
async def test_what_cannot_be_loaded_is_told_and_changes_nothing(stage: Stage) -> None:
    former, trouble = stage.serve(PaperService()), SettingsInvalid("poll_per_s: too high")
    engine = stage.engine
    await asyncio.sleep(5)
    engine.load_saved = lambda: or_raise(trouble)
    with pytest.raises(SettingsInvalid):
        await execute(engine, ReloadSettings())
    await add_links(engine, [link("good"), link("good", 2)])
    await asyncio.sleep(10)
    assert engine.status.notice == trouble.problem
    assert (len(stage.in_state(S.RUNNING)), len(former.created_at)) == (2, 2)


@pytest.mark.parametrize("state", [Connection.ONLINE, Connection.REFUSED])
@on_stage
async def test_the_same_account_is_tried_anew_only_where_it_was_refused(
    stage: Stage, state: Connection
) -> None:
    service, engine = stage.serve(PaperService()), stage.engine
    service.account_error = TokenRefused("no") if state is Connection.REFUSED else None
    await asyncio.sleep(5)
    dark = replace(engine.config.settings, ui=schema.Ui(theme="dark"))
    saved = replace(engine.config, settings=dark)
    engine.load_saved = lambda: saved
    await execute(engine, ReloadSettings())
    await asyncio.sleep(5)
    assert engine.status.settings_revision == 1
    assert (engine.config is saved) == (state is Connection.REFUSED)


@pytest.mark.parametrize("is_same", [True, False])
@on_stage
async def test_another_rate_ends_no_hold_but_another_account_does(
    stage: Stage, is_same: bool
) -> None:
    service, engine = stage.serve(PaperService(QuotaExhausted("no"))), stage.engine
    await add_links(engine, [link("good")])
    await asyncio.sleep(5)
    until_s, tried = engine.status.hold_until, len(service.created_at)
    for rate in (1, 2):
        await change(engine, settings=replace(QUIET, service=schema.Service(create_per_s=rate)))
        if not is_same:
            await change(engine, credentials=AccessToken("another"))
        await asyncio.sleep(1)
    assert (len(service.created_at) == tried) == is_same
    assert (engine.status.hold_until == until_s) == is_same


@on_stage
async def test_another_account_costs_no_more_links_where_creates_are_unclear(stage: Stage) -> None:
    service = stage.serve(PaperService(*[ResponseLost("cut")] * 9))
    await add_links(stage.engine, [link("good", number) for number in range(9)])
    await asyncio.sleep(60)
    assert len(service.created_at) == 2
    await change(stage.engine, credentials=AccessToken("another"))
    await asyncio.sleep(300)
    assert len(service.created_at) == 3


@on_stage
async def test_a_task_that_is_sent_before_its_account_is_known_gets_it_later(stage: Stage) -> None:
    service = stage.serve(PaperService())
    service.account_after_s, service.no_poll_before = 10.0, 1e9
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(5)
    assert stage.in_state(S.RUNNING)[0].account_uid is None
    await asyncio.sleep(10)
    assert stage.engine.tasks[task.id].account_uid == service.uid


@on_stage
async def test_what_is_being_saved_is_shown_although_its_part_ends(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, engine, save = stage.serve(PaperService()), stage.engine, stage.engine._store.save

    async def save_slowly() -> bool:
        await asyncio.sleep(5)
        return await save()

    (task,) = await add_links(engine, [link("good")])
    await asyncio.sleep(20)
    monkeypatch.setattr(engine._store, "save", save_slowly)
    service.status, service.percent = ProcessStatus.SUCCEEDED, 100.0
    await engine.poll_now()
    await asyncio.sleep(1)
    await stage.use_service(PaperService())
    await asyncio.sleep(10)
    assert stage.witness.tasks[task.id].state is S.SUCCEEDED


@on_stage
async def test_what_screens_show_is_still_asked_about_more_often(stage: Stage) -> None:
    stage.serve(PaperService())
    (task,) = await add_links(stage.engine, [link("good")])
    await stage.engine.set_visible([task.id], screen_id="a")
    await stage.use_service(PaperService())
    assert stage.engine._poller._schedule._visible == {task.id}


NOT_SENT, REFUSED = RequestNotSent("it was closed"), TokenRefused("expired", code=401)


@pytest.mark.parametrize("trouble", [NOT_SENT, REFUSED])
@on_stage
async def test_what_one_account_does_not_send_the_next_one_sends_without_a_hold(
    stage: Stage, trouble: Pan123Error
) -> None:
    former, other = stage.serve(PaperService(trouble)), PaperService()
    former.create_s = 5.0
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(2)
    await stage.use_service(other)
    await asyncio.sleep(2)
    (running,) = stage.in_state(S.RUNNING)
    assert (running.problem, len(other.created_at)) == (None, 1)
    assert (stage.witness.hold_kind, stage.connection()) == (None, Connection.ONLINE)


@on_stage
async def test_who_waits_for_its_turn_gives_way(stage: Stage) -> None:
    former, other = stage.serve(PaperService()), PaperService()
    former.slot_s = 1e6
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(5)
    await stage.use_service(other)
    await asyncio.sleep(1)
    assert (len(other.created_at), former.created_at) == (1, [])
    assert stage.engine.tasks[task.id].state is S.RUNNING


@in_virtual_time
async def test_it_ends_in_time_although_it_waits_for_a_change(
    open_stage: OpenStage, tmp_path: Path
) -> None:
    service = PaperService()
    service.create_s = 1e6
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(5)
        stage.engine.change_to(config(PaperService(), "other"))
        await asyncio.sleep(5)
    assert asyncio.get_running_loop().time() < 10 + 2
    assert problem_of(load_stored(tmp_path)[1]) is ProblemKind.INTERRUPTED
