"""What is said of a file that arrived, and of one that did not as it should have."""

import time

import pytest

from pan123_tui import i18n
from pan123_tui.domain.batches import time_name
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.wording.formats import day_and_hour
from pan123_tui.wording.notes import batch_progress_text, look_text, since_text

NOW = 1_750_000_000.0

SMALL_ADVICE = "The file may be an error page under the right name: open it to check."


def test_a_batch_says_how_far_it_is() -> None:
    counts = {Shown.DONE: 212, Shown.FAILED: 3, Shown.RUNNING: 85}
    assert batch_progress_text("night", counts, NOW, left_s=2400) == (
        "night: 212 of 300, 3 failed, ~40 min"
    )
    time_of_day = time.strftime("%H:%M:%S", time.localtime(NOW))
    assert batch_progress_text(time_name(NOW), {Shown.UNSURE: 2}, NOW) == (
        f"Batch {time_of_day}: 0 of 2, 2 unsure"
    )


def test_what_ended_while_no_screen_looked_is_said_with_the_time_of_leaving() -> None:
    counts = {Shown.DONE: 41, Shown.FAILED: 3, Shown.UNSURE: 1}
    yesterday = time.mktime((*time.localtime(NOW - 86400)[:3], 23, 10, 0, 0, 0, -1))
    said = since_text(yesterday, counts, now=NOW)
    assert said == "Since yesterday 23:10: 41 done, 3 failed, 1 unsure"
    i18n.set_language("zh")
    assert since_text(yesterday, counts, now=NOW) == "昨天 23:10 以来：完成 41，失败 3，待确认 1"


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (None, ""),
        (ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW), "Not in the folder yet, last checked at {}."),
        (
            ArrivalCheck(
                ArrivalStatus.NOT_FOUND, NOW, problem=Problem(ProblemKind.REQUEST_NOT_SENT)
            ),
            "The folder could not be read at {}: 123pan could not be reached.",
        ),
        (
            ArrivalCheck(ArrivalStatus.TOO_SMALL, NOW, "b.iso", 3072),
            f"Found in the folder at {{}}: b.iso, 3.0 KB. too small: 3.0 KB. {SMALL_ADVICE}",
        ),
    ],
)
def test_what_the_folder_of_an_unconfirmed_link_holds_is_said_with_the_time_of_the_look(
    check: ArrivalCheck | None, said: str
) -> None:
    task = Task(
        id=1, url="https://a.example/b", created_at=NOW, state=TaskState.UNCONFIRMED, arrival=check
    )
    assert look_text(task, now=NOW) == said.format(day_and_hour(NOW, NOW))


def test_a_time_without_seconds_has_its_date_unless_it_is_today() -> None:
    assert day_and_hour(NOW, NOW) == time.strftime("%H:%M", time.localtime(NOW))
    before = NOW - 9 * 86400
    assert day_and_hour(before, NOW) == time.strftime("%m-%d %H:%M", time.localtime(before))
