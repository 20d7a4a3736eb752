"""The table of the service's refusals."""

import pytest

from pan123_tui.domain import errors
from pan123_tui.domain.service_facts import FACTS, Meaning, find_fact


def test_each_meaning_has_one_row() -> None:
    assert [fact.meaning for fact in FACTS] == list(dict.fromkeys(f.meaning for f in FACTS))
    assert {fact.meaning for fact in FACTS} == set(Meaning)


ERRORS = {
    Meaning.TOO_MANY_TASKS: errors.TooManyTasks,
    Meaning.LINK_NOT_PARSED: errors.LinkNotParsed,
    Meaning.LOGINS_EXCEEDED: errors.TokenRefused,
    Meaning.TOKEN_EXPIRED: errors.TokenRefused,
    Meaning.TOKEN_INVALID: errors.TokenRefused,
    Meaning.CLIENT_WRONG: errors.TokenRefused,
    Meaning.REFRESH_TOKEN_REFUSED: errors.LoginRefused,
    Meaning.FOLDER_MISSING: errors.FolderMissing,
    Meaning.TASK_UNKNOWN: errors.TaskUnknown,
    Meaning.TRAFFIC_USED_UP: errors.QuotaExhausted,
    Meaning.QUOTA_USED_UP: errors.QuotaExhausted,
    Meaning.PACKAGE_EXPIRED: errors.AccountBlocked,
    Meaning.SERVICE_BUSY: errors.ServiceUnavailable,
    Meaning.GATEWAY: errors.ServiceUnavailable,
    Meaning.RATE_LIMITED: errors.RateLimited,
    Meaning.FILE_MISSING: errors.RequestRejected,
    Meaning.HEADER_MISSING: errors.RequestRejected,
}


def test_each_meaning_is_an_error() -> None:
    assert {fact.meaning: fact.error for fact in FACTS} == ERRORS


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(403, Meaning.GATEWAY), (500, Meaning.GATEWAY), (599, Meaning.GATEWAY), (600, None)],
)
def test_without_words_and_code_the_status_counts(status: int, meaning: Meaning | None) -> None:
    fact = find_fact(None, "", http_status=status)
    assert (fact and fact.meaning) == meaning


def test_no_code_has_two_meanings() -> None:
    codes = [code for fact in FACTS for code in fact.codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        (429, "任务数超出最大限制,请稍后重试", Meaning.TOO_MANY_TASKS),
        (500, "Tokens number has exceeded the limit", Meaning.LOGINS_EXCEEDED),
        (5113, "", Meaning.TRAFFIC_USED_UP),
        (1, "流量已超限", Meaning.TRAFFIC_USED_UP),
        (5066, "文件不存在", Meaning.FILE_MISSING),
        (401, "", Meaning.TOKEN_INVALID),
        (42902, "", Meaning.RATE_LIMITED),
        (42903, "", Meaning.RATE_LIMITED),
        (401, "invalid_client", Meaning.CLIENT_WRONG),
        (400, "invalid_grant", Meaning.REFRESH_TOKEN_REFUSED),
        (401, "token is expired", Meaning.TOKEN_EXPIRED),
        (1, "解析失败", Meaning.LINK_NOT_PARSED),
        (1, "指定目录id文件不存在", Meaning.FOLDER_MISSING),
        (1, "Task ID not found: taskID not found", Meaning.TASK_UNKNOWN),
        (41006, "", Meaning.QUOTA_USED_UP),
        (1, "无效的登录信息", Meaning.PACKAGE_EXPIRED),
        (500, "", Meaning.SERVICE_BUSY),
        (1, "platform field is missing", Meaning.HEADER_MISSING),
        (1, "什么", None),
        (None, "", None),
    ],
)
def test_words_go_before_codes(code: int | None, message: str, meaning: Meaning | None) -> None:
    fact = find_fact(code, message)
    assert (fact and fact.meaning) == meaning
