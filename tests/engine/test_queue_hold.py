"""An answer that is not about a link holds the queue: nothing is burnt, lost or sent twice."""

import asyncio

import pytest
from msgspec.structs import replace

from pan123_tui.domain.commands import AddTasks, SendNext
from pan123_tui.domain.errors import (
    LinkNotParsed,
    NameRefused,
    Pan123Error,
    ProblemKind,
    ServiceUnavailable,
)
from pan123_tui.domain.events import Connection
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.engine.gate import link_key
from tests.engine_stage import add_links, edit_task, execute, link, problem_of
from tests.hold_stage import EPOCH, Stage, on_stage
from tests.paper_service import PaperService, gaps
from tests.service.faults import FaultKind
from tests.service.world import FOLDER_ID

S = TaskState
K = ProblemKind
LINKS = 12
BUSY = ServiceUnavailable("服务繁忙", code=500)
SENT = (S.RUNNING, S.RETRYING, S.SUCCEEDED)
TROUBLES = [
    (FaultKind.QUOTA, "create", K.QUOTA_EXHAUSTED),
    (FaultKind.QUOTA, "*", K.QUOTA_EXHAUSTED),
    (FaultKind.BUSY, "*", K.SERVICE_UNAVAILABLE),
    (FaultKind.LOGIN_INVALID, "*", K.ACCOUNT_BLOCKED),
    (FaultKind.HTTP_403, "*", K.SERVICE_UNAVAILABLE),
    (FaultKind.ADDRESS_BLOCKED, "*", K.ADDRESS_BLOCKED),
    (FaultKind.GATEWAY_JSON, "*", K.INVALID_RESPONSE),
    (FaultKind.DROP_AFTER, "*", K.RESPONSE_LOST),
    (FaultKind.TOKEN_EXPIRED, "*", K.TOKEN_REFUSED),
]


async def _add(stage: Stage, count: int = LINKS) -> None:
    await add_links(stage.engine, [link("good", number) for number in range(count)])


@pytest.mark.parametrize(("kind", "endpoint", "problem"), TROUBLES)
@on_stage
async def test_trouble_of_the_account_or_the_service_costs_no_link(
    stage: Stage, kind: FaultKind, endpoint: str, problem: ProblemKind
) -> None:
    await asyncio.sleep(5)
    stage.world.faults.add(kind, endpoint, times=None)
    await _add(stage)
    await asyncio.sleep(15)
    assert len(stage.wire.creates) <= 3
    assert stage.witness.hold_kind is problem
    await asyncio.sleep(3600)
    assert len(stage.wire.creates) < 15
    assert len(stage.in_state(S.UNCONFIRMED)) <= 1
    assert not stage.in_state(S.REJECTED, *SENT)
    stage.world.faults.clear()
    await stage.engine.poll_now()
    await asyncio.sleep(60)
    unconfirmed = len(stage.in_state(S.UNCONFIRMED))
    assert len(stage.in_state(*SENT)) == LINKS - unconfirmed
    assert max(stage.world.stats.creates.values()) == 1
    assert stage.engine.status.hold is None
    assert stage.engine.status.last_error is None
    assert stage.connection() is Connection.ONLINE


@on_stage
async def test_a_blocked_address_is_asked_about_every_ten_minutes_and_ends_no_task(
    stage: Stage,
) -> None:
    await add_links(stage.engine, [link("slow", number) for number in range(2)])
    await asyncio.sleep(10)
    assert len(stage.in_state(S.RUNNING)) == 2
    stage.world.faults.add(FaultKind.ADDRESS_BLOCKED, times=None)
    await asyncio.sleep(30)
    before = stage.world.faults.fired[FaultKind.ADDRESS_BLOCKED]
    await asyncio.sleep(3600)
    assert 4 <= stage.world.faults.fired[FaultKind.ADDRESS_BLOCKED] - before <= 18
    assert len(stage.in_state(*SENT)) == 2
    assert stage.engine.status.last_error
    assert stage.engine.status.last_error.kind is K.ADDRESS_BLOCKED


