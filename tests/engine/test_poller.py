"""What the poller makes of answers that are no progress, and how often it asks, to the second."""

import asyncio

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import ProblemKind, RequestRejected, ResponseLost, TaskUnknown
from pan123_tui.domain.task import ProcessStatus, TaskState
from pan123_tui.engine import poller
from tests.engine.scripted_service import Play, Scripted, gaps, last_error
from tests.engine_stage import link
from tests.hold_stage import EPOCH, Stage

S = TaskState
GONE = TaskUnknown("未找到任务ID", code=1)


def test_a_task_that_is_missing_says_why_and_when_and_is_polled_no_more(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = RequestRejected("no idea", code=77)
    service = Scripted(polls=(*[GONE] * 5, odd, odd, GONE, None, *[GONE] * 40))

    async def story(stage: Stage) -> None:
        await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(250)
        assert gaps(service.polled_at)[:4] == [2.0, 5.0, 15.0, 60.0]
        assert stage.in_state(S.RUNNING)[0].problem == odd.problem
        await asyncio.sleep(250)
        (missing,) = stage.in_state(S.MISSING)
        assert missing.problem == GONE.problem
        assert stage.engine._poller.oldest_check_at is None
        assert missing.finished_at == missing.checked_at == missing.timeline[-1].at > EPOCH + 300
        polls = len(service.polled_at)
        await asyncio.sleep(60)
        assert len(service.polled_at) == polls
        await asyncio.sleep(300)
        assert stage.in_state(S.RUNNING), "the service knows it again, and misses count anew"

    play(service, story)


@pytest.mark.parametrize("uid", [1, 2], ids=["fails", "has changed"])
def test_a_task_is_not_missing_while_the_account_cannot_be_asked_or_is_another(
    play: Play, uid: int
) -> None:
    service = Scripted(polls=(GONE,) * 400)

    async def story(stage: Stage) -> None:
        await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(1.0)
        service.uid = uid
        service.account_error = ResponseLost("cut") if uid == 1 else None
        await asyncio.sleep(500)
        assert stage.in_state(S.RUNNING)
        service.uid, service.account_error = 1, None
        await asyncio.sleep(500)
        assert stage.in_state(S.MISSING)

    play(service, story)


def test_an_answer_to_another_account_does_not_make_it_the_tasks_own(play: Play) -> None:
    service = Scripted()

    async def story(stage: Stage) -> None:
        (task,) = await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(5)
        service.uid = 2
        await stage.engine.poll_now()
        await asyncio.sleep(300)
        assert stage.engine.status.account is not None
        assert stage.engine.status.account.uid == 2
        assert stage.engine.tasks[task.id].account_uid == 1

    play(service, story)


def test_an_answer_tells_whose_a_task_is_that_was_sent_by_nobody_knows_whom(play: Play) -> None:
    async def story(stage: Stage) -> None:
        (task,) = await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(5)
        sent = stage.engine.tasks[task.id]
        stage.engine._repository.update(replace(sent, account_uid=None))
        await asyncio.sleep(300)
        assert stage.engine.tasks[task.id].account_uid == 1

    play(Scripted(), story)


def test_a_new_task_is_polled_after_two_seconds_and_no_other_one(play: Play) -> None:
    service = Scripted()

    async def story(stage: Stage) -> None:
        await stage.engine.task_service.add([link("good", 1)])
        await asyncio.sleep(2.5)
        assert gaps([0.0, *service.polled_at]) == [2.0]
        await stage.engine.task_service.add([link("good", 2)])
        await asyncio.sleep(2.5)
        assert len(service.polled_at) == 2

    play(service, story)


def test_an_end_is_on_disk_when_it_is_shown_and_progress_a_little_later(play: Play) -> None:
    service = Scripted()

    async def story(stage: Stage) -> None:
        (task,) = await stage.engine.task_service.add([link("good")])
        store = stage.engine._store
        await stage.witness.wait_until(lambda witness: witness.tasks[task.id].percent)
        assert store.is_dirty
        service.status = ProcessStatus.SUCCEEDED
        await stage.engine.poll_now()
        await stage.witness.wait_for_state(task.id, S.SUCCEEDED)
        assert not store.is_dirty

    play(service, story)


def test_a_task_may_be_removed_while_it_is_asked_whose_it_is(play: Play) -> None:
    service = Scripted(polls=(GONE,) * 400)

    async def story(stage: Stage) -> None:
        (task,) = await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(1.0)
        service.account_after_s, service.account_error = 60.0, ResponseLost("cut")
        await asyncio.sleep(350)
        await stage.engine.task_service.remove([task.id])
        assert stage.engine._poller.oldest_check_at is None
        polls = len(service.polled_at)
        await asyncio.sleep(600)
        assert len(service.polled_at) == polls

    play(service, story)


def test_another_accounts_task_is_not_missing(play: Play) -> None:
    service = Scripted(polls=(GONE,) * 400)

    async def story(stage: Stage) -> None:
        await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(100)
        service.uid = 2
        await stage.engine.poll_now()
        await asyncio.sleep(900)
        assert gaps(service.polled_at)[-3:] == [60.0] * 3
        (waiting,) = stage.in_state(S.RUNNING)
        assert waiting.problem is not None
        assert waiting.problem.kind is ProblemKind.OTHER_ACCOUNT
        service.uid = 1
        await stage.engine.poll_now()
        await asyncio.sleep(100)
        assert stage.in_state(S.RUNNING), "misses count anew"

    play(service, story)


def test_a_task_of_an_unknown_account_is_asked_for_every_two_seconds_and_says_why(
    play: Play,
) -> None:
    service = Scripted(polls=(GONE,) * 400)
    service.account_after_s = 1e6

    async def story(stage: Stage) -> None:
        (task,) = await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(60)
        assert stage.engine.tasks[task.id].problem == GONE.problem
        assert set(gaps(service.polled_at)) == {2.0}

    play(service, story)


def test_a_refusal_of_polls_stays_with_its_task_until_all_were_refused_for_long(
    play: Play,
) -> None:
    odd = RequestRejected("no idea", code=77)
    service = Scripted(polls=(odd,) * 400)

    async def story(stage: Stage) -> None:
        (task,) = await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(poller.ALL_REFUSED_S / 2)
        assert stage.engine.tasks[task.id].problem == odd.problem
        assert last_error(stage) is None
        await asyncio.sleep(poller.ALL_REFUSED_S + 150)
        assert last_error(stage) == odd.problem
        service.polls.clear()
        await asyncio.sleep(200)
        assert stage.engine.tasks[task.id].problem is None
        assert last_error(stage) is None

    play(service, story)


def test_a_task_that_comes_into_view_is_polled_more_often_at_once(play: Play) -> None:
    service = Scripted()
    service.percent = 0.0

    async def story(stage: Stage) -> None:
        (task,) = await stage.engine.task_service.add([link("good")])
        await asyncio.sleep(3600)
        hidden_s, polls = gaps(service.polled_at)[-1], len(service.polled_at)
        while len(service.polled_at) == polls:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)
        await stage.engine.set_visible([task.id])
        await asyncio.sleep(hidden_s)
        assert gaps(service.polled_at)[-2:] == pytest.approx([hidden_s / 3] * 2, abs=0.1)
        checked_at = EPOCH + service.polled_at[-1]
        assert stage.engine.tasks[task.id].checked_at == pytest.approx(checked_at)

    play(service, story)
