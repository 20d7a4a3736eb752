"""The keys that pause and order the queue, and what the dashboard shows of it."""

from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.send_queue import in_send_order
from pan123_tui.domain.task import TaskState
from tests.ui.dashboard_stage import Story, story, task

S = TaskState
NOW = 1000.0
ONLINE = Status(Connection.ONLINE)
QUEUED = [task(number, S.QUEUED) for number in (1, 2, 3)]


def numbers(told: Story) -> list[int]:
    return [int(name[5:7]) for name in told.names]


def queue(told: Story) -> list[int]:
    return [it.id for it in in_send_order(told.engine.tasks.values())]


def oldest_first(told: Story) -> None:
    told.dashboard.panel.update_query(reverse=True)


async def test_p_pauses_and_resumes_and_links_at_the_front_are_said_once_to_be_there() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        await told.press("P")
        await told.reads("sending paused · P resumes")
        await told.press("P")
        await told.sees(lambda: "paused" not in told.text)
        assert not told.engine.status.is_paused
        oldest_first(told)
        await told.press("g", *["less_than_sign"] * 3)
        await told.sees(lambda: told.toasts == ["Already at the front."])
        told.app.clear_notifications()
        await told.press("space", "space", "less_than_sign")
        await told.sees(lambda: told.toasts == ["Already at the front."])


async def test_the_order_of_sending_can_be_changed() -> None:
    async with story([*QUEUED, task(4)], status=ONLINE, size=(140, 30)) as told:
        assert numbers(told) == [4, 3, 2, 1]
        oldest_first(told)
        await told.sees(lambda: numbers(told) == [1, 2, 3, 4])
        await told.reads("next")
        await told.press("G", "k", "less_than_sign")
        await told.sees(lambda: queue(told) == [3, 1, 2])
        assert told.toasts == ["1 link moved to the front."]
        await told.press("g", "j", "less_than_sign")
        await told.sees(lambda: queue(told) == [2, 3, 1])
