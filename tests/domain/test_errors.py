"""Errors cross a process boundary as values; the table of the service's refusals."""

import pytest

from pan123_tui.domain import errors
from pan123_tui.domain.errors import Problem, ProblemKind, ServiceError, error_of
from pan123_tui.domain.service_facts import FACTS, Meaning, find_fact, meaning_of


@pytest.mark.parametrize("kind", ProblemKind)
def test_a_problem_becomes_the_error_that_it_was(kind: ProblemKind) -> None:
    problem = Problem(kind, "why", 7, "trace")
    error = error_of(problem)
    assert (type(error).kind in (kind, ProblemKind.INTERNAL), error.problem) == (True, problem)
    assert type(error_of(errors.StoreLost("why").problem)) is errors.StoreLost


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


REFUSALS: dict[type[ServiceError] | None, list[tuple[int | None, str]]] = {
    errors.TooManyTasks: [(429, "任务数超出最大限制,请稍后重试")],
    errors.QuotaExhausted: [(1, "流量已超限"), (41006, "")],
    errors.RequestRejected: [(5066, "文件不存在")],
    errors.TokenRefused: [
        *((401, ""), (401, "invalid_client"), (1, "token is expired")),
        (500, "Tokens number has exceeded the limit"),
    ],
    errors.RateLimited: [(429, ""), (42902, ""), (42903, ""), (1, "操作频繁")],
    errors.LoginRefused: [(400, "invalid_grant")],
    errors.LinkNotParsed: [(1, "解析失败")],
    errors.FolderMissing: [(1, "指定目录id文件不存在")],
    errors.TaskUnknown: [
        *((1, "未找到任务"), (1, "not found task id")),
        (1, "Task ID not found: taskID not found"),
    ],
    errors.AddressBlocked: [(403, "Forbidden client IP")],
    errors.AccountBlocked: [(1, "无效的登录信息")],
    errors.ServiceUnavailable: [(500, ""), (1, "系统繁忙")],
    None: [(1, "什么"), (None, "")],
}


def test_a_refusal_is_known_by_its_words_else_its_code_else_the_status() -> None:
    for error, refusals in REFUSALS.items():
        for code, message in refusals:
            fact = find_fact(code, message, http_status=200)
            assert (fact and fact.error) is error, (code, message)
    for status in (403, 500, 599):
        fact = find_fact(None, "", http_status=status)
        assert (fact and fact.error) is errors.ServiceUnavailable, status
    assert find_fact(None, "", http_status=600) is None
    words = find_fact(1, "platform field is missing", http_status=500)
    assert (words and words.error) is errors.RequestRejected


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