@pytest.mark.parametrize(
    ("kind", "minutes"),
    [
        (FaultKind.NOT_JSON, [0, 20, 40, 80, 160]),
        (FaultKind.DROP_AFTER, [0, 20, 40]),
        (FaultKind.HTTP_502_AFTER, [0]),
        (FaultKind.CUT_JSON, [0]),
        (FaultKind.DATA_EMPTY, [0]),
    ],
)
@on_stage
async def test_creates_that_alone_are_broken_cost_two_links_and_then_one_at_growing_distance(
    stage: Stage, kind: FaultKind, minutes: list[int]
) -> None:
    stage.world.faults.add(kind, "create", times=None)
    await _add(stage)
    await asyncio.sleep(590)
    assert len(stage.in_state(S.UNCONFIRMED)) == 2
    status = stage.engine.status
    assert stage.witness.hold_kind is K.CREATES_UNCLEAR
    assert status.hold_until == pytest.approx(EPOCH + stage.wire.creates[1] + 1200, abs=1)
    await asyncio.sleep(60 * sum(minutes))
    assert [round(gap / 60) for gap in gaps(stage.wire.creates)] == minutes
    stage.world.faults.clear()
    await stage.engine.poll_now()
    await asyncio.sleep(30)
    assert len(stage.in_state(*SENT)) == LINKS - len(minutes) - 1
    assert max(stage.world.stats.creates.values()) == 1
    assert stage.engine.status.hold is None


@on_stage
async def test_after_f5_the_next_wait_for_creates_that_are_broken_is_no_shorter(
    stage: Stage,
) -> None:
    stage.world.faults.add(FaultKind.NOT_JSON, "create", times=None)
    await _add(stage)
    await asyncio.sleep(60)
    await stage.engine.poll_now()
    await asyncio.sleep(1200)
    assert len(stage.in_state(S.UNCONFIRMED)) == 3


@pytest.mark.parametrize("paused", ["create", "user_info"])
@on_stage
async def test_under_a_long_retry_after_the_time_of_the_next_try_is_true_whatever_f5_does(
    stage: Stage, paused: str
) -> None:
    await asyncio.sleep(5)
    if paused == "user_info":
        stage.world.faults.add(FaultKind.BUSY, "create")
    stage.world.faults.add(FaultKind.HTTP_429, paused)
    stage.wire.retry_after_s = 400
    await _add(stage, 2)
    await asyncio.sleep(60)
    asked_at = (stage.wire.creates if paused == "create" else stage.wire.user_infos)[-1]
    for _ in range(3):
        await stage.engine.poll_now()
        await asyncio.sleep(2)
        until = stage.engine.status.hold_until
        assert until == pytest.approx(EPOCH + asked_at + 400, abs=1)
    assert len(stage.wire.creates) == 1
    await asyncio.sleep(400)
    assert len(stage.in_state(*SENT)) == 2


@on_stage
async def test_equal_unknown_refusals_cost_one_link_until_a_create_works(stage: Stage) -> None:
    stage.world.faults.add(FaultKind.REFUSE, "create", times=None, code=777, message="账号异常")
    await _add(stage)
    await asyncio.sleep(10)
    assert (len(stage.in_state(S.REJECTED)), len(stage.wire.creates)) == (1, 2)
    assert stage.engine.status.hold is not None
    await asyncio.sleep(600)
    assert len(stage.in_state(S.REJECTED)) == 1
    assert len(stage.wire.creates) > 3, "it is tried now and then"
    stage.world.faults.clear()
    await stage.engine.poll_now()
    await asyncio.sleep(60)
    assert len(stage.in_state(*SENT)) == LINKS - 1


@on_stage
async def test_links_that_alone_are_refused_are_rejected(stage: Stage) -> None:
    stage.world.faults.add(
        FaultKind.REFUSE, "create", times=None, match="bad", code=777, message="不支持"
    )
    await add_links(stage.engine, [link("bad", number) for number in range(3)])
    await asyncio.sleep(1)
    (problem,) = [task.problem for task in stage.in_state(S.REJECTED)]
    assert problem is not None
    assert (problem.code, problem.message, bool(problem.trace_id)) == (777, "不支持", True)
    for rejected in (1, 2, 3):
        await asyncio.sleep(1200)
        assert len(stage.in_state(S.REJECTED)) == rejected
        await add_links(stage.engine, [link("good", rejected)])
    await asyncio.sleep(60)
    assert len(stage.in_state(*SENT)) == 3


# The create that tests a held queue is the link least like those that were refused


async def _add_some(stage: Stage, bad: int, good: int) -> None:
    stage.world.faults.add(FaultKind.BUSY, "create", times=None, match="bad")
    links = [*(link("bad", n) for n in range(bad)), *(link("good", n) for n in range(good))]
    await add_links(stage.engine, links)


