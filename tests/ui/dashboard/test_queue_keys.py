"""The keys that pause and order the queue, and what the dashboard shows of it."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dashboard.queue_status import poll_text
from pan123_tui.ui.dashboard.status_bar import StatusBarState, second_line
from tests.ui.dashboard_stage import Story, story, task

S = TaskState
NOW = 1000.0
ONLINE = Status(Connection.ONLINE)
QUEUED = [task(number, S.QUEUED) for number in (1, 2, 3)]


def numbers(told: Story) -> list[int]:
    return [int(name[5:7]) for name in told.names]


async def test_p_pauses_and_resumes_sending_and_says_so_wherever_it_matters() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        await told.press("P")
        await told.reads("sending paused · P resumes")
        assert "3 links to send" in told.text
        assert "about" not in told.text.splitlines()[-2]
        await told.press("enter")
        await told.reads("Sending is paused: P resumes.")
        await told.press("P")
        await told.sees(lambda: "paused" not in told.text)
        for _ in range(5):
            told.dashboard.action_act("queue.pause")
        await told.reads("sending paused")
        await told.sees(lambda: not told.dashboard.desk.pauses_asked)
        assert told.engine.status.is_paused


async def test_the_waiting_view_shows_the_order_of_sending_which_can_be_changed_and_undone() -> (
    None
):
    async with story([*QUEUED, task(4)], status=ONLINE, size=(140, 30)) as told:
        assert numbers(told) == [4, 3, 2, 1]
        await told.press("4")
        await told.sees(lambda: numbers(told) == [1, 2, 3])
        await told.reads("#1")
        await told.press("G", "less_than_sign")
        await told.sees(lambda: numbers(told) == [3, 1, 2])
        assert told.toasts == ["1 link moved to the front. u undoes this."]
        await told.press("g", "j", "j", "less_than_sign")
        await told.sees(lambda: numbers(told) == [2, 3, 1])
        await told.press("u", "u")
        await told.sees(lambda: [t.rank for t in told.engine.tasks.values()] == [0] * 4)
        await told.press("1")
        await told.sees(lambda: numbers(told) == [4, 3, 2, 1])
        assert "#1" not in told.text


async def test_links_that_are_at_the_front_already_are_said_once_to_be_there() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        await told.press("4", "g", *["less_than_sign"] * 3)
        await told.sees(lambda: told.toasts == ["It is the first already."])
        told.app.clear_notifications()
        await told.press("space", "space", "less_than_sign")
        await told.sees(lambda: told.toasts == ["They are the first already."])


async def test_a_move_is_not_undone_once_its_links_are_sent() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        await told.press("4", "G", "less_than_sign")
        await told.sees(lambda: told.app.task_actions.can_undo)
        told.engine.tell(*(task(number) for number in (1, 2, 3)))
        await told.sees(lambda: not told.app.task_actions.can_undo)
        await told.press("u")
        assert "There is nothing to undo." in told.toasts


async def test_what_is_not_queued_is_not_sent_next() -> None:
    async with story([task(1)]) as told:
        await told.press("less_than_sign")
        assert told.toasts == ["Only links that are queued can be sent next."]


def bar(status: Status, counts: Mapping[str, int], **facts: Any) -> str:
    state = StatusBarState(status, counts, now=NOW, pause_key="P", **facts)
    return "".join(span.text for span in second_line(state, 160)).strip()


def test_a_full_service_is_told_by_what_runs_there_and_no_time_is_guessed() -> None:
    cap = Problem(ProblemKind.TOO_MANY_TASKS)
    status = replace(ONLINE, hold=cap, hold_since=NOW, hold_until=NOW + 30, send_interval_s=None)
    counts: dict[str, int] = {S.RUNNING: 4, S.RETRYING: 1, S.QUEUED: 12}
    text = bar(status, counts)
    assert text.startswith("Waiting: Download limit reached: 5 run now. Again in 30 s.")
    assert text.endswith("12 links to send, time unknown")
    assert bar(replace(status, send_interval_s=60.0), counts) == text, "nobody knows when one ends"


async def test_a_link_with_a_pause_of_its_own_is_not_counted_as_sent_soon() -> None:
    later = task(9, S.QUEUED, problem=Problem(ProblemKind.LINK_NOT_PARSED))
    async with story([*QUEUED, later], status=ONLINE, size=(140, 30)) as told:
        await told.reads("3 links to send, about 5 s  1 link to try again")
        told.engine.tell(replace(later, problem=None))
        await told.reads("4 links to send, about 5 s")
        assert "to try again" not in told.text


def test_a_check_does_not_claim_to_send_while_sending_is_paused() -> None:
    status = replace(ONLINE, hold=Problem(ProblemKind.QUOTA_EXHAUSTED))
    assert poll_text(status, now=NOW) == "Checking all tasks, and trying to send…"
    assert poll_text(replace(status, is_paused=True), now=NOW) == "Checking all tasks…"


def test_a_pause_is_said_instead_of_a_wait_of_the_queue() -> None:
    cap = Problem(ProblemKind.TOO_MANY_TASKS)
    status = replace(ONLINE, is_paused=True, hold=cap, hold_until=NOW)
    assert bar(status, {S.QUEUED: 2}) == "sending paused · P resumes  2 links to send"
    assert bar(replace(ONLINE, is_paused=True), {}) == "sending paused · P resumes"


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
