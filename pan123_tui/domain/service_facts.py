"""What the service's refusals mean: one table of codes and words, each with how sure it is.

Nobody has the whole truth about the service, so a fact is corrected by changing its one line:
the errors of the client and the explanations on the screen both come from here.
"""

import re
from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.errors import (
    AccountBlocked,
    FolderMissing,
    LinkNotParsed,
    LoginRefused,
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
    """Where a fact comes from, and so how sure it is."""

    DOCUMENTED = "the service's own pages"
    WILD = "seen by several clients"
    CLIENT = "the code of one client"
    INFERRED = "inferred from clients"


class Meaning(StrEnum):
    """What a refusal means, as the key of its explanation."""

    TOO_MANY_TASKS = "too_many_tasks"
    LINK_NOT_PARSED = "link_not_parsed"
    LOGINS_EXCEEDED = "logins_exceeded"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a word, not a secret
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - the same
    CLIENT_WRONG = "client_wrong"
    REFRESH_TOKEN_REFUSED = "refresh_token_refused"  # noqa: S105 - the same
    FOLDER_MISSING = "folder_missing"
    TASK_UNKNOWN = "task_unknown"
    TRAFFIC_USED_UP = "traffic_used_up"
    QUOTA_USED_UP = "quota_used_up"
    PACKAGE_EXPIRED = "package_expired"
    SERVICE_BUSY = "service_busy"
    GATEWAY = "gateway"
    RATE_LIMITED = "rate_limited"
    FILE_MISSING = "file_missing"
    HEADER_MISSING = "header_missing"


class Fact(Struct, frozen=True):
    """One refusal of the service; it is recognised by words, else by code, else by status."""

    meaning: Meaning
    error: type[ServiceError]
    confidence: Confidence
    words: str = ""
    """A regular expression, searched in the message without regard to case."""
    codes: tuple[int, ...] = ()
    http_statuses: tuple[int, ...] = ()


_M, _C = Meaning, Confidence

FACTS: tuple[Fact, ...] = (
    Fact(_M.LOGINS_EXCEEDED, TokenRefused, _C.DOCUMENTED, r"tokens number has exceeded"),
    Fact(_M.CLIENT_WRONG, TokenRefused, _C.INFERRED, r"client_?(?:id|secret)|invalid_client"),
    Fact(_M.REFRESH_TOKEN_REFUSED, LoginRefused, _C.INFERRED, r"refresh[_ ]?token|invalid_grant"),
    Fact(_M.TOKEN_EXPIRED, TokenRefused, _C.DOCUMENTED, r"token is expired"),
    Fact(_M.TOKEN_INVALID, TokenRefused, _C.WILD, r"token is invalid|access token invalid", (401,)),
    Fact(
        _M.TOO_MANY_TASKS,
        TooManyTasks,
        _C.CLIENT,
        r"超出最大限制|同时下载|tasks?\b.*(maximum|limit)|(maximum|limit).*\btasks?\b",
    ),
    Fact(_M.LINK_NOT_PARSED, LinkNotParsed, _C.CLIENT, r"解析失败"),
    Fact(_M.FOLDER_MISSING, FolderMissing, _C.WILD, r"指定目录id文件不存在|父级文件id不存在"),
    Fact(_M.TASK_UNKNOWN, TaskUnknown, _C.WILD, r"未找到任务|not found task id|taskid not found"),
    Fact(_M.QUOTA_USED_UP, QuotaExhausted, _C.CLIENT, r"云下载配额不足", (41006,)),
    Fact(
        _M.TRAFFIC_USED_UP, QuotaExhausted, _C.DOCUMENTED, r"流量.*(超限|不足|用尽|用完)", (5113,)
    ),
    Fact(_M.PACKAGE_EXPIRED, AccountBlocked, _C.WILD, r"无效的登录信息"),
    Fact(_M.SERVICE_BUSY, ServiceUnavailable, _C.WILD, r"服务繁忙|系统繁忙", (500,)),
    Fact(_M.RATE_LIMITED, RateLimited, _C.DOCUMENTED, r"频繁|请稍后", (429, 42902, 42903)),
    Fact(_M.HEADER_MISSING, RequestRejected, _C.WILD, r"platform field"),
    Fact(_M.FILE_MISSING, RequestRejected, _C.DOCUMENTED, codes=(5066,)),
    Fact(_M.GATEWAY, ServiceUnavailable, _C.INFERRED, http_statuses=(403, *range(500, 600))),
)
"""In the order in which they are tried, since a message may hold the words of several."""

_BY_CODE = {code: fact for fact in FACTS for code in fact.codes}
_BY_STATUS = {status: fact for fact in FACTS for status in fact.http_statuses}


def find_fact(code: int | None, message: str, *, http_status: int = 200) -> Fact | None:
    """Return what is known of a refusal, by words, else by code, else by status, else None."""
    for fact in FACTS:
        if fact.words and re.search(fact.words, message, re.IGNORECASE):
            return fact
    return _BY_CODE.get(code or 0) or _BY_STATUS.get(http_status)
