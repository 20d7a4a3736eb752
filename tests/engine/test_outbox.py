"""How long the outbox waits after each kind of failure, and what it keeps of it, to the second."""

import asyncio
from itertools import pairwise

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import (
    LinkNotParsed,
    Pan123Error,
    Problem,
    ProblemKind,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    ResponseLost,
    SettingsInvalid,
    StoreUnwritable,
    TokenRefused,
    TooManyTasks,
)
from pan123_tui.domain.task import DownloadRequest, TaskState
from tests.engine_stage import add_links, edit_task, link
from tests.hold_stage import EPOCH, Stage, on_stage
from tests.paper_service import Scripted, gaps, last_error, nothing

S = TaskState


@on_stage
async def test_pauses_double_while_creates_come_too_often(stage: Stage) -> None:
    often = RateLimited("slower", code=429)
    service = stage.serve(Scripted(often, often, often))
    (task,) = await add_links(stage.engine, [link("good", 1)])
    await stage.witness.wait_until(lambda witness: witness.status.hold)
    assert stage.engine.status.hold_until == pytest.approx(EPOCH + 1, abs=0.01)
    await asyncio.sleep(0.5)
    assert stage.engine.tasks[task.id].problem == often.problem
    status = stage.engine.status
    assert status.hold == often.problem
    assert status.hold_until == pytest.approx(EPOCH + 1, abs=0.01)
    await asyncio.sleep(5)
    await asyncio.sleep(15)
    assert gaps(service.created_at) == [1.0, 2.0, 4.0]
    sent = stage.engine.tasks[task.id]
    assert sent.problem is None
    assert sent.sent_at == sent.timeline[-1].at
    assert [step.state for step in sent.timeline] == [S.QUEUED, S.QUEUED, S.SUBMITTING, S.RUNNING]
    times = [step.at - EPOCH for step in sent.timeline]
    assert times == pytest.approx([0, 3, 7, 7], abs=0.01), "and of failed tries the last one"
    assert stage.engine.status.hold is None
    service.creates.append(often)
    await add_links(stage.engine, [link("good", 2)])
    await asyncio.sleep(20)
    assert gaps(service.created_at[-2:]) == [1.0]


@on_stage
async def test_pauses_double_while_no_slot_is_given_and_the_link_says_why(stage: Stage) -> None:
    often = RateLimited("slower", code=429)
    service = stage.serve(Scripted(slots=(often, often, ResponseLost("cut"), ResponseLost("cut"))))
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(0.5)
    assert stage.engine.tasks[task.id].problem == often.problem
    assert stage.engine.status.hold == often.problem
    assert stage.engine.status.hold_until == pytest.approx(EPOCH + 1, abs=0.01)
    await asyncio.sleep(60)
    assert gaps(service.asked_at)[:2] == [1.0, 2.0]
    assert service.asked_at[4] - service.asked_at[2] > 1.0, "the breaker pauses as well"
    assert len(service.created_at) == 1
    assert stage.in_state(S.RUNNING)


@on_stage
async def test_too_many_tasks_at_the_service_pause_for_half_a_minute_at_least(stage: Stage) -> None:
    many = TooManyTasks("too many", code=2)
    service = stage.serve(Scripted(*[many] * 5))
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(20)
    queued = stage.engine.tasks[task.id]
    assert queued.problem == stage.engine.status.hold == many.problem
    assert queued.finished_at is None
    await asyncio.sleep(300)
    assert all(30 <= gap <= 60 for gap in gaps(service.created_at))
    assert len(service.created_at) == 6
    assert last_error(stage) is None


@on_stage
async def test_what_the_client_refuses_to_send_counts_for_no_hold(stage: Stage) -> None:
    unsendable = RequestRejected("it holds characters that cannot be sent")
    service = stage.serve(Scripted(unsendable, unsendable, unsendable))
    tasks = await add_links(stage.engine, [link("good", n) for n in range(4)])
    await asyncio.sleep(10)
    rejected = stage.in_state(S.REJECTED)
    assert [task.id for task in rejected] == [task.id for task in tasks[:3]]
    assert {task.problem for task in rejected} == {unsendable.problem}
    assert all(task.finished_at is not None for task in rejected)
    assert gaps(service.created_at) == [1.0, 1.0, 1.0], "nothing was held"


