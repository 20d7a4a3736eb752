"""What an action has done, and what it has left out."""

import pytest

from pan123_tui.domain.task import Task, TaskState
from pan123_tui.wording.results import edit_result, queued_text, removal_text

GOES_ON = (
    "3 tasks removed. 123pan goes on with 2 downloads. What is being sent right now stays."
    " ctrl+z undoes this."
)


def tasks(*states: TaskState) -> list[Task]:
    return [Task(id=1, url="https://a.example/b", created_at=1.0, state=state) for state in states]


@pytest.mark.parametrize(
    ("states", "sending", "said"),
    [
        ((TaskState.FAILED,), 0, "1 task removed. ctrl+z undoes this."),
        (
            (TaskState.RUNNING, TaskState.QUEUED, TaskState.RETRYING),
            1,
            GOES_ON,
        ),
    ],
)
def test_a_removal_says_what_goes_on_and_what_stays(
    states: tuple[TaskState, ...], sending: int, said: str
) -> None:
    assert removal_text(tasks(*states), undo_key="ctrl+z", sending=sending) == said


@pytest.mark.parametrize(
    ("changed", "late", "said"),
    [
        (2, 0, "2 links changed and queued."),
        (0, 1, "1 link was sent meanwhile and stays as it was."),
        (
            1,
            2,
            "1 link changed and queued. 2 links were sent meanwhile and stay as they were.",
        ),
    ],
)
def test_an_edit_says_what_it_came_too_late_for(changed: int, late: int, said: str) -> None:
    assert edit_result(changed, late) == said


def test_an_add_says_what_waits_and_what_is_skipped() -> None:
    assert queued_text(2, 0, is_paused=False) == "2 links queued."
    skipped = "1 link was added meanwhile and is skipped."
    assert queued_text(1, 1, is_paused=True) == f"1 link queued; sending is paused.\n{skipped}"
    assert queued_text(0, 1, is_paused=True) == skipped
