"""The question what became of several unsure tasks says what is known of each."""

from typing import Any

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.ui.dialogs.unconfirmed import ask_unsure
from tests.ui.stage import Stage, StageUser

S, V = TaskState, ArrivalStatus
UNREADABLE = Problem(ProblemKind.REQUEST_NOT_SENT)
ABSENT = ArrivalCheck(V.NOT_FOUND, 1.0)
NOT_SEEN = ArrivalCheck(V.NOT_FOUND, 1.0, problem=UNREADABLE)
FOUND = ArrivalCheck(V.FOUND, 1.0, "a.iso", 5)


def unsure(number: int, state: TaskState = S.UNCONFIRMED, **facts: Any) -> Task:
    return Task(id=number, url=f"https://a.b/{number}.iso", created_at=1.0, state=state, **facts)


async def test_a_folder_that_could_not_be_read_says_nothing_of_its_file() -> None:
    tasks = [
        unsure(1, arrival=FOUND),
        unsure(2, arrival=ABSENT),
        unsure(3, arrival=NOT_SEEN),
        unsure(4),
        unsure(5, S.MISSING),
    ]
    async with Stage().run_test(size=(80, 30)) as pilot:
        user = StageUser(pilot)
        pilot.app.run_worker(ask_unsure(pilot.app, tasks))
        await user.reads("Have these 5 files arrived?")
        for fact in (
            "No answers came, so 123pan may have the links.",
            "123pan no longer knows the task, which may have ended.",
            "1 file was found in its folder.",
            "1 file was not found in its folder.",
            "The folders of 3 files have not been checked yet.",
        ):
            await user.reads(fact)