@pytest.mark.parametrize("is_edited", [False, True])
@on_stage
async def test_after_a_refusal_of_the_account_another_link_is_tried_first_unless_it_was_edited(
    stage: Stage, is_edited: bool
) -> None:
    used_up = QuotaExhausted("流量超限", code=5113)
    stage.serve(Scripted(used_up))
    first, second = await add_links(stage.engine, [link("good", n) for n in range(2)])
    await asyncio.sleep(0.5)
    assert last_error(stage) == stage.engine.tasks[first.id].problem == used_up.problem
    if is_edited:
        await edit_task(stage.engine, first.id, link("good", 2))
    while not (running := stage.in_state(S.RUNNING)):  # noqa: ASYNC110 - virtual time
        await asyncio.sleep(0.1)
    assert [task.id for task in running] == [first.id if is_edited else second.id]
    await asyncio.sleep(5)
    assert len(stage.in_state(S.RUNNING)) == 2


@on_stage
async def test_a_link_that_was_not_sent_for_want_of_a_token_has_not_been_refused(
    stage: Stage,
) -> None:
    no_token = TokenRefused(code=401)
    no_token.was_sent = False
    service = stage.serve(Scripted(no_token))
    await add_links(stage.engine, [link("good", n) for n in range(2)])
    await asyncio.sleep(120)
    assert service.sent == [0, 1]


@pytest.mark.parametrize("error", [RateLimited("slower", code=429), ResponseLost("cut")], ids=repr)
@on_stage
async def test_a_hold_lasts_while_the_harmless_call_fails(stage: Stage, error: Pan123Error) -> None:
    service = stage.serve(Scripted(QuotaExhausted("流量超限", code=5113)))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(0.5)
    service.account_error = error
    await asyncio.sleep(300)
    assert len(service.created_at) == 1
    assert stage.engine.status.hold == error.problem
    service.account_error = None
    await asyncio.sleep(700)
    assert stage.in_state(S.RUNNING)


@on_stage
async def test_what_is_asked_for_is_sent_and_the_second_time_percent_encoded(stage: Stage) -> None:
    unread = LinkNotParsed("解析失败", code=2)
    service = stage.serve(Scripted(unread, unread))
    wanted = DownloadRequest("https://example.com/good/ä.bin", "b.bin", 7)
    await asyncio.sleep(1)
    await add_links(stage.engine, [wanted])
    await asyncio.sleep(200)
    encoded = replace(wanted, url="https://example.com/good/%C3%A4.bin")
    assert service.requests == [wanted, encoded, wanted]
    assert gaps(service.created_at) == [40.0, 80.0]


@on_stage
async def test_each_try_has_a_callback_of_its_own_unless_the_user_has_one(stage: Stage) -> None:
    service = stage.serve(Scripted(RateLimited("slower")))
    own = DownloadRequest("https://example.com/good/own.bin", callback_url="https://a.example/x")
    stage.engine._outbox._callback_base = "http://here"
    await asyncio.sleep(1)
    first, second = await add_links(stage.engine, [link("good"), own])
    await asyncio.sleep(10)
    secrets = [stage.engine.tasks[task.id].callback_secret for task in (first, second)]
    used = [request.callback_url for request in service.requests]
    assert used[1:] == [f"http://here/{secrets[0]}", own.callback_url]
    assert secrets[0]
    assert secrets[1] == ""
    assert used[0].startswith("http://here/")
    assert used[0] != used[1]


@on_stage
async def test_an_intent_not_on_disk_is_tried_again_after_five_seconds(stage: Stage) -> None:
    service = stage.serve(Scripted())
    store = stage.engine._store

    problem = StoreUnwritable("No space left on device").problem

    async def refuse() -> bool:
        del store.save
        store.problem = problem
        return False

    async def begin() -> None:
        service.on_slot = nothing
        store.save = refuse  # type: ignore[method-assign]

    service.on_slot = begin
    (task,) = await add_links(stage.engine, [link("good")])
    await asyncio.sleep(1)
    assert stage.engine.tasks[task.id].problem == stage.engine.status.hold == problem
    assert stage.engine.status.hold_until == pytest.approx(EPOCH + 5, abs=0.01)
    await asyncio.sleep(9)
    assert service.created_at == pytest.approx([5.0], abs=0.01)


@on_stage
async def test_what_a_callback_has_told_before_the_answer_is_kept(stage: Stage) -> None:
    service = stage.serve(Scripted())

    async def tell() -> None:
        (sending,) = stage.in_state(S.SUBMITTING)
        stage.engine.repository.update(replace(sending, file_id=7))

    service.on_create = tell
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(1)
    assert [task.file_id for task in stage.in_state(S.RUNNING)] == [7]


