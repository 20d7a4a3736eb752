"""The keys that pause, order and hold the queue, and what the dashboard shows of it."""

import pytest
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status, StatusChanged
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.sorting import SortKey
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dashboard.queue_keys import QUEUE_BINDINGS
from pan123_tui.ui.dashboard.status_bar import Place, StatusFacts, second_line
from pan123_tui.wording.queue import poll_text
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
            told.dashboard.action_pause_sending()
        await told.reads("sending paused")
        await told.sees(lambda: not told.dashboard._pauses_asked)
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
        await told.press("greater_than_sign")
        await told.sees(lambda: numbers(told) == [1, 2, 3, 4])
        await told.press("u", "u")
        await told.sees(lambda: [t.rank for t in told.engine.tasks.values()] == [0] * 4)


async def test_links_that_are_at_the_end_already_are_said_to_be_there() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        in_order_of_sending(told)
        await told.press("g", "less_than_sign")
        await told.sees(lambda: told.toasts == ["It is the first already."])
        told.app.clear_notifications()
        await told.press("j", "space", "space", "greater_than_sign")
        await told.sees(lambda: told.toasts == ["They are the last already."])


async def test_a_held_key_says_once_that_a_link_is_the_first_already() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        in_order_of_sending(told)
        await told.press("g", *["less_than_sign"] * 3, "greater_than_sign")
        await told.sees(lambda: told.dashboard._actions.can_undo)
        assert [text.partition(".")[0] for text in told.toasts] == [
            "It is the first already",
            "1 link moved to the end",
        ]


async def test_a_move_is_not_undone_once_its_links_are_sent() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        in_order_of_sending(told)
        await told.press("G", "less_than_sign")
        await told.sees(lambda: told.dashboard._actions.can_undo)
        told.engine.tell(*(task(number) for number in (1, 2, 3)))
        await told.sees(lambda: not told.dashboard._actions.can_undo)
        await told.press("u")
        assert "There is nothing to undo." in told.toasts


async def test_what_is_not_queued_is_neither_moved_nor_held() -> None:
    async with story([task(1)]) as told:
        for key in ("less_than_sign", "greater_than_sign", "H"):
            await told.press(key)
        assert set(told.toasts) == {"Only links that are queued can be moved or held."}


def test_a_full_service_is_told_by_what_runs_there() -> None:
    cap = Problem(ProblemKind.TOO_MANY_TASKS)
    status = replace(ONLINE, hold=cap, hold_since=NOW, hold_until=NOW + 30)
    facts = StatusFacts(status, {Shown.RUNNING: 5, Shown.QUEUED: 12}, NOW)
    (item,) = second_line(facts, Place())
    assert item.variants[0] == "Waiting: Download limit reached: 5 run now. Again in 30 s."


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


async def test_the_key_bar_names_the_keys_of_the_queue_where_the_cursor_is_on_a_queued_link() -> (
    None
):
    async with story([QUEUED[0], task(4)], status=ONLINE, size=(140, 30)) as told:
        keys = ("< front", "> end", "H hold", "P pause")
        assert not any(key in told.footer for key in keys)
        await told.press("j")
        assert all(key in told.footer for key in keys)
        await told.press("P", "H")
        await told.sees(lambda: "P resume" in told.footer and "H release" in told.footer)
        await told.press("space", "P")
        await told.sees(lambda: "< front 1" in told.footer and "P pause" in told.footer)
        await told.pilot.resize_terminal(80, 30)
        await told.press("escape")
        await told.sees(lambda: "d remove  enter details  < front  > end" in told.footer)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_key_bar_calls_a_move_as_the_search_of_actions_does(language: str) -> None:
    async with story(QUEUED) as told:
        i18n.set_language(language)
        try:
            names = {it.id: i18n._(it.description) for it in QUEUE_BINDINGS}
            short = told.dashboard.short_descriptions()
            for key in ("queue.front", "queue.back"):
                assert (short[key]() or "-") in names[key]
        finally:
            i18n.set_language("en")


async def test_the_key_bar_names_the_way_out_of_a_missing_folder_at_its_links_alone() -> None:
    tasks = [task(1, S.QUEUED, folder_id=7), task(2, S.QUEUED, folder_id=8)]
    async with story(tasks, status=ONLINE) as told:
        told.engine.listen(StatusChanged(replace(ONLINE, missing_folders=(7,))))
        await told.reads("sends them elsewhere")
        assert "m replace missing folder" not in told.footer
        await told.press("j")
        assert "m replace missing folder" in told.footer
        told.engine.listen(StatusChanged(ONLINE))
        await told.sees(lambda: "m replace missing folder" not in told.footer)
