"""What is said of a file that arrived, and of one that did not as it should have."""

import pytest

from pan123_tui.domain.task import ArrivalStatus
from pan123_tui.wording.outcomes import arrival_warning, arrival_word

VERDICTS = {
    ArrivalStatus.FOUND: ("arrived", "", ""),
    ArrivalStatus.NOT_FOUND: (
        "not found",
        "reported done, not found in the folder",
        "Look for it on the drive: it may have another name there.",
    ),
    ArrivalStatus.ERROR_PAGE: (
        "web page",
        "a web page arrived in its place",
        "Probably an error or login page. Edit the link and retry.",
    ),
    ArrivalStatus.TOO_SMALL: (
        "too small",
        "suspiciously small",
        "It may be an error page under its name: open it and see.",
    ),
    ArrivalStatus.BLOCKED: (
        "blocked",
        "blocked by the service's review",
        "It is on the drive, but cannot be opened; the web site may say why.",
    ),
}
"""Status → its word, what is wrong, and what to do."""


@pytest.mark.parametrize("status", ArrivalStatus)
def test_each_verdict_has_its_own_word_and_advice(status: ArrivalStatus) -> None:
    assert (arrival_word(status), *arrival_warning(status)) == VERDICTS[status]
