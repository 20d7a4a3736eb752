"""How long the outbox waits after each kind of failure, and what it keeps of it, to the second."""

import asyncio
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import (
    UNSENT,
    FolderMissing,
    LinkNotParsed,
    Pan123Error,
    Problem,
    ProblemKind,
    QuotaExhausted,
    RateLimited,
    RequestNotSent,
    RequestRejected,
    ResponseLost,
    SettingsInvalid,
    StoreUnwritable,
    TokenRefused,
    TooManyTasks,
    problem_of,
)
from pan123_tui.domain.task import DownloadRequest, TaskState
from tests.engine_stage import add_links, edit_task, link
from tests.hold_stage import Stage, on_stage
from tests.paper_service import PaperService, gaps, last_error

S = TaskState
WAITS: list[tuple[Exception, list[float]]] = [
    (RateLimited("slower", code=429), [1, 2, 4]),
    (TooManyTasks("too many", code=2), [60, 60, 60]),
    (QuotaExhausted("流量超限", code=5113), [30, 60, 120]),
    (LinkNotParsed("解析失败", code=2), [40, 80]),
    (FolderMissing("指定目录ID文件不存在", code=1), [30, 60, 120]),
    (StoreUnwritable("No space left on device"), [5, 5, 5]),
    (ZeroDivisionError("new"), [30, 60, 120]),
]


@pytest.mark.parametrize(("error", "waits"), WAITS, ids=lambda it: type(it).__name__)
@on_stage
async def test_each_kind_of_answer_has_its_waits(
    stage: Stage, error: Exception, waits: list[float]
) -> None:
    service = stage.serve(PaperService(*[error] * 3))
    await asyncio.sleep(1)
    await add_links(stage.engine, [replace(link("good"), folder_id=7)])
    await asyncio.sleep(1)
    (waiting,) = stage.in_state(S.QUEUED)
    assert waiting.problem == problem_of(error)
    await asyncio.sleep(300)
    assert gaps(service.created_at) == pytest.approx(waits, abs=0.1)


UNKNOWN = RequestRejected("no idea", code=77)


@pytest.mark.parametrize(
    "errors", [[TokenRefused(code=401)], [UNKNOWN, UNKNOWN], [ResponseLost("cut")]], ids=str
)
@on_stage
async def test_before_the_next_create_a_harmless_call_proves_the_account(
    stage: Stage, errors: list[Exception]
) -> None:
    service = stage.serve(PaperService(*errors))
    await add_links(stage.engine, [link("good", n) for n in range(3)])
    await asyncio.sleep(60)
    refused_at, next_at = service.created_at[len(errors) - 1 :][:2]
    assert any(refused_at < at < next_at for at in service.account_asked_at)


@on_stage
async def test_an_unknown_refusal_is_about_its_link_again_once_a_link_was_found_at_fault(
    stage: Stage,
) -> None:
    stage.serve(PaperService(UNKNOWN, LinkNotParsed("解析失败", code=2), UNKNOWN))
    await add_links(stage.engine, [link("good", n) for n in range(4)])
    await asyncio.sleep(10)
    assert [task.id for task in stage.in_state(S.REJECTED)] == [1, 3]


@on_stage
async def test_without_a_default_folder_the_queue_is_held_and_no_folder_is_missing(
    stage: Stage,
) -> None:
    stage.serve(PaperService(FolderMissing("指定目录ID文件不存在", code=1)))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(5)
    assert stage.witness.hold_kind is ProblemKind.FOLDER_MISSING
    assert not stage.missing_folders()


@on_stage
async def test_what_fails_before_a_create_is_not_its_answer(stage: Stage) -> None:
    service = stage.serve(PaperService(slots=(QuotaExhausted("流量超限", code=5113),)))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(5)
    assert len(service.sent) == 1
    assert not stage.in_state(S.REJECTED)