@on_stage
async def test_a_link_that_was_refused_steps_behind_the_others(stage: Stage) -> None:
    await _add_some(stage, bad=1, good=16)
    await asyncio.sleep(100)
    assert len(stage.in_state(*SENT)) == 16
    assert [it.request.url for it in stage.world.tasks()] == [
        link("good", n).url for n in range(16)
    ]
    (refused,) = stage.in_state(S.QUEUED)
    assert refused.problem is not None
    assert refused.problem.message == "服务繁忙"
    stage.world.faults.clear()
    await stage.engine.poll_now()
    await asyncio.sleep(5)
    assert len(stage.in_state(*SENT)) == 17, "F5 tries it at once"
    assert stage.engine.status.hold is None


@on_stage
async def test_each_that_was_refused_is_the_test_in_its_turn(stage: Stage) -> None:
    await _add_some(stage, bad=1, good=3)
    stage.world.faults.add(FaultKind.QUOTA, "create", times=6)
    await asyncio.sleep(7200)
    assert len(stage.in_state(*SENT)) == 3, "the one that is always refused is not always the test"
    await add_links(stage.engine, [link("good", 9)])
    await asyncio.sleep(1200)
    assert len(stage.in_state(*SENT)) == 4
    assert len(stage.wire.creates) < 40
    await execute(stage.engine, SendNext((1,)))
    stage.world.faults.clear()
    await asyncio.sleep(600)
    assert len(stage.in_state(*SENT)) == 5
    assert max(stage.world.stats.creates.values()) == 1


REFUSED = DownloadRequest("https://bad.example/1.zip", "1.mkv", FOLDER_ID)


@pytest.mark.parametrize(
    "other",
    [
        DownloadRequest("https://bad.example/9.zip", "", FOLDER_ID),
        DownloadRequest("https://good.example/9.zip", "9.mkv", FOLDER_ID),
        DownloadRequest("https://bad.example/9.zip", "9.mkv"),
    ],
    ids=["without a name", "of another host", "for another folder"],
)
@on_stage
async def test_the_test_of_a_held_queue_is_the_link_least_like_the_refused(
    stage: Stage, other: DownloadRequest
) -> None:
    service = stage.serve(PaperService(*[BUSY] * 2))
    alike = [replace(REFUSED, url=f"https://bad.example/{n}.zip") for n in range(5)]
    await add_links(stage.engine, [*alike, other])
    await asyncio.sleep(70)
    assert len(service.created_at) == 2
    tested = [it for it in stage.in_state(S.QUEUED) if it.problem]
    assert [it.url for it in tested] == [alike[0].url, other.url]


@pytest.mark.parametrize(("times", "sent"), [(1, [0, 2, 1, 3, 4]), (None, [0, 2, 3, 4])])
@on_stage
async def test_a_link_whose_folder_cannot_be_made_keeps_its_place_and_no_other_waiting(
    stage: Stage, times: int | None, sent: list[int]
) -> None:
    stage.world.faults.add(FaultKind.BUSY, "mkdir", times=times)
    links = [link("good", number) for number in range(5)]
    for first, last, folder in ((0, 1, ""), (1, 2, "new"), (2, 5, "")):
        await execute(stage.engine, AddTasks(tuple(links[first:last]), subfolder=folder))
    await asyncio.sleep(60)
    asked = [it.request.url for it in stage.world.tasks()]
    assert asked == [links[n].url for n in sent], "another one is the test, then it has its turn"


@on_stage
async def test_a_refused_name_holds_only_links_with_a_name(stage: Stage) -> None:
    stage.world.faults.add(
        FaultKind.REFUSE, "create", times=None, match=".mkv", code=1, message="文件名格式不支持"
    )
    named = [replace(link("good", n), name=f"{n}.mkv") for n in range(4)]
    await add_links(stage.engine, [*named, *(link("plain", n) for n in range(20))])
    await asyncio.sleep(60)
    assert len(stage.in_state(*SENT)) == 20
    waiting = stage.in_state(S.QUEUED)
    assert [task.name for task in waiting] == [it.name for it in named]
    assert stage.witness.status.refuses_names
    assert stage.engine.status.hold is None
    assert len(stage.wire.creates) <= 22
    await edit_task(stage.engine, waiting[0].id, replace(waiting[0].request, name=""))
    await asyncio.sleep(3)
    assert len(stage.in_state(*SENT)) == 21, "without its name it is sent"
    await asyncio.sleep(3600)
    assert len(stage.wire.creates) < 40, "the others are tried now and then"
    stage.world.faults.clear()
    await stage.engine.poll_now()
    await asyncio.sleep(20)
    assert not stage.in_state(S.QUEUED)
    assert not stage.engine.status.refuses_names
    stage.world.faults.add(FaultKind.REFUSE, "create", code=1, message="文件名格式不支持")
    await add_links(stage.engine, [replace(link("good", 9), name="9.mkv")])
    await asyncio.sleep(35)
    assert len(stage.in_state(*SENT)) == 24, "the first wait is short again"


