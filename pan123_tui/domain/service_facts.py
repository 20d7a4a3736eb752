"""What is known of the service: how often it may be asked, and what its refusals mean.

Nobody knows the whole truth, so a fact is corrected by changing its one line: the client's errors
and the explanations on the screen both come from here.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.errors import (
    AccountBlocked,
    AddressBlocked,
    FolderMissing,
    LinkNotParsed,
    LoginRefused,
    NameRefused,
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

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
POLLS_AT_ONCE = 3
"""Polls in flight: more than one, so that a slow answer does not stall the other tasks."""


class Endpoint(StrEnum):
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    CREATE = "create"
    PROCESS = "process"
    USER_INFO = "user_info"
    LIST = "list"
    DETAIL = "detail"
    MKDIR = "mkdir"
    DOWNLOAD = "download"


USUAL_RATES: Mapping[Endpoint, float] = dict.fromkeys(Endpoint, 5.0) | {
    Endpoint.TOKEN: 1.0,
    Endpoint.CREATE: 1.0,
}
"""Requests per second.

The service publishes, for a free account: access_token 8, user/info 10, file/list 5, mkdir 5,
download_info 5. It publishes none for the offline calls; theirs are those of a widely used client.
"""


def backoff_s(
    failures: int,
    random: Callable[[], float],
    *,
    first_s: float | None = None,
    longest_s: float = LONGEST_PAUSE_S,
) -> float:
    """Return the pause after `failures` earlier failures in a row: doubled, capped, jittered."""
    first_s = FIRST_PAUSE_S if first_s is None else first_s
    return min(longest_s, first_s * 2.0 ** min(failures, 16)) * (0.5 + random() / 2)


class Meaning(StrEnum):
    FILE_MISSING = "file_missing"
    LOGINS_EXCEEDED = "logins_exceeded"
    CLIENT_WRONG = "client_wrong"
    CLOUD_QUOTA = "cloud_quota"


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
    Fact(QuotaExhausted, r"云下载配额不足", (41006,), meaning=_M.CLOUD_QUOTA),  # a client
    Fact(QuotaExhausted, r"流量.*(超限|不足|用尽|用完)", (5113,)),  # documented
    Fact(AccountBlocked, r"无效的登录信息"),  # seen
    Fact(ServiceUnavailable, r"服务繁忙|系统繁忙", (500,)),  # seen
    Fact(AddressBlocked, r"forbidden client ip|123pan-global-slb"),  # seen, under HTTP 403
    Fact(RateLimited, r"频繁|请稍后", (429, 42902, 42903)),  # documented
    Fact(NameRefused, r"file_?\s?name|文件名|后缀|名.{0,8}格式|格式.{0,8}名"),  # inferred
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