@on_stage
async def test_what_was_not_sent_is_sent_once_the_line_is_back(stage: Stage) -> None:
    service = stage.serve(PaperService(RequestNotSent("cut"), RequestNotSent("cut")))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(10)
    assert len(service.created_at) == 3
    assert stage.in_state(S.RUNNING)


@on_stage
async def test_a_link_whose_answer_met_a_bug_is_doubted_and_the_queue_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.engine._accounts, "note_sent", Mock(side_effect=[KeyError, None]))
    stage.serve(PaperService())
    await add_links(stage.engine, [link("good", n) for n in range(2)])
    await asyncio.sleep(120)
    assert [task.id for task in stage.in_state(S.UNCONFIRMED)] == [1]
    assert [task.id for task in stage.in_state(S.RUNNING)] == [2]


@on_stage
async def test_what_the_client_refuses_to_send_counts_for_no_hold(stage: Stage) -> None:
    unsendable = RequestRejected("it holds characters that cannot be sent")
    service = stage.serve(PaperService(unsendable, unsendable, unsendable))
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
    stage.serve(PaperService(used_up))
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
    service = stage.serve(PaperService(TokenRefused(code=401)))
    await add_links(stage.engine, [link("good", n) for n in range(2)])
    await asyncio.sleep(120)
    assert service.sent == [0, 1]


@pytest.mark.parametrize("error", [RateLimited("slower", code=429), ResponseLost("cut")], ids=repr)
@on_stage
async def test_a_hold_lasts_while_the_harmless_call_fails(stage: Stage, error: Pan123Error) -> None:
    service = stage.serve(PaperService(QuotaExhausted("流量超限", code=5113)))
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
async def test_each_try_has_a_callback_of_its_own_unless_the_user_has_one(stage: Stage) -> None:
    service = stage.serve(PaperService(RateLimited("slower")))
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
async def test_what_a_callback_has_told_before_the_answer_is_kept(stage: Stage) -> None:
    service = stage.serve(PaperService())

    async def tell() -> None:
        (sending,) = stage.in_state(S.SUBMITTING)
        stage.engine.repository.update(replace(sending, file_id=7))

    service.on_create = tell
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(1)
    assert [task.file_id for task in stage.in_state(S.RUNNING)] == [7]


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
async def test_after_f5_a_hold_is_as_short_as_the_first_time(stage: Stage) -> None:
    service = stage.serve(PaperService(*[QuotaExhausted("流量超限", code=5113)] * 40))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(3600)
    assert gaps(service.created_at)[-1] > 500
    await stage.engine.poll_now()
    await asyncio.sleep(50)
    assert gaps(service.created_at)[-1] < 35


@pytest.mark.parametrize("step", ["slots", "creates"])
@on_stage
async def test_an_error_that_nobody_expects_holds_the_queue_and_ends_nothing(
    stage: Stage, step: str
) -> None:
    service = stage.serve(PaperService())
    vars(service)[step] += [OverflowError("port must be 0-65535"), SettingsInvalid("new")]
    await add_links(stage.engine, [link("good", number) for number in range(3)])
    await asyncio.sleep(20)
    hold = Problem(ProblemKind.INTERNAL, "OverflowError: port must be 0-65535")
    assert stage.engine.status.hold == hold
    assert len(stage.in_state(S.QUEUED)) == 3
    await asyncio.sleep(300)
    assert sorted(service.sent) == [0, 1, 2]
    assert stage.engine.status.hold is None


@pytest.mark.parametrize(("words", "state"), [(UNSENT, S.QUEUED), ("", S.UNCONFIRMED)])
@on_stage
async def test_a_create_that_the_end_cuts_off_is_doubted_unless_nothing_was_sent(
    stage: Stage, words: str, state: TaskState
) -> None:
    service = stage.serve(PaperService())

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise asyncio.CancelledError(words) from None

    service.on_create = hang
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(5)
    stage.engine.stop()
    await asyncio.sleep(5)
    assert [task.state for task in stage.engine.tasks.values()] == [state]