BAD_NAME = DownloadRequest("https://bad.example/1.iso", "bad.mkv")


@pytest.mark.parametrize(
    ("others", "is_rejected"),
    [
        ([DownloadRequest("https://good.example/2.jpg", "good.jpg")] * 2, True),
        ([DownloadRequest("https://good.example/2.jpg")] * 2, True),
        ([], False),
    ],
    ids=["another name passes", "no name passes", "nothing passes"],
)
@on_stage
async def test_a_name_is_refused_for_good_the_second_time_if_another_link_passes_in_between(
    stage: Stage, others: list[DownloadRequest], is_rejected: bool
) -> None:
    name = NameRefused("文件名格式不支持", code=1)
    service = stage.serve(PaperService(name, *[None] * len(others), *[name] * 20))
    await add_links(
        stage.engine, [BAD_NAME, *(replace(it, url=f"{it.url}?{n}") for n, it in enumerate(others))]
    )
    await asyncio.sleep(20)
    assert not stage.in_state(S.REJECTED), "one answer may be about all names"
    await asyncio.sleep(3600)
    assert bool(stage.in_state(S.REJECTED)) is is_rejected
    assert len(service.created_at) == (2 + len(others) if is_rejected else 10)
    if is_rejected:
        assert problem_of(stage.in_state(S.REJECTED)[0]) is K.NAME_REFUSED
        assert stage.engine.status.refuses_names is not any(it.name for it in others)


NO_NAME = NameRefused("文件名不合法", code=1)


@pytest.mark.parametrize(
    ("refusal", "url", "name", "tests"),
    [
        (BUSY, "https://good.example/{}.iso", "bad.mkv", 1),
        (BUSY, "https://{}.example/2.iso", "bad.mkv", 3),
        (BUSY, "https://bad.example/{}.iso", "", 1),
        (BUSY, "https://bad.example/{}.iso", "bad.mkv", 0),
        (NO_NAME, "https://good.example/{}.iso", "bad.mkv", 1),
        (NO_NAME, "https://bad.example/{}.iso", "bad.jpg", 1),
        (NO_NAME, "https://bad.example/{}.iso", "bad.mkv", 0),
    ],
)
@on_stage
async def test_a_new_link_unlike_the_refused_ones_tests_the_hold_soon_at_most_once_a_minute(
    stage: Stage, refusal: Pan123Error, url: str, name: str, tests: int
) -> None:
    service = stage.serve(PaperService(*[refusal] * 60))
    await add_links(stage.engine, [BAD_NAME])
    await asyncio.sleep(3600)
    before = len(service.created_at)
    for number in range(30):
        await add_links(stage.engine, [DownloadRequest(url.format(number), name)])
        await asyncio.sleep(4.5)
    assert len(service.created_at) - before == tests


@on_stage
async def test_a_refused_name_of_a_link_without_one_is_about_its_link(stage: Stage) -> None:
    name = NameRefused("文件名不合法", code=1)
    stage.serve(PaperService(name))
    await add_links(stage.engine, [link("good", n) for n in range(3)])
    await asyncio.sleep(10)
    assert len(stage.in_state(S.REJECTED)) == 1
    assert len(stage.in_state(*SENT)) == 2


@on_stage
async def test_holds_of_links_go_with_their_tasks(stage: Stage) -> None:
    stage.serve(PaperService(*[LinkNotParsed("解析失败", code=2)] * 3))
    tasks = await add_links(stage.engine, [link("reject", n) for n in range(3)])
    await asyncio.sleep(10)
    gate = stage.engine._gate
    assert len(gate._holds) == 3
    await edit_task(stage.engine, tasks[0].id, link("good"))
    await stage.engine.repository.remove([tasks[1].id])
    assert list(gate._holds) == [link_key(tasks[2].id)]
    await asyncio.sleep(100)
    assert not gate._holds
