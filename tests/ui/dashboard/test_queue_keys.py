"""The keys that pause and order the queue, and what the dashboard shows of it."""

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.sorting import SortKey
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dashboard.status_bar import Place, StatusFacts, second_line
from pan123_tui.wording.results import poll_text
from tests.ui.dashboard_stage import Story, story, task

S = TaskState
NOW = 1000.0
ONLINE = Status(Connection.ONLINE)
QUEUED = [task(number, S.QUEUED) for number in (1, 2, 3)]


def numbers(told: Story) -> list[int]:
    return [int(name[5:7]) for name in told.names]


def in_order_of_sending(told: Story) -> None:
    told.dashboard.panel.update_query(sort=SortKey.QUEUE)


async def test_p_pauses_and_resumes_sending_and_says_so_wherever_it_matters() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        await told.press("P")
        await told.reads("sending paused · P resumes")
        await told.press("enter")
        await told.reads("Sending is paused: P resumes.")
        await told.press("P")
        await told.sees(lambda: "paused" not in told.text)
        for _ in range(5):
            told.dashboard.action_act("queue.pause")
        await told.reads("sending paused")
        await told.sees(lambda: not told.dashboard.desk.pauses_asked)
        assert told.engine.status.is_paused


async def test_the_order_of_sending_is_shown_and_can_be_changed_and_undone() -> None:
    async with story([*QUEUED, task(4)], status=ONLINE, size=(140, 30)) as told:
        assert numbers(told) == [4, 3, 2, 1]
        in_order_of_sending(told)
        await told.sees(lambda: numbers(told) == [1, 2, 3, 4])
        await told.reads("next")
        await told.press("G", "k", "less_than_sign")
        await told.sees(lambda: numbers(told) == [3, 1, 2, 4])
        assert told.toasts == ["1 link moved to the front. u undoes this."]
        await told.press("g", "j", "j", "less_than_sign")
        await told.sees(lambda: numbers(told) == [2, 3, 1, 4])
        await told.press("u", "u")
        await told.sees(lambda: [t.rank for t in told.engine.tasks.values()] == [0] * 4)


async def test_links_that_are_at_the_front_already_are_said_once_to_be_there() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        in_order_of_sending(told)
        await told.press("g", *["less_than_sign"] * 3)
        await told.sees(lambda: told.toasts == ["This link is the next one already."])
        told.app.clear_notifications()
        await told.press("space", "space", "less_than_sign")
        await told.sees(lambda: told.toasts == ["These links are the next ones already."])


async def test_a_move_is_not_undone_once_its_links_are_sent() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        in_order_of_sending(told)
        await told.press("G", "less_than_sign")
        await told.sees(lambda: told.app.task_actions.can_undo)
        told.engine.tell(*(task(number) for number in (1, 2, 3)))
        await told.sees(lambda: not told.app.task_actions.can_undo)
        await told.press("u")
        assert "There is nothing to undo." in told.toasts


async def test_what_is_not_queued_is_not_sent_next() -> None:
    async with story([task(1)]) as told:
        await told.press("less_than_sign")
        assert told.toasts == ["Only links that are queued can be sent next."]


def test_a_full_service_is_told_by_what_runs_there() -> None:
    cap = Problem(ProblemKind.TOO_MANY_TASKS)
    status = replace(ONLINE, hold=cap, hold_since=NOW, hold_until=NOW + 30)
    facts = StatusFacts(status, {Shown.RUNNING: 5, Shown.QUEUED: 12}, NOW)
    (item,) = second_line(facts, Place())
    assert item.variants[0] == "Waiting: Download limit reached: 5 running. Again in 30 s."


def test_a_check_does_not_claim_to_send_while_sending_is_paused() -> None:
    status = replace(ONLINE, hold=Problem(ProblemKind.QUOTA_EXHAUSTED))
    assert poll_text(status, now=NOW) == "Checking all tasks, and trying to send…"
    assert poll_text(replace(status, is_paused=True), now=NOW) == "Checking all tasks…"


def test_a_pause_is_said_instead_of_a_wait_of_the_queue() -> None:
    cap = Problem(ProblemKind.TOO_MANY_TASKS)
    status = replace(ONLINE, is_paused=True, hold=cap, hold_until=NOW)
    (item,) = second_line(StatusFacts(status, {}, NOW), Place(pause_key="P"))
    assert item.variants[0] == "sending paused · P resumes"


async def test_an_order_whose_links_are_sent_cannot_be_undone() -> None:
    async with story(QUEUED, status=ONLINE) as told:
        await told.press("less_than_sign")
        await told.sees(lambda: told.toasts)
        told.engine.tell(*(task(it.id) for it in QUEUED))
        await told.press("u")
        await told.sees(lambda: "There is nothing to undo." in told.toasts)


def test_a_check_does_not_promise_to_send_while_sending_is_paused() -> None:
    held = Status(hold=Problem(ProblemKind.RATE_LIMITED))
    assert "send" in poll_text(held, now=NOW)
    assert "send" not in poll_text(replace(held, is_paused=True), now=NOW)


def test_a_check_tells_how_long_the_service_still_forbids_to_send() -> None:
    held = Status(hold=Problem(ProblemKind.RATE_LIMITED), hold_until=NOW + 300)
    text = poll_text(held, now=NOW)
    assert text == "Checking all tasks; the service takes links again in 5 min."
