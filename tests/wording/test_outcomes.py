"""What is said of a file that arrived, and of one that did not as it should have."""

import time

import pytest

from pan123_tui import i18n
from pan123_tui.domain.batches import time_name
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus
from pan123_tui.wording.outcomes import (
    arrival_warning,
    batch_progress_text,
    since_text,
)

NOW = 1_750_000_000.0

VERDICTS = {
    ArrivalStatus.FOUND: ("", ""),
    ArrivalStatus.NOT_FOUND: (
        "not in the folder",
        "Look for it on the drive: it may have another name there.",
    ),
    ArrivalStatus.ERROR_PAGE: (
        "a web page, not a file",
        "Probably an error or login page. Edit the link and retry.",
    ),
    ArrivalStatus.TOO_SMALL: (
        "too small: 3.0 KB",
        "The file may be an error page with the right name: open it to check.",
    ),
    ArrivalStatus.BLOCKED: (
        "blocked by 123pan",
        "The file is on the drive, but cannot be opened; the website may say why.",
    ),
}
"""Status → what is wrong, and what to do."""


@pytest.mark.parametrize("status", ArrivalStatus)
def test_each_verdict_has_its_own_words_and_advice(status: ArrivalStatus) -> None:
    assert arrival_warning(ArrivalCheck(status, NOW, size=3072)) == VERDICTS[status]


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
