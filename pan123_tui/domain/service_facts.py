"""What the service's refusals mean: one table of codes and words, each with its confidence.

Nobody knows the whole truth about the service, so a fact is corrected by changing its one line: the
client's errors and the explanations on the screen both come from here.
"""

import re
from enum import StrEnum, auto

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


class Confidence(StrEnum):
    """Where a fact comes from, and hence how certain it is."""

    DOCUMENTED = auto()
    """The service's own pages."""
    WILD = auto()
    """Seen by several clients."""
    CLIENT = auto()
    """The code of one client."""
    INFERRED = auto()
    """Inferred from clients."""


class Meaning(StrEnum):
    """What is known of some refusals beyond their error."""

    FILE_MISSING = "file_missing"
    LOGINS_EXCEEDED = "logins_exceeded"
    CLIENT_WRONG = "client_wrong"


class Fact(Struct, frozen=True):
    """One refusal of the service, recognised by words, otherwise by code, otherwise by status."""

    error: type[ServiceError]
    confidence: Confidence
    words: str = ""
    """A regular expression, searched in the message without regard to case."""
    codes: tuple[int, ...] = ()
    http_statuses: tuple[int, ...] = ()
    meaning: Meaning | None = None


_M, _C = Meaning, Confidence

FACTS: tuple[Fact, ...] = (
    Fact(TokenRefused, _C.DOCUMENTED, r"tokens number has exceeded", meaning=_M.LOGINS_EXCEEDED),
    Fact(
        TokenRefused, _C.INFERRED, r"client_?(?:id|secret)|invalid_client", meaning=_M.CLIENT_WRONG
    ),
    Fact(LoginRefused, _C.INFERRED, r"refresh[_ ]?token|invalid_grant"),
    Fact(TokenRefused, _C.DOCUMENTED, r"token is expired"),
    Fact(TokenRefused, _C.WILD, r"token is invalid|access token invalid", (401,)),
    Fact(
        TooManyTasks,
        _C.CLIENT,
        r"超出最大限制|同时下载|tasks?\b.*(maximum|limit)|(maximum|limit).*\btasks?\b",
    ),
    Fact(LinkNotParsed, _C.CLIENT, r"解析失败"),
    Fact(FolderMissing, _C.WILD, r"指定目录id文件不存在|父级文件id不存在"),
    Fact(TaskUnknown, _C.WILD, r"未找到任务|not found task id|taskid not found"),
    Fact(QuotaExhausted, _C.CLIENT, r"云下载配额不足", (41006,)),
    Fact(QuotaExhausted, _C.DOCUMENTED, r"流量.*(超限|不足|用尽|用完)", (5113,)),
    Fact(AccountBlocked, _C.WILD, r"无效的登录信息"),
    Fact(ServiceUnavailable, _C.WILD, r"服务繁忙|系统繁忙", (500,)),
    Fact(RateLimited, _C.DOCUMENTED, r"频繁|请稍后", (429, 42902, 42903)),
    Fact(RequestRejected, _C.WILD, r"platform field"),
    Fact(RequestRejected, _C.DOCUMENTED, codes=(5066,), meaning=_M.FILE_MISSING),
    Fact(ServiceUnavailable, _C.INFERRED, http_statuses=(403, *range(500, 600))),
)
"""In the order in which they are tried, since a message may contain the words of several."""

_BY_CODE = {code: fact for fact in FACTS for code in fact.codes}
_BY_STATUS = {status: fact for fact in FACTS for status in fact.http_statuses}


def find_fact(code: int | None, message: str, *, http_status: int = 200) -> Fact | None:
    """Return what is known of a refusal, by words, then code, then status; None: nothing is."""
    for fact in FACTS:
        if fact.words and re.search(fact.words, message, re.IGNORECASE):
            return fact
    return _BY_CODE.get(code or 0) or _BY_STATUS.get(http_status)


def meaning_of(problem: Problem) -> Meaning | None:
    """Return what is known of a stored refusal beyond its kind.

    In a problem of another kind, the same words mean something else.
    """
    fact = find_fact(problem.code, problem.message)
    return fact.meaning if fact and fact.error.kind is problem.kind else None
