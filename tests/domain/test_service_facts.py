"""The table of the service's refusals."""

import pytest

from pan123_tui.domain import errors as e
from pan123_tui.domain.errors import Problem, ProblemKind, ServiceError
from pan123_tui.domain.service_facts import FACTS, Meaning, find_fact, meaning_of


def test_no_code_has_two_rows() -> None:
    codes = [code for fact in FACTS for code in fact.codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("code", "message", "status", "error"),
    [
        (429, "任务数超出最大限制,请稍后重试", 200, e.TooManyTasks),
        (500, "Tokens number has exceeded the limit", 200, e.TokenRefused),
        (5113, "", 200, e.QuotaExhausted),
        (1, "流量已超限", 200, e.QuotaExhausted),
        (5066, "文件不存在", 200, e.RequestRejected),
        (401, "", 200, e.TokenRefused),
        (429, "", 200, e.RateLimited),
        (42902, "", 200, e.RateLimited),
        (42903, "", 200, e.RateLimited),
        (1, "操作频繁", 200, e.RateLimited),
        (401, "invalid_client", 200, e.TokenRefused),
        (400, "invalid_grant", 200, e.LoginRefused),
        (1, "token is expired", 200, e.TokenRefused),
        (1, "解析失败", 200, e.LinkNotParsed),
        (1, "指定目录id文件不存在", 200, e.FolderMissing),
        (1, "Task ID not found: taskID not found", 200, e.TaskUnknown),
        (1, "未找到任务", 200, e.TaskUnknown),
        (41006, "", 200, e.QuotaExhausted),
        (1, "无效的登录信息", 200, e.AccountBlocked),
        (500, "", 200, e.ServiceUnavailable),
        (1, "系统繁忙", 200, e.ServiceUnavailable),
        (1, "platform field is missing", 500, e.RequestRejected),
        (None, "", 403, e.ServiceUnavailable),
        (None, "", 500, e.ServiceUnavailable),
        (None, "", 599, e.ServiceUnavailable),
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
