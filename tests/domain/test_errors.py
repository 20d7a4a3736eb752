"""Errors cross a process boundary as values, and come back as the same errors."""

import pytest

from pan123_tui.domain import errors
from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind, error_of

KINDS = {
    ProblemKind.RATE_LIMITED: errors.RateLimited,
    ProblemKind.TOKEN_REFUSED: errors.TokenRefused,
    ProblemKind.LOGIN_REFUSED: errors.LoginRefused,
    ProblemKind.REQUEST_NOT_SENT: errors.RequestNotSent,
    ProblemKind.SETTINGS_INVALID: errors.SettingsInvalid,
    ProblemKind.STORE_LOST: errors.StoreLost,
    ProblemKind.ENGINE_LOST: errors.EngineLost,
    ProblemKind.OTHER_LOGIN: errors.OtherAccount,
    ProblemKind.INTERNAL: Pan123Error,
    ProblemKind.INTERRUPTED: Pan123Error,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_becomes_the_error_that_it_was(kind: ProblemKind) -> None:
    problem = Problem(kind, "why", 7, "trace")
    error = error_of(problem)
    assert (type(error), error.problem, str(error)) == (KINDS[kind], problem, "why")


def test_an_error_is_a_problem_of_its_kind() -> None:
    problem = errors.QuotaExhausted("no", code=5113, trace_id="t").problem
    assert problem == Problem(ProblemKind.QUOTA_EXHAUSTED, "no", 5113, "t")
    assert errors.InvalidResponse().may_have_taken_effect
    unreached = errors.HostUnreachable(errors.HostTrouble.ENDED, host="nas")
    assert (unreached.command, str(unreached)) == ("ssh nas", "nas: ENDED")
    busy = errors.StoreLocked("engine", pid=7, is_silent=True)
    assert (busy.pid, busy.is_silent, busy.problem.kind) == (7, True, ProblemKind.STORE_LOCKED)


def test_refusals_that_say_nothing_of_a_link_are_general_and_others_are_not() -> None:
    general = {errors.LoginRefused, errors.QuotaExhausted, errors.ServiceUnavailable}
    special = {errors.RequestRejected, errors.LinkNotParsed, errors.FolderMissing}
    assert all(issubclass(error, errors.GENERAL_REFUSALS) for error in general)
    assert not any(issubclass(error, errors.GENERAL_REFUSALS) for error in special)
