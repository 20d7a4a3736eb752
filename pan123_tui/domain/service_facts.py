"""What the service's refusals mean: one table of codes and words.

Nobody knows the whole truth about the service, so a fact is corrected by changing its one line: the
client's errors and the explanations on the screen both come from here.
"""

import re
from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.errors import (
    AccountBlocked,
    FolderMissing,
    LinkNotParsed,
    LoginRefused,
    Problem,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
    TaskUnknown,
    TokenRefused,
    TooManyTasks,
)


class Meaning(StrEnum):
    FILE_MISSING = "file_missing"
    LOGINS_EXCEEDED = "logins_exceeded"
    CLIENT_WRONG = "client_wrong"


class Fact(Struct, frozen=True):
    """One refusal of the service, recognised by words, otherwise by code, otherwise by status."""

    error: type[ServiceError]
    words: str = ""
    """A regular expression, searched in the message without regard to case."""
    codes: tuple[int, ...] = ()
    http_statuses: tuple[int, ...] = ()
    meaning: Meaning | None = None


_M = Meaning
FACTS: tuple[Fact, ...] = (
    Fact(TokenRefused, r"tokens number has exceeded", meaning=_M.LOGINS_EXCEEDED),  # documented
    Fact(TokenRefused, r"client_?(?:id|secret)|invalid_client", meaning=_M.CLIENT_WRONG),
    Fact(LoginRefused, r"refresh[_ ]?token|invalid_grant"),
    Fact(TokenRefused, r"token is expired"),  # documented
    Fact(TokenRefused, r"token is invalid|access token invalid", (401,)),  # seen
    Fact(
        TooManyTasks,
        r"超出最大限制|同时下载|tasks?\b.*(maximum|limit)|(maximum|limit).*\btasks?\b",
    ),  # a client
    Fact(LinkNotParsed, r"解析失败"),  # a client
    Fact(FolderMissing, r"指定目录id文件不存在|父级文件id不存在"),  # seen
    Fact(TaskUnknown, r"未找到任务|not found task id|taskid not found"),  # seen
    Fact(QuotaExhausted, r"云下载配额不足", (41006,)),  # a client
    Fact(QuotaExhausted, r"流量.*(超限|不足|用尽|用完)", (5113,)),  # documented
    Fact(AccountBlocked, r"无效的登录信息"),  # seen
    Fact(ServiceUnavailable, r"服务繁忙|系统繁忙", (500,)),  # seen
    Fact(RateLimited, r"频繁|请稍后", (429, 42902, 42903)),  # documented
    Fact(RequestRejected, r"platform field"),  # seen
    Fact(RequestRejected, codes=(5066,), meaning=_M.FILE_MISSING),  # documented
    Fact(ServiceUnavailable, http_statuses=(403, *range(500, 600))),
)
"""In the order in which they are tried, since a message may contain the words of several.

Documented on the service's own pages, seen by several clients, in the code of one, or inferred."""

_BY_CODE = {code: fact for fact in FACTS for code in fact.codes}
_BY_STATUS = {status: fact for fact in FACTS for status in fact.http_statuses}


def find_fact(code: int | None, message: str, *, http_status: int = 200) -> Fact | None:
    """Return what is known of a refusal, by words, then code, then status; None: nothing is."""
    for fact in FACTS:
        if fact.words and re.search(fact.words, message, re.IGNORECASE):
            return fact
    return _BY_CODE.get(code or 0) or _BY_STATUS.get(http_status)


def meaning_of(problem: Problem) -> Meaning | None:
    """Return what is known of a stored refusal beyond its kind."""
    fact = find_fact(problem.code, problem.message)
    return fact.meaning if fact and fact.error.kind is problem.kind else None
