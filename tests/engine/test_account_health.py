"""The end of the developer package is announced a week before, and no longer once renewed."""

import pytest

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Status
from pan123_tui.engine.status import EventPublisher, StatusPublisher
from pan123_tui.wording.problems import explain_problem

DAY_S = 86_400.0
NOW = 1_800_000_000.0


def account(days: float | None) -> Account:
    return Account(1, "鱼", 0, 0, None if days is None else NOW + days * DAY_S)


@pytest.mark.parametrize(
    ("days", "is_told"), [(None, False), (-1, False), (0.1, True), (6.9, True), (7.1, False)]
)
def test_the_end_of_the_package_is_told_from_a_week_before(
    days: float | None, is_told: bool
) -> None:
    assert (account(days).package_warning(NOW) is not None) == is_told


def notice_after(*accounts: Account, before: Problem | None = None) -> Problem | None:
    """Return the notice once `accounts` were fetched."""
    status = StatusPublisher(EventPublisher(), clock=lambda: NOW, status=Status(notice=before))
    for fetched in accounts:
        status.set_account(fetched)
    return status.status.notice


def test_a_renewed_package_ends_the_warning_and_another_notice_stays() -> None:
    noon = account(3.2)  # this day in most zones
    warning = notice_after(noon)
    assert warning is not None
    assert "2027-01-18" in explain_problem(warning).text
    assert notice_after(noon, account(300)) is None
    damaged = Problem(ProblemKind.STORE_DAMAGED)
    assert notice_after(noon, before=damaged) == damaged
