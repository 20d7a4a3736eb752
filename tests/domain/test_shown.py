"""The six words for how a task stands."""

import pytest

from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState

WORDS = {
    TaskState.QUEUED: "queued",
    TaskState.SUBMITTING: "sending",
    TaskState.UNCONFIRMED: "unsure",
    TaskState.REJECTED: "failed",
    TaskState.RUNNING: "running",
    TaskState.RETRYING: "running",
    TaskState.SUCCEEDED: "done",
    TaskState.FAILED: "failed",
    TaskState.MISSING: "unsure",
}


@pytest.mark.parametrize("state", TaskState)
def test_each_state_is_shown_as_one_of_six_words(state: TaskState) -> None:
    task = Task(id=1, url="https://example.com/a.zip", created_at=0.0, state=state)

    assert shown_state(task) == WORDS[state]


def test_a_reported_success_without_its_file_has_failed() -> None:
    arrival = ArrivalCheck(ArrivalStatus.NOT_FOUND, at=1.0)
    task = Task(
        id=1,
        url="https://example.com/a",
        created_at=0.0,
        state=TaskState.SUCCEEDED,
        arrival=arrival,
    )

    assert shown_state(task) is Shown.FAILED
