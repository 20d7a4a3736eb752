"""What the poller makes of answers that are no progress, and how often it asks, to the second."""

import asyncio
from itertools import pairwise

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import (
    InvalidResponse,
    Pan123Error,
    ProblemKind,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    ResponseLost,
    TaskUnknown,
)
from pan123_tui.domain.events import Connection
from pan123_tui.domain.progress import ProcessStatus, Progress
from pan123_tui.domain.task import Misses, Task, TaskState, transition
from pan123_tui.engine.poller import next_miss
from tests.engine_stage import add_links, link, problem_of, retry_tasks
from tests.hold_stage import EPOCH, Stage, on_stage
from tests.paper_service import PaperService, gaps, last_error

S = TaskState
GONE = TaskUnknown("未找到任务ID", code=1)


@on_stage
async def test_a_missing_task_says_why_and_when_and_is_polled_no_more(stage: Stage) -> None:
    odd = RequestRejected("no idea", code=77)
    service = stage.serve(
        PaperService(polls=(*[GONE] * 5, odd, odd, *[GONE] * 4, None, *[GONE] * 40))
    )
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(250)
    assert gaps(service.polled_at)[:4] == [2.0, 5.0, 15.0, 60.0]
    assert stage.in_state(S.RUNNING)[0].problem == odd.problem
    await asyncio.sleep(300)
    (missing,) = stage.in_state(S.MISSING)
    assert missing.problem == GONE.problem
    assert missing.finished_at == missing.checked_at == missing.timeline[-1].at > EPOCH + 300
    polls = len(service.polled_at)
    await asyncio.sleep(30)
    assert len(service.polled_at) == polls
    await asyncio.sleep(300)
    (known,) = stage.in_state(S.RUNNING)
    assert known.finished_at is None, "the service knows it again, and misses count anew"


@on_stage
async def test_a_task_found_while_the_account_is_asked_is_not_missing(stage: Stage) -> None:
    service = stage.serve(PaperService(polls=(GONE,) * 400))
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(250)
    service.account_after_s, asked = 20.0, len(service.account_asked_at)
    while len(service.account_asked_at) == asked:  # noqa: ASYNC110 - in virtual time
        await asyncio.sleep(1)
    service.polls.clear()
    await stage.engine.poll_now()
    await asyncio.sleep(60)
    assert stage.engine.tasks[task.id].state is S.RUNNING


@pytest.mark.parametrize("uid", [1, 2], ids=["fails", "has changed"])
@on_stage
async def test_without_its_account_a_task_is_not_missing(stage: Stage, uid: int) -> None:
    service = stage.serve(PaperService(polls=(GONE,) * 400))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(1)
    service.uid = uid
    service.account_error = ResponseLost("cut") if uid == 1 else None
    await asyncio.sleep(500)
    assert stage.in_state(S.RUNNING)
    await stage.engine.poll_now()
    await asyncio.sleep(400)
    (waiting,) = stage.in_state(S.RUNNING)
    assert problem_of(waiting) is (ProblemKind.OTHER_ACCOUNT if uid == 2 else GONE.kind)
    assert gaps(service.polled_at)[-3:] == pytest.approx([60] * 3, abs=5)
    service.uid, service.account_error = 1, None
    await stage.engine.poll_now()
    await asyncio.sleep(100)
    assert bool(stage.in_state(S.RUNNING)) is (uid == 2), "with another, misses count anew"
    await asyncio.sleep(400)
    assert stage.in_state(S.MISSING)


@pytest.mark.parametrize(
    ("error", "is_of_task", "is_of_all"),
    [
        (RateLimited("slower", code=429), False, False),
        (RequestRejected("no idea", code=77), True, False),
        (ResponseLost("cut"), False, True),
        (InvalidResponse("no JSON", code=502), False, True),
        (QuotaExhausted("流量超限", code=5113), False, True),
    ],
)
@on_stage
async def test_an_error_of_polls_is_told_where_it_belongs_until_one_works(
    stage: Stage, error: Pan123Error, is_of_task: bool, is_of_all: bool
) -> None:
    service = stage.serve(PaperService(polls=(error,) * 3))
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(2.5)
    assert last_error(stage) == (error.problem if is_of_all else None)
    assert stage.engine.tasks[task.id].problem == (error.problem if is_of_task else None)
    await asyncio.sleep(3)
    if isinstance(error, RateLimited):
        assert service.polled_at == pytest.approx([2.0, 4.0], abs=0.01)
    await asyncio.sleep(200)
    assert last_error(stage) is None
    assert stage.engine.tasks[task.id].problem is None
    assert stage.connection() is Connection.ONLINE
    assert stage.witness.states_of(task.id) == [S.QUEUED, S.SUBMITTING, S.RUNNING]


@pytest.mark.parametrize(
    ("last_at", "misses"),
    [
        (EPOCH - 7, Misses(5, 37, EPOCH, 1)),
        (EPOCH - 7.9, Misses(5, 37, EPOCH, 1)),
        (EPOCH - 86_400, Misses(5, 90, EPOCH, 1)),
        (EPOCH + 86_400, Misses(5, 30, EPOCH, 1)),
    ],
    ids=["soon", "soon, cut to seconds", "after a day or a leap of the clock", "before"],
)
def test_between_two_misses_a_minute_counts_at_most(last_at: float, misses: Misses) -> None:
    task = Task(id=1, url="a", created_at=0.0, misses=Misses(4, 30, last_at, 1))
    assert next_miss(task, at=EPOCH, uid=1) == misses