@on_stage
async def test_a_lost_answer_holds_for_seconds_and_its_link_says_so(stage: Stage) -> None:
    lost = ResponseLost("ReadTimeout")
    service = stage.serve(Scripted(lost, None, lost))
    await add_links(stage.engine, [link("good", n) for n in range(4)])
    await asyncio.sleep(0.5)
    (unsure,) = stage.in_state(S.UNCONFIRMED)
    assert unsure.problem == lost.problem
    assert stage.engine.status.hold == lost.problem
    await asyncio.sleep(60)
    assert len(service.created_at) == 4, "the second time too: one has worked in between"
    assert 2.5 <= gaps(service.created_at)[0] <= 6.0, "shorter than after a refusal"


@on_stage
async def test_a_link_is_sent_as_soon_as_a_task_ends_that_took_its_place(stage: Stage) -> None:
    stage.world.configure(max_running=1, duration_s=10.0)
    first, second = await add_links(stage.engine, [link("a", 1), link("a", 2)])
    await asyncio.sleep(5)
    assert stage.witness.hold_kind is ProblemKind.TOO_MANY_TASKS
    await asyncio.sleep(25)
    ended = stage.engine.tasks[first.id].finished_at
    sent = stage.engine.tasks[second.id].sent_at
    assert ended is not None
    assert sent is not None
    assert sent - ended < 2
    assert len(stage.in_state(S.SUCCEEDED)) == 2


@on_stage
async def test_while_a_hold_lasts_each_create_comes_after_a_harmless_call(stage: Stage) -> None:
    service = stage.serve(Scripted(*[QuotaExhausted("流量超限", code=5113)] * 2))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(0.5)
    service.account_after_s, asked = 0.5, len(service.account_asked_at)
    while len(service.account_asked_at) == asked:  # noqa: ASYNC110 - virtual time
        await asyncio.sleep(0.1)
    assert stage.engine.status.hold_until == pytest.approx(
        EPOCH + service.account_asked_at[-1], abs=0.01
    )
    await asyncio.sleep(120)
    for before, create in pairwise(service.created_at):
        assert any(before < at < create for at in service.account_asked_at)
    assert len(service.created_at) == 3


@on_stage
async def test_after_f5_a_hold_is_as_short_as_the_first_time(stage: Stage) -> None:
    service = stage.serve(Scripted(*[QuotaExhausted("流量超限", code=5113)] * 40))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(3600)
    assert gaps(service.created_at)[-1] > 500
    await stage.engine.poll_now()
    await asyncio.sleep(50)
    assert gaps(service.created_at)[-1] < 35


@on_stage
async def test_a_link_that_is_being_sent_cannot_be_removed(stage: Stage) -> None:
    service = stage.serve(Scripted())
    service.create_s = 5.0
    first, second = await add_links(stage.engine, [link("good", 1), link("good", 2)])
    await asyncio.sleep(2)
    removed = await stage.engine.repository.remove([first.id, second.id])
    assert [task.id for task in removed] == [second.id]
    await asyncio.sleep(10)
    assert [task.id for task in stage.in_state(S.RUNNING)] == [first.id]


@on_stage
async def test_what_was_polled_while_a_change_was_saved_is_shown_with_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.serve(Scripted())
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(3)
    (running,) = stage.in_state(S.RUNNING)
    repository, save = stage.engine.repository, stage.engine._store.save

    async def save_late() -> bool:
        repository.update(replace(repository.tasks[running.id], percent=50.0))
        return await save()

    monkeypatch.setattr(stage.engine._store, "save", save_late)
    await repository.commit(replace(running, name="new"))
    shown = stage.witness.tasks[running.id]
    assert (shown.name, shown.percent) == ("new", 50.0)


@pytest.mark.parametrize("step", ["slots", "creates"])
@on_stage
async def test_an_error_that_nobody_expects_holds_the_queue_and_ends_nothing(
    stage: Stage, step: str
) -> None:
    service = stage.serve(Scripted())
    vars(service)[step] += [OverflowError("port must be 0-65535"), SettingsInvalid("new")]
    await add_links(stage.engine, [link("good", number) for number in range(3)])
    await asyncio.sleep(20)
    hold = Problem(ProblemKind.INTERNAL, "OverflowError: port must be 0-65535")
    assert stage.engine.status.hold == hold
    assert len(stage.in_state(S.QUEUED)) == 3
    await asyncio.sleep(300)
    assert sorted(service.sent) == [0, 1, 2]
    assert stage.engine.status.hold is None
