"""Errors cross a process boundary as values; the table of the service's refusals."""

import pytest

from pan123_tui.domain import errors
from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind, ServiceError, error_of
from pan123_tui.domain.service_facts import FACTS, Meaning, find_fact, meaning_of

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


def test_no_code_has_two_rows() -> None:
    codes = [code for fact in FACTS for code in fact.codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("code", "message", "status", "error"),
    [
        (429, "任务数超出最大限制,请稍后重试", 200, errors.TooManyTasks),
        (500, "Tokens number has exceeded the limit", 200, errors.TokenRefused),
        (1, "流量已超限", 200, errors.QuotaExhausted),
        (5066, "文件不存在", 200, errors.RequestRejected),
        (401, "", 200, errors.TokenRefused),
        (429, "", 200, errors.RateLimited),
        (42902, "", 200, errors.RateLimited),
        (42903, "", 200, errors.RateLimited),
        (1, "操作频繁", 200, errors.RateLimited),
        (401, "invalid_client", 200, errors.TokenRefused),
        (400, "invalid_grant", 200, errors.LoginRefused),
        (1, "token is expired", 200, errors.TokenRefused),
        (1, "解析失败", 200, errors.LinkNotParsed),
        (1, "指定目录id文件不存在", 200, errors.FolderMissing),
        (1, "Task ID not found: taskID not found", 200, errors.TaskUnknown),
        *((1, words, 200, errors.TaskUnknown) for words in ("未找到任务", "not found task id")),
        (41006, "", 200, errors.QuotaExhausted),
        (1, "无效的登录信息", 200, errors.AccountBlocked),
        (500, "", 200, errors.ServiceUnavailable),
        (1, "系统繁忙", 200, errors.ServiceUnavailable),
        (1, "platform field is missing", 500, errors.RequestRejected),
        (None, "", 403, errors.ServiceUnavailable),
        (None, "", 500, errors.ServiceUnavailable),
        (None, "", 599, errors.ServiceUnavailable),
        (None, "", 600, None),
        (1, "什么", 200, None),
        (None, "", 200, None),
    ],
)
def test_a_refusal_is_known_by_its_words_else_its_code_else_the_status(
    code: int | None, message: str, status: int, error: type[ServiceError] | None
) -> None:
    fact = find_fact(code, message, http_status=status)
    assert (fact and fact.error) is error


@pytest.mark.parametrize(
    ("problem", "meaning"),
    [
        (Problem(ProblemKind.REQUEST_REJECTED, "文件不存在", 5066), Meaning.FILE_MISSING),
        (Problem(ProblemKind.TOKEN_REFUSED, "invalid_client"), Meaning.CLIENT_WRONG),
        (Problem(ProblemKind.TOKEN_REFUSED, "tokens number has exceeded"), Meaning.LOGINS_EXCEEDED),
        (Problem(ProblemKind.RESPONSE_LOST, "invalid_client"), None),
        (Problem(ProblemKind.TOKEN_REFUSED, "token is expired"), None),
        (Problem(ProblemKind.REQUEST_REJECTED, "?", 1), None),
    ],
)
def test_what_is_known_beyond_its_kind(problem: Problem, meaning: Meaning | None) -> None:
    assert meaning_of(problem) is meaning