@on_stage
async def test_a_task_that_comes_into_view_is_polled_more_often_at_once(stage: Stage) -> None:
    service = stage.serve(PaperService())
    service.percent = 0.0
    (task,) = await add_links(stage.engine, [link("good")])

    async def gain() -> None:
        while True:
            service.percent += 0.02
            await asyncio.sleep(1)

    gaining = asyncio.create_task(gain())
    await asyncio.sleep(1000)
    hidden_s, polls = gaps(service.polled_at)[-1], len(service.polled_at)
    while len(service.polled_at) == polls:  # noqa: ASYNC110 - virtual time
        await asyncio.sleep(0.1)
    await stage.engine.set_visible([task.id])
    await asyncio.sleep(120)
    gaining.cancel()
    assert hidden_s > 60
    assert gaps(service.polled_at)[-2:] == pytest.approx([50, 50], abs=2), "for each percent"
    checked_at = EPOCH + service.polled_at[-1]
    assert stage.engine.tasks[task.id].checked_at == pytest.approx(checked_at)


@on_stage
async def test_a_task_sent_again_is_not_missing_for_earlier_polls(stage: Stage) -> None:
    service = stage.serve(PaperService(polls=(GONE,) * 9))
    service.progress = {1002: Progress(1.0, 0), 1003: Progress(1.0, 0)}
    first, _other = await add_links(stage.engine, [link("good"), link("good", 2)])
    await asyncio.sleep(5)
    service.account_after_s = 300.0  # so long it takes to ask whose the first one is
    service.status = ProcessStatus.FAILED
    while not stage.in_state(S.FAILED):  # noqa: ASYNC110 - in virtual time
        await asyncio.sleep(1)
    await retry_tasks(stage.engine, [first.id])
    await asyncio.sleep(400)
    assert len(stage.in_state(S.RUNNING)) == 2


@on_stage
async def test_an_answer_about_an_earlier_taskid_says_nothing_of_the_new_one(stage: Stage) -> None:
    service = stage.serve(PaperService())
    service.poll_s = 100.0
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(5)
    failed = transition(stage.engine.tasks[task.id], S.FAILED, at=EPOCH, finished_at=EPOCH)
    await stage.engine.repository.commit(failed)
    await retry_tasks(stage.engine, [task.id])
    await asyncio.sleep(85)
    service.status = ProcessStatus.SUCCEEDED
    await asyncio.sleep(14)
    service.status = ProcessStatus.RUNNING
    assert len(service.created_at) == 2
    await asyncio.sleep(100)
    assert stage.engine.tasks[task.id].state is S.RUNNING


@on_stage
async def test_what_a_recheck_tells_of_an_earlier_taskid_finds_no_missing_task(
    stage: Stage,
) -> None:
    service = stage.serve(PaperService(polls=(GONE,) * 400))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(500)
    (missing,) = stage.in_state(S.MISSING)
    service.polls.clear()
    await stage.engine._poller._recheck(replace(missing, task_id=9))
    assert stage.in_state(S.MISSING) == [missing]


@on_stage
async def test_no_miss_counts_while_no_account_is_known(stage: Stage) -> None:
    service = stage.serve(PaperService(polls=(GONE,) * 9))
    service.account_error = RequestRejected("no idea", code=9)
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(60)
    assert len(service.polled_at) > 2
    assert [task.misses for task in stage.in_state(S.RUNNING)] == [None]


@on_stage
async def test_half_an_hour_offline_is_one_message_few_requests_and_mends_itself(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    service, loop = stage.serve(PaperService()), asyncio.get_running_loop()
    tasks = await add_links(stage.engine, [link("good", number) for number in range(20)])
    await asyncio.sleep(120)
    (waiting,) = await add_links(stage.engine, [link("good", 99)])
    service.is_down, before, went_down = True, dict(stage.engine.tasks), loop.time()
    await asyncio.sleep(1800)
    assert stage.connection() is Connection.OFFLINE
    assert all(stage.engine.tasks[task.id] == before[task.id] for task in tasks)
    ages = [EPOCH + loop.time() - (task.checked_at or 0) for task in stage.in_state(S.RUNNING)]
    assert min(ages) > 1800 - 1, "an age that stands still hides the outage"
    now = stage.engine.tasks[waiting.id]
    assert [step.state for step in now.timeline] == [S.QUEUED, S.QUEUED]
    calls = sorted([*service.created_at, *service.polled_at, *service.account_asked_at])
    late = [at for at in calls if at > went_down + 120]
    pauses = [b - a for a, b in pairwise(late) if b - a > 1]
    assert len(late) < 400
    assert sum(pauses) / len(pauses) > 15, "polling does not slow down"
    assert max(pauses) <= 31, "polling slows down without a cap"
    service.is_down = False
    await asyncio.sleep(60)
    told = [it.partition(": ")[2] for it in caplog.messages if it.startswith("connection:")]
    assert told == ["online", "offline", "online"]
    assert stage.engine.status.last_error is None
    assert stage.engine.status.hold is None
    assert stage.engine.tasks[waiting.id].state is S.RUNNING
