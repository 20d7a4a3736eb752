"""What is sent to the user's addresses, how often, and what happens where it does not arrive."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Task,
    TaskState,
)
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.push import PushMessages
from pan123_tui.system.push import PushFailure, PushTrouble, Troubles
from pan123_tui.wording.formats import size
from tests.api_stage import in_virtual_time
from tests.samples import a_task

S = TaskState
ONLINE = Status(Connection.ONLINE)
SECRET = "json://127.0.0.1/very-secret"


def task_in(state: TaskState, number: int, **facts: object) -> Task:
    known = {"url": f"https://secret.example/{number}.iso", "batch": "night"}
    return a_task(number, state, **(known | facts))


class Desk:
    """Where the messages come out."""

    def __init__(self, *tasks: Task, profile: str) -> None:
        self.sent: list[tuple[float, str]] = []
        self.titles: set[str] = set()
        self.failures: list[Troubles] = []
        self.asked: list[Sequence[str]] = []
        self.tasks = TaskCollection(tasks)
        self.push = PushMessages(lambda: [SECRET], profile=profile)
        self.push._send = self._send

    async def _send(self, addresses: Sequence[str], title: str, text: str) -> Troubles:
        self.asked.append(addresses)
        self.titles.add(title)
        if self.failures and (failures := self.failures.pop(0)):
            return failures
        self.sent.append((asyncio.get_running_loop().time(), text))
        return {}

    @property
    def texts(self) -> list[str]:
        return [text for _at, text in self.sent]

    def become(self, *tasks: Task) -> None:
        for task in tasks:
            self.tasks.put(task)
        self.push.on_event(TasksChanged(tasks))

    def status(self, status: Status) -> None:
        self.push.on_event(StatusChanged(status))


@asynccontextmanager
async def working(*tasks: Task, profile: str = "") -> AsyncIterator[Desk]:
    """Run the worker of a desk that knows `tasks`."""
    desk = Desk(*tasks, profile=profile)
    desk.push.on_event(TasksLoaded(tuple(desk.tasks.values())))
    work = asyncio.create_task(desk.push.run())
    try:
        yield desk
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


@in_virtual_time
async def test_a_batch_that_ends_is_told_once_with_true_counts_and_no_link() -> None:
    async with working(profile="work") as desk:
        desk.become(*(task_in(S.RUNNING, n) for n in range(1, 5)))
        desk.become(task_in(S.FAILED, 1, auto_retry=AutoRetry(0, 1, 9.0)))
        arrival = ArrivalCheck(ArrivalStatus.FOUND, 1.0, size=19_100_000_000)
        desk.become(task_in(S.FAILED, 2), task_in(S.REJECTED, 3))
        desk.become(task_in(S.SUCCEEDED, 4, arrival=arrival))
        await asyncio.sleep(300)
        assert desk.sent == []
        desk.become(task_in(S.SUCCEEDED, 1))
        await asyncio.sleep(5)
        desk.become(task_in(S.SUCCEEDED, 1, arrival=arrival))
        await asyncio.wait_for(desk.push.wait_idle(), 60)
        assert desk.texts == [f"Batch night: 2 done, 2 failed, {size(38_200_000_000)} in all"]
        await asyncio.sleep(3600)
        assert len(desk.sent) == 1
        assert desk.titles == {"pan123-tui · work"}


@in_virtual_time
async def test_news_within_a_minute_are_one_message() -> None:
    async with working() as desk:
        for number in range(1, 40):
            desk.become(task_in(S.RUNNING, number, batch=f"b{number}"))
            desk.become(task_in(S.SUCCEEDED, number, batch=f"b{number}"))
            await asyncio.sleep(10)
        await asyncio.sleep(300)
        assert sum(text.count("Batch ") for text in desk.texts) == 39
        gaps = [b - a for (a, _), (b, _) in zip(desk.sent, desk.sent[1:], strict=False)]
        assert min(gaps) >= 60
        assert len(desk.sent) < 10


@in_virtual_time
async def test_what_is_unsure_is_told_but_not_what_was_so_before() -> None:
    async with working(task_in(S.UNCONFIRMED, 1)) as desk:
        desk.become(task_in(S.UNCONFIRMED, 1, percent=1.0), task_in(S.RUNNING, 5))
        await asyncio.sleep(600)
        assert desk.sent == []
        desk.become(task_in(S.UNCONFIRMED, 2), task_in(S.MISSING, 3), task_in(S.UNCONFIRMED, 4))
        desk.become(task_in(S.SUCCEEDED, 4))
        await asyncio.sleep(60)
        assert desk.texts == ["2 links are unsure: did their files arrive?"]
        desk.push.on_event(
            TasksChanged(removed={1: task_in(S.UNCONFIRMED, 1), 2: task_in(S.UNCONFIRMED, 2)})
        )
        desk.become(task_in(S.UNCONFIRMED, 1), task_in(S.UNCONFIRMED, 2))  # that is undone
        desk.become(task_in(S.UNCONFIRMED, 6))
        desk.push.on_event(
            TasksChanged(removed={6: task_in(S.UNCONFIRMED, 6)})
        )  # before it was told
        await asyncio.sleep(600)
        assert len(desk.texts) == 1


@in_virtual_time
async def test_a_queue_that_is_held_for_ten_minutes_is_told_once() -> None:
    quota = Problem(ProblemKind.QUOTA_EXHAUSTED, "流量超限 https://secret.example/1.iso")
    async with working() as desk:
        desk.become(task_in(S.QUEUED, 1))
        desk.status(replace(ONLINE, hold=quota))
        await asyncio.sleep(590)
        desk.status(ONLINE)
        await asyncio.sleep(5)  # the time of the former one is not up yet
        desk.status(replace(ONLINE, hold=quota))
        for until in range(60):
            await asyncio.sleep(60)
            desk.status(replace(ONLINE, hold=quota, hold_until=float(until)))
        assert desk.texts == ["The queue waits: The account's traffic or quota is used up."]
        assert desk.sent[0][0] == pytest.approx(590 + 5 + 600 + 15, abs=1)


@pytest.mark.parametrize(
    "status",
    [
        replace(ONLINE, hold=Problem(ProblemKind.RUNNING_LIMIT)),
        replace(ONLINE, hold=Problem(ProblemKind.TOO_MANY_TASKS)),
        replace(ONLINE, hold=Problem(ProblemKind.QUOTA_EXHAUSTED), is_paused=True),
    ],
)
@in_virtual_time
async def test_what_waits_in_good_order_is_no_news(status: Status) -> None:
    async with working() as desk:
        desk.become(task_in(S.QUEUED, 1))
        desk.status(status)
        await asyncio.sleep(7200)
        assert desk.sent == []


@in_virtual_time
async def test_an_account_that_needs_a_log_in_is_told_once_until_it_works_again() -> None:
    refused = Status(Connection.REFUSED)
    async with working() as desk:
        desk.become(task_in(S.QUEUED, 1))
        for status in (refused, Status(Connection.OFFLINE), refused, ONLINE, refused):
            desk.status(status)
            await asyncio.sleep(120)
        assert desk.texts == ["Log in again: 123pan does not accept the account."] * 2
        desk.become(task_in(S.UNCONFIRMED, 1))
        await asyncio.sleep(120)
        assert "Log in" not in desk.texts[2]


@in_virtual_time
async def test_a_message_that_does_not_arrive_is_tried_three_times_and_logged_without_its_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused = {1: PushFailure(PushTrouble.REFUSED, 403, "no keyword")}
    with caplog.at_level(logging.DEBUG):
        async with working() as desk:
            desk.push._addresses = lambda: ["json://127.0.0.1/fine", SECRET, "nonsense"]
            desk.failures = [{2: refused[1], 3: PushFailure(PushTrouble.INVALID)}, refused, refused]
            desk.become(task_in(S.RUNNING, 1))
            desk.become(task_in(S.SUCCEEDED, 1))
            await desk.push.wait_idle()
            assert [len(addresses) for addresses in desk.asked] == [3, 1, 1]
            assert desk.asked[1] == [SECRET]
            assert asyncio.get_running_loop().time() >= 15 + 30 + 120
    lines = [record.getMessage() for record in caplog.records if "push" in record.getMessage()]
    assert (
        sum("Push failed: HTTP 403, “no keyword”. Check address 2" in line for line in lines) == 3
    )
    assert any("does not know address 3 in notify.push" in line for line in lines)
    assert "secret" not in caplog.text


@in_virtual_time
async def test_a_receiver_that_never_answers_keeps_no_engine_and_gets_nothing_twice() -> None:
    hangs = True

    async def send(addresses: Sequence[str], title: str, text: str) -> Troubles:
        desk.asked.append(addresses)
        await asyncio.sleep(1e9 if hangs else 0)
        return {}

    async with working() as desk:
        desk.push._send = send
        desk.become(task_in(S.RUNNING, 1))
        desk.become(task_in(S.SUCCEEDED, 1))
        await asyncio.wait_for(desk.push.wait_idle(), 120)
        assert len(desk.asked) == 1
        hangs = False
        desk.become(task_in(S.RUNNING, 2))
        desk.become(task_in(S.SUCCEEDED, 2))
        await asyncio.wait_for(desk.push.wait_idle(), 120)
        assert len(desk.asked) == 2


@in_virtual_time
async def test_an_error_that_nobody_expects_keeps_no_engine() -> None:
    async def send(addresses: Sequence[str], title: str, text: str) -> Troubles:
        raise KeyError(title)

    async with working() as desk:
        desk.push._send = send
        desk.become(task_in(S.RUNNING, 1))
        desk.become(task_in(S.SUCCEEDED, 1))
        await asyncio.wait_for(desk.push.wait_idle(), 120)
